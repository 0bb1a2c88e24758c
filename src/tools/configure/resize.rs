//! resizeDisk: a disk grows. One that would shrink is refused before anything is sent.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use super::{
    options::Configured,
    size::{bytes, wanted},
};
use crate::{
    api,
    spec::{Endpoint, Risk},
    tools::{
        aim::wrong,
        call::{Problem, Reply, ToolResult},
        check::short,
        guest::{Guest, GuestKind},
        op::{self, Operation, Prepared},
        outcome::{Outcome, Report, quoted},
        plan::holds_volume,
        profile::{Effect, Profile, Toolset},
        schema::{Arguments, text, told as output},
        tool::{Call, Tool},
        whole::{check, given::word},
    },
};

pub(crate) static TOOL: Tool = Tool {
    profile: Profile {
        name: "resizeDisk",
        toolset: Toolset::Configure,
        effect: Effect::Changes { destructive: false, idempotent: false },
        calls: &[
            api::PUT_NODES_NODE_QEMU_VMID_RESIZE,
            api::PUT_NODES_NODE_LXC_VMID_RESIZE,
            api::GET_NODES_NODE_QEMU_VMID_PENDING,
            api::GET_NODES_NODE_LXC_VMID_PENDING,
        ],
        needs: &[api::PUT_NODES_NODE_QEMU_VMID_RESIZE],
        guests: None,
    },
    title: |texts| texts.resize_disk_title(),
    text: |texts| texts.resize_disk(),
    input: |texts| {
        let mut shown = Arguments::of(api::PUT_NODES_NODE_LXC_VMID_RESIZE);
        shown.guest();
        shown.own("disk", text(), texts.p_disk());
        shown.own("size", text(), texts.p_size());
        shown.out
    },
    output,
    run: |call| Box::pin(run(call)),
    held: OnceLock::new(),
};

async fn run(call: Call<'_>) -> Result<Reply, ToolResult> {
    let guest = op::guest(&call).await?;
    let size = word(&call.given, "size").unwrap_or_default().trim().to_owned();
    if size.is_empty() {
        return Err(wrong(&call, call.texts.size_needed()));
    }
    if wanted(&size, 0).is_none() {
        return Err(wrong(&call, &call.texts.bad_argument("size", call.texts.size_bad(short(&size.into())))));
    }
    op::run(&Growing { call: &call, guest, size }).await
}

/// The disk that a call names, as it is configured.
///
/// # Errors
/// That it names none, or one that is not there, with those that are.
pub(super) fn disk(call: &Call<'_>, guest: &Guest, now: &Configured) -> Result<(String, String), ToolResult> {
    let there = now.names(|name| holds_volume(name) && !name.starts_with("unused")).join(", ");
    let Some(disk) = word(&call.given, "disk").filter(|disk| !disk.is_empty()) else {
        return Err(wrong(call, &call.texts.disk_needed(there)));
    };
    match now.coming(disk).filter(|_| holds_volume(disk)) {
        Some(line) => Ok((disk.to_owned(), line)),
        None => Err(wrong(call, &call.texts.disk_none(short(&disk.into()), guest.within(call.texts), there))),
    }
}

/// The size that the line of a disk tells.
pub(super) fn size_of(line: &str) -> Option<&str> {
    line.split(',').find_map(|part| part.strip_prefix("size="))
}

/// One disk on its way to be larger.
struct Growing<'a, 'c> {
    call: &'a Call<'c>,
    guest: Guest,
    size: String,
}

impl Growing<'_, '_> {
    fn endpoint(&self) -> &'static Endpoint {
        self.guest.kind.either(api::PUT_NODES_NODE_QEMU_VMID_RESIZE, api::PUT_NODES_NODE_LXC_VMID_RESIZE).endpoint()
    }
}

impl Operation for Growing<'_, '_> {
    /// The disk, and the line that it had.
    type Seen = (String, String);

    fn call(&self) -> &Call<'_> {
        self.call
    }

    async fn prepare(&self) -> Result<(Prepared, Self::Seen), ToolResult> {
        let (call, texts) = (self.call, self.call.texts);
        let (now, guest) = Configured::held(call, &self.guest).await?;
        let (disk, line) = disk(call, &guest, &now)?;
        let within = guest.within(texts);
        if let Some(size) = size_of(&line)
            && let Some((has, wants)) = bytes(size).and_then(|has| Some((has, wanted(&self.size, has)?)))
        {
            if wants < has {
                let text = texts.resize_shrinks(&disk, &within, size, &self.size);
                return Err(Report { problem: Some(Problem::State), ..Report::new(Outcome::Failed, text) }
                    .result(&guest, texts));
            }
            if wants == has {
                let text = texts.resize_same(&disk, &within, size);
                return Err(Report::new(Outcome::Unchanged, text).result(&guest, texts));
            }
        }
        let given = [("disk", &disk), ("size", &self.size), ("digest", &now.digest)];
        let given: Map<String, Value> =
            given.into_iter().map(|(name, value)| (name.to_owned(), value.as_str().into())).collect();
        let request = check::request(call, self.endpoint(), guest.placed(given))?;
        let (act, done) = (texts.resize_act(&disk, &within), texts.resize_done(&disk, &within));
        Ok((Prepared::new(request, Risk::Change, Some(&guest), act, done), (disk, line)))
    }

    async fn after(&self, (disk, before): &Self::Seen, mut report: Report) -> Report {
        let texts = self.call.texts;
        let after = match Configured::read(self.call, &self.guest).await {
            Ok(after) => after,
            Err(result) => return report.note(texts.cfg_unread(quoted(&result.text))),
        };
        let line = after.now(disk).unwrap_or_default();
        report.facts.insert("disk".to_owned(), disk.as_str().into());
        if let (Some(was), Some(now)) = (size_of(before), size_of(&line)) {
            report.notes.push(texts.resize_sizes(was, now));
            report.facts.insert("size".to_owned(), json!({"before": was, "now": now}));
        }
        if report.problem.is_none() && self.guest.kind == GuestKind::Vm {
            report.notes.push(texts.resize_within().to_owned());
        }
        report
    }
}
