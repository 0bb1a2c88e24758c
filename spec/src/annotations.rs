//! Tool annotations of an endpoint: what a client may be told of a call before it is made.

use crate::{Endpoint, Method, Risk};

/// The four hints of an MCP tool. All are always stated, as the defaults of the protocol are pessimistic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Annotations {
    /// It changes nothing.
    pub read_only: bool,
    /// It may lose something: data, or work of a guest whose run state it changes.
    pub destructive: bool,
    /// Calling it again with the same arguments has no further effect.
    pub idempotent: bool,
    /// The answer may hold text that a guest or a stranger controls, which a model must not take as instructions.
    pub open_world: bool,
}

impl Endpoint {
    /// From the risk class; `PUT` sets, so that setting again changes nothing more.
    pub fn annotations(&self) -> Annotations {
        Annotations {
            read_only: self.risk == Risk::Read,
            destructive: matches!(self.risk, Risk::Power | Risk::Destroy | Risk::Execute | Risk::Admin),
            idempotent: match self.risk {
                Risk::Read => true,
                Risk::Change | Risk::Admin => self.method == Method::Put,
                Risk::Power | Risk::Destroy | Risk::Execute => false,
            },
            open_world: self.guest_text,
        }
    }
}
