//! What became of a call, in one shape for every tool that changes something.

use serde_json::{Map, Value};

use super::{
    call::{Problem, ToolResult},
    lang::{Catalogue, fill},
    resolve::Guest,
    table::one_line,
};
use crate::client::{Error, Kind as Trouble, Sent};

/// Last lines of a task's log that a failure shows.
pub(super) const LOG_LINES: usize = 10;
/// Most characters of one log line; a model needs the words, not a wall.
const LINE_MAX: usize = 300;

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// PVE says that it is done.
    Done,
    /// It is done, and PVE gave warnings.
    Warnings,
    /// PVE says that it failed.
    Failed,
    /// It goes on.
    Running,
    /// There was nothing to do.
    Unchanged,
    /// Nothing was done: consent is needed.
    Confirm,
    /// Nothing was done: consent was asked for and not given.
    Declined,
}

impl Outcome {
    /// The word in results.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Warnings => "warnings",
            Self::Failed => "failed",
            Self::Running => "running",
            Self::Unchanged => "unchanged",
            Self::Confirm => "confirm",
            Self::Declined => "declined",
        }
    }
}

/// What a tool that changes something has found out.
#[derive(Clone, Debug, Default)]
pub(super) struct Report {
    /// What became of it.
    pub outcome: Option<Outcome>,
    /// The main sentence.
    pub sentence: String,
    /// The guest's state afterwards, from its live status or from the task.
    pub status: Option<String>,
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
    /// Whether the task found no such guest on its node.
    pub gone: bool,
    /// Why it counts as a failure, if it does.
    pub problem: Option<Problem>,
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

    /// The result for the caller.
    pub(super) fn result(self, guest: &Guest, texts: &Catalogue) -> ToolResult {
        let outcome = self.outcome.unwrap_or(Outcome::Failed);
        let seconds = self.seconds.map(|s| (s * 10.0).round() / 10.0);
        let log: Vec<String> = self.log.iter().map(|line| one_line(line).chars().take(LINE_MAX).collect()).collect();
        let mut sentences = vec![self.sentence.clone()];
        sentences.extend(self.notes.iter().cloned());
        // What was deleted, or is as it was, has been said.
        let said = |status: &str| status == "deleted" || outcome == Outcome::Unchanged;
        if let Some(status) = self.status.as_ref().filter(|status| !said(status)) {
            sentences.push(fill(texts.status_is, &[("status", status)]));
        }
        match (seconds, &self.upid) {
            (Some(seconds), Some(upid)) => {
                sentences.push(fill(texts.facts, &[("seconds", &seconds.to_string()), ("upid", upid)]));
            }
            (None, Some(upid)) => sentences.push(fill(texts.task_is, &[("upid", upid)])),
            (_, None) => {}
        }
        let mut text = sentences.join(" ");
        if !log.is_empty() {
            text = format!("{text}\n{}\n{}", texts.log_lines, log.join("\n"));
        }
        let mut facts = self.facts;
        let mut put = |key: &str, value: Value| facts.insert(key.to_owned(), value);
        put("outcome", outcome.as_str().into());
        put("vmid", guest.vmid.get().into());
        put("node", guest.node.as_str().into());
        if let Some(name) = &guest.name {
            put("name", name.as_str().into());
        }
        for (key, value) in [("status", self.status), ("upid", self.upid)] {
            value.map(|value| put(key, value.into()));
        }
        seconds.map(|seconds| put("seconds", super::table::number(seconds)));
        // What is done needs no words; everything else does, since some clients show the model only this part.
        if outcome != Outcome::Done {
            put("detail", [vec![self.sentence], self.notes].concat().join(" ").into());
        }
        if !log.is_empty() {
            put("log", log.into());
        }
        ToolResult { text, structured: Some(facts), problem: self.problem }
    }
}

/// The result for an error of the client: its sentence, which says what to do.
pub(super) fn error(error: &Error, texts: &Catalogue) -> ToolResult {
    let text = super::resolve::capital(&error.say(texts.errors));
    let problem = if error.sent() == Sent::Unanswered { Problem::Unanswered } else { problem(&error.kind()) };
    ToolResult::problem(problem, text)
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
        Trouble::TooOld | Trouble::Other => Problem::Failed,
    }
}
