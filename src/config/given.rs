//! The first stage: what was given, and where. Nothing is judged here but whether it could be read.

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
};

use super::{
    BadSetting, BadSettings,
    definitions::{DEFINITIONS, Definition, chosen},
    dotenv::{self, DotEnv},
    unknown,
};
use crate::client::Secret;

/// Greatest secret file that is read.
const SECRET_MAX: u64 = 64 << 10;

/// What was given: by name, the value and where it came from. Debug output hides all values.
#[derive(Debug, Clone, Default)]
pub struct Given {
    values: BTreeMap<&'static str, (Secret, Source)>,
    passed_over: Vec<String>,
    problems: BadSettings,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A variable of the environment.
    Environment,
    /// A line of a `.env` file.
    DotEnv(PathBuf),
    /// A file that a variable with the ending `_FILE` names.
    File(PathBuf),
    /// A credential that systemd hands to the service.
    Credential(PathBuf),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("the environment"),
            Self::DotEnv(path) | Self::File(path) => write!(f, "{}", path.display()),
            Self::Credential(path) => write!(f, "the credential {}", path.display()),
        }
    }
}

impl Given {
    /// Reads the environment of this process, and `.env` in the working directory.
    pub fn load() -> Self {
        let set = std::env::vars_os().filter(|(_, value)| !value.is_empty());
        let names: Vec<_> = set.filter_map(|(name, _)| name.into_string().ok()).collect();
        let variable = |name: &str| std::env::var_os(name).map(|v| v.into_string().map_err(drop));
        Self::read(&names, variable, Some(Path::new(".env")))
    }

    /// Reads from `variable`, where `Some(Err(()))` stands for a variable that is not UTF-8, then, for what is not
    /// set there, from a `.env` file if it exists, then from `$CREDENTIALS_DIRECTORY`. `names` are those of all
    /// variables. What could not be read does not hide the rest: [`Given::problems`] has it.
    pub fn read(
        names: &[String],
        variable: impl Fn(&str) -> Option<Result<String, ()>>,
        dotenv: Option<&Path>,
    ) -> Self {
        let mut problems = BadSettings::default();
        let file = dotenv.map(|path| {
            let read = DotEnv::read(path);
            problems.0.extend(read.problems);
            (path, read.values)
        });
        let credentials = variable("CREDENTIALS_DIRECTORY").and_then(Result::ok).map(PathBuf::from);
        let mut given = Self::default();
        let none = |text: String| BadSetting::of([], text);
        problems.0.extend(names.iter().filter_map(|name| unknown::in_environment(name)).map(none));
        given.passed_over.extend(names.iter().filter_map(|name| unknown::perhaps_ours(name)));
        if let Some((path, values)) = &file {
            let set = values.iter().filter(|(_, value)| !value.is_empty());
            problems.0.extend(set.filter_map(|(name, _)| unknown::in_dotenv(name, path)).map(none));
        }
        for definition in DEFINITIONS {
            let environment = layer(definition, Source::Environment, &variable);
            let found = environment.and_then(|found| match (found, &file) {
                (None, Some((path, values))) if definition.environment_only => {
                    misplaced(definition, path, values).map(|()| None)
                }
                (None, Some((path, values))) => {
                    layer(definition, Source::DotEnv(path.to_path_buf()), |name| values.get(name).cloned().map(Ok))
                }
                (found, _) => Ok(found),
            });
            let found = found.and_then(|found| match (found, &credentials) {
                (None, Some(folder)) => credential(definition, folder),
                (found, _) => Ok(found),
            });
            let found = found.and_then(|found| found.map(|found| unquoted(definition, found)).transpose());
            let found = found.map_err(|text| BadSetting::of([definition.name], text));
            if let Some(Some(value)) = problems.take(found) {
                given.values.insert(definition.name, value);
            }
        }
        given.problems = problems;
        given
    }

