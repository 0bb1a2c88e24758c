//! The tools as a door lists them.

use serde_json::{Map, Value};

use super::{
    caller::Principal,
    profile::Toolset,
    registry,
    say::Lang,
    schema::object,
    state::{Options, Tools},
    tool::Tool,
};
use crate::client::Client;

/// A tool as a door lists it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The tool.
    pub tool: &'static Tool,
    /// Its title.
    pub title: &'static str,
    /// When to use it and what it will not do.
    pub description: &'static str,
    /// JSON Schema of its arguments.
    pub input: Map<String, Value>,
    /// JSON Schema of its structured results.
    pub output: Map<String, Value>,
}

impl Tools {
    /// Tools that work through `client`.
    pub fn new(client: Client, options: Options) -> Self {
        Self::with(client, options, registry::all().map(|tool| &tool.profile).collect())
    }

    /// What a model should know that no single tool says.
    pub fn instructions(&self, lang: Lang) -> String {
        let (texts, sets) = (lang.texts(), &self.0.options.toolsets);
        let guests = sets.contains(&Toolset::Guests).then_some(texts.instructions());
        let api = sets.contains(&Toolset::Api).then_some(texts.instructions_api());
        guests.into_iter().chain(api).collect::<Vec<_>>().join(" ")
    }

    /// The tools that a caller can use: those that are not forbidden and that the token has the privileges for on some guest.
    pub async fn list(&self, lang: Lang, caller: Option<&Principal>) -> Vec<Listed> {
        let rights = if self.0.options.show_all { None } else { self.rights().await };
        let usable = |tool: &&Tool| {
            self.may(tool, caller).is_ok() && rights.as_ref().is_none_or(|rights| rights.missing(tool).is_empty())
        };
        registry::of(&self.0.options.toolsets).filter(usable).map(|tool| Self::listed(tool, lang)).collect()
    }

    /// All tools, whether or not they are switched on or can be used here.
    pub fn all(lang: Lang) -> Vec<Listed> {
        registry::all().map(|tool| Self::listed(tool, lang)).collect()
    }

    /// A tool as a door lists it.
    pub fn listed(tool: &'static Tool, lang: Lang) -> Listed {
        let texts = lang.texts();
        Listed {
            tool,
            title: (tool.title)(texts),
            description: (tool.text)(texts),
            input: tool.schema(texts),
            output: object((tool.output)()),
        }
    }
}
