//! Whether a method may be called: within what is reached of the API, by the rules of this server, by what the caller may, and by
//! what the token has. Asked alike by whoever finds, explains or calls it.

use super::{
    reach::{self, Closed, Reach},
    risk,
    say::{self, Say},
};
use crate::{
    spec::{Endpoint, Risk},
    tools::{
        caller::{self, Principal},
        policy::{Asked, Denied, Policy},
        profile::{Effect, Profile},
        rights::Rights,
        tool::Call,
    },
};

/// What a method is held against.
#[derive(Clone, Copy)]
pub(super) struct Gate<'a> {
    /// The tool that calls methods.
    pub tool: &'static Profile,
    pub policy: &'a Policy,
    pub reach: Reach,
    pub caller: Option<&'a Principal>,
}

/// Why a method may not be called.
pub(super) enum Shut {
    /// It is outside of what is reached.
    Reach(Closed),
    /// A rule of this server, or what the caller may.
    Rule(String),
}

impl Shut {
    /// In words.
    pub(super) fn say(&self, say: &impl Say, endpoint: &Endpoint, risk: Risk) -> String {
        match self {
            Self::Reach(why) => say::closed(say, endpoint, risk, *why),
            Self::Rule(rule) => say.either(format!("Denied here: {rule}."), format!("Denegado aquí: {rule}.")),
        }
    }
}

impl<'a> Gate<'a> {
    /// That of a call.
    pub(super) fn of(call: &'a Call<'_>) -> Self {
        Self {
            tool: call.tools.profiles().iter().find(|tool| tool.effect == Effect::AsCalled).unwrap_or(&call.tool),
            policy: call.tools.policy(),
            reach: call.tools.reach(),
            caller: call.ctx.caller.as_ref(),
        }
    }

    /// Why a method may not be called with this risk, if it may not; `stops` says whether the call stops a guest.
    pub(super) fn shut(&self, endpoint: &Endpoint, risk: Risk, stops: bool, asked: Asked) -> Option<Shut> {
        if let Some(why) = reach::closed(endpoint, risk, self.reach) {
            return Some(Shut::Reach(why));
        }
        if let Some(caller) = self.caller {
            if let Err(denied) = caller.check(self.tool.name, Risk::Read) {
                return Some(Shut::Rule(denied.to_string()));
            }
            let needed = caller::Scope::needed_for(risk);
            if caller.scope < needed {
                let at = endpoint.at();
                let denied =
                    caller::NotGranted::Scope { name: caller.name.clone(), has: caller.scope, tool: at, needed };
                return Some(Shut::Rule(denied.to_string()));
            }
        }
        if self.policy.read_only && risk != Risk::Read {
            return Some(Shut::Rule("--read-only".to_owned()));
        }
        if self.policy.no_destructive && (risk.asks() || stops) {
            return Some(Shut::Rule("--disable-destructive".to_owned()));
        }
        let denied = self.policy.tool(self.tool).and_then(|()| self.policy.method(asked));
        denied.err().map(|Denied(rule)| Shut::Rule(rule))
    }

    /// Why no call of a method may be made, if none may: whatever its arguments would be.
    pub(super) fn shut_at_best(&self, endpoint: &Endpoint) -> Option<(Risk, Shut)> {
        let least = risk::least(endpoint);
        let stops = risk::stops(endpoint, &serde_json::Map::new());
        self.shut(endpoint, least, stops, Asked::of(endpoint, |_| None)).map(|why| (least, why))
    }
}

/// Why a method may not be called here, in words, if it may not: the token's privileges included where they are known.
pub(super) fn why_not(call: &Call<'_>, rights: Option<&Rights>, endpoint: &'static Endpoint) -> Option<String> {
    let shut = Gate::of(call).shut_at_best(endpoint);
    let said = shut.map(|(risk, why)| why.say(call, endpoint, risk));
    said.or_else(|| rights?.lacks(&endpoint.permission, &|_| None).map(|lack| say::lacks(call, &lack)))
}
