//! Arguments held against what a tool takes: all problems at once.

use serde_json::{Map, Value};

use super::{check, lenient, say::Catalogue, tool::Tool};

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
        Err(check::refused(tool.name, &problems, texts))
    }
}
