//! Consent to a deletion: a short code that proves that this plan, for this guest as it is now, was shown.
//!
//! Codes are sealed, not remembered: any process that holds the key can check one. A code is bound to what would be
//! destroyed (the digest of the guest's configuration, the options, who asked), so after the deletion, or after any
//! change of the guest, it opens nothing. A guest that is restored as it was could be opened by a code of the one that
//! was deleted: a process takes none that was made before a deletion of the guest began.

use std::{
    fmt,
    sync::{Mutex, OnceLock, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::{client::Secret, pve::Vmid};

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

    /// Checks a code; gives the second since 1970 in which it was made.
    ///
    /// # Errors
    /// [`CodeError`] when it does not open `bound`, or no longer.
    pub fn check(&self, code: &str, bound: &str) -> Result<u64, CodeError> {
        self.check_at(code, bound, now())
    }

    fn code_at(&self, bound: &str, now: u64) -> String {
        let expiry = now + VALID.as_secs();
        let tag = self.mac(bound, expiry).finalize().into_bytes();
        written(expiry, tag[..TAG].iter().fold(0_u64, |n, byte| n << 8 | u64::from(*byte)))
    }

    fn check_at(&self, code: &str, bound: &str, now: u64) -> Result<u64, CodeError> {
        let (expiry, tag) = code.split_once('-').ok_or(CodeError::Wrong)?;
        let number = |text: &str| u64::from_str_radix(text, 16).map_err(|_| CodeError::Wrong);
        let (expiry, tag) = (number(expiry)?, number(tag)?);
        // A code has one spelling.
        if written(expiry, tag) != code {
            return Err(CodeError::Wrong);
        }
        // In constant time, and before the date is looked at: a forged code learns nothing.
        self.mac(bound, expiry).verify_truncated_left(&tag.to_be_bytes()).map_err(|_| CodeError::Wrong)?;
        if expiry < now { Err(CodeError::Expired) } else { Ok(expiry.saturating_sub(VALID.as_secs())) }
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

/// The one spelling of a code.
fn written(expiry: u64, tag: u64) -> String {
    format!("{expiry:x}-{tag:016x}")
}

/// Deletions that this process has begun: each makes the codes useless that were made for its guest before. Those from
/// which no valid code can be are forgotten.
#[derive(Debug, Default)]
pub(super) struct Spent(Mutex<Begun>);

#[derive(Debug, Default)]
struct Begun {
    count: u64,
    deletions: Vec<Deletion>,
}

#[derive(Debug)]
struct Deletion {
    ticket: u64,
    vmid: Vmid,
    /// Seconds since 1970.
    at: u64,
    since: Instant,
}

impl Spent {
    /// Begins the deletion of a guest by a code that was made at `made`, if it came with one. Gives the ticket with which
    /// it can be taken back; nothing where another deletion has begun since the code was made.
    pub(super) fn claim(&self, vmid: Vmid, made: Option<u64>) -> Option<u64> {
        self.claim_at(vmid, made, now())
    }

    fn claim_at(&self, vmid: Vmid, made: Option<u64>, at: u64) -> Option<u64> {
        let mut begun = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Codes that were made before a deletion are valid for less time after it than one that is made then.
        begun.deletions.retain(|deletion| deletion.since.elapsed() <= VALID);
        // A code of the same second may be from before.
        let stale = |deletion: &Deletion| deletion.vmid == vmid && made.is_some_and(|made| made <= deletion.at);
        if begun.deletions.iter().any(stale) {
            return None;
        }
        begun.count += 1;
        let ticket = begun.count;
        begun.deletions.push(Deletion { ticket, vmid, at, since: Instant::now() });
        Some(ticket)
    }

    /// Takes a deletion back that was refused and changed nothing: its code is still good.
    pub(super) fn release(&self, ticket: u64) {
        let mut begun = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        begun.deletions.retain(|deletion| deletion.ticket != ticket);
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
        assert_eq!(key.check_at(&code, "105", 1000), Ok(1000));
        assert_eq!(key.check_at(&code, "105", 1300), Ok(1000));
        assert_eq!(key.check_at(&code, "105", 1301), Err(CodeError::Expired));
        assert_eq!(key.check_at(&code, "106", 1000), Err(CodeError::Wrong));
        assert_eq!(Key::derived("t").check_at(&code, "105", 1000), Err(CodeError::Wrong));
        assert_eq!(Key::derived("s").check_at(&code, "105", 1000), Ok(1000), "a replica with the same secret");
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
    fn a_code_has_one_spelling() {
        let key = Key::derived("s");
        let code = key.code_at("105", 0xabc);
        assert_eq!(key.check_at(&code, "105", 0xabc), Ok(0xabc));
        for other in [code.to_uppercase(), format!("0{code}"), format!("+{code}"), code.replace('-', "-0")] {
            assert_ne!(other, code);
            assert_eq!(key.check_at(&other, "105", 0xabc), Err(CodeError::Wrong), "{other}");
        }
    }

    #[test]
    fn a_deletion_makes_the_codes_from_before_it_useless_unless_it_was_refused() {
        let spent = Spent::default();
        let [a, b] = [105_u64, 106].map(|id| Vmid::try_from(id).unwrap());
        let ticket = spent.claim_at(a, Some(1000), 1010).unwrap();
        for (made, good) in [(1000, false), (990, false), (1005, false), (1010, false)] {
            assert_eq!(spent.claim_at(a, Some(made), 1020).is_some(), good, "{made}");
        }
        assert!(spent.claim_at(b, Some(1000), 1020).is_some(), "of another guest");
        spent.release(ticket);
        assert!(spent.claim_at(a, Some(1000), 1030).is_some(), "it was refused");
        assert!(spent.claim_at(a, Some(1031), 1040).is_some(), "a plan from after it");
        assert!(spent.claim_at(a, None, 1050).is_some(), "consent that was given within the call");
        assert!(spent.claim_at(a, Some(1045), 1060).is_none());
    }

    #[test]
    fn parts_cannot_run_into_each_other() {
        assert_ne!(bind(&["a", "bc"]), bind(&["ab", "c"]));
        assert_ne!(bind(&["1:a;"]), bind(&["", "a"]));
    }
}
