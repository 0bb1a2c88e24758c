//! What can go wrong, and what follows from it: was it sent, may it be repeated, what to do.

use std::{collections::BTreeMap, fmt};

use serde::Deserialize;

use super::{
    tls::TlsFailure,
    transport::{Answer, Fault, Request},
};
use crate::spec::BadCall;

mod classify;
mod phrases;
mod text;
mod words;

pub use classify::About;
pub use phrases::{ENGLISH, Phrases};
pub use words::Words;
#[cfg(feature = "server")]
pub(crate) use words::{ended, told};

/// Why a call gave no reply.
#[derive(Debug, Clone)]
pub enum Error {
    /// The call could not be built from its arguments. Not sent.
    Call(BadCall),
    /// The settings cannot be used. Nothing was contacted.
    Setup(Words),
    /// Whoever asked for it called it off before it was sent. Not sent.
    CalledOff {
        /// The request: verb and path.
        what: String,
    },
    /// A dry run keeps back what would change something. Not sent.
    Withheld {
        /// The request: verb and path.
        what: String,
    },
    /// The connected host lacks the endpoint or a parameter. Not sent.
    TooOld {
        /// What it lacks: `parameter overrule-shutdown of POST /nodes/{node}/…`.
        what: Words,
        /// The oldest release known to have it.
        since: String,
        /// The release of the host.
        host: String,
    },
    /// No connection could be made. Not sent.
    Connect {
        /// The host, or the hosts that were all tried.
        host: String,
        /// What the system said.
        why: Words,
    },
    /// The host's certificate was not accepted. Not sent.
    Tls(Box<TlsFailure>),
    /// PVE does not accept who we are. The call was refused before it was carried out.
    Login {
        /// What PVE said, or what is missing.
        why: Words,
        /// What to do about it.
        advice: Words,
    },
    /// PVE refused the call or failed at it, and said why.
    Refused(Box<Refusal>),
    /// A read was sent and no whole reply came, several times.
    NoReply {
        /// The request.
        what: String,
        /// What happened to the connection.
        why: Words,
    },
    /// A write was sent and no reply came: it may have been carried out.
    Unknown(Box<Unknown>),
    /// What answered is no Proxmox VE API, or something between us and it answered instead.
    NotPve {
        /// The request.
        what: String,
        /// What came instead.
        why: Words,
    },
    /// The reply is PVE's but not of the expected shape.
    Decode {
        /// The request.
        what: String,
        /// What did not fit.
        why: Words,
    },
}

/// PVE's refusal of a call.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// HTTP status; 595 to 599 mean that the host could not reach the node or its own worker.
    pub status: u16,
    /// The request: verb and path.
    pub what: String,
    /// PVE's own words.
    pub message: String,
    /// For a parameter error: parameter → what is wrong with it.
    pub errors: BTreeMap<String, String>,
    /// What sort of refusal it is, as far as the words tell.
    pub kind: Trouble,
}

/// A write of which nobody knows whether it was carried out, and what was found when looking.
#[derive(Debug, Clone)]
pub struct Unknown {
    /// The request: verb and path.
    pub what: String,
    /// What happened to the connection, or what PVE said.
    pub why: Words,
    /// What the host said about the guest afterwards; nothing when it could not be asked.
    pub found: Option<Words>,
}

/// Whether a request left the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It did not.
    No,
    /// It did, and PVE answered.
    Answered,
    /// It did, and nobody knows what became of it.
    Unanswered,
}

/// What sort of failure it is. Also of a failed task: [`Trouble::of_text`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// No such guest (on that node, of that kind), task, snapshot.
    NotFound,
    /// The guest is already in the state asked for, or not in the one needed.
    WrongState,
    /// A lock holds the guest: `backup`, `migrate`, …
    Locked(String),
    /// The guest is protected from removal.
    Protected,
    /// The guest is a template.
    Template,
    /// The guest is managed by HA or has a replication job, which must be removed first.
    Managed,
    /// The cluster has no quorum.
    NoQuorum,
    /// A privilege is missing; PVE does not always say which and where.
    Permission {
        /// The path on which it is missing, such as `/vms/100`.
        path: Option<String>,
        /// The privilege, or several of which one is needed, such as `VM.PowerMgmt`.
        privilege: Option<String>,
    },
    /// A parameter is wrong; see [`Refusal::errors`].
    Parameter,
    /// Something else is busy with it; try later.
    Busy,
    /// The host cannot reach the node, or the node's worker does not answer.
    NodeUnreachable,
    /// No host can be reached.
    Unreachable,
    /// The certificate was not accepted.
    Tls,
    /// The credentials were not accepted.
    Login,
    /// The host's release lacks what was asked for.
    TooOld,
    /// Nobody knows whether the call was carried out.
    Unknown,
    /// It was called off before it was sent.
    CalledOff,
    /// Anything else.
    Other,
}

impl Error {
    /// What sort of failure it is.
    pub fn kind(&self) -> Trouble {
        match self {
            Self::Call(_) => Trouble::Parameter,
            Self::TooOld { .. } => Trouble::TooOld,
            Self::Connect { .. } | Self::NoReply { .. } => Trouble::Unreachable,
            Self::Tls(_) => Trouble::Tls,
            Self::Login { .. } => Trouble::Login,
            Self::Refused(refusal) => refusal.kind.clone(),
            Self::Unknown(_) => Trouble::Unknown,
            Self::CalledOff { .. } => Trouble::CalledOff,
            Self::Setup(_) | Self::Withheld { .. } | Self::NotPve { .. } | Self::Decode { .. } => Trouble::Other,
        }
    }

