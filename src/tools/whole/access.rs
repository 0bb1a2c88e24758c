//! Whether an AI reaches a method under given settings.

use super::{gate::Gate, reach::Reach, risk, say::Say};
use crate::{
    spec::Endpoint,
    tools::{policy::Policy, profile::Effect, say::Lang, tool::Tool},
};

/// What is told of a method where settings are shown: whether an AI reaches it, and what consent a call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Why it is not reached, if it is not.
    pub closed: Option<String>,
    /// What consent it needs: none, `by its arguments`, or always.
    pub consent: &'static str,
}

impl Access {
    /// Of a method under these settings.
    pub fn of(
        endpoint: &Endpoint,
        policy: &Policy,
        reach: Reach,
        tools: impl Iterator<Item = &'static Tool> + Clone,
        lang: Lang,
    ) -> Self {
        // What a tool with a purpose of its own calls is reached by that, whatever is switched on besides.
        let calls = |tool: &Tool| tool.calls.iter().any(|id| id.at() == endpoint.at()) && policy.tool(tool).is_ok();
        let general = tools.clone().find(|tool| tool.effect == Effect::AsCalled);
        let closed = match general {
            _ if tools.clone().any(calls) => None,
            Some(tool) => {
                let gate = Gate { tool: &tool.profile, policy, reach, caller: None };
                gate.shut_at_best(endpoint).map(|(risk, why)| why.say(&lang, endpoint, risk))
            }
            None => Some(lang.either(
                "The tools for the API are off.".to_owned(),
                "Las herramientas de la API están apagadas.".to_owned(),
            )),
        };
        let (least, most) = (risk::least(endpoint).asks(), endpoint.risk.asks());
        let consent = match (least || risk::asks_always(endpoint), most || risk::asks_always(endpoint)) {
            (false, false) => "none",
            (true, _) => "asks",
            (false, true) => "by arguments",
        };
        Self { closed, consent }
    }
}
