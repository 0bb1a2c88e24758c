//! What a door hands over with a call and gets back.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use serde_json::{Map, Value, json};
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::{
    aside::{Aside, Rows},
    caller::Principal,
    say::Lang,
};
use crate::foreign;

/// Who calls, how the caller can be reached while the call runs, and in which language it reads.
#[derive(Clone, Default)]
pub struct CallContext {
    /// The client's name and version, for the audit log.
    pub client: String,
    /// The session, for the audit log.
    pub session: String,
    /// Who calls, when the door has authenticated somebody: named in the audit log, and who codes, questions and task
    /// handles are bound to. Nobody, when the door asks for no credentials; then every tool may be used.
    pub caller: Option<Principal>,
    /// The language of texts.
    pub lang: Lang,
    /// Stops the waiting; what was begun in PVE goes on.
    pub cancel: CancellationToken,
    /// Where progress goes, if the caller wants it.
    pub progress: Option<UnboundedSender<Step>>,
    /// Whether the progress is to say what the task itself says of how far it is, for one more request with each look.
    pub percent: bool,
    /// How consent to a deletion is obtained.
    pub consent: Consent,
    /// Whether the caller takes a task to ask for later instead of waiting.
    pub detach: bool,
    /// Where the rows of a list are left as JSON, by a door that sends them as that. They are not among the facts then.
    pub rows: Option<Aside<Rows>>,
}

impl CallContext {
    /// What tells the caller from everybody else, also from who bears the same name later.
    pub(super) fn identity(&self) -> Option<&str> {
        self.caller.as_ref().map(|caller| caller.identity.as_str())
    }
}

/// A sign of life while a task runs.
#[derive(Clone, Debug)]
pub struct Step {
    /// Since the task began.
    pub elapsed: Duration,
    /// The most that will be waited.
    pub limit: Duration,
    /// What is waited for.
    pub message: String,
    /// How far the task says that it is, from 0 to 100; most tasks do not say it.
    pub percent: Option<f64>,
}

/// How the caller can be asked for consent.
#[derive(Clone, Default)]
pub enum Consent {
    /// Only by a plan with a code, which a second call brings back as `confirm`.
    #[default]
    Code,
    /// By a plan with a code, which a person at a shell brings back: by this command, with `confirm=CODE` behind it.
    Typed(String),
    /// By a question within the call.
    Ask(Arc<dyn Ask>),
    /// By a question that ends the call; the caller repeats it with the answer.
    Repeat(Option<Answered>),
}

/// The answer that a repeated call brings.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The sealed state that the question carried.
    pub state: String,
    /// Whether the user agreed.
    pub agreed: bool,
}

/// A question to the user.
#[derive(Clone, Debug)]
pub struct Question {
    /// What would be destroyed, line by line.
    pub plan: String,
    /// Title of the one field, which is to be ticked.
    pub title: String,
    /// Description of that field.
    pub field: String,
    /// What a person at a terminal is asked, who agrees by typing [`Question::word`].
    pub prompt: String,
    /// The name of what would be destroyed, or its id where it has none.
    pub word: String,
    /// What a repeated call must bring back: proof that this plan was shown.
    pub state: String,
}

/// Asks the user while the call waits.
pub trait Ask: Send + Sync {
    /// Whether the user agreed.
    ///
    /// # Errors
    /// A sentence on why the user could not be asked.
    fn ask(&self, question: Question) -> Pin<Box<dyn Future<Output = Result<bool, String>> + Send + '_>>;
}

/// What a call gives.
#[derive(Debug)]
pub enum Reply {
    /// The result.
    Result(ToolResult),
    /// A question; nothing was done yet.
    Question(Question),
    /// A task that goes on; ask for it by this id.
    Task(String),
}

impl Reply {
    /// Makes what others wrote fit to be shown, in both halves. This is the door through which every call's answer goes.
    pub(super) fn show(&mut self) {
        match self {
            Self::Result(result) => result.show(),
            Self::Question(question) => foreign::text(&mut question.plan),
            Self::Task(_) => {}
        }
    }
}

/// The result of a tool.
#[derive(Clone, Debug, Default)]
pub struct ToolResult {
    /// For people and models.
    pub text: String,
    /// The same facts for programs, matching the tool's output schema. Absent where there are none.
    pub structured: Option<Map<String, Value>>,
    /// Why it is a failure, if it is one.
    pub problem: Option<Problem>,
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// PVE says that it is done.
    Done,
    /// It is done, and PVE gave warnings.
    Warnings,
    /// PVE says that it failed.
    Failed,
    /// It goes on.
    Running,
    /// Nobody knows: PVE was asked, and no word came back of what became of it.
    Unknown,
    /// There was nothing to do.
    Unchanged,
    /// Nothing was done: consent is needed.
    Confirm,
    /// Nothing was done: consent was asked for and not given.
    Declined,
    /// Nothing was done: a rule of this server forbids it.
    Denied,
    /// Nothing was sent: the caller went away before.
    Cancelled,
}

