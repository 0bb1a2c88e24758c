//! Users, tokens and who may do what.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A user.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct User {
    /// `name@realm`; the realms are `pam` and `pve`.
    pub id: String,
    /// Password.
    pub password: String,
    /// Whether the user may log in.
    pub enabled: bool,
    /// Seconds since 1970 from which the user no longer may; 0: never.
    pub expire: u64,
    /// Base32 secret of a second factor (TOTP), if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totp: Option<String>,
    /// Whether there is a second factor of another kind, a key (WebAuthn) with recovery codes, beside TOTP or alone.
    pub webauthn: bool,
}

impl Default for User {
    fn default() -> Self {
        Self { id: String::new(), password: String::new(), enabled: true, expire: 0, totp: None, webauthn: false }
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("id", &self.id).field("enabled", &self.enabled).finish_non_exhaustive()
    }
}

/// An API token.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Token {
    /// `user@realm!name`.
    pub id: String,
    /// Its secret; made from the seed when empty.
    pub secret: String,
    /// Whether it has only the rights that were given to the token itself (PVE's default).
    pub privsep: bool,
    /// Seconds since 1970 from which it is refused; 0: never.
    pub expire: u64,
}

impl Default for Token {
    fn default() -> Self {
        Self { id: String::new(), secret: String::new(), privsep: true, expire: 0 }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("id", &self.id).field("privsep", &self.privsep).finish_non_exhaustive()
    }
}

/// One entry of the access control list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Acl {
    /// Where, such as `/`, `/vms`, `/vms/100` or `/pool/web`.
    pub path: String,
    /// To whom: `name@realm`, `name@realm!token` or `@group`.
    pub who: String,
    /// The role, such as `PVEVMAdmin`.
    pub role: String,
    /// Whether it reaches what is below the path.
    pub propagate: bool,
}

impl Default for Acl {
    fn default() -> Self {
        Self { path: "/".to_owned(), who: String::new(), role: String::new(), propagate: true }
    }
}
