//! A failure as PVE told it, and what a fresh look says to it.
//!
//! PVE's words pass through as they are. They count as more than words (the guest is gone, it runs already, it is
//! locked) only where they are a whole sentence about this guest ([`Trouble::of_text`]) and the guest, looked at now,
//! agrees. Advice is given only where the call that it names would not be refused.

use std::{collections::BTreeMap, time::Duration};

use super::{
    blocks,
    call::Problem,
    deeds::Deed,
    guest::{Guest, GuestKind},
    ops::{self, Current},
    outcome::{self, Outcome, Report, quoted},
    profile::Action,
    say::{Catalogue, capital},
    state::{RIGHTS_AGE, Tools},
};
use crate::client::{About, Error, Refusal, Trouble};

/// What PVE's words about a guest mean, as far as a look at it agrees.
pub(super) struct Seen {
    /// The meaning; [`Trouble::Other`] where the words are only words.
    pub trouble: Trouble,
    /// The guest's state now; nothing where it is not there.
    pub now: Option<Result<Current, Error>>,
    /// Where the guest is, if it is on another node or of the other kind now.
    pub moved: Option<Guest>,
}

/// The meaning of what a task of a guest ended with.
pub(super) fn of_end(words: &str, guest: &Guest) -> Trouble {
    let vmid = guest.vmid.to_string();
    Trouble::of_text(words, Some(About { node: guest.node.as_str(), kind: guest.kind.path(), vmid: &vmid }))
}

/// Looks at a guest of which PVE has said `words`, which by themselves mean `trouble`. One that was seen `before`, in this
/// very call, in the state that PVE complains of, need not be looked at again.
pub(super) async fn look(tools: &Tools, guest: &Guest, trouble: Trouble, words: &str, before: Option<Current>) -> Seen {
    if let Some(now) = before.filter(|now| trouble == Trouble::WrongState && agrees(now, &trouble, words)) {
        return Seen { trouble, now: Some(Ok(now)), moved: None };
    }
    // These name the guest itself, and its live status does not tell of them.
    if matches!(trouble, Trouble::Protected | Trouble::Managed) {
        return Seen { trouble, now: None, moved: None };
    }
    if trouble == Trouble::NotFound {
        match tools.directory().again(guest).await {
            Ok(None) => return Seen { trouble, now: None, moved: None },
            Ok(Some(now)) if now.node != guest.node || now.kind != guest.kind => {
                return Seen { trouble: Trouble::Other, now: None, moved: Some(now) };
            }
            Ok(Some(_)) => {}
            Err(e) => return Seen { trouble: Trouble::Other, now: Some(Err(e)), moved: None },
        }
    }
    let now = ops::current(tools.client(), guest).await;
    let trouble = match trouble {
        Trouble::NoQuorum if ops::quorate(tools.client()).await == Some(true) => Trouble::Other,
        // Without quorum nothing can be written there; there are other causes.
        Trouble::Other if is_read_only(words) && ops::quorate(tools.client()).await == Some(false) => Trouble::NoQuorum,
        trouble if now.as_ref().is_ok_and(|now| agrees(now, &trouble, words)) => trouble,
        Trouble::WrongState | Trouble::Locked(_) | Trouble::Template | Trouble::NotFound => Trouble::Other,
        trouble => trouble,
    };
    Seen { trouble, now: Some(now), moved: None }
}

/// Whether words say that the configuration of a guest could not be written in the cluster's file system.
fn is_read_only(words: &str) -> bool {
    let words = words.trim();
    words.starts_with("unable to open file '/etc/pve/") && words.ends_with("' - Permission denied")
}

/// Whether a guest, as it is now, is as PVE's sentence about it says.
fn agrees(now: &Current, trouble: &Trouble, words: &str) -> bool {
    match trouble {
        Trouble::NotFound => false,
        Trouble::WrongState if words.trim().ends_with("not running") => !now.is_up(),
        Trouble::WrongState if words.trim().starts_with("VM is paused") => now.is_halted(),
        Trouble::WrongState => now.is_up(),
        Trouble::Locked(lock) => now.text("lock") == Some(lock),
        Trouble::Template => now.flag("template"),
        _ => true,
    }
}

