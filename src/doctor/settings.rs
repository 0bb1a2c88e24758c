//! Configuration: what was given, where each value came from, and what is wrong with it.

use std::path::Path;

use super::{Area, Diagnosis};
use crate::{
    config::{BadSetting, BadSettings, DEFINITIONS, Given, Source},
    tools::freeze::{Freeze, Held},
};

/// Looks at what was given, one verdict a setting: it is used, or what is wrong with it. `problems` are those of the start that
/// every command makes, `overruled` the variables that options take the place of.
pub fn configuration(given: &Given, problems: &BadSettings, overruled: &[&str], report: &mut Diagnosis<'_>) {
    for definition in DEFINITIONS {
        let (Some(value), Some(source)) = (given.get(definition.name), given.source(definition.name)) else { continue };
        if problems.concern(definition.name) {
            continue;
        }
        let shown = if definition.secret { "(secret)" } else { value };
        let line = format!("{} = {shown}, from {source}", definition.name);
        if let (true, Some(option)) = (overruled.contains(&definition.name), definition.option) {
            report.skipped(Area::Configuration, format!("{line}, is not looked at: --{option} takes its place"));
            continue;
        }
        report.ok(Area::Configuration, line);
        if let (true, Source::DotEnv(path) | Source::File(path)) = (definition.secret, source) {
            readable_by_others(path, report);
        }
    }
    for what in given.passed_over() {
        report.warn(Area::Configuration, what, "correct the name if it is meant for proxmox-mcp, else let it be");
    }
    for problem in &problems.0 {
        report.fail(Area::Configuration, problem.to_string(), cure(given, problem));
    }
}

/// Whether changes are kept back, which a server does not tell before one is asked for.
pub async fn frozen(freeze: &Freeze, report: &mut Diagnosis<'_>) {
    let file = freeze.file().map(|file| file.display().to_string()).unwrap_or_default();
    match freeze.held().await {
        None => {}
        Some(Held::Frozen(frozen) | Held::Process(frozen)) => {
            let what = format!("changes are frozen ({file}) {frozen}");
            report.warn(Area::Configuration, what, "proxmox-mcp thaw lets changes through again");
        }
        Some(Held::Unreadable(e)) => report.warn(
            Area::Configuration,
            format!("no change is let through: whether changes are frozen cannot be told, because {file} cannot be read ({e})"),
            "mend or remove that file",
        ),
    }
}

/// Where to correct it; what is missing, as it could be. What would be right for a wrong value the problem says itself.
fn cure(given: &Given, problem: &BadSetting) -> String {
    let definition = DEFINITIONS.iter().find(|d| problem.settings.first() == Some(&d.name));
    match definition {
        Some(d) if problem.missing => {
            let place = if d.environment_only { "in the environment" } else { "in the environment or in .env" };
            format!("set it {place}, such as {}={}", d.name, d.example)
        }
        // What could not be read has no source; the problem says its place.
        Some(d) if problem.settings.len() == 1 => given
            .source(d.name)
            .map_or_else(|| "correct it where it is set".to_owned(), |source| format!("correct it in {source}")),
        _ => "correct it where it is set".to_owned(),
    }
}

/// A file with a secret that every user of the machine can read.
#[cfg(unix)]
fn readable_by_others(path: &Path, report: &mut Diagnosis<'_>) {
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
fn readable_by_others(_path: &Path, _report: &mut Diagnosis<'_>) {}
