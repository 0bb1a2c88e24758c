//! moveDisk: a disk goes to another storage. Its source is kept, unless the user agrees that it is deleted.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use super::{
    options::{Configured, shown},
    resize::disk,
};
use crate::{
    api,
    spec::{Endpoint, Risk},
    tools::{
        aim::wrong,
        call::{Reply, ToolResult},
        guest::{Guest, GuestKind},
        op::{self, Operation, Prepared},
        outcome::{Report, quoted},
        plan::volume,
        profile::{Effect, Profile, Toolset},
        schema::{Arguments, flag, text, told as output},
        tool::{Call, Tool},
        whole::{check, given::word, say},
    },
};

pub(crate) static TOOL: Tool = Tool {
    profile: Profile {
        name: "moveDisk",
        toolset: Toolset::Configure,
        effect: Effect::Changes { destructive: true, idempotent: false },
        calls: &[
            api::POST_NODES_NODE_QEMU_VMID_MOVE_DISK,
            api::POST_NODES_NODE_LXC_VMID_MOVE_VOLUME,
            api::GET_NODES_NODE_QEMU_VMID_PENDING,
            api::GET_NODES_NODE_LXC_VMID_PENDING,
        ],
        needs: &[api::PUT_NODES_NODE_QEMU_VMID_RESIZE],
        guests: None,
    },
    title: |texts| texts.move_disk_title(),
    text: |texts| texts.move_disk(),
    input: |texts| {
        let mut shown = Arguments::of(api::POST_NODES_NODE_QEMU_VMID_MOVE_DISK);
        shown.guest();
        shown.own("disk", text(), texts.p_disk());
        shown.own("storage", text(), "");
        shown.own("format", text(), "");
        shown.own("deleteSource", flag(""), "");
        shown.waiting();
        shown.own("confirm", text(), "");
        shown.out
    },
    output,
    run: |call| Box::pin(run(call)),
    held: OnceLock::new(),
};

async fn run(call: Call<'_>) -> Result<Reply, ToolResult> {
    let guest = op::guest(&call).await?;
    let Some(storage) = word(&call.given, "storage").map(str::to_owned) else {
        return Err(wrong(&call, call.texts.storage_needed()));
    };
    let drops = call.is_on("deleteSource");
    op::run(&Moving { call: &call, guest, storage, drops }).await
}

/// One disk on its way to another storage.
struct Moving<'a, 'c> {
    call: &'a Call<'c>,
    guest: Guest,
    storage: String,
    /// Whether the source is deleted.
    drops: bool,
}

impl Moving<'_, '_> {
    fn endpoint(&self) -> &'static Endpoint {
        let (vm, ct) = (api::POST_NODES_NODE_QEMU_VMID_MOVE_DISK, api::POST_NODES_NODE_LXC_VMID_MOVE_VOLUME);
        self.guest.kind.either(vm, ct).endpoint()
    }

    fn arguments(&self, disk: &str, digest: &str) -> Map<String, Value> {
        let key = if self.guest.kind == GuestKind::Vm { "disk" } else { "volume" };
        let mut all = Map::from_iter([
            (key.to_owned(), Value::from(disk)),
            ("storage".to_owned(), self.storage.as_str().into()),
            ("digest".to_owned(), digest.into()),
        ]);
        if let Some(format) = word(&self.call.given, "format") {
            all.insert("format".to_owned(), format.into());
        }
        if self.drops {
            all.insert("delete".to_owned(), true.into());
        }
        all
    }
}

impl Operation for Moving<'_, '_> {
    /// The disk, and all options as they were.
    type Seen = (String, Configured);

    fn call(&self) -> &Call<'_> {
        self.call
    }

    async fn prepare(&self) -> Result<(Prepared, Self::Seen), ToolResult> {
        let (call, texts) = (self.call, self.call.texts);
        let (now, guest) = Configured::held(call, &self.guest).await?;
        let (disk, line) = disk(call, &guest, &now)?;
        let arguments = guest.placed(self.arguments(&disk, &now.digest));
        check::arguments(call, self.endpoint(), &arguments)?;
        let request = check::request(call, self.endpoint(), arguments)?;
        let risk = if self.drops { Risk::Destroy } else { Risk::Change };
        let (within, storage) = (guest.within(texts), &self.storage);
        let (act, done) = (texts.move_act(&disk, &within, storage), texts.move_done(&disk, &within, storage));
        let mut prepared = Prepared::new(request, risk, Some(&guest), act, done);
        prepared.lines = vec![texts.move_plan(&disk, &within, storage)];
        if self.drops {
            prepared.lines.push(texts.move_plan_loses(shown(self.endpoint(), &disk, &line)));
            prepared.lines.extend(say::loss(&call.ctx.lang, risk));
        }
        prepared.bound = vec![now.digest.clone()];
        Ok((prepared, (disk, now)))
    }

    async fn after(&self, (disk, before): &Self::Seen, mut report: Report) -> Report {
        let texts = self.call.texts;
        let after = match Configured::read(self.call, &self.guest).await {
            Ok(after) => after,
            Err(result) => return report.note(texts.cfg_unread(quoted(&result.text))),
        };
        let of = |all: &Configured, name: &str| {
            let line = all.now(name)?;
            volume(&line).map(|volume| shown(self.endpoint(), name, volume))
        };
        let (source, now) = (of(before, disk), of(&after, disk));
        report.facts.insert("disk".to_owned(), disk.as_str().into());
        if let Some(now) = now.clone() {
            report.notes.push(texts.move_lies(&now));
            report.facts.insert("volume".to_owned(), now.into());
        }
        if let Some(source) = source.filter(|source| now.as_ref() != Some(source)) {
            let kept = after.names(|name| name.starts_with("unused"));
            match kept.into_iter().find(|name| of(&after, name).as_ref() == Some(&source)) {
                Some(option) => {
                    report.notes.push(texts.move_kept(option, &source));
                    report.facts.insert("source".to_owned(), json!({"option": option, "volume": source}));
                }
                None => report.notes.push(texts.move_gone(&source)),
            }
        }
        report
    }
}
