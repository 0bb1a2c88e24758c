//! configureGuest: options of a guest, as they were, as they are, and what waits for the next start.

use std::sync::OnceLock;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use serde_json::{Map, Value};

use super::options::{Configured, Told, same, shown};
use crate::{
    api,
    client::{Error, Sent},
    spec::{Endpoint, Id, Kind, Risk, Shape},
    tools::{
        aim::wrong,
        call::{Problem, Reply, ToolResult},
        entry,
        guest::{Guest, GuestKind},
        op::{self, Operation, Prepared},
        outcome::{Outcome, Report, quoted},
        plan::{holds_volume, owner, volume},
        profile::{Action, Effect, Profile, Toolset},
        schema::{Arguments, text, told as output},
        tool::{Call, Tool},
        whole::{check, given::plain, lists, risk, say, secret},
    },
};

/// The options that are arguments of their own.
const OWN: [&str; 5] = ["memory", "cores", "onboot", "tags", "description"];
/// What PVE leaves as it is in a text that is encoded as in an address (pve-common, `JSONSchema.pm`: `urlencoded`).
const URL: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'!').remove(b'*');
/// What PVE takes beside options and the tool sees to itself.
const NOT_OPTIONS: [&str; 4] = ["node", "vmid", "skiplock", "background_delay"];

pub(crate) static TOOL: Tool = Tool {
    profile: Profile {
        name: "configureGuest",
        toolset: Toolset::Configure,
        effect: Effect::Changes { destructive: true, idempotent: true },
        calls: &[
            api::PUT_NODES_NODE_QEMU_VMID_CONFIG,
            api::POST_NODES_NODE_QEMU_VMID_CONFIG,
            api::PUT_NODES_NODE_LXC_VMID_CONFIG,
            api::GET_NODES_NODE_QEMU_VMID_PENDING,
            api::GET_NODES_NODE_LXC_VMID_PENDING,
        ],
        // Each option needs a privilege of its own.
        needs: &[],
        guests: None,
    },
    title: |texts| texts.configure_title(),
    text: |texts| texts.configure(),
    input: |texts| {
        let object = Shape { kind: Kind::Object(Vec::new()), ..Shape::default() };
        let mut shown = Arguments::of(api::PUT_NODES_NODE_LXC_VMID_CONFIG);
        shown.guest();
        shown.generated("memory", "memory", "MiB");
        shown.generated("cores", "cores", "");
        shown.generated("onboot", "onboot", "");
        shown.own("tags", text(), "");
        shown.own("description", text(), "");
        shown.own("options", object, texts.p_options());
        shown.own("confirm", text(), "");
        for (param, _) in &mut shown.out {
            param.shape.default = None;
        }
        shown.out
    },
    output,
    run: |call| Box::pin(run(call)),
    held: OnceLock::new(),
};

async fn run(mut call: Call<'_>) -> Result<Reply, ToolResult> {
    let guest = op::guest(&call).await?;
    let mut wanted = wanted(&mut call)?;
    named(guest.kind, &mut wanted);
    let endpoint = endpoint(guest.kind, &wanted).endpoint();
    lists::shaped(endpoint, &mut wanted);
    let recorded = call.entry.changes(&endpoint.at(), &secret::shown(endpoint, &wanted)).await;
    recorded.map_err(|e| entry::unrecorded(call.tool, &e, call.texts))?;
    check::arguments(&call, endpoint, &guest.placed(wanted.clone()))?;
    op::run(&Configuring { call: &call, guest, endpoint, wanted }).await
}

/// What is to be changed, by PVE's names.
fn wanted(call: &mut Call<'_>) -> Result<Map<String, Value>, ToolResult> {
    let mut all = match call.given.remove("options") {
        Some(Value::Object(options)) => options,
        _ => Map::new(),
    };
    for option in OWN {
        if let Some(value) = call.given.get(option).cloned()
            && all.insert(option.to_owned(), value).is_some()
        {
            return Err(wrong(call, &call.texts.cfg_twice(option)));
        }
    }
    all.retain(|_, value| !value.is_null());
    if let Some(option) = NOT_OPTIONS.iter().find(|option| all.contains_key(**option)) {
        return Err(wrong(call, &call.texts.cfg_no_option(option)));
    }
    if let Some(option) = risk::RUNS.iter().find(|option| all.contains_key(**option)) {
        return Err(ToolResult::problem(Problem::Denied, call.texts.cfg_runs(option)));
    }
    if all.keys().all(|key| key == "digest") {
        return Err(wrong(call, call.texts.cfg_nothing_given()));
    }
    Ok(all)
}