    /// What could not be read: a file that holds a value, a line of `.env`, a value that is given twice in one place, and
    /// what looks like a setting and is none: a name of the environment that begins with `PROXMOX_MCP_`, or one of `.env`
    /// that begins with `PROXMOX_`.
    pub fn problems(&self) -> &BadSettings {
        &self.problems
    }

    /// The value of a variable; an empty one counts as not given.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|(value, _)| value.reveal())
    }

    /// Names of the environment that begin like ours and may be another program's, one sentence each.
    pub fn passed_over(&self) -> &[String] {
        &self.passed_over
    }

    /// Where a value came from.
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.values.get(name).map(|(_, source)| source)
    }
}

type Found = Option<(Secret, Source)>;

/// A value from one place: directly, or from the file that `NAME_FILE` names there.
fn layer(
    definition: &Definition,
    source: Source,
    variable: impl Fn(&str) -> Option<Result<String, ()>>,
) -> Result<Found, String> {
    let name = definition.name;
    let read = |name: &str| match variable(name) {
        None => Ok(None),
        // A password may begin or end with a blank.
        Some(Ok(text)) if definition.secret => Ok(Some(text).filter(|text| !text.trim().is_empty())),
        Some(Ok(text)) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Some(Err(())) => Err(format!("{name} is not valid UTF-8")),
    };
    let direct = read(name)?;
    let file = if definition.secret { read(&format!("{name}_FILE"))? } else { None };
    match (direct, file) {
        (Some(_), Some(_)) => Err(format!("{name} and {name}_FILE are both set in {source}; keep one of them")),
        (Some(text), None) => Ok(Some((Secret::new(text), source))),
        (None, Some(path)) => {
            let path = PathBuf::from(path);
            let secret = secret(&path).map_err(|why| format!("{name}_FILE: {} {why}", path.display()))?;
            Ok(Some((secret, Source::File(path))))
        }
        (None, None) => Ok(None),
    }
}

/// What is read from the environment alone must not stand in a `.env`, where nobody would hear of it.
fn misplaced(definition: &Definition, path: &Path, values: &BTreeMap<String, String>) -> Result<(), String> {
    match values.get(definition.name) {
        Some(value) if !value.trim().is_empty() => Err(format!(
            "{}: {} is read from the environment only; set it there, or give the command's option",
            path.display(),
            definition.name
        )),
        _ => Ok(()),
    }
}

/// A value without quotes round it: `docker --env-file` and files of secrets keep them. A person may have quotes in a
/// password or a key of their own.
fn unquoted(definition: &Definition, (value, source): (Secret, Source)) -> Result<(Secret, Source), String> {
    let text = value.reveal().trim();
    let quoted = |sign: char| text.len() > 1 && text.starts_with(sign) && text.ends_with(sign);
    if !chosen(definition) && (quoted('"') || quoted('\'')) {
        return Err(format!(
            "{} has quotes round it, from {source}, where they are part of the value: leave them away",
            definition.name
        ));
    }
    Ok((value, source))
}

/// The credential `proxmox-token` for `PROXMOX_TOKEN`, and so on, where systemd gives one.
fn credential(definition: &Definition, folder: &Path) -> Result<Found, String> {
    let path = folder.join(definition.name.to_ascii_lowercase().replace('_', "-"));
    if !definition.secret || !path.exists() {
        return Ok(None);
    }
    let secret = secret(&path).map_err(|why| format!("credential {} {why}", path.display()))?;
    Ok(Some((secret, Source::Credential(path))))
}

/// The content of a secret file without the line break at its end.
fn secret(path: &Path) -> Result<Secret, String> {
    let size = fs::metadata(path).map_err(|e| format!("cannot be read: {e}"))?.len();
    if size > SECRET_MAX {
        return Err("is too great to hold a secret".to_owned());
    }
    let text = dotenv::text(path)?;
    match text.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']) {
        text if text.trim().is_empty() => Err("is empty".to_owned()),
        text => Ok(Secret::new(text)),
    }
}