impl Outcome {
    /// The word in results.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Warnings => "warnings",
            Self::Failed => "failed",
            Self::Running => "running",
            Self::Unchanged => "unchanged",
            Self::Confirm => "confirm",
            Self::Declined => "declined",
            Self::Unknown => "unknown",
            Self::Denied => "denied",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What sort of failure a result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The arguments are wrong; nothing was sent.
    Arguments,
    /// There is no such guest, or it is not of that kind or on that node.
    NotFound,
    /// A rule of this server denies it.
    Denied,
    /// As many as this server allows have been sent lately; later it may be.
    Limited,
    /// Consent is needed and was not given.
    Consent,
    /// The guest's state does not allow it.
    State,
    /// PVE refused it for want of a privilege or did not accept the login.
    Permission,
    /// PVE could not be reached or gave no answer that can be used.
    Unavailable,
    /// PVE was asked and gave no answer in time; what was asked for may have been done.
    Unanswered,
    /// PVE tried and failed.
    Failed,
    /// The caller went away before anything was sent.
    Cancelled,
}

impl Problem {
    /// The word for it in results, where nothing finer is known.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Arguments => "arguments",
            Self::NotFound => "not-found",
            Self::Denied => "denied",
            Self::Limited => "limited",
            Self::Consent => "consent",
            Self::State => "state",
            Self::Permission => "permission",
            Self::Unavailable => "unavailable",
            Self::Unanswered => "unanswered",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// What became of a call that ends so, where the tool has not said.
    const fn outcome(self) -> Outcome {
        match self {
            Self::Denied | Self::Limited => Outcome::Denied,
            Self::Consent => Outcome::Declined,
            Self::Unanswered => Outcome::Unknown,
            Self::Cancelled => Outcome::Cancelled,
            _ => Outcome::Failed,
        }
    }
}

impl ToolResult {
    /// A failure of which there is nothing more to say than this.
    pub fn problem(problem: Problem, text: impl Into<String>) -> Self {
        Self::problem_of(problem, problem.word(), text)
    }

    /// The same with a finer word for what sort of failure it is.
    pub(super) fn problem_of(problem: Problem, kind: &str, text: impl Into<String>) -> Self {
        let mut result = Self { text: text.into(), structured: None, problem: Some(problem) };
        result.facts().insert("error".to_owned(), json!({"kind": kind}));
        result.complete();
        result
    }

    fn facts(&mut self) -> &mut Map<String, Value> {
        self.structured.get_or_insert_default()
    }

    /// Adds what every result has in its structured part: `outcome`, and of a failure `detail` and `error.kind`. Some
    /// clients show the model that part alone.
    pub(super) fn complete(&mut self) {
        let problem = self.problem;
        let text = if problem.is_some() { self.text.clone() } else { String::new() };
        let facts = self.facts();
        let outcome = problem.map_or(Outcome::Done, Problem::outcome);
        facts.entry("outcome").or_insert_with(|| outcome.as_str().into());
        if let Some(problem) = problem {
            facts.entry("detail").or_insert_with(|| text.into());
            facts.entry("error").or_insert_with(|| json!({"kind": problem.word()}));
        }
    }

    /// The same as [`Reply::show`].
    pub(super) fn show(&mut self) {
        foreign::text(&mut self.text);
        if let Some(facts) = &mut self.structured {
            foreign::facts(facts);
        }
    }

    /// Adds a sentence, to the text and to the facts, since some clients show only those.
    pub(super) fn add(&mut self, sentence: &str) {
        self.text = format!("{}\n{sentence}", self.text);
        if let Some(facts) = &mut self.structured {
            let detail = facts.get("detail").and_then(Value::as_str).map(|detail| format!("{detail} {sentence}"));
            facts.insert("detail".to_owned(), detail.unwrap_or_else(|| sentence.to_owned()).into());
        }
    }
}

/// Why a call is not one: the protocol's own error, not a result.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// There is no such tool.
    #[error("{0}")]
    UnknownTool(String),
    /// The task id is none of ours.
    #[error("{0}")]
    UnknownTask(String),
}