/// How long a node may take with an answer, repeats included, before the cluster is asked whether it is there at all.
const HEDGE: Duration = Duration::from_millis(2000);

/// Asks something of a guest's node. A node that is gone lets a request hang for ten seconds and more: where the answer does
/// not come soon and the cluster says that the node is offline, it is not waited for.
pub(super) async fn unless_offline<T>(
    tools: &Tools,
    guest: &Guest,
    ask: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let gone = async {
        tokio::time::sleep(HEDGE).await;
        if !is_offline(tools, guest).await {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        biased;
        answer = ask => answer,
        () = gone => Err(Error::Refused(Box::new(Refusal {
            status: 595,
            what: format!("GET /nodes/{}", guest.node),
            message: String::new(),
            errors: BTreeMap::new(),
            kind: Trouble::NodeUnreachable,
        }))),
    }
}

/// Whether the cluster says that a guest's node is offline.
async fn is_offline(tools: &Tools, guest: &Guest) -> bool {
    match tools.client().request(&crate::api::GetNodes::new()).await {
        Ok(nodes) => nodes.iter().any(|row| row.node == guest.node && row.status == "offline"),
        Err(_) => false,
    }
}

/// The report that the guest's node is offline, where PVE could not reach it and says so of the node; nothing was sent then.
pub(super) async fn offline(tools: &Tools, guest: &Guest, e: &Error, texts: &Catalogue) -> Option<Report> {
    if e.kind() != Trouble::NodeUnreachable || e.refusal().is_none() {
        return None;
    }
    if !is_offline(tools, guest).await {
        return None;
    }
    let said = e.refusal().map(|refusal| quoted(&refusal.message)).filter(|said| !said.is_empty());
    let said = said.map_or_else(String::new, |said| format!(" ({said})"));
    Some(of_offline(guest, &said, texts))
}

/// That nothing was sent to a guest because its node is offline; with what PVE `said`, if it was asked.
pub(super) fn of_offline(guest: &Guest, said: &str, texts: &Catalogue) -> Report {
    let (name, node) = (guest.display(texts), guest.node.as_str());
    let sentence = texts.node_offline(&name, node, said);
    let mut report = Report::new(Outcome::Failed, sentence);
    (report.problem, report.kind) = (Some(Problem::Unavailable), Some("node-unreachable"));
    report.note(texts.advice_offline())
}

/// One failure of a deed on a guest.
pub(super) struct Failure<'a> {
    pub tools: &'a Tools,
    pub guest: &'a Guest,
    pub deed: Deed,
    /// PVE's words.
    pub words: &'a str,
    pub texts: &'static Catalogue,
}