/// Brings the options that the two kinds of guest have under different names, or in a form of PVE's own, into that of the kind.
pub(in crate::tools) fn named(kind: GuestKind, wanted: &mut Map<String, Value>) {
    let (of_this, of_other) = match kind {
        GuestKind::Vm => ("name", "hostname"),
        GuestKind::Ct => ("hostname", "name"),
    };
    if let Some(name) = wanted.remove(of_other) {
        wanted.entry(of_this).or_insert(name);
    }
    // What has no blank is encoded already, as PVE wants it.
    if let Some(Value::String(keys)) = wanted.get_mut("sshkeys").filter(|_| kind == GuestKind::Vm)
        && keys.contains(' ')
    {
        *keys = percent_encoding::utf8_percent_encode(keys.trim(), URL).to_string();
    }
}

/// A disk that is made can take longer than an answer may; then PVE makes a task of it.
pub(in crate::tools) fn endpoint(kind: GuestKind, wanted: &Map<String, Value>) -> Id {
    match kind {
        GuestKind::Vm if wanted.keys().any(|option| holds_volume(option)) => api::POST_NODES_NODE_QEMU_VMID_CONFIG,
        GuestKind::Vm => api::PUT_NODES_NODE_QEMU_VMID_CONFIG,
        GuestKind::Ct => api::PUT_NODES_NODE_LXC_VMID_CONFIG,
    }
}

/// One change of options.
struct Configuring<'a, 'c> {
    call: &'a Call<'c>,
    guest: Guest,
    endpoint: &'static Endpoint,
    /// By PVE's names, without the guest.
    wanted: Map<String, Value>,
}

impl Operation for Configuring<'_, '_> {
    /// The options as they were.
    type Seen = Configured;

    fn call(&self) -> &Call<'_> {
        self.call
    }

    async fn prepare(&self) -> Result<(Prepared, Configured), ToolResult> {
        let (call, texts) = (self.call, self.call.texts);
        let (before, guest) = Configured::held(call, &self.guest).await?;
        let name = guest.display(texts);
        if self.stands(&before) {
            let report = Report::new(Outcome::Unchanged, texts.cfg_unchanged(&name));
            return Err(report.result(&guest, texts));
        }
        let mut arguments = guest.placed(self.wanted.clone());
        arguments.entry("digest").or_insert_with(|| before.digest.clone().into());
        let request = check::request(call, self.endpoint, arguments)?;
        let Lost { lines, forever } = self.lost(&guest, &before);
        let risk = if lines.is_empty() { Risk::Change } else { Risk::Destroy };
        let within = guest.within(texts);
        let mut prepared = Prepared::new(request, risk, Some(&guest), texts.cfg_act(&within), texts.cfg_done(&name));
        prepared.lines = vec![texts.cfg_plan(&within)];
        prepared.lines.extend(self.set().map(|(option, value)| {
            let show = |value: String| shown(self.endpoint, option, &value);
            let was = before.now(option).map_or_else(|| texts.cfg_unset().to_owned(), show);
            texts.cfg_plan_set(option, was, show(plain(value)))
        }));
        prepared.lines.extend(lines);
        prepared.lines.extend(say::loss(&call.ctx.lang, risk).filter(|_| forever));
        prepared.bound = vec![before.digest.clone()];
        Ok((prepared, before))
    }

    async fn after(&self, before: &Configured, mut report: Report) -> Report {
        let texts = self.call.texts;
        let after = match Configured::read(self.call, &self.guest).await {
            Ok(after) => after,
            Err(result) => return report.note(texts.cfg_unread(quoted(&result.text))),
        };
        let mut all = after.differing(before);
        if report.problem.is_none() {
            all.extend(self.touched());
        } else {
            report = report.note(if all.is_empty() { texts.cfg_untouched() } else { texts.cfg_kept() });
        }
        let told = Told::of(self.endpoint, &all, before, &after, texts);
        report.notes.extend(told.sentences);
        if told.waits {
            report.notes.push(restart(self.call, &self.guest));
        }
        report.facts.insert("changes".to_owned(), told.facts.into());
        report
    }

    /// PVE refuses some changes when it has written them already: a bridge that is not there, a device that cannot be plugged in.
    async fn refused(&self, prepared: &Prepared, before: &Configured, e: &Error) -> ToolResult {
        let texts = self.call.texts;
        let mut result = op::refusal(self.call, prepared, e);
        if e.sent() == Sent::No {
            return result;
        }
        let Ok(after) = Configured::read(self.call, &self.guest).await else { return result };
        let differing = after.differing(before);
        if differing.is_empty() {
            result.add(texts.cfg_untouched());
            return result;
        }
        let told = Told::of(self.endpoint, &differing, before, &after, texts);
        result.add(&format!("{} {}", texts.cfg_kept(), told.sentences.join(" ")));
        result.structured.get_or_insert_default().insert("changes".to_owned(), told.facts.into());
        result
    }
}