    /// Whether the request left the machine.
    pub fn sent(&self) -> Sent {
        match self {
            Self::Call(_) | Self::Setup(_) | Self::Withheld { .. } | Self::CalledOff { .. } => Sent::No,
            Self::TooOld { .. } | Self::Connect { .. } | Self::Tls(_) => Sent::No,
            Self::Login { .. } | Self::Refused(_) | Self::NotPve { .. } | Self::Decode { .. } => Sent::Answered,
            Self::NoReply { .. } | Self::Unknown(_) => Sent::Unanswered,
        }
    }

    /// Whether sending the same call again can do no harm. It need not do any good: see [`Error::advice`].
    pub fn retry_safe(&self) -> bool {
        match self {
            Self::Unknown(_) | Self::NotPve { .. } | Self::Decode { .. } => false,
            Self::Refused(refusal) => {
                !matches!(refusal.kind, Trouble::NodeUnreachable) || retryable_595(refusal.status, &refusal.message)
            }
            _ => true,
        }
    }

    /// The refusal, when PVE answered with one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Call(e) => Some(e),
            Self::Tls(e) => Some(&**e),
            _ => None,
        }
    }
}

impl From<BadCall> for Error {
    fn from(e: BadCall) -> Self {
        Self::Call(e)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say(&ENGLISH))
    }
}

/// 595 is PVE's "no connection to the node": the request was not passed on, except when it timed out, which PVE
/// also says of a connection that was made.
pub(super) fn retryable_595(status: u16, message: &str) -> bool {
    status == 595 && !message.contains("timed out")
}

/// The error that a fault is, when nothing more is tried.
pub(super) fn of_fault(request: &Request, hosts: &str, fault: Fault) -> Error {
    let what = request.what();
    match fault {
        Fault::Connect { why, .. } => Error::Connect { host: hosts.to_owned(), why },
        Fault::Tls(failure) => Error::Tls(failure),
        Fault::CalledOff => Error::CalledOff { what },
        Fault::Broken(why) | Fault::Slow(why) | Fault::Great(why) if request.safe => Error::NoReply { what, why },
        Fault::Broken(why) | Fault::Slow(why) | Fault::Great(why) => unknown(what, why),
    }
}

fn unknown(what: String, why: Words) -> Error {
    Error::Unknown(Box::new(Unknown { what, why, found: None }))
}

/// The error that an answer other than 200 is.
pub(super) fn of_answer(request: &Request, answer: &Answer) -> Error {
    #[derive(Deserialize, Default)]
    struct Body {
        #[serde(default, deserialize_with = "crate::pve::text")]
        message: Option<String>,
        #[serde(default)]
        errors: serde_json::Value,
    }
    let what = request.what();
    if !answer.is_of_pve() {
        return super::origin::error(request, answer);
    }
    let body: Body = serde_json::from_slice(&answer.body).unwrap_or_default();
    let message = message(answer, body.message);
    if answer.status == 401 {
        return Error::Login { why: message.into(), advice: Words::default() };
    }
    let unanswered = (596..=599).contains(&answer.status) || (answer.status == 595 && !retryable_595(595, &message));
    if unanswered && !request.safe {
        let values = [("message", message.into()), ("status", answer.status.to_string().into())];
        let why = Words::ours(|p| p.http_status, values);
        return unknown(what, why);
    }
    let errors = parameter_errors(&body.errors);
    let kind = classify::kind(answer.status, &message, &errors, About::of_path(&request.path));
    Error::Refused(Box::new(Refusal { status: answer.status, what, message, errors, kind }))
}

/// PVE's words: the JSON `message`, else the reason phrase (releases up to 8.3 put them only there), else the body.
pub(super) fn message(answer: &Answer, message: Option<String>) -> String {
    let given = |s: &str| (!s.trim().is_empty()).then(|| s.trim().to_owned());
    message
        .as_deref()
        .and_then(given)
        .or_else(|| answer.reason.as_deref().and_then(given))
        .or_else(|| given(&answer.plain_text()))
        .unwrap_or_else(|| format!("HTTP status {}", answer.status))
}

/// `errors` as a map of text, whatever PVE or a proxy put there.
fn parameter_errors(errors: &serde_json::Value) -> BTreeMap<String, String> {
    let text = |v: &serde_json::Value| v.as_str().map_or_else(|| v.to_string(), |s| s.trim().to_owned());
    errors.as_object().map(|map| map.iter().map(|(k, v)| (k.clone(), text(v))).collect()).unwrap_or_default()
}

/// The error for a 200 whose body is not PVE's.
pub(super) fn not_pve(request: &Request, answer: &Answer, why: &serde_json::Error) -> Error {
    let kind = answer.content_type.as_deref().map_or_else(|| Words::ours(|p| p.no_kind, []), Words::from);
    let shown = answer.plain_text();
    let json = answer.content_type.as_deref().is_some_and(|kind| kind.contains("json"));
    let why = if json {
        Words::ours(|p| p.not_pve_json, [("why", why.to_string().into())])
    } else {
        Words::ours(|p| p.not_json, [("kind", kind), ("shown", format!("{shown:?}").into())])
    };
    no_answer(request, why)
}

/// The error for an answer that is not PVE's: of a write, nobody knows what became of it.
pub(super) fn no_answer(request: &Request, why: Words) -> Error {
    let what = request.what();
    if request.safe { Error::NotPve { what, why } } else { unknown(what, why) }
}
