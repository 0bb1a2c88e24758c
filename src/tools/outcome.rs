//! What became of a call, in one shape for every tool that changes something.

use serde_json::{Map, Value};

pub(super) use super::call::{Outcome, Problem, ToolResult};
use super::{
    deeds::Deed,
    guest::Guest,
    ops::{self, Current},
    say::{Catalogue, capital},
    state::Tools,
};
use crate::{
    client::{Error, Sent, Trouble},
    foreign,
};

/// Last lines of a task's log that a failure shows.
pub(super) const LOG_LINES: usize = 10;

/// What a tool that changes something has found out.
#[derive(Clone, Debug, Default)]
pub(super) struct Report {
    /// What became of it.
    pub outcome: Option<Outcome>,
    /// The main sentence.
    pub sentence: String,
    /// The guest's state afterwards, from its live status or from the task.
    pub status: Option<String>,
    /// Whether the sentence has said that state.
    pub stated: bool,
    /// The task.
    pub upid: Option<String>,
    /// How long it took.
    pub seconds: Option<f64>,
    /// Last lines of the task's log.
    pub log: Vec<String>,
    /// Further sentences: advice, warnings, what could not be found out.
    pub notes: Vec<String>,
    /// Whether the task itself has not ended.
    pub task_runs: bool,
    /// Where the guest is now, if the task did not find it on its node because it has moved.
    pub moved: Option<Guest>,
    /// Why it counts as a failure, if it does.
    pub problem: Option<Problem>,
    /// A finer word for what sort of failure it is.
    pub kind: Option<&'static str>,
    /// Further facts for programs.
    pub facts: Map<String, Value>,
}

impl Report {
    pub(super) fn new(outcome: Outcome, sentence: String) -> Self {
        Self { outcome: Some(outcome), sentence, ..Self::default() }
    }

    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The result for the caller, of what was done to a guest.
    pub(super) fn result(mut self, guest: &Guest, texts: &Catalogue) -> ToolResult {
        guest.tell(&mut self.facts);
        self.told(texts)
    }

    /// The result for the caller, of what is about no guest.
    pub(super) fn told(self, texts: &Catalogue) -> ToolResult {
        let outcome = self.outcome.unwrap_or(Outcome::Failed);
        let seconds = self.seconds.map(|s| (s * 10.0).round() / 10.0);
        let log = log_shown(&self.log);
        let mut sentences = vec![self.sentence.clone()];
        if let Some(status) = self.status.as_ref().filter(|_| !self.stated) {
            sentences.push(texts.status_is(status));
        }
        sentences.extend(self.notes.iter().cloned());
        match (seconds, &self.upid) {
            (Some(seconds), Some(upid)) => {
                sentences.push(texts.facts(seconds, upid));
            }
            (None, Some(upid)) => sentences.push(texts.task_is(upid)),
            (_, None) => {}
        }
        let mut text = sentences.join(" ");
        if !log.is_empty() {
            text = format!("{text}\n{}\n{}", texts.log_lines(), log.join("\n"));
        }
        let mut facts = self.facts;
        let mut put = |key: &str, value: Value| facts.insert(key.to_owned(), value);
        put("outcome", outcome.as_str().into());
        for (key, value) in [("status", self.status), ("upid", self.upid)] {
            value.map(|value| put(key, value.into()));
        }
        seconds.map(|seconds| put("seconds", super::table::number(seconds)));
        // What is done needs no words; everything else does, since some clients show the model only this part.
        if outcome != Outcome::Done || !self.notes.is_empty() {
            put("detail", [vec![self.sentence], self.notes].concat().join(" ").into());
        }
        if !log.is_empty() {
            put("log", log.into());
        }
        if let Some(problem) = self.problem {
            put("error", serde_json::json!({"kind": self.kind.unwrap_or(problem.word())}));
        }
        ToolResult { text, structured: Some(facts), problem: self.problem }
    }
}

/// Lines of a log, fit to be shown.
pub(super) fn log_shown(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| foreign::line(line, foreign::LOG_LINE).into_owned()).collect()
}

/// A sentence of PVE's within one of ours, which brings its own end.
pub(super) fn quoted(words: &str) -> &str {
    words.trim().trim_end_matches('.')
}

/// The result for an error of the client: its sentence, which says what to do.
pub(super) fn error(error: &Error, texts: &Catalogue) -> ToolResult {
    let text = capital(&error.say(texts.errors));
    let kind = error.kind();
    let problem = if error.sent() == Sent::Unanswered { Problem::Unanswered } else { problem(&kind) };
    let word = if matches!(error, Error::NotPve { .. } | Error::Decode { .. }) { "not-pve" } else { word(&kind) };
    let mut result = ToolResult::problem_of(problem, word, text);
    // A read without an answer has changed nothing: that is known.
    if matches!(error, Error::NoReply { .. })
        && let Some(facts) = &mut result.structured
    {
        facts.insert("outcome".to_owned(), Outcome::Failed.as_str().into());
    }
    result
}

