//! Delete: what stands in the way, what would be destroyed, consent, and then the call.

use std::time::Instant;

use serde_json::{Map, Value};

use super::{
    Tools,
    args::Args,
    call::{Answered, CallContext, Consent, Problem, Question, Reply, ToolResult},
    catalog::{Kind, ToolSpec},
    consent::{CodeError, Confirm, bind},
    lang::{Catalogue, fill},
    ops::{self, Current, Deed},
    outcome::{self, Outcome, Report},
    resolve::Guest,
    task::{self, Job, Waited},
};
use crate::client::{Error, Kind as Trouble};

/// Runs the tool.
pub(super) async fn run(
    tools: &Tools,
    tool: &'static ToolSpec,
    guest: Guest,
    args: &Args,
    ctx: &CallContext,
) -> Result<Reply, ToolResult> {
    let texts = ctx.lang.texts();
    let (guest, live, config) = read(tools, tool, guest, ctx).await?;
    let removal = Removal { tools, tool, guest, live, config, args, ctx, texts };
    if let Some(report) = removal.blocked() {
        return Ok(Reply::Result(report.result(&removal.guest, texts)));
    }
    if let Some(reply) = removal.consent().await? {
        return Ok(reply);
    }
    let begun = Instant::now();
    let upid = match ops::delete(tools.client(), &removal.guest, args).await {
        Ok(upid) => upid,
        Err(e) => return Err(removal.refused(&e)),
    };
    let job = Job { deed: Deed::Delete, guest: removal.guest.clone(), upid, begun, pid: None };
    Ok(match task::wait(tools, tool, &job, args, ctx).await {
        Waited::Handle(id) => Reply::Task(id),
        Waited::Report(report) | Waited::Missing(report) => Reply::Result(report.result(&job.guest, texts)),
    })
}

/// Reads what the guest is doing and how it is configured, where it is now.
async fn read(
    tools: &Tools,
    tool: &ToolSpec,
    guest: Guest,
    ctx: &CallContext,
) -> Result<(Guest, Current, Map<String, Value>), ToolResult> {
    let both = async |guest: &Guest| -> Result<_, Error> {
        Ok((ops::current(tools.client(), guest).await?, ops::config(tools.client(), guest).await?))
    };
    let (guest, found) = match both(&guest).await {
        Err(e) if e.kind() == Trouble::NotFound => {
            let now = tools.moved(&guest, tool, ctx).await?;
            let found = both(&now).await;
            (now, found)
        }
        other => (guest, other),
    };
    let (live, config) = found.map_err(|e| outcome::error(&e))?;
    Ok((guest, live, config))
}

/// One deletion on its way.
struct Removal<'a> {
    tools: &'a Tools,
    tool: &'static ToolSpec,
    guest: Guest,
    live: Current,
    config: Map<String, Value>,
    args: &'a Args,
    ctx: &'a CallContext,
    texts: &'static Catalogue,
}

