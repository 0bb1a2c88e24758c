//! Configuration: what was given, where each value came from, and what is wrong with it.

use std::path::Path;

use super::{Area, Report};
use crate::config::{self, DEFINITIONS, Given, Problems, Source};

/// Looks at what was given, one verdict a setting: it is used, or what is wrong with it. `problems` are those of the start that
/// every command makes.
pub fn configuration(given: &Given, problems: &Problems, report: &mut Report<'_>) {
    for definition in DEFINITIONS {
        let (Some(value), Some(source)) = (given.get(definition.name), given.source(definition.name)) else { continue };
        if problems.0.iter().any(|problem| config::names(problem, definition.name)) {
            continue;
        }
        let shown = if definition.secret { "(secret)" } else { value };
        report.ok(Area::Configuration, format!("{} = {shown}, from {source}", definition.name));
        if let (true, Source::DotEnv(path) | Source::File(path)) = (definition.secret, source) {
            readable_by_others(path, report);
        }
    }
    for what in given.passed_over() {
        report.warn(Area::Configuration, what, "correct the name if it is meant for proxmox-mcp, else let it be");
    }
    for problem in &problems.0 {
        report.fail(Area::Configuration, problem, cure(problem));
    }
}

/// A value as it could be, where the problem is a value that is missing or wrong.
fn cure(problem: &str) -> String {
    let named = |name: &str| problem.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', ':', '=']));
    match DEFINITIONS.iter().find(|d| named(d.name)) {
        Some(d) if !problem.contains("_FILE") => {
            let place = if d.environment_only { "in the environment" } else { "in the environment or in .env" };
            format!("set it {place}, such as {}={}", d.name, d.example)
        }
        _ => "correct it where it is set".to_owned(),
    }
}

/// A file with a secret that every user of the machine can read.
#[cfg(unix)]
fn readable_by_others(path: &Path, report: &mut Report<'_>) {
    use std::os::unix::fs::PermissionsExt;
    let Ok(metadata) = path.metadata() else { return };
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o004 != 0 {
        report.warn(
            Area::Configuration,
            format!("{} holds a secret, and every user of this machine can read it (mode {mode:04o})", path.display()),
            format!("chmod 600 {}", path.display()),
        );
    }
}

#[cfg(not(unix))]
fn readable_by_others(_path: &Path, _report: &mut Report<'_>) {}