/// What sort of failure a kind of trouble is for the caller.
pub(super) fn problem(kind: &Trouble) -> Problem {
    match kind {
        Trouble::NotFound => Problem::NotFound,
        Trouble::WrongState
        | Trouble::Locked(_)
        | Trouble::Protected
        | Trouble::Template
        | Trouble::Managed
        | Trouble::Busy => Problem::State,
        Trouble::Permission { .. } | Trouble::Login => Problem::Permission,
        Trouble::Parameter => Problem::Arguments,
        Trouble::NodeUnreachable | Trouble::Unreachable | Trouble::Tls | Trouble::Unknown | Trouble::NoQuorum => {
            Problem::Unavailable
        }
        Trouble::CalledOff => Problem::Cancelled,
        Trouble::TooOld | Trouble::Other => Problem::Failed,
    }
}

/// The same of a call that changes something: of one without an answer nobody knows what became, and one that the caller called
/// off was not sent.
pub(super) fn of_change(e: &Error, texts: &Catalogue) -> ToolResult {
    let mut result = error(e, texts);
    if matches!(e, Error::CalledOff { .. }) {
        result.problem = Some(Problem::Cancelled);
    }
    if matches!(e, Error::Unknown(_))
        && let Some(facts) = &mut result.structured
    {
        result.problem = Some(Problem::Unanswered);
        facts.insert("outcome".to_owned(), Outcome::Unknown.as_str().into());
    }
    result
}

/// All words that `error.kind` can be, with those of [`Problem::word`].
#[cfg(test)]
pub(super) const KINDS: [&str; 21] = [
    "arguments",
    "not-found",
    "denied",
    "consent",
    "state",
    "locked",
    "protected",
    "template",
    "managed",
    "busy",
    "permission",
    "login",
    "no-quorum",
    "node-unreachable",
    "unavailable",
    "tls",
    "unanswered",
    "too-old",
    "not-pve",
    "failed",
    "cancelled",
];

/// The word for a kind of trouble in results: one of the list in `docs/tools.md`.
pub(super) fn word(kind: &Trouble) -> &'static str {
    match kind {
        Trouble::NotFound => "not-found",
        Trouble::WrongState => "state",
        Trouble::Locked(_) => "locked",
        Trouble::Protected => "protected",
        Trouble::Template => "template",
        Trouble::Managed => "managed",
        Trouble::Busy => "busy",
        Trouble::Permission { .. } => "permission",
        Trouble::Login => "login",
        Trouble::Parameter => "arguments",
        Trouble::NoQuorum => "no-quorum",
        Trouble::NodeUnreachable => "node-unreachable",
        Trouble::Unreachable => "unavailable",
        Trouble::Tls => "tls",
        Trouble::Unknown => "unanswered",
        Trouble::TooOld => "too-old",
        Trouble::CalledOff => "cancelled",
        Trouble::Other => "failed",
    }
}

/// The report that nothing was sent, because the caller has gone.
pub(super) fn cancelled(guest: &Guest, deed: Deed, texts: &Catalogue) -> Report {
    let mut report =
        Report::new(Outcome::Cancelled, texts.called_off(guest.display(texts), deed.word(texts).to_owned()));
    report.problem = Some(Problem::Cancelled);
    report
}

/// The report that nobody knows what became of what was sent.
pub(super) fn unknown(e: &Error, texts: &Catalogue) -> Report {
    let mut report = Report::new(Outcome::Unknown, capital(&e.say(texts.errors)));
    report.problem = Some(Problem::Unanswered);
    report
}

/// The report that HA has given a guest up, if it has: then it does nothing with it, whatever is asked.
pub(super) async fn in_error(tools: &Tools, guest: &Guest, now: Option<&Current>, texts: &Catalogue) -> Option<Report> {
    let told = now.and_then(Current::ha_state) == Some("error");
    // The cluster's list has HA's own state of this moment.
    let listed = if told { None } else { tools.directory().again(guest).await.ok().flatten() };
    if !told && listed.is_none_or(|listed| listed.ha_state() != Some("error")) {
        return None;
    }
    let sid = ops::sid(guest);
    let sentence = texts.ha_error(guest.display(texts), &sid);
    let mut report = Report::new(Outcome::Failed, sentence);
    (report.problem, report.kind) = (Some(Problem::State), Some("managed"));
    report.status = now.map(|now| now.status.clone());
    report.facts.insert("haState".to_owned(), "error".into());
    Some(report)
}

/// The report that there was nothing to do.
pub(super) fn unchanged(guest: &Guest, status: &str, texts: &Catalogue) -> Report {
    let guest = guest.display(texts);
    let text = if status == "stopped" { texts.unchanged_stopped(guest) } else { texts.unchanged_running(guest) };
    let mut report = Report::new(Outcome::Unchanged, text);
    (report.status, report.stated) = (Some(status.to_owned()), true);
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_kind_of_failure_and_no_other() {
        for page in [include_str!("../../docs/tools.md"), include_str!("../../docs/es/tools.md")] {
            let rows = page.lines().skip_while(|line| !line.starts_with("| `error.kind` |")).skip(2);
            let told: Vec<_> = rows.map_while(|line| line.strip_prefix("| `")?.split('`').next()).collect();
            assert_eq!(told, KINDS);
        }
    }
}
