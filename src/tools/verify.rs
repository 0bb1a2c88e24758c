//! Arguments held against what a tool takes: all problems at once.

use serde_json::{Map, Value};

use super::{
    check,
    lang::{Catalogue, fill},
    lenient,
    resolve::capital,
    tool::Tool,
};

/// Arguments that fit a tool.
#[derive(Debug)]
pub(super) struct Verified {
    /// Those that the tool has, each in the type that it wants.
    pub given: Map<String, Value>,
    /// Those that it does not have and that made no difference.
    pub passed_over: Vec<String>,
}

/// Holds the arguments of a call against the tool.
///
/// # Errors
/// A sentence that names each argument that is wrong and says what it should be.
pub(super) fn verify(tool: &Tool, arguments: &Map<String, Value>, texts: &Catalogue) -> Result<Verified, String> {
    let held = tool.held();
    let (mut given, strangers) = lenient::split(tool, &held.properties, arguments);
    lenient::read(&held.properties, &mut given);
    let mut problems = check::problems(&held.params, &given, texts);
    problems.extend(strangers.refused.iter().map(|stranger| stranger.say(texts)));
    if problems.is_empty() {
        Ok(Verified { given, passed_over: strangers.passed_over })
    } else {
        Err(refused(tool, &problems, texts))
    }
}

/// That a call was not made, and why.
pub(super) fn refused(tool: &Tool, problems: &[String], texts: &Catalogue) -> String {
    fill(texts.bad_arguments, &[("tool", tool.name), ("problems", &joined(problems))])
}

/// All problems, one after the other. A question ends a sentence, so what comes after it begins one; it is about an argument
/// that there is none of, as the question was, and so does not begin with the name of one.
fn joined(problems: &[String]) -> String {
    problems.iter().fold(String::new(), |said, problem| match said.chars().last() {
        None => problem.clone(),
        Some('?') => format!("{said} {}", capital(problem)),
        Some(_) => format!("{said}; {problem}"),
    })
}