impl Failure<'_> {
    /// What is to be told of it.
    pub(super) async fn report(&self, seen: Seen) -> Report {
        let (guest, texts) = (self.guest, self.texts);
        let mut report = Report::new(Outcome::Failed, self.sentence());
        report.problem = Some(match outcome::problem(&seen.trouble) {
            Problem::Arguments | Problem::Unavailable | Problem::Unanswered => Problem::Failed,
            other => other,
        });
        report.kind = Some(outcome::word(&seen.trouble));
        if seen.trouble == Trouble::NotFound {
            let text = texts.gone(guest.display(texts));
            return report.note(format!("{}.", self.tools.advice().or_list(&text, guest.kind, texts)));
        }
        let now = seen.now.as_ref().and_then(|now| now.as_ref().ok());
        if seen.trouble == Trouble::NoQuorum && !self.words.contains("no quorum") {
            report = report.note(texts.no_quorum());
        }
        for advice in self.advice(&seen.trouble, now, &mut report).await {
            report = report.note(advice);
        }
        match seen.now {
            Some(Ok(now)) => report.status = Some(now.status),
            Some(Err(e)) => report = report.note(after_unknown(&e, texts)),
            None => {}
        }
        report.moved = seen.moved;
        report
    }

    /// That it failed and why. Where PVE's words say by themselves which deed failed, they are not told it twice.
    fn sentence(&self) -> String {
        let (name, reason) = (self.guest.display(self.texts), quoted(self.words));
        let says_so = reason.starts_with(&format!("{} failed", self.deed.verb()));
        match says_so {
            true => self.texts.failed_so(name, reason),
            false => self.texts.failed(name, self.deed.word(self.texts), reason),
        }
    }

    /// What to do about it. What keeps PVE from deleting a guest is named among the facts, too.
    async fn advice(&self, trouble: &Trouble, now: Option<&Current>, report: &mut Report) -> Vec<String> {
        let texts = self.texts;
        if self.deed == Deed::Delete
            && let Some((word, cure)) = blocks::block(trouble, self.words, self.guest, &self.tools.advice(), texts)
        {
            report.facts.insert("blockedBy".to_owned(), vec![word].into());
            return vec![cure];
        }
        let off = now.is_some_and(|now| !now.is_up());
        match (trouble, self.deed) {
            (Trouble::Other, Deed::Shutdown | Deed::Reboot) if self.is_ignored() && !off => self.ignored(now).await,
            (Trouble::WrongState, Deed::Reboot | Deed::Reset) if off => {
                let start = self.can(Action::Start, now).await;
                vec![start.map_or_else(|| texts.not_running().to_owned(), |tool| texts.advice_start(tool))]
            }
            (Trouble::WrongState, _) if now.is_some_and(Current::is_halted) => self.halted(now).await,
            (Trouble::Template, _) => vec![texts.advice_template().to_owned()],
            (Trouble::Busy, Deed::Stop) => vec![texts.advice_stop_busy().to_owned()],
            _ => trouble.advice().map(|advice| capital(&advice.say(texts.errors)) + ".").into_iter().collect(),
        }
    }

    /// Whether PVE says that the guest was asked to go down and did not in time.
    fn is_ignored(&self) -> bool {
        matches!(self.words.trim(), "VM quit/powerdown failed - got timeout" | "container did not stop")
    }

    /// How a guest that does not listen is turned off, or restarted, all the same.
    async fn ignored(&self, now: Option<&Current>) -> Vec<String> {
        let texts = self.texts;
        let mut advice = vec![texts.ignored().to_owned()];
        if self.deed == Deed::Reboot
            && self.guest.kind == GuestKind::Vm
            && let Some(tool) = self.can(Action::Restart, now).await
        {
            advice.push(texts.advice_reset(tool));
        } else if let Some(tool) = self.can(Action::Stop, now).await {
            advice.push(texts.advice_stop(tool));
        }
        advice
    }

    /// That a VM's process stands still, and how it goes on.
    pub(super) async fn halted(&self, now: Option<&Current>) -> Vec<String> {
        let Some(now) = now else { return Vec::new() };
        let texts = self.texts;
        let vmid = self.guest.vmid.to_string();
        let mut advice = vec![texts.halted(now.status.as_str(), self.guest.node.as_str(), &vmid)];
        if let Some(tool) = self.can(Action::Stop, Some(now)).await {
            advice.push(texts.advice_stop(tool));
        }
        advice
    }

    /// The tool that does this with the guest, if a call of it would not be refused: no rule forbids it, the token has the
    /// privileges as far as can be told, and the guest is neither locked nor, to be started, a template.
    async fn can(&self, action: Action, now: Option<&Current>) -> Option<&'static str> {
        let tool = self.tools.for_guests(self.guest.kind, action)?;
        let locked = now.is_some_and(|now| now.text("lock").is_some());
        let template = action == Action::Start && now.is_some_and(|now| now.flag("template"));
        if locked || template || self.tools.advice().with(action, self.guest).is_none() {
            return None;
        }
        match self.tools.rights_within(RIGHTS_AGE).await {
            Ok(rights) if !rights.suffice(&tool, self.guest) => None,
            _ => Some(tool.name),
        }
    }
}

/// That the state afterwards could not be read.
pub(super) fn after_unknown(e: &Error, texts: &Catalogue) -> String {
    texts.after_unknown(quoted(&e.say(texts.errors)))
}

/// The last lines of a log without the one that only repeats how the task ended.
pub(super) fn without_end(log: Vec<String>, words: &str) -> Vec<String> {
    let end = format!("TASK ERROR: {}", words.trim());
    log.into_iter().filter(|line| line.trim() != end).collect()
}

impl Current {
    /// Whether an option that is a flag is set.
    pub(super) fn flag(&self, key: &str) -> bool {
        self.all.get(key).is_some_and(crate::pve::is_set)
    }
}
