//! Consent to a change, obtained in whichever way its caller can be asked.
//!
//! What is agreed to is what was shown: a code, or the state of a question, is bound to the plan; after a question within the call
//! the plan is made once more.

use std::time::Duration;

use serde_json::Map;

use super::{
    call::{Consent, Outcome, Problem, Question, Reply, ToolResult},
    change::{Bound, Change, Proposal, Saying},
    consent::{self, CodeError},
    seal::{NoRandom, Purpose},
};
use crate::foreign;

/// What consent has led to.
pub(super) enum Agreed {
    /// It is carried out; with when the code was made, if it came with one.
    Yes(Option<Duration>),
    /// The call ends here.
    Over(Reply),
}

/// Obtains consent to a plan.
pub(super) async fn agree<C: Change>(change: &C, plan: &C::Plan, code: Option<&str>) -> Result<Agreed, ToolResult> {
    Asking { change, plan, bound: change.bound(plan) }.agree(code).await
}

/// The answer that a plan is not agreed to.
pub(super) fn not_agreed<C: Change>(change: &C, plan: &C::Plan, text: String) -> ToolResult {
    unagreed(change, plan, Outcome::Declined, text)
}

fn unagreed<C: Change>(change: &C, plan: &C::Plan, outcome: Outcome, text: String) -> ToolResult {
    let mut facts = Map::new();
    if let Some(guest) = change.guest(plan) {
        guest.tell(&mut facts);
    }
    facts.insert("outcome".to_owned(), outcome.as_str().into());
    facts.insert("detail".to_owned(), text.clone().into());
    ToolResult { text, structured: Some(facts), problem: Some(Problem::Consent) }
}

/// Asking for consent to one plan.
struct Asking<'a, C: Change> {
    change: &'a C,
    plan: &'a C::Plan,
    bound: Bound,
}

impl<C: Change> Asking<'_, C> {
    async fn agree(&self, code: Option<&str>) -> Result<Agreed, ToolResult> {
        let texts = self.change.call().texts;
        if let Some(code) = code {
            return match self.open(Purpose::Code, code) {
                Ok(made) => Ok(Agreed::Yes(Some(made))),
                Err(CodeError::Expired) => self.offer(Some(texts.code_expired())).await,
                Err(CodeError::Wrong) => self.offer(Some(texts.code_wrong())).await,
            };
        }
        match &self.change.call().ctx.consent {
            Consent::Code | Consent::Typed(_) => self.offer(None).await,
            Consent::Ask(ask) => match ask.ask(self.question().await?).await {
                Ok(true) => self.unchanged().await,
                Ok(false) => Err(self.declined()),
                Err(reason) => Err(self.not_agreed(Saying::NotAsked(&reason))),
            },
            Consent::Repeat(Some(answered)) if !answered.agreed => Err(self.declined()),
            Consent::Repeat(answered) => {
                let made = answered.as_ref().and_then(|answered| self.open(Purpose::Question, &answered.state).ok());
                let spent = self.change.call().tools.spent();
                match made.filter(|made| !spent.is_spent(&self.bound.subject, self.caller(), *made)) {
                    Some(made) => Ok(Agreed::Yes(Some(made))),
                    // One that answers another question, or too late, or that was declined before, is asked again.
                    None => Ok(Agreed::Over(Reply::Question(self.question().await?))),
                }
            }
        }
    }

    /// The user may have thought about it for minutes: what is done is what was shown.
    async fn unchanged(&self) -> Result<Agreed, ToolResult> {
        let now = self.change.plan().await?;
        if self.change.bound(&now).to == self.bound.to {
            return Ok(Agreed::Yes(None));
        }
        Err(self.not_agreed(Saying::Changed))
    }

    /// The plan with its code, as a result that is no success.
    async fn offer(&self, first: Option<&str>) -> Result<Agreed, ToolResult> {
        let Proposal { lines, facts: shown } = self.change.proposal(self.plan).await?;
        let call = self.change.call();
        let code = self.seal(Purpose::Code)?;
        let how = match &call.ctx.consent {
            Consent::Typed(command) => format!("{} {command} confirm={code}", self.say(Saying::Typed)),
            _ => format!("{} {}", self.say(Saying::Ask), call.texts.plan_code(call.tool.name, &code)),
        };
        let lines: Vec<&str> =
            first.into_iter().chain(lines.iter().map(String::as_str)).chain([how.as_str()]).collect();
        let mut result = unagreed(self.change, self.plan, Outcome::Confirm, lines.join("\n"));
        if let Some(facts) = &mut result.structured {
            facts.insert("confirm".to_owned(), code.into());
            facts.extend(shown);
        }
        Ok(Agreed::Over(Reply::Result(result)))
    }

    /// The plan as a question. It goes to the user by another way than the call's answer.
    async fn question(&self) -> Result<Question, ToolResult> {
        let mut plan = self.change.proposal(self.plan).await?.lines.join("\n");
        foreign::text(&mut plan);
        let shown = foreign::line(&self.bound.word, foreign::NAME);
        Ok(Question {
            plan,
            title: self.say(Saying::Title),
            field: self.say(Saying::Field),
            prompt: self.say(Saying::Prompt(&shown)),
            word: self.bound.word.clone(),
            state: self.seal(Purpose::Question)?,
        })
    }

    fn say(&self, saying: Saying<'_>) -> String {
        self.change.say(self.plan, saying)
    }

    fn not_agreed(&self, saying: Saying<'_>) -> ToolResult {
        not_agreed(self.change, self.plan, self.say(saying))
    }

    /// What was shown to this caller before is no longer agreed to, whatever is brought back of it.
    fn declined(&self) -> ToolResult {
        self.change.call().tools.spent().decline(&self.bound.subject, self.caller());
        self.not_agreed(Saying::Declined)
    }

    /// When a code, or the state of a question, was made, if it is for this plan.
    fn open(&self, purpose: Purpose, code: &str) -> Result<Duration, CodeError> {
        consent::check(self.change.call().tools.key(), purpose, code, &self.bound.to)
    }

    fn seal(&self, purpose: Purpose) -> Result<String, ToolResult> {
        let unsealed = |e: NoRandom| ToolResult::problem(Problem::Failed, self.say(Saying::Unsealed(&e)));
        consent::code(self.change.call().tools.key(), purpose, &self.bound.to).map_err(unsealed)
    }

    fn caller(&self) -> &str {
        self.change.call().caller()
    }
}
