//! Which tool may be named in a sentence that gives advice: one whose call would not be refused by what is known without asking.
//!
//! Every sentence that names a tool to call instead, before or afterwards takes its name from here.

use std::sync::{Arc, PoisonError};

use super::{
    Tools,
    caller::Principal,
    catalog::{self, Action, Kind, ToolSpec},
    lang::{Catalogue, fill},
    policy::Policy,
    resolve::Guest,
    rights::Rights,
    tool::Toolset,
};

tokio::task_local! {
    /// Who the advice is for: a token may be for some tools alone. Every sentence about a call is made within the call.
    static CALLER: Option<Principal>;
}

/// Carries out a call, whose advice is for this caller.
pub(super) async fn to<T>(caller: Option<Principal>, call: impl Future<Output = T>) -> T {
    CALLER.scope(caller, call).await
}

/// What is known of what could be called.
pub(super) struct Advice<'a> {
    policy: &'a Policy,
    toolsets: &'a [Toolset],
    /// The privileges as they were last read; nothing when they never were.
    rights: Option<Arc<Rights>>,
    /// Who asks, where the door knows.
    caller: Option<Principal>,
}

impl Tools {
    /// What may be advised by what is known now; nobody is asked.
    pub(super) fn advice(&self) -> Advice<'_> {
        let known = self.0.rights.lock().unwrap_or_else(PoisonError::into_inner);
        Advice {
            policy: self.policy(),
            toolsets: &self.0.options.toolsets,
            rights: known.as_ref().map(|(_, rights)| rights.clone()),
            caller: CALLER.try_with(Clone::clone).ok().flatten(),
        }
    }
}

impl Advice<'_> {
    fn offers(&self, tool: &ToolSpec) -> bool {
        self.toolsets.contains(&tool.toolset)
            && self.policy.tool(tool).is_ok()
            && self.caller.as_ref().is_none_or(|caller| caller.check(tool.name, tool.risk()).is_ok())
            && self.rights.as_ref().is_none_or(|rights| rights.missing(tool).is_empty())
    }

    /// The tool that does this with a guest.
    pub fn with(&self, action: Action, guest: &Guest) -> Option<&'static str> {
        let tool = catalog::tool(guest.kind, action);
        let may = self.offers(tool)
            && self.policy.guest(tool, guest).is_ok()
            && self.rights.as_ref().is_none_or(|rights| rights.suffice(tool, guest));
        may.then_some(tool.name)
    }

    /// `…; listVMs shows the guests.`, or the sentence as it is.
    pub fn or_list(&self, sentence: &str, kind: Kind, texts: &Catalogue) -> String {
        let list = catalog::tool(kind, Action::List);
        self.also(sentence, self.offers(list).then(|| fill(texts.list_shows, &[("list", list.name)])))
    }

    /// `…; use getContainer.`, or the sentence as it is.
    pub fn or_use(&self, sentence: &str, action: Action, guest: &Guest, texts: &Catalogue) -> String {
        self.also(sentence, self.with(action, guest).map(|tool| fill(texts.use_tool, &[("tool", tool)])))
    }

    fn also(&self, sentence: &str, advice: Option<String>) -> String {
        match advice {
            Some(advice) => format!("{sentence}; {advice}"),
            None => sentence.to_owned(),
        }
    }
}
