//! What is wrong with the configuration.

use std::fmt;

use super::definitions::{self, DEFINITIONS};

/// What is wrong with one setting, with several that do not go together, or with a line or name that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadSetting {
    /// The settings that cannot be used because of it.
    pub settings: Vec<&'static str>,
    /// That and why, in one sentence. No secret is ever part of it.
    pub text: String,
    /// Whether it is that they were not given.
    pub missing: bool,
}

impl BadSetting {
    /// Of a setting, or of several.
    pub fn of<const N: usize>(settings: [&'static str; N], text: impl Into<String>) -> Self {
        Self { settings: settings.to_vec(), text: text.into(), missing: false }
    }

    /// That settings were not given.
    pub fn missing<const N: usize>(settings: [&'static str; N], text: impl Into<String>) -> Self {
        Self { missing: true, ..Self::of(settings, text) }
    }

    /// Of a name as somebody wrote it: that of a setting, of the file of a secret, or none.
    pub(super) fn at(name: &str, text: String) -> Self {
        let settings = DEFINITIONS.iter().filter(|d| definitions::stands_for(d, name)).map(|d| d.name).collect();
        Self { settings, text, missing: false }
    }
}

impl fmt::Display for BadSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// All that is wrong with the configuration, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BadSettings(pub Vec<BadSetting>);

impl std::error::Error for BadSettings {}

impl fmt::Display for BadSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            write!(f, "{}{problem}", if i == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl BadSettings {
    /// Keeps a value, or notes what is wrong with it.
    pub fn take<T>(&mut self, result: Result<T, BadSetting>) -> Option<T> {
        result.map_err(|problem| self.note(problem)).ok()
    }

    /// Notes what is wrong, unless it has been noted.
    pub fn note(&mut self, problem: BadSetting) {
        if !self.0.contains(&problem) {
            self.0.push(problem);
        }
    }

    /// Notes what is wrong, and gives no value.
    pub(super) fn wrong<T, const N: usize>(&mut self, of: [&'static str; N], text: impl Into<String>) -> Option<T> {
        self.note(BadSetting::of(of, text));
        None
    }

    /// Whether something keeps a setting from being used.
    pub fn concern(&self, setting: &str) -> bool {
        self.0.iter().any(|problem| problem.settings.contains(&setting))
    }
}
