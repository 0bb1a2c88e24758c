//! What people and models read: one catalogue a language.
//!
//! A catalogue is a struct with a field for each text, so that a missing text does not compile. Placeholders stand in
//! braces; a test holds that every language has the same ones.

mod en;
mod es;
mod es_errors;
mod keys;

use std::str::FromStr;

pub(crate) use crate::client::fill;
pub(crate) use keys::Catalogue;

/// The first letter as a capital: guests stand at the beginning of sentences.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// The languages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Spanish.
    Es,
}

/// A text that names no language we have.
#[derive(Debug, thiserror::Error)]
#[error("PROXMOX_MCP_LANG={0:?}: the languages are en and es{meant}", meant = crate::near::meant(.0, ["en", "es"]))]
pub struct LangError(String);

impl FromStr for Lang {
    type Err = LangError;

    fn from_str(s: &str) -> Result<Self, LangError> {
        match s {
            "en" => Ok(Self::En),
            "es" => Ok(Self::Es),
            other => Err(LangError(other.to_owned())),
        }
    }
}

impl Lang {
    /// The texts of the language.
    pub(crate) fn texts(self) -> &'static Catalogue {
        match self {
            Self::En => &en::TEXTS,
            Self::Es => &es::TEXTS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placeholders(text: &str) -> Vec<&str> {
        let mut names: Vec<_> = text.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0)).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn every_language_has_every_text_with_the_same_placeholders() {
        for ((key, en), (_, es)) in Lang::En.texts().entries().into_iter().zip(Lang::Es.texts().entries()) {
            assert!(!en.is_empty() && !es.is_empty(), "{key} is empty");
            assert_eq!(placeholders(en), placeholders(es), "{key}");
        }
    }

    /// Texts that are the same word in both languages.
    const SAME: [&str; 5] = ["kind_vm", "col_vmid", "col_cpus", "facts", "bad_argument"];

    #[test]
    fn nothing_was_left_untranslated() {
        for ((key, en), (_, es)) in Lang::En.texts().entries().into_iter().zip(Lang::Es.texts().entries()) {
            assert!(en != es || SAME.contains(&key), "{key} is the same in both languages: {en:?}");
        }
    }
}