impl Removal<'_> {
    /// What keeps PVE from deleting it, and how to lift each.
    fn blocked(&self) -> Option<Report> {
        let texts = self.texts;
        let mut blocks = Vec::new();
        // PVE deletes a VM that is suspended to disk in spite of its lock (qemu-server: check_lock in destroy).
        if let Some(lock) = self.live.text("lock").filter(|lock| !(self.guest.kind == Kind::Vm && *lock == "suspended"))
        {
            let unlock = self.guest.kind.unlock(self.guest.vmid);
            blocks.push(("locked", fill(texts.block_locked, &[("lock", lock), ("unlock", &unlock)])));
        }
        if self.flag("protection") {
            blocks.push(("protected", texts.block_protected.to_owned()));
        }
        if self.live.managed() && self.args.purge != Some(true) {
            blocks.push(("ha", texts.block_ha.to_owned()));
        }
        if self.live.status == "running" {
            match self.guest.kind {
                Kind::Vm => blocks.push(("running", texts.block_running_vm.to_owned())),
                Kind::Ct if self.args.force != Some(true) => {
                    blocks.push(("running", texts.block_running_ct.to_owned()));
                }
                Kind::Ct => {}
            }
        }
        if blocks.is_empty() {
            return None;
        }
        let mut report = Report::new(Outcome::Failed, fill(texts.block_head, &[("guest", &self.name())]));
        report.problem = Some(Problem::State);
        report.status = Some(self.live.status.clone());
        report.facts.insert("blockedBy".to_owned(), blocks.iter().map(|(word, _)| Value::from(*word)).collect());
        Some(blocks.into_iter().fold(report, |report, (_, text)| report.note(text)))
    }

    /// Obtains consent. Gives a reply when the call ends here.
    async fn consent(&self) -> Result<Option<Reply>, ToolResult> {
        if self.tools.confirm() == Confirm::Never {
            return Ok(None);
        }
        if let Some(code) = &self.args.confirm {
            return Ok(match self.tools.key().check(code, &self.bound()) {
                Ok(()) => None,
                Err(CodeError::Expired) => Some(self.plan(Some(self.texts.code_expired))),
                Err(CodeError::Wrong) => Some(self.plan(Some(self.texts.code_wrong))),
            });
        }
        match &self.ctx.consent {
            Consent::Code => Ok(Some(self.plan(None))),
            Consent::Ask(ask) => match ask.ask(self.question()).await {
                Ok(true) => Ok(None),
                Ok(false) => Err(self.not_agreed(fill(self.texts.consent_declined, &[("guest", &self.name())]))),
                Err(reason) => {
                    let values = [("guest", self.name()), ("reason", reason)];
                    let values: Vec<_> = values.iter().map(|(k, v)| (*k, v.as_str())).collect();
                    Err(self.not_agreed(fill(self.texts.consent_failed, &values)))
                }
            },
            Consent::Repeat(None) => Ok(Some(Reply::Question(self.question()))),
            Consent::Repeat(Some(answered)) => self.answered(answered),
        }
    }

    /// The caller came back with an answer. One to another question, or too late, is asked again.
    fn answered(&self, answered: &Answered) -> Result<Option<Reply>, ToolResult> {
        if self.tools.key().check(&answered.state, &self.bound()).is_err() {
            return Ok(Some(Reply::Question(self.question())));
        }
        if answered.agreed {
            return Ok(None);
        }
        Err(self.not_agreed(fill(self.texts.consent_declined, &[("guest", &self.name())])))
    }

    fn not_agreed(&self, text: String) -> ToolResult {
        let mut report = Report::new(Outcome::Unchanged, text);
        report.problem = Some(Problem::Consent);
        report.status = Some(self.live.status.clone());
        report.result(&self.guest, self.texts)
    }

    /// What consent is bound to: this guest with this configuration, these options, this caller.
    fn bound(&self) -> String {
        let flag = |option: Option<bool>| if option == Some(true) { "1" } else { "0" };
        bind(&[
            self.tool.name,
            &self.guest.vmid.to_string(),
            self.guest.node.as_str(),
            self.config.get("digest").and_then(Value::as_str).unwrap_or_default(),
            flag(self.args.purge),
            flag(self.args.unreferenced),
            flag(self.args.force),
            self.ctx.principal.as_deref().unwrap_or_default(),
        ])
    }

    fn question(&self) -> Question {
        Question {
            plan: self.plan_lines().join("\n"),
            title: self.texts.consent_title.to_owned(),
            field: fill(self.texts.consent_field, &[("guest", &self.guest.within(self.texts))]),
            state: self.tools.key().code(&self.bound()),
        }
    }

    /// The plan with its code, as a result that is no success.
    fn plan(&self, first: Option<&str>) -> Reply {
        let texts = self.texts;
        let code = self.tools.key().code(&self.bound());
        let lines = self.plan_lines();
        let mut sentence = first.map_or(String::new(), |first| format!("{first}\n"));
        sentence += &lines.join("\n");
        let ask = fill(texts.plan_code, &[("tool", self.tool.name), ("code", &code)]);
        let mut report = Report::new(Outcome::Confirm, format!("{sentence}\n{}", texts.plan_ask)).note(ask);
        report.problem = Some(Problem::Consent);
        report.facts.insert("confirm".to_owned(), code.into());
        report.facts.insert("disks".to_owned(), self.disks().into_iter().map(Value::from).collect());
        report.facts.insert("status".to_owned(), self.live.status.as_str().into());
        Reply::Result(report.result(&self.guest, texts))
    }

    fn plan_lines(&self) -> Vec<String> {
        let texts = self.texts;
        let disks = self.disks();
        let mut lines = vec![
            fill(texts.plan_head, &[("guest", &self.guest.within(texts))]),
            fill(texts.plan_state, &[("status", &self.live.status)]),
            fill(texts.plan_node, &[("node", self.guest.node.as_str())]),
            match disks.is_empty() {
                true => texts.plan_no_disks.to_owned(),
                false => fill(texts.plan_disks, &[("disks", &disks.join(", "))]),
            },
        ];
        let notes = [
            (self.args.purge == Some(true), texts.plan_purge),
            (self.args.unreferenced == Some(true), texts.plan_unreferenced),
            (self.live.status == "running", texts.plan_force),
            (self.flag("template"), texts.plan_template),
        ];
        lines.extend(notes.into_iter().filter(|(applies, _)| *applies).map(|(_, text)| text.to_owned()));
        lines
    }

    /// The volumes that go: those that the configuration names and that are the guest's own.
    fn disks(&self) -> Vec<String> {
        const FAMILIES: [&str; 9] = ["ide", "sata", "scsi", "virtio", "mp", "unused", "efidisk", "tpmstate", "rootfs"];
        let family = |key: &str| {
            let stem = key.trim_end_matches(|c: char| c.is_ascii_digit());
            FAMILIES.contains(&stem) && (stem == "rootfs" || stem.len() < key.len())
        };
        let mut disks: Vec<_> = self
            .config
            .iter()
            .filter(|(key, _)| family(key))
            .filter_map(|(key, value)| Some((key, value.as_str()?)))
            // A CD-ROM is only unplugged, a bind mount (an absolute path) only forgotten.
            .filter(|(_, value)| {
                !value.contains("media=cdrom") && !value.starts_with('/') && !value.starts_with("none")
            })
            .map(|(key, value)| format!("{key} {}", describe(value)))
            .collect();
        disks.sort();
        disks
    }

    fn refused(&self, e: &Error) -> ToolResult {
        let mut result = outcome::error(e);
        if e.to_string().contains("linked clone") {
            result.text = format!("{} {}", result.text, self.texts.linked_clones);
        }
        result
    }

    fn flag(&self, option: &str) -> bool {
        self.config.get(option).is_some_and(|value| crate::pve::bool_or_int(value).ok().flatten() == Some(true))
    }

    fn name(&self) -> String {
        self.guest.display(self.texts)
    }
}

/// A disk as a person knows it: volume and size.
fn describe(value: &str) -> String {
    let volume = value.split(',').next().unwrap_or(value);
    let volume = volume.strip_prefix("file=").or_else(|| volume.strip_prefix("volume=")).unwrap_or(volume);
    match value.split(',').find_map(|part| part.strip_prefix("size=")) {
        Some(size) => format!("{volume} ({size})"),
        None => volume.to_owned(),
    }
}