impl Configuring<'_, '_> {
    /// The options that are given a value.
    fn set(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.wanted.iter().filter(|(name, _)| !matches!(name.as_str(), "delete" | "revert" | "digest" | "force"))
    }

    fn listed(&self, name: &str) -> Vec<String> {
        self.wanted.get(name).map(lists::items).unwrap_or_default()
    }

    /// The options that the call names.
    fn touched(&self) -> impl Iterator<Item = String> {
        let named = self.listed("delete").into_iter().chain(self.listed("revert"));
        self.set().map(|(name, _)| name.clone()).chain(named)
    }

    /// Whether all stands as it is wanted.
    fn stands(&self, now: &Configured) -> bool {
        self.set().all(|(name, value)| now.coming(name).is_some_and(|stands| same(name, value, &stands)))
            && self.listed("delete").iter().all(|name| now.coming(name).is_none())
            && self.listed("revert").iter().all(|name| !now.waits(name))
    }

    /// What is not set right by another call of this tool: volumes that are erased or leave their place, secrets that nobody can
    /// read, and a volume that is another guest's.
    fn lost(&self, guest: &Guest, now: &Configured) -> Lost {
        let texts = self.call.texts;
        let show = |name: &str, value: &str| shown(self.endpoint, name, value);
        let erases = self.wanted.get("force").is_some_and(|force| crate::pve::bool_of(force) != Some(false));
        let mut lost = Lost::default();
        for name in self.listed("delete").iter().chain(&self.listed("revert")) {
            let Some(value) = now.now(name).or_else(|| now.coming(name)) else { continue };
            if name.starts_with("unused") || (erases && holds_volume(name)) {
                lost.forever = true;
                lost.lines.push(texts.cfg_plan_erased(name, show(name, &value)));
            } else if holds_volume(name) {
                lost.lines.push(texts.cfg_plan_gone(name, show(name, &value)));
            } else if secret::is_secret_of(self.endpoint, name) {
                lost.forever = true;
                lost.lines.push(texts.cfg_plan_hidden(name));
            }
        }
        for (name, value) in self.set().filter(|(name, _)| holds_volume(name)) {
            let (new, own) = (plain(value), guest.vmid.get());
            let new = volume(&new).unwrap_or_default();
            if let Some(other) = owner(new).filter(|other| *other != own) {
                lost.lines.push(texts.cfg_plan_other(name, show(name, new), other));
            }
            let Some(old) = now.coming(name) else { continue };
            if volume(&old).is_some_and(|old| old != new) && !old.contains("media=cdrom") {
                lost.lines.push(texts.cfg_plan_gone(name, show(name, &old)));
            }
        }
        lost
    }
}

/// What a change loses.
#[derive(Default)]
struct Lost {
    /// Line by line.
    lines: Vec<String>,
    /// Whether no call at all brings some of it back.
    forever: bool,
}

/// When what waits takes effect, and by which tool that can be had.
pub(in crate::tools) fn restart(call: &Call<'_>, guest: &Guest) -> String {
    let texts = call.texts;
    let tool = call.tools.advice().with(Action::Restart, guest);
    let tool = tool.map_or_else(String::new, |tool| texts.with_tool(tool));
    match guest.kind {
        GuestKind::Vm => texts.cfg_restart_vm(tool),
        GuestKind::Ct => texts.cfg_restart(tool),
    }
}
