//! Who calls, and what that caller may use: set by a door that authenticates, read by the handler behind every door.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::spec::Risk;

/// How much a caller may do. Each scope includes the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Tools that change nothing.
    Read,
    /// Also tools that start, stop and restart guests.
    Power,
    /// Every tool, deletion included.
    All,
}

impl Scope {
    /// The scopes, least first.
    pub const EVERY: [Self; 3] = [Self::Read, Self::Power, Self::All];

    /// The word that the token file, the command line and OAuth scopes (`pve:read`) use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Power => "power",
            Self::All => "all",
        }
    }

    /// The least scope that may use a tool of this risk.
    pub const fn needed_for(risk: Risk) -> Self {
        match risk {
            Risk::Read => Self::Read,
            Risk::Power => Self::Power,
            Risk::Change | Risk::Destroy | Risk::Execute | Risk::Admin => Self::All,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("scope {0:?} is not one of read, power, all{meant}", meant = crate::near::meant(.0, ["read", "power", "all"]))]
pub struct ScopeError(pub String);

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(s: &str) -> Result<Self, ScopeError> {
        Self::EVERY
            .into_iter()
            .find(|scope| scope.as_str() == s)
            .ok_or_else(|| ScopeError(s.chars().take(40).collect()))
    }
}

/// An authenticated caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Name of the token, or subject of the access token; for logs, the audit file and rate limits.
    pub name: String,
    /// What tells the caller from everybody else, also from the bearer of a later token of the same name: consent,
    /// sessions and task handles are bound to it. Never shown.
    pub identity: String,
    /// What risk the caller may cause.
    pub scope: Scope,
    /// The only tools that the caller may use; `None` for every tool within the scope.
    pub tools: Option<BTreeSet<String>>,
}

impl Principal {
    /// The caller of a door that asks for no credentials: a local one.
    pub fn local() -> Self {
        Self { name: "local".to_owned(), identity: "local".to_owned(), scope: Scope::All, tools: None }
    }

    /// Why the caller may not use a tool.
    ///
    /// # Errors
    /// One sentence that names the caller and the rule, for the answer and the audit file.
    pub fn check(&self, tool: &str, risk: Risk) -> Result<(), NotGranted> {
        let needed = Scope::needed_for(risk);
        if self.scope < needed {
            return Err(NotGranted::Scope { name: self.name.clone(), has: self.scope, tool: tool.to_owned(), needed });
        }
        match &self.tools {
            Some(tools) if !tools.contains(tool) => {
                Err(NotGranted::Tool { name: self.name.clone(), tool: tool.to_owned() })
            }
            _ => Ok(()),
        }
    }

    /// Why the caller may not read what is no tool's: a token for some tools is for these alone.
    ///
    /// # Errors
    /// One sentence that names the caller and what was asked for.
    pub fn whole(&self, what: &str) -> Result<(), NotGranted> {
        match &self.tools {
            Some(_) => Err(NotGranted::Tool { name: self.name.clone(), tool: what.to_owned() }),
            None => Ok(()),
        }
    }
}

/// Why a caller may not use a tool.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotGranted {
    /// The tool is outside the caller's scope.
    #[error("{tool} needs a token of scope {needed}; {name:?} has scope {has}")]
    Scope {
        /// The caller.
        name: String,
        /// Its scope.
        has: Scope,
        /// The tool.
        tool: String,
        /// The least scope that may use the tool.
        needed: Scope,
    },
    /// The token lists the tools that it may use, and this is none of them.
    #[error("{name:?} may not use {tool}: its token lists other tools only")]
    Tool {
        /// The caller.
        name: String,
        /// The tool.
        tool: String,
    },
    /// The token is for some tools, and this task was not begun for it.
    #[error(
        "{name:?} may not read this task: a token for some tools reads those alone that were begun for it, by this server since it started"
    )]
    Task {
        /// The caller.
        name: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_includes_the_lesser_ones() {
        let allowed = |scope, risk| {
            Principal { name: "t".into(), identity: "t".into(), scope, tools: None }.check("x", risk).is_ok()
        };
        let table = Scope::EVERY.map(|s| Risk::ALL.map(|r| allowed(s, r)));
        assert_eq!(
            table,
            [[true, false, false, false, false, false], [true, true, false, false, false, false], [true; 6]]
        );
    }

    #[test]
    fn a_denial_names_the_rule() {
        let mut caller = Principal { name: "ci".into(), identity: "ci".into(), scope: Scope::Read, tools: None };
        assert_eq!(
            caller.check("deleteVM", Risk::Destroy).unwrap_err().to_string(),
            "deleteVM needs a token of scope all; \"ci\" has scope read"
        );
        caller.tools = Some(["listVMs".to_owned()].into());
        assert!(caller.check("listVMs", Risk::Read).is_ok());
        assert_eq!(
            caller.check("getVM", Risk::Read).unwrap_err().to_string(),
            "\"ci\" may not use getVM: its token lists other tools only"
        );
    }

    #[test]
    fn scopes_are_read_strictly() {
        assert_eq!("power".parse(), Ok(Scope::Power));
        assert!("Power".parse::<Scope>().is_err());
        assert!("".parse::<Scope>().is_err());
    }
}
