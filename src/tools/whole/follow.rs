//! A task that a call has begun, followed to its end.

use std::time::Instant;

use serde_json::{Map, Value, json};

use super::{say::Say, target::About};
use crate::{
    client::{Error, TaskOutcome},
    foreign,
    pve::Upid,
    spec::Endpoint,
    tools::{
        call::{Problem, ToolResult},
        carry::followed,
        outcome::{self, Outcome, log_shown},
        tool::Call,
    },
};

/// Follows the task that PVE has begun.
pub(super) async fn task(
    call: &Call<'_>,
    endpoint: &Endpoint,
    about: &About,
    upid: &Upid,
    begun: Instant,
) -> ToolResult {
    call.entry.begun(upid, about.guest.as_ref());
    let at = endpoint.at();
    let mut facts = Map::from_iter([("upid".to_owned(), Value::from(upid.as_str()))]);
    if let Some((outcome, problem, sentence)) = not_followed(call, endpoint, about, upid) {
        return told(facts, outcome, problem, sentence);
    }
    let end = followed(call, upid, begun, &at).await;
    let seconds = (begun.elapsed().as_secs_f64() * 10.0).round() / 10.0;
    facts.insert("seconds".to_owned(), crate::tools::table::number(seconds));
    let told_of = Told { call, at: &at, upid, seconds };
    let end = match end {
        Ok(end) => end,
        Err(e) => {
            let (outcome, problem, sentence) = told_of.lost(&e);
            return told(facts, outcome, problem, sentence);
        }
    };
    let log = log_shown(&end.log);
    if !log.is_empty() {
        facts.insert("log".to_owned(), log.clone().into());
    }
    let (outcome, problem, sentence) = told_of.end(&end.outcome);
    let mut result = told(facts, outcome, problem, sentence);
    if !log.is_empty() {
        result.text = format!("{}\n{}\n{}", result.text, call.texts.log_lines(), log.join("\n"));
    }
    result
}

/// Why a task is not followed: it is of another node, so none of this call, or nobody wants to wait.
fn not_followed(
    call: &Call<'_>,
    endpoint: &Endpoint,
    about: &About,
    upid: &Upid,
) -> Option<(Outcome, Option<Problem>, String)> {
    let at = endpoint.at();
    let node = about.arguments.get("node").and_then(Value::as_str);
    if endpoint.proxyto.as_deref() == Some("node") && node.is_some_and(|node| node != upid.node().as_str()) {
        let sentence = call.either(
            format!("{at} was answered with a task of another node ({upid}): nobody knows what became of the call."),
            format!("{at} se respondió con una tarea de otro nodo ({upid}): no se sabe qué fue de la llamada."),
        );
        return Some((Outcome::Unknown, Some(Problem::Unanswered), sentence));
    }
    if call.given.get("wait") == Some(&json!(false)) {
        let sentence = call.either(
            format!("{at} has begun and was not waited for. Its task is {upid}."),
            format!("{at} ha empezado y no se ha esperado. Su tarea es {upid}."),
        );
        return Some((Outcome::Running, None, sentence));
    }
    None
}

/// What there is to say of a task.
struct Told<'a, 'c> {
    call: &'a Call<'c>,
    at: &'a str,
    upid: &'a Upid,
    seconds: f64,
}

type Ended = (Outcome, Option<Problem>, String);

impl Told<'_, '_> {
    /// Nobody knows how it ended.
    fn lost(&self, e: &Error) -> Ended {
        let (at, upid) = (self.at, self.upid);
        let reason = outcome::quoted(&e.say(self.call.texts.errors)).to_owned();
        let sentence = self.call.either(
            format!("{at}: what became of its task {upid} is not known: {reason}."),
            format!("{at}: no se sabe qué fue de su tarea {upid}: {reason}."),
        );
        (Outcome::Unknown, Some(Problem::Unanswered), sentence)
    }

    /// How it ended, or that it goes on.
    fn end(&self, end: &TaskOutcome) -> Ended {
        let Self { call, at, upid, seconds } = self;
        match end {
            TaskOutcome::Ok => (
                Outcome::Done,
                None,
                call.either(
                    format!("{at} is done ({seconds} s, {upid})."),
                    format!("{at} ha terminado ({seconds} s, {upid})."),
                ),
            ),
            TaskOutcome::Warnings(n) => (
                Outcome::Warnings,
                None,
                call.either(
                    format!("{at} is done, with {n} warnings ({seconds} s, {upid})."),
                    format!("{at} ha terminado, con {n} avisos ({seconds} s, {upid})."),
                ),
            ),
            TaskOutcome::Failed(words) => {
                let words = foreign::line(outcome::quoted(words), foreign::WORDS).into_owned();
                let sentence = call.either(
                    format!("{at} failed: {words} ({seconds} s, {upid})."),
                    format!("{at} falló: {words} ({seconds} s, {upid})."),
                );
                (Outcome::Failed, Some(Problem::Failed), sentence)
            }
            TaskOutcome::StillRunning => (
                Outcome::Running,
                None,
                call.either(
                    format!("{at} is not finished after {seconds:.0} s; its task {upid} goes on."),
                    format!("{at} no ha terminado tras {seconds:.0} s; su tarea {upid} continúa."),
                ),
            ),
        }
    }
}

fn told(mut facts: Map<String, Value>, outcome: Outcome, problem: Option<Problem>, sentence: String) -> ToolResult {
    facts.insert("outcome".to_owned(), outcome.as_str().into());
    facts.insert("detail".to_owned(), sentence.clone().into());
    ToolResult { text: sentence, structured: Some(facts), problem }
}
