//! rollbackSnapshot: what was written since is lost, which the plan names.

use std::sync::OnceLock;

use super::read::{self, Snap, Snapshots, left, placed, refused};
use crate::{
    api,
    client::Error,
    spec::Risk,
    tools::{
        call::{Reply, ToolResult},
        guest::Guest,
        op::{self, Operation, Prepared},
        ops,
        outcome::{Report, quoted},
        profile::{Effect, Profile, Toolset},
        schema::{Arguments, flag, text, told as output},
        tool::{Call, Tool},
        whole::check,
    },
};

pub(crate) static TOOL: Tool = Tool {
    profile: Profile {
        name: "rollbackSnapshot",
        toolset: Toolset::Snapshots,
        effect: Effect::Changes { destructive: true, idempotent: true },
        calls: &[
            api::POST_NODES_NODE_QEMU_VMID_SNAPSHOT_SNAPNAME_ROLLBACK,
            api::POST_NODES_NODE_LXC_VMID_SNAPSHOT_SNAPNAME_ROLLBACK,
            api::GET_NODES_NODE_QEMU_VMID_SNAPSHOT,
            api::GET_NODES_NODE_LXC_VMID_SNAPSHOT,
            api::GET_NODES_NODE_QEMU_VMID_STATUS_CURRENT,
            api::GET_NODES_NODE_LXC_VMID_STATUS_CURRENT,
            api::GET_NODES_NODE_TIME,
        ],
        needs: &[api::POST_NODES_NODE_QEMU_VMID_SNAPSHOT_SNAPNAME_ROLLBACK],
        guests: None,
    },
    title: |texts| texts.rollback_snapshot_title(),
    text: |texts| texts.rollback_snapshot(),
    input: |texts| {
        let mut shown = Arguments::of(api::POST_NODES_NODE_QEMU_VMID_SNAPSHOT_SNAPNAME_ROLLBACK);
        shown.guest();
        shown.own("snapshot", text(), "");
        shown.own("start", flag(""), texts.p_start_after());
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
    let start = call.is_on("start");
    op::run(&Back { call: &call, guest, name, start }).await
}

struct Back<'a, 'c> {
    call: &'a Call<'c>,
    guest: Guest,
    name: String,
    /// Whether it is started afterwards.
    start: bool,
}

impl Back<'_, '_> {
    /// What would be lost, and what becomes of the guest.
    fn lines(&self, found: &Snapshots, snap: &Snap) -> Vec<String> {
        let (texts, within) = (self.call.texts, self.guest.within(self.call.texts));
        let mut lines = vec![
            texts.snap_back_plan(&within, found.told(snap, texts)),
            match found.age(snap) {
                Some(age) => texts.snap_back_loses_aged(age),
                None => texts.snap_back_loses().to_owned(),
            },
        ];
        let later = found.since(snap);
        if !later.is_empty() {
            lines.push(texts.snap_back_later(later.len(), later.join(", ")));
        }
        if found.running {
            lines.push(texts.snap_back_stops().to_owned());
        }
        lines.push(
            if snap.ram {
                texts.snap_back_resumes()
            } else if self.start {
                texts.snap_back_starts()
            } else {
                texts.snap_back_off()
            }
            .to_owned(),
        );
        lines
    }
}

impl Operation for Back<'_, '_> {
    type Seen = ();

    fn call(&self) -> &Call<'_> {
        self.call
    }

    async fn prepare(&self) -> Result<(Prepared, ()), ToolResult> {
        let (call, texts, guest) = (self.call, self.call.texts, &self.guest);
        let endpoint = guest
            .kind
            .either(
                api::POST_NODES_NODE_QEMU_VMID_SNAPSHOT_SNAPNAME_ROLLBACK,
                api::POST_NODES_NODE_LXC_VMID_SNAPSHOT_SNAPNAME_ROLLBACK,
            )
            .endpoint();
        let mut arguments = placed(guest, &self.name);
        if self.start {
            arguments.insert("start".to_owned(), true.into());
        }
        let request = check::request(call, endpoint, arguments)?;
        let found = Snapshots::read(call, guest).await?;
        let snap = found.get(call, guest, &self.name)?;
        let within = guest.within(texts);
        let (act, done) =
            (texts.snap_back_act(&within, &self.name), texts.snap_back_done(guest.display(texts), &self.name));
        let mut prepared = Prepared::new(request, Risk::Destroy, Some(guest), act, done);
        prepared.lines = self.lines(&found, snap);
        prepared.facts.insert("snapshot".to_owned(), found.facts(snap, None));
        let later = found.since(snap);
        if !later.is_empty() {
            prepared.facts.insert("later".to_owned(), later.into());
        }
        let running = if found.running { "running" } else { "" };
        let time = snap.time.map(|time| time.to_string()).unwrap_or_default();
        prepared.bound = vec![found.digest.clone(), time, running.to_owned()];
        Ok((prepared, ()))
    }

    async fn after(&self, (): &(), mut report: Report) -> Report {
        let (call, texts) = (self.call, self.call.texts);
        if report.problem.is_some() {
            return left(call, &self.guest, &self.name, report).await;
        }
        match ops::current(call.tools.client(), &self.guest).await {
            Ok(current) => report.status = Some(current.status),
            Err(e) => report.notes.push(texts.snap_state_unread(quoted(&e.say(texts.errors)))),
        }
        report.note(texts.snap_back_lost())
    }

    async fn refused(&self, prepared: &Prepared, (): &(), e: &Error) -> ToolResult {
        refused(self.call, &self.guest, &self.name, prepared, e).await
    }
}
