//! createSnapshot.

use std::sync::OnceLock;

use super::read::{self, Snapshots, left, placed, refused};
use crate::{
    api,
    client::Error,
    spec::Risk,
    tools::{
        aim::wrong,
        call::{Reply, ToolResult},
        guest::{Guest, GuestKind},
        op::{self, Operation, Prepared},
        outcome::{Report, quoted},
        profile::{Effect, Profile, Toolset},
        schema::{Arguments, flag, told as output},
        tool::{Call, Tool},
        whole::{check, given::word},
    },
};

pub(crate) static TOOL: Tool = Tool {
    profile: Profile {
        name: "createSnapshot",
        toolset: Toolset::Snapshots,
        effect: Effect::Changes { destructive: false, idempotent: false },
        calls: &[
            api::POST_NODES_NODE_QEMU_VMID_SNAPSHOT,
            api::POST_NODES_NODE_LXC_VMID_SNAPSHOT,
            api::GET_NODES_NODE_QEMU_VMID_SNAPSHOT,
            api::GET_NODES_NODE_LXC_VMID_SNAPSHOT,
            api::GET_NODES_NODE_TIME,
        ],
        needs: &[api::POST_NODES_NODE_QEMU_VMID_SNAPSHOT],
        guests: None,
    },
    title: |texts| texts.create_snapshot_title(),
    text: |texts| texts.create_snapshot(),
    input: |texts| {
        let mut shown = Arguments::of(api::POST_NODES_NODE_QEMU_VMID_SNAPSHOT);
        shown.guest();
        shown.generated("snapshot", "snapname", "");
        shown.generated("description", "description", "");
        shown.own("ram", flag(""), texts.p_ram());
        shown.waiting();
        for (param, _) in &mut shown.out {
            param.optional = true;
        }
        shown.out
    },
    output,
    run: |call| Box::pin(run(call)),
    held: OnceLock::new(),
};

async fn run(call: Call<'_>) -> Result<Reply, ToolResult> {
    let name = read::named(&call)?;
    let guest = op::guest(&call).await?;
    let ram = call.is_on("ram");
    if ram && guest.kind == GuestKind::Ct {
        return Err(wrong(&call, &call.texts.bad_argument("ram", call.texts.snap_ct_ram())));
    }
    op::run(&Taking { call: &call, guest, name, ram }).await
}

struct Taking<'a, 'c> {
    call: &'a Call<'c>,
    guest: Guest,
    name: String,
    /// Whether with the memory.
    ram: bool,
}

impl Operation for Taking<'_, '_> {
    type Seen = ();

    fn call(&self) -> &Call<'_> {
        self.call
    }

    async fn prepare(&self) -> Result<(Prepared, ()), ToolResult> {
        let (call, texts, guest) = (self.call, self.call.texts, &self.guest);
        let endpoint = guest
            .kind
            .either(api::POST_NODES_NODE_QEMU_VMID_SNAPSHOT, api::POST_NODES_NODE_LXC_VMID_SNAPSHOT)
            .endpoint();
        let mut arguments = placed(guest, &self.name);
        if let Some(description) = word(&call.given, "description") {
            arguments.insert("description".to_owned(), description.into());
        }
        if self.ram {
            arguments.insert("vmstate".to_owned(), true.into());
        }
        let request = check::request(call, endpoint, arguments)?;
        let within = guest.within(texts);
        let (act, done) = (texts.snap_create_act(&self.name, &within), texts.snap_create_done(&self.name, &within));
        Ok((Prepared::new(request, Risk::Change, Some(guest), act, done), ()))
    }

    async fn after(&self, (): &(), mut report: Report) -> Report {
        let texts = self.call.texts;
        if report.problem.is_some() {
            return left(self.call, &self.guest, &self.name, report).await;
        }
        match Snapshots::read(self.call, &self.guest).await {
            Ok(now) => match now.find(&self.name) {
                Some(snap) => {
                    report.facts.insert("snapshot".to_owned(), now.facts(snap, None));
                    report.notes.push(texts.snap_listed(now.told(snap, texts)));
                    if self.ram && !snap.ram {
                        report.notes.push(texts.snap_no_ram().to_owned());
                    }
                }
                None => report.notes.push(texts.snap_is_not(&self.name)),
            },
            Err(result) => report.notes.push(texts.snap_unread(quoted(&result.text))),
        }
        report
    }

    async fn refused(&self, prepared: &Prepared, (): &(), e: &Error) -> ToolResult {
        refused(self.call, &self.guest, &self.name, prepared, e).await
    }
}
