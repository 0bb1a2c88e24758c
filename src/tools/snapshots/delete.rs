//! deleteSnapshot.

use std::sync::OnceLock;

use super::read::{self, Snapshots, left, placed, refused};
use crate::{
    api,
    client::Error,
    spec::Risk,
    tools::{
        call::{Reply, ToolResult},
        guest::Guest,
        op::{self, Operation, Prepared},
        outcome::{Report, quoted},
        profile::{Effect, Profile, Toolset},
        schema::{Arguments, flag, text, told as output},
        tool::{Call, Tool},
        whole::check,
    },
};

pub(crate) static TOOL: Tool = Tool {
    profile: Profile {
        name: "deleteSnapshot",
        toolset: Toolset::Snapshots,
        effect: Effect::Changes { destructive: true, idempotent: true },
        calls: &[
            api::DELETE_NODES_NODE_QEMU_VMID_SNAPSHOT_SNAPNAME,
            api::DELETE_NODES_NODE_LXC_VMID_SNAPSHOT_SNAPNAME,
            api::GET_NODES_NODE_QEMU_VMID_SNAPSHOT,
            api::GET_NODES_NODE_LXC_VMID_SNAPSHOT,
            api::GET_NODES_NODE_TIME,
        ],
        needs: &[api::DELETE_NODES_NODE_QEMU_VMID_SNAPSHOT_SNAPNAME],
        guests: None,
    },
    title: |texts| texts.delete_snapshot_title(),
    text: |texts| texts.delete_snapshot(),
    input: |texts| {
        let mut shown = Arguments::of(api::DELETE_NODES_NODE_QEMU_VMID_SNAPSHOT_SNAPNAME);
        shown.guest();
        shown.own("snapshot", text(), "");
        shown.own("force", flag(""), texts.p_snap_force());
        shown.waiting();
        shown.own("confirm", text(), "");
        shown.out
    },
    output,
    run: |call| Box::pin(run(call)),
    held: OnceLock::new(),
};

async fn run(call: Call<'_>) -> Result<Reply, ToolResult> {
    let name = read::named(&call)?;
    let guest = op::guest(&call).await?;
    let force = call.is_on("force");
    op::run(&Deleting { call: &call, guest, name, force }).await
}

struct Deleting<'a, 'c> {
    call: &'a Call<'c>,
    guest: Guest,
    name: String,
    /// Whether it leaves the configuration although a disk keeps it.
    force: bool,
}

impl Operation for Deleting<'_, '_> {
    type Seen = ();

    fn call(&self) -> &Call<'_> {
        self.call
    }

    async fn prepare(&self) -> Result<(Prepared, ()), ToolResult> {
        let (call, texts, guest) = (self.call, self.call.texts, &self.guest);
        let endpoint = guest
            .kind
            .either(
                api::DELETE_NODES_NODE_QEMU_VMID_SNAPSHOT_SNAPNAME,
                api::DELETE_NODES_NODE_LXC_VMID_SNAPSHOT_SNAPNAME,
            )
            .endpoint();
        let mut arguments = placed(guest, &self.name);
        if self.force {
            arguments.insert("force".to_owned(), true.into());
        }
        let request = check::request(call, endpoint, arguments)?;
        let found = Snapshots::read(call, guest).await?;
        let snap = found.get(call, guest, &self.name)?;
        let within = guest.within(texts);
        let (act, done) = (texts.snap_delete_act(&self.name, &within), texts.snap_delete_done(&self.name, &within));
        let mut prepared = Prepared::new(request, Risk::Destroy, Some(guest), act, done);
        prepared.lines =
            vec![texts.snap_delete_plan(found.told(snap, texts), &within), texts.snap_delete_loses().to_owned()];
        if self.force {
            prepared.lines.push(texts.snap_delete_forced().to_owned());
        }
        prepared.facts.insert("snapshot".to_owned(), found.facts(snap, None));
        // Not the digest: what else is configured does not touch what the snapshot holds.
        let time = snap.time.map(|time| time.to_string()).unwrap_or_default();
        prepared.bound = vec![snap.name.clone(), time, snap.unfinished.clone().unwrap_or_default()];
        Ok((prepared, ()))
    }

    async fn after(&self, (): &(), mut report: Report) -> Report {
        if report.problem.is_some() {
            return left(self.call, &self.guest, &self.name, report).await;
        }
        let texts = self.call.texts;
        match Snapshots::read(self.call, &self.guest).await {
            Ok(now) => report.notes.push(match now.find(&self.name) {
                Some(snap) => texts.snap_is(now.told(snap, texts)),
                None => texts.snaps_left(now.all.len()),
            }),
            Err(result) => report.notes.push(texts.snap_unread(quoted(&result.text))),
        }
        report
    }

    async fn refused(&self, prepared: &Prepared, (): &(), e: &Error) -> ToolResult {
        refused(self.call, &self.guest, &self.name, prepared, e).await
    }
}
