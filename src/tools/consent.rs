//! Consent to a deletion: a short code that proves that this plan, for this guest as it is now, was shown.
//!
//! Codes are sealed, not remembered: any process that holds the key can check one. A code is bound to what would be
//! destroyed (the digest of the guest's configuration, the options, who asked), so after the deletion, or after any
//! change of the guest, it opens nothing. A process takes none twice: a guest that is restored as it was could be
//! opened by the code of the one that was deleted.

use std::{
    fmt,
    sync::{Mutex, OnceLock, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::client::Secret;

/// How long a code is valid.
pub const VALID: Duration = Duration::from_secs(300);

/// Bytes of the tag that a code carries. Guessing 64 bits within five minutes over a tool call is out of reach.
const TAG: usize = 8;

/// Whether deletions need consent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Confirm {
    /// They do: the client is asked where it can ask, otherwise a plan with a code is given.
    #[default]
    Auto,
    /// They do not: for automation whose consent lies elsewhere.
    Never,
}

/// A text that is no way of confirming.
#[derive(Debug, thiserror::Error)]
#[error("PROXMOX_MCP_CONFIRM={0:?}: it is auto (deletions need consent) or never")]
pub struct ConfirmError(String);

impl std::str::FromStr for Confirm {
    type Err = ConfirmError;

    fn from_str(s: &str) -> Result<Self, ConfirmError> {
        match s {
            "auto" => Ok(Self::Auto),
            "never" => Ok(Self::Never),
            other => Err(ConfirmError(other.to_owned())),
        }
    }
}

/// The key that seals codes. Replicas that serve the same clients need the same one.
#[derive(Clone)]
pub struct Key {
    secret: Secret,
    /// Made when the first thing is sealed: most servers seal nothing, and none does so at its start.
    bytes: OnceLock<[u8; 32]>,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(***)")
    }
}

/// Why a code opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeError {
    /// It was for this, but more than five minutes ago.
    Expired,
    /// It is not a code, or one for something else.
    Wrong,
}

impl Key {
    /// A key that only this process has.
    pub fn random() -> Self {
        Self { secret: Secret::new(""), bytes: OnceLock::from(rand::random::<[u8; 32]>()) }
    }

    /// The key that a secret gives: the same secret gives the same key everywhere.
    pub fn derived(secret: &str) -> Self {
        Self { secret: Secret::new(secret), bytes: OnceLock::new() }
    }

    /// The key itself, for the sealing of longer texts.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        let secret = || [b"proxmox-mcp consent v1\0", self.secret.reveal().as_bytes()].concat();
        self.bytes.get_or_init(|| Sha256::digest(secret()).into())
    }

    /// The code for `bound`, valid for five minutes.
    pub fn code(&self, bound: &str) -> String {
        self.code_at(bound, now())
    }

    /// Checks a code.
    ///
    /// # Errors
    /// [`CodeError`] when it does not open `bound`, or no longer.
    pub fn check(&self, code: &str, bound: &str) -> Result<(), CodeError> {
        self.check_at(code, bound, now())
    }

    fn code_at(&self, bound: &str, now: u64) -> String {
        let expiry = now + VALID.as_secs();
        let tag = self.mac(bound, expiry).finalize().into_bytes();
        let tag = tag[..TAG].iter().fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
        format!("{expiry:x}-{tag:016x}")
    }

    fn check_at(&self, code: &str, bound: &str, now: u64) -> Result<(), CodeError> {
        let (expiry, tag) = code.split_once('-').ok_or(CodeError::Wrong)?;
        let hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
        if !hex(expiry) || !hex(tag) || tag.len() != 2 * TAG {
            return Err(CodeError::Wrong);
        }
        let number = |text: &str| u64::from_str_radix(text, 16).map_err(|_| CodeError::Wrong);
        let (expiry, tag) = (number(expiry)?, number(tag)?);
        // In constant time, and before the date is looked at: a forged code learns nothing.
        self.mac(bound, expiry).verify_truncated_left(&tag.to_be_bytes()).map_err(|_| CodeError::Wrong)?;
        if expiry < now { Err(CodeError::Expired) } else { Ok(()) }
    }

    fn mac(&self, bound: &str, expiry: u64) -> Hmac<Sha256> {
        // HMAC fills a shorter key with zeros up to its block of 64 bytes.
        let mut block = [0; 64];
        block[..32].copy_from_slice(self.bytes());
        let mut mac = Hmac::<Sha256>::new(&block.into());
        mac.update(&expiry.to_be_bytes());
        mac.update(bound.as_bytes());
        mac
    }
}

/// Codes that this process has carried out: each is good for one deletion. What has expired is forgotten.
#[derive(Debug, Default)]
pub(super) struct Spent(Mutex<Vec<(String, Instant)>>);

impl Spent {
    /// Takes a code for a deletion; whether it had not been taken yet.
    pub(super) fn claim(&self, code: &str) -> bool {
        let mut spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A code is older than its claim, so that none is forgotten while it could still open something.
        spent.retain(|(_, at)| at.elapsed() <= VALID);
        let fresh = spent.iter().all(|(taken, _)| taken != code);
        if fresh {
            spent.push((code.to_owned(), Instant::now()));
        }
        fresh
    }

    /// Gives a code back: its deletion was refused, and nothing was changed.
    pub(super) fn release(&self, code: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|(taken, _)| taken != code);
    }
}

/// What a code is bound to, unambiguously: each part with its length.
pub fn bind(parts: &[&str]) -> String {
    parts.iter().map(|part| format!("{}:{part};", part.len())).collect()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_opens_what_it_was_made_for_and_for_five_minutes() {
        let key = Key::derived("s");
        let code = key.code_at("105", 1000);
        assert_eq!(key.check_at(&code, "105", 1000), Ok(()));
        assert_eq!(key.check_at(&code, "105", 1300), Ok(()));
        assert_eq!(key.check_at(&code, "105", 1301), Err(CodeError::Expired));
        assert_eq!(key.check_at(&code, "106", 1000), Err(CodeError::Wrong));
        assert_eq!(Key::derived("t").check_at(&code, "105", 1000), Err(CodeError::Wrong));
        assert_eq!(Key::derived("s").check_at(&code, "105", 1000), Ok(()), "a replica with the same secret");
    }

    #[test]
    fn a_forged_expiry_and_rubbish_are_wrong() {
        let key = Key::random();
        let code = key.code_at("105", 1000);
        let (_, tag) = code.split_once('-').unwrap();
        for forged in
            [format!("ffff-{tag}"), tag.to_owned(), String::new(), "-".into(), format!("+514-{tag}"), "é-é".into()]
        {
            assert_eq!(key.check_at(&forged, "105", 1000), Err(CodeError::Wrong), "{forged}");
        }
    }

    #[test]
    fn a_code_is_spent_once_unless_it_is_given_back() {
        let spent = Spent::default();
        assert!(spent.claim("a") && spent.claim("b"));
        assert!(!spent.claim("a"));
        spent.release("a");
        assert!(spent.claim("a") && !spent.claim("b"));
    }

    #[test]
    fn parts_cannot_run_into_each_other() {
        assert_ne!(bind(&["a", "bc"]), bind(&["ab", "c"]));
        assert_ne!(bind(&["1:a;"]), bind(&["", "a"]));
    }
}
