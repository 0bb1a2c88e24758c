//! The sentence of each error, and what to do about it.

use super::{Error, Phrases, Trouble, Words};
use crate::client::Refusal;

impl Error {
    /// What was wrong and what to do, in the language of `phrases`. PVE's own words are quoted as they are.
    pub fn say(&self, phrases: &Phrases) -> String {
        let error = self.words();
        match self.advice() {
            Some(advice) => Words::ours(|p| p.with_advice, [("error", error), ("advice", advice)]).say(phrases),
            None => error.say(phrases),
        }
    }

    fn words(&self) -> Words {
        let quoted = |text: &String| Words::from(text.as_str());
        match self {
            Self::Call(e) => e.to_string().into(),
            Self::Setup(why) => why.clone(),
            Self::CalledOff { what } => Words::ours(|p| p.called_off, [("what", quoted(what))]),
            Self::Withheld { what } => Words::ours(|p| p.withheld, [("what", quoted(what))]),
            Self::TooOld { what, since, host } => {
                let values = [("what", what.clone()), ("since", quoted(since)), ("host", quoted(host))];
                Words::ours(|p| p.too_old, values)
            }
            Self::Connect { host, why } => Words::ours(|p| p.connect, [("host", quoted(host)), ("why", why.clone())]),
            Self::Tls(failure) => failure.words(),
            Self::Login { why, .. } => Words::ours(|p| p.login, [("why", why.clone())]),
            Self::Refused(refusal) => refused(refusal),
            Self::NoReply { what, why } => Words::ours(|p| p.no_reply, [("what", quoted(what)), ("why", why.clone())]),
            Self::Unknown(u) => {
                let error = Words::ours(|p| p.unknown, [("what", quoted(&u.what)), ("why", u.why.clone())]);
                match &u.found {
                    Some(found) => Words::ours(|p| p.unknown_found, [("error", error), ("found", found.clone())]),
                    None => error,
                }
            }
            Self::NotPve { what, why } => Words::ours(|p| p.not_pve, [("what", quoted(what)), ("why", why.clone())]),
            Self::Decode { what, why } => Words::ours(|p| p.decode, [("what", quoted(what)), ("why", why.clone())]),
        }
    }

    /// What the user should do, where there is something to do.
    pub fn advice(&self) -> Option<Words> {
        Some(match self {
            Self::Connect { .. } => Words::ours(|p| p.advice_connect, []),
            Self::Login { advice, .. } if !advice.is_empty() => advice.clone(),
            Self::Unknown(_) => Words::ours(|p| p.advice_unknown, []),
            Self::NotPve { .. } => Words::ours(|p| p.advice_not_pve, []),
            Self::Refused(refusal) => return refusal.kind.advice(),
            _ => return None,
        })
    }
}

fn refused(refusal: &Refusal) -> Words {
    let values = [
        ("what", Words::from(refusal.what.as_str())),
        ("message", refusal.message.as_str().into()),
        ("status", refusal.status.to_string().into()),
    ];
    refusal.errors.iter().fold(Words::ours(|p| p.refused, values), |error, (name, text)| {
        let values = [("error", error), ("name", name.as_str().into()), ("text", text.as_str().into())];
        Words::ours(|p| p.refused_error, values)
    })
}

impl Trouble {
    /// What the user should do about a failure of this kind, where there is something to do.
    pub fn advice(&self) -> Option<Words> {
        Some(match self {
            Self::Locked(lock) => Words::ours(|p| p.advice_locked, [("lock", lock.as_str().into())]),
            Self::Protected => Words::ours(|p| p.advice_protected, []),
            Self::NoQuorum => Words::ours(|p| p.advice_no_quorum, []),
            Self::Permission { path: Some(path), privilege: Some(privilege) } => {
                let values = [("path", path.as_str().into()), ("privilege", privilege.as_str().into())];
                Words::ours(|p| p.advice_permission, values)
            }
            Self::Permission { .. } => Words::ours(|p| p.advice_permission_any, []),
            Self::Busy => Words::ours(|p| p.advice_busy, []),
            Self::NodeUnreachable => Words::ours(|p| p.advice_node, []),
            Self::Managed => Words::ours(|p| p.advice_managed, []),
            _ => return None,
        })
    }
}
