//! Consent to a deletion: a short code that proves that this plan, for this guest as it is now, was shown.
//!
//! Codes are sealed, not remembered: any process that holds the key can check one. A code is bound to what would be
//! destroyed (the digest of the guest's configuration and what tells this guest from one restored in its place, the
//! options, who asked), so after the deletion, or after any change of the guest, it opens nothing. A process takes none
//! that was made before a deletion of the guest began, nor one that was made for a caller who has declined since.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::seal::{self, Key, NoRandom, Purpose};
use crate::near;

/// How long a code is valid.
pub const VALID: Duration = Duration::from_secs(300);

/// How far ahead the clock of a replica may be. A code from further ahead was made by a clock that was wrong.
const AHEAD: Duration = Duration::from_secs(60);

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
#[error("PROXMOX_MCP_CONFIRM={0:?}: it is auto (deletions need consent) or never{meant}", meant = near::meant(.0, ["auto", "never"]))]
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

/// Why a code opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeError {
    /// It was for this, but more than five minutes ago.
    Expired,
    /// It is not a code, or one for something else.
    Wrong,
}

/// The code, or the state of a question, for `bound`; valid for five minutes.
///
/// # Errors
/// When there is no key for want of random numbers.
pub fn code(key: &Key, purpose: Purpose, bound: &str) -> Result<String, NoRandom> {
    code_at(key, purpose, bound, seal::now())
}

/// Checks one; gives when it was made, since 1970.
///
/// # Errors
/// [`CodeError`] when it does not open `bound`, or no longer.
pub fn check(key: &Key, purpose: Purpose, code: &str, bound: &str) -> Result<Duration, CodeError> {
    check_at(key, purpose, code, bound, seal::now())
}

fn code_at(key: &Key, purpose: Purpose, bound: &str, now: Duration) -> Result<String, NoRandom> {
    let expiry = millis(now + VALID);
    let tag = key.tag(purpose, &[&expiry.to_be_bytes(), bound.as_bytes()])?;
    Ok(written(expiry, tag[..TAG].iter().fold(0_u64, |n, byte| n << 8 | u64::from(*byte))))
}

fn check_at(key: &Key, purpose: Purpose, code: &str, bound: &str, now: Duration) -> Result<Duration, CodeError> {
    let (expiry, tag) = code.split_once('-').ok_or(CodeError::Wrong)?;
    let number = |text: &str| u64::from_str_radix(text, 16).map_err(|_| CodeError::Wrong);
    let (expiry, tag) = (number(expiry)?, number(tag)?);
    // A code has one spelling.
    if written(expiry, tag) != code {
        return Err(CodeError::Wrong);
    }
    // In constant time, and before the date is looked at: a forged code learns nothing.
    if !key.holds(purpose, &[&expiry.to_be_bytes(), bound.as_bytes()], &tag.to_be_bytes()) {
        return Err(CodeError::Wrong);
    }
    let expiry = Duration::from_millis(expiry);
    if expiry < now || expiry > now + VALID + AHEAD {
        return Err(CodeError::Expired);
    }
    Ok(expiry.saturating_sub(VALID))
}

