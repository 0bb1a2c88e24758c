//! Which tool may be named in a sentence that gives advice: one whose call would not be refused by what is known without asking.
//!
//! Every sentence that names a tool to call instead, before or afterwards takes its name from here.

use std::sync::{Arc, PoisonError};

use super::{
    caller::Principal,
    guest::{Guest, GuestKind},
    policy::Denied,
    profile::{Action, Profile},
    rights::Rights,
    say::Catalogue,
    state::Tools,
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
    tools: &'a Tools,
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
            tools: self,
            rights: known.as_ref().map(|(_, rights)| rights.clone()),
            caller: CALLER.try_with(Clone::clone).ok().flatten(),
        }
    }
}

impl Advice<'_> {
    fn offers(&self, tool: &Profile) -> bool {
        self.tools.0.options.toolsets.contains(&tool.toolset)
            && self.tools.policy().tool(tool).is_ok()
            && self.caller.as_ref().is_none_or(|caller| caller.check(tool.name, tool.risk()).is_ok())
            && self.rights.as_ref().is_none_or(|rights| rights.missing(tool).is_empty())
    }

    /// Whether a guest may be told of; what a sentence says of one is said after this.
    ///
    /// # Errors
    /// The rule that denies it.
    pub(super) fn told(&self, guest: &Guest) -> Result<(), Denied> {
        self.tools.policy().told(guest)
    }

    /// The tool that does this with a guest.
    pub(super) fn with(&self, action: Action, guest: &Guest) -> Option<&'static str> {
        let tool = self.tools.for_guests(guest.kind, action)?;
        let may = self.offers(&tool)
            && self.tools.policy().guest(&tool, guest).is_ok()
            && self.rights.as_ref().is_none_or(|rights| rights.suffice(&tool, guest));
        may.then_some(tool.name)
    }

    /// `…; listVMs shows the guests.`, or the sentence as it is.
    pub(super) fn or_list(&self, sentence: &str, kind: GuestKind, texts: &Catalogue) -> String {
        let list = self.tools.for_guests(kind, Action::List).filter(|list| self.offers(list));
        self.also(sentence, list.map(|list| texts.list_shows(list.name)))
    }

    /// `…; use getContainer.`, or the sentence as it is.
    pub(super) fn or_use(&self, sentence: &str, action: Action, guest: &Guest, texts: &Catalogue) -> String {
        self.also(sentence, self.with(action, guest).map(|tool| texts.use_tool(tool)))
    }

    fn also(&self, sentence: &str, advice: Option<String>) -> String {
        match advice {
            Some(advice) => format!("{sentence}; {advice}"),
            None => sentence.to_owned(),
        }
    }
}
