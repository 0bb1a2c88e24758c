//! A change as its tool declares it: how its plan is made, what is shown of it, how it is sent, and what is told of it.
//!
//! The steps themselves are the pipeline's (`carry`, `agree`): consent, the audit log, sending and what a refusal frees
//! are the same for each change.

use std::{future::Future, time::Instant};

use serde_json::{Map, Value};

use super::{
    call::{Reply, ToolResult},
    consent::Confirm,
    guest::Guest,
    seal::NoRandom,
    tool::Call,
};
use crate::{
    client::{Client, Error},
    spec::Risk,
};

/// A change on its way.
pub(super) trait Change: Sync {
    /// What is there now, as far as the change has to know it.
    type Plan: Send + Sync;
    /// What PVE answers.
    type Answer: Send;

    /// The call that asks for it.
    fn call(&self) -> &Call<'_>;

    /// The worst that it can do.
    fn risk(&self) -> Risk {
        self.call().tool.risk()
    }

    /// Whether it needs consent: by its risk.
    fn asks(&self, _: &Self::Plan) -> bool {
        self.call().tools.confirm() != Confirm::Never && self.risk().asks()
    }

    /// Whether it counts among the deletions: no other call undoes it.
    fn deletes(&self, _: &Self::Plan) -> bool {
        self.risk() == Risk::Destroy
    }

    /// Reads what there is now. Nothing is sent but questions.
    fn plan(&self) -> impl Future<Output = Result<Self::Plan, ToolResult>> + Send;

    /// What consent to a plan is bound to.
    fn bound(&self, plan: &Self::Plan) -> Bound;

    /// The guest that it is done to, for the facts of an answer that says that nothing was done.
    fn guest<'a>(&'a self, _: &'a Self::Plan) -> Option<&'a Guest> {
        None
    }

    /// Whether anything that is known stands in its way, where no consent is asked for.
    fn ready(&self, _: &Self::Plan) -> impl Future<Output = Result<(), ToolResult>> + Send {
        async { Ok(()) }
    }

    /// What is shown before consent is asked for; or what stands in the way.
    fn proposal(&self, plan: &Self::Plan) -> impl Future<Output = Result<Proposal, ToolResult>> + Send;

    /// What is said of consent.
    fn say(&self, _: &Self::Plan, saying: Saying<'_>) -> String {
        let texts = self.call().texts;
        match saying {
            Saying::Ask => texts.consent_ask().to_owned(),
            Saying::Typed => texts.consent_typed().to_owned(),
            Saying::Title => texts.consent_title().to_owned(),
            Saying::Field => texts.consent_field().to_owned(),
            Saying::Prompt(word) => texts.consent_prompt(word),
            Saying::Declined => texts.consent_declined().to_owned(),
            Saying::NotAsked(reason) => texts.consent_failed(reason),
            Saying::Changed => texts.consent_changed().to_owned(),
            Saying::Unsealed(e) => texts.no_seal(e),
        }
    }

    /// Sends it. The client stops when the caller goes before anything was sent.
    fn send(&self, client: &Client, plan: &Self::Plan) -> impl Future<Output = Result<Self::Answer, Error>> + Send;

    /// What came of it, followed to its end.
    fn follow(
        &self,
        plan: Self::Plan,
        answer: Self::Answer,
        begun: Instant,
    ) -> impl Future<Output = Result<Reply, ToolResult>> + Send;

    /// What is told where PVE refused it, or where nobody knows what became of it.
    fn failed(&self, plan: &Self::Plan, e: &Error) -> impl Future<Output = ToolResult> + Send;
}

/// What consent is bound to.
#[derive(Clone, Default)]
pub(super) struct Bound {
    /// What it is done to, for which it is spent: the id of a guest, or a path.
    pub subject: String,
    /// The name of that, which a person at a terminal types.
    pub word: String,
    /// All that may not differ when it is carried out (`seal::bind`): what is there now, the options, who calls.
    pub to: String,
}

/// What is shown of a plan.
#[derive(Default)]
pub(super) struct Proposal {
    /// Line by line.
    pub lines: Vec<String>,
    /// The same for programs.
    pub facts: Map<String, Value>,
}

/// What there is to say of consent.
#[derive(Clone, Copy)]
pub(super) enum Saying<'a> {
    /// That nothing was done yet, and that the user is to be asked.
    Ask,
    /// That nothing was done yet, and that what stands behind it is to be typed.
    Typed,
    /// The title of the field that a user ticks.
    Title,
    /// What ticking it means.
    Field,
    /// What a person at a terminal is asked, who agrees by typing this.
    Prompt(&'a str),
    /// That nothing was done: the user did not agree.
    Declined,
    /// That nothing was done: the user could not be asked, and why.
    NotAsked(&'a str),
    /// That nothing was done: what is there has changed since it was shown.
    Changed,
    /// That nothing was done: no code could be made.
    Unsealed(&'a NoRandom),
}