/// The one spelling of a code.
fn written(expiry: u64, tag: u64) -> String {
    format!("{expiry:x}-{tag:016x}")
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// What this process has begun, and what its callers have declined: each makes the codes useless that were made for the
/// guest before. Those from which no valid code can be are forgotten.
#[derive(Debug, Default)]
pub(super) struct Spent(Mutex<Spendings>);

#[derive(Debug, Default)]
struct Spendings {
    count: u64,
    all: Vec<Spending>,
}

#[derive(Debug)]
struct Spending {
    ticket: u64,
    /// What was begun, or declined.
    subject: String,
    /// Whose codes it spends; everybody's when a deletion has begun.
    caller: Option<String>,
    /// Since 1970.
    at: Duration,
    since: Instant,
}

impl Spending {
    /// Whether a code of this caller, made at `made`, is from before. One of the same moment may be.
    fn spends(&self, subject: &str, caller: &str, made: Duration) -> bool {
        let theirs = self.caller.as_ref().is_none_or(|whose| whose == caller);
        self.subject == subject && theirs && millis(made) <= millis(self.at)
    }
}

impl Spent {
    /// Begins the deletion of a guest by a code of this caller that was made at `made`, if it came with one. Gives the
    /// ticket with which it can be taken back; nothing where the code is spent.
    pub(super) fn claim(&self, subject: impl ToString, caller: &str, made: Option<Duration>) -> Option<u64> {
        self.claim_at(&subject.to_string(), caller, made, seal::now())
    }

    fn claim_at(&self, subject: &str, caller: &str, made: Option<Duration>, at: Duration) -> Option<u64> {
        let mut spendings = self.lock();
        if made.is_some_and(|made| spendings.all.iter().any(|spending| spending.spends(subject, caller, made))) {
            return None;
        }
        Some(spendings.add(subject, None, at))
    }

    /// A caller has declined to delete a guest: what was made for that caller before is spent.
    pub(super) fn decline(&self, subject: impl ToString, caller: &str) {
        self.decline_at(&subject.to_string(), caller, seal::now());
    }

    fn decline_at(&self, subject: &str, caller: &str, at: Duration) {
        let mut spendings = self.lock();
        spendings.all.retain(|spending| spending.subject != subject || spending.caller.as_deref() != Some(caller));
        spendings.add(subject, Some(caller.to_owned()), at);
    }

    /// Whether a code of this caller that was made at `made` is spent.
    pub(super) fn is_spent(&self, subject: impl ToString, caller: &str, made: Duration) -> bool {
        let subject = &subject.to_string();
        self.lock().all.iter().any(|spending| spending.spends(subject, caller, made))
    }

    /// Takes a deletion back that was refused and changed nothing: its code is still good.
    pub(super) fn release(&self, ticket: u64) {
        self.lock().all.retain(|spending| spending.ticket != ticket);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Spendings> {
        let mut spendings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // What was made before is valid for less time after it than what is made then, but for a clock that is ahead.
        spendings.all.retain(|spending| spending.since.elapsed() <= VALID + AHEAD);
        spendings
    }
}

impl Spendings {
    fn add(&mut self, subject: &str, caller: Option<String>, at: Duration) -> u64 {
        self.count += 1;
        let ticket = self.count;
        self.all.push(Spending { ticket, subject: subject.to_owned(), caller, at, since: Instant::now() });
        ticket
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: Purpose = Purpose::Code;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_code_opens_what_it_was_made_for_and_for_five_minutes() {
        let key = Key::derived("s");
        let code = code_at(&key, CODE, "105", at(1000)).unwrap();
        assert_eq!(check_at(&key, CODE, &code, "105", at(1000)), Ok(at(1000)));
        assert_eq!(check_at(&key, CODE, &code, "105", at(1300)), Ok(at(1000)));
        assert_eq!(check_at(&key, CODE, &code, "105", at(1301)), Err(CodeError::Expired));
        assert_eq!(check_at(&key, CODE, &code, "106", at(1000)), Err(CodeError::Wrong));
        assert_eq!(check_at(&Key::derived("t"), CODE, &code, "105", at(1000)), Err(CodeError::Wrong));
        assert_eq!(check_at(&Key::derived("s"), CODE, &code, "105", at(1000)), Ok(at(1000)), "a replica");
    }

    #[test]
    fn a_clock_that_was_ahead_makes_no_code_that_lives_longer() {
        let key = Key::derived("s");
        let code = code_at(&key, CODE, "105", at(100_000)).unwrap();
        assert_eq!(check_at(&key, CODE, &code, "105", at(1000)), Err(CodeError::Expired));
        assert_eq!(check_at(&key, CODE, &code, "105", at(100_000 - 61)), Err(CodeError::Expired));
        assert_eq!(check_at(&key, CODE, &code, "105", at(100_000 - 59)), Ok(at(100_000)), "a replica a little behind");
    }

    #[test]
    fn the_state_of_a_question_is_no_code() {
        let key = Key::derived("s");
        let state = code_at(&key, Purpose::Question, "105", at(1000)).unwrap();
        assert_eq!(check_at(&key, CODE, &state, "105", at(1000)), Err(CodeError::Wrong));
        let code = code_at(&key, CODE, "105", at(1000)).unwrap();
        assert_eq!(check_at(&key, Purpose::Question, &code, "105", at(1000)), Err(CodeError::Wrong));
    }

    #[test]
    fn a_forged_expiry_and_rubbish_are_wrong() {
        let key = Key::process();
        let code = code_at(&key, CODE, "105", at(1000)).unwrap();
        let (_, tag) = code.split_once('-').unwrap();
        for forged in
            [format!("ffff-{tag}"), tag.to_owned(), String::new(), "-".into(), format!("+514-{tag}"), "é-é".into()]
        {
            assert_eq!(check_at(&key, CODE, &forged, "105", at(1000)), Err(CodeError::Wrong), "{forged}");
        }
    }

    #[test]
    fn a_code_has_one_spelling() {
        let key = Key::derived("s");
        let made = Duration::from_millis(0xabc);
        let code = code_at(&key, CODE, "105", made).unwrap();
        assert_eq!(check_at(&key, CODE, &code, "105", made), Ok(made));
        for other in [code.to_uppercase(), format!("0{code}"), format!("+{code}"), code.replace('-', "-0")] {
            assert_ne!(other, code);
            assert_eq!(check_at(&key, CODE, &other, "105", made), Err(CodeError::Wrong), "{other}");
        }
    }

    #[test]
    fn a_deletion_makes_the_codes_from_before_it_useless_unless_it_was_refused() {
        let spent = Spent::default();
        let [a, b] = ["105", "106"];
        let claim = |vmid, made: Option<u64>, now| spent.claim_at(vmid, "anna", made.map(at), at(now));
        let ticket = claim(a, Some(1000), 1010).unwrap();
        for made in [1000, 990, 1005, 1010] {
            assert_eq!(claim(a, Some(made), 1020), None, "{made}");
        }
        assert_eq!(spent.claim_at(a, "bert", Some(at(1000)), at(1020)), None, "nor that of somebody else");
        assert!(claim(b, Some(1000), 1020).is_some(), "of another guest");
        spent.release(ticket);
        assert!(claim(a, Some(1000), 1030).is_some(), "it was refused");
        assert!(claim(a, Some(1031), 1040).is_some(), "a plan from after it");
        assert!(claim(a, None, 1050).is_some(), "consent that was given within the call");
        assert!(claim(a, Some(1045), 1060).is_none());
    }

    #[test]
    fn what_was_made_before_its_caller_declined_is_spent() {
        let spent = Spent::default();
        let vmid = "105";
        for now in [1000, 1010] {
            spent.decline_at(vmid, "anna", at(now));
        }
        assert_eq!(spent.lock().all.len(), 1, "declining again and again takes no more room");
        assert!(spent.is_spent(vmid, "anna", at(1010)) && !spent.is_spent(vmid, "anna", at(1011)));
        assert_eq!(spent.claim_at(vmid, "anna", Some(at(1005)), at(1020)), None);
        assert!(spent.claim_at(vmid, "bert", Some(at(1005)), at(1020)).is_some(), "of another caller");
    }
}
