//! What people and models read: every sentence a typed constructor, English and Spanish side by side.
//!
//! A sentence is a function of what it tells, so that a missing fact, or one that no sentence asks for, does not compile. A
//! test holds that both languages tell the same facts.

mod arguments;
mod configure;
mod consent;
mod deletion;
mod es_errors;
mod get;
mod lists;
mod ops;
mod outcomes;
mod rules;
mod snapshots;
mod tasks;
mod tools;
mod words;

use std::str::FromStr;

use crate::client::{ENGLISH as ENGLISH_ERRORS, Phrases, ended, told};

/// Sentences, each by its name, what it tells, and how it is said in English and in Spanish.
macro_rules! sentences {
    (@one $key:ident $en:literal $es:literal) => {
        pub(crate) const fn $key(&self) -> &'static str {
            match self.lang {
                $crate::tools::say::Lang::En => $en,
                $crate::tools::say::Lang::Es => $es,
            }
        }
    };
    (@one $key:ident ($($told:ident),+) $en:literal $es:literal) => {
        pub(crate) fn $key(&self, $($told: impl std::fmt::Display),+) -> String {
            $(let $told = $crate::tools::say::told(&$told);)+
            $crate::tools::say::ended(match self.lang {
                $crate::tools::say::Lang::En => format!($en),
                $crate::tools::say::Lang::Es => format!($es),
            })
        }
    };
    ($($key:ident $(($($told:ident),+))? = $en:literal, $es:literal;)*) => {
        impl $crate::tools::say::Catalogue {
            $($crate::tools::say::sentences!(@one $key $(($($told),+))? $en $es);)*
        }

        #[cfg(test)]
        pub(super) const ALL: &[(&str, &str, &str)] = &[$((stringify!($key), $en, $es)),*];
    };
}
use sentences;

/// Sentences about one or several.
macro_rules! plurals {
    ($($key:ident ($count:ident $(; $($told:ident),+)?) =
        one $en_one:literal, $es_one:literal;
        many $en_many:literal, $es_many:literal;)*
    ) => {
        impl $crate::tools::say::Catalogue {
            $(pub(crate) fn $key(&self, $count: usize $($(, $told: impl std::fmt::Display)+)?) -> String {
                $($(let $told = $crate::tools::say::told(&$told);)+)?
                $crate::tools::say::ended(match (self.lang, $count) {
                    ($crate::tools::say::Lang::En, 1) => format!($en_one),
                    ($crate::tools::say::Lang::Es, 1) => format!($es_one),
                    ($crate::tools::say::Lang::En, _) => format!($en_many),
                    ($crate::tools::say::Lang::Es, _) => format!($es_many),
                })
            })*
        }

        #[cfg(test)]
        pub(super) const PLURALS: &[(&str, &str, &str)] =
            &[$((stringify!($key), $en_one, $es_one), (stringify!($key), $en_many, $es_many)),*];
    };
}
use plurals;

/// All sentences in one language.
#[derive(Debug)]
pub(crate) struct Catalogue {
    lang: Lang,
    /// What the client says of failures.
    pub(crate) errors: &'static Phrases,
}

static ENGLISH: Catalogue = Catalogue { lang: Lang::En, errors: &ENGLISH_ERRORS };
static SPANISH: Catalogue = Catalogue { lang: Lang::Es, errors: &es_errors::PHRASES };

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
    /// The sentences of the language.
    pub(crate) fn texts(self) -> &'static Catalogue {
        match self {
            Self::En => &ENGLISH,
            Self::Es => &SPANISH,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_stays_in_its_line_and_a_sentence_ends_once() {
        assert_eq!(told(&"web\nState: FORGED\0"), r"web\nState: FORGED\u{0}");
        for (fact, said) in [("is it on?", "Failed: is it on? It is off."), ("no", "Failed: no. It is off.")] {
            let fact = told(&fact);
            assert_eq!(ended(format!("Failed: {fact}. It is off.")), said);
        }
        let (fact, why) = (told(&"what?"), told(&"no!"));
        assert_eq!(ended(format!("{fact}.json, {why}.")), "what?.json, no!");
    }

    /// Every text: its name, in English, in Spanish.
    fn entries() -> Vec<(&'static str, &'static str, &'static str)> {
        let parts = [
            tools::ALL,
            words::ALL,
            outcomes::ALL,
            outcomes::PLURALS,
            lists::ALL,
            lists::PLURALS,
            get::ALL,
            arguments::ALL,
            rules::ALL,
            configure::ALL,
            consent::ALL,
            deletion::ALL,
            tasks::ALL,
            ops::ALL,
            snapshots::ALL,
            snapshots::PLURALS,
            tasks::PLURALS,
        ];
        let errors = ENGLISH.errors.entries().into_iter().zip(SPANISH.errors.entries());
        let errors = errors.map(|((key, en), (_, es))| (key, en, es));
        parts.into_iter().flatten().copied().chain(errors).collect()
    }

    fn placeholders(text: &str) -> Vec<&str> {
        let mut names: Vec<_> = text.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0)).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn every_language_has_every_text_with_the_same_placeholders() {
        for (key, en, es) in entries() {
            // What one language says with the name alone, of a parameter, the other need not describe.
            let told = !es.is_empty() || key.starts_with("p_");
            assert!(!en.is_empty() && told, "{key} is empty");
            assert_eq!(placeholders(en), placeholders(es), "{key}");
        }
    }

    /// Texts that are the same word in both languages.
    const SAME: [&str; 5] = ["kind_vm", "col_vmid", "col_cpus", "facts", "bad_argument"];

    #[test]
    fn nothing_was_left_untranslated() {
        for (key, en, es) in entries() {
            assert!(en != es || SAME.contains(&key), "{key} is the same in both languages: {en:?}");
        }
    }
}
