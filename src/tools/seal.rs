//! Sealing: the one place that proves that a text came from this server and is what it was.
//!
//! Confirmation codes, the states of questions, task handles and session ids go out to clients and come back; the lines of
//! the audit log lie where others may write. Nothing of them is remembered; each carries a tag (HMAC-SHA-256) over its [`Purpose`] and its parts, so that one can never stand
//! for another. Without random numbers nothing is sealed, instead of with a key that anybody can guess.

mod kept;
mod random;

use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

pub use kept::KeptError;
pub use random::NoRandom;
use random::system_random;

use crate::client::Secret;

/// Fewest characters of a key that somebody chose.
const CHOSEN_MIN: usize = 32;
/// Fewest different characters of one.
const DIFFERENT_MIN: usize = 10;

/// What a tag is for. A tag for one purpose proves nothing for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A confirmation code, which a person or a model brings back.
    Code,
    /// The state of a question, which comes back with the user's answer.
    Question,
    /// A task handle.
    Task,
    /// Who was given something, without saying who.
    Caller,
    /// A session of the HTTP door.
    Session,
    /// A line of the audit log.
    Audit,
}

impl Purpose {
    const fn word(self) -> &'static [u8] {
        match self {
            Self::Code => b"code",
            Self::Question => b"question",
            Self::Task => b"task",
            Self::Caller => b"caller",
            Self::Session => b"session",
            Self::Audit => b"audit",
        }
    }
}

/// A chosen key that could be guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "it could be guessed: it needs at least {CHOSEN_MIN} characters, {DIFFERENT_MIN} of them different; \
     `openssl rand -base64 32` makes one"
)]
pub struct WeakKey;

/// The key that seals. Replicas that serve the same clients need the same one. Cheap to clone.
#[derive(Clone)]
pub struct Key(Arc<Material>);

struct Material {
    source: Source,
    /// Made when the first thing is sealed: most servers seal nothing, and none does so at its start.
    bytes: OnceLock<Result<[u8; 32], NoRandom>>,
}

enum Source {
    Secret(Secret),
    Random(fn(&mut [u8]) -> Result<(), NoRandom>),
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(***)")
    }
}

impl Key {
    /// A key that only this process has.
    pub fn process() -> Self {
        Self::random(system_random)
    }

    fn random(fill: fn(&mut [u8]) -> Result<(), NoRandom>) -> Self {
        Self(Arc::new(Material { source: Source::Random(fill), bytes: OnceLock::new() }))
    }

    /// The key that a secret gives: the same secret gives the same key everywhere. A secret that a person thought of is
    /// none for this: whoever has one code could try every such secret against it.
    pub fn derived(secret: &str) -> Self {
        Self(Arc::new(Material { source: Source::Secret(Secret::new(secret)), bytes: OnceLock::new() }))
    }

    /// The key that an operator has set.
    ///
    /// # Errors
    /// When it could be guessed.
    pub fn chosen(text: &str) -> Result<Self, WeakKey> {
        let different: std::collections::BTreeSet<char> = text.chars().collect();
        if text.chars().count() < CHOSEN_MIN || different.len() < DIFFERENT_MIN {
            return Err(WeakKey);
        }
        Ok(Self::derived(text))
    }

    /// The random key in a file that this user alone can read; the file is made when it is not there.
    ///
    /// # Errors
    /// When it cannot be read or made, or others could read it.
    pub fn kept(path: &std::path::Path) -> Result<Self, KeptError> {
        kept::read_or_make(path, system_random).map(|text| Self::derived(&text))
    }

    fn bytes(&self) -> Result<&[u8; 32], NoRandom> {
        let make = || match &self.0.source {
            Source::Secret(secret) => {
                Ok(Sha256::digest([b"proxmox-mcp seal v2\0", secret.reveal().as_bytes()].concat()).into())
            }
            Source::Random(fill) => {
                let mut bytes = [0; 32];
                fill(&mut bytes).map(|()| bytes)
            }
        };
        self.0.bytes.get_or_init(make).as_ref().map_err(|e| *e)
    }

    fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> Result<Hmac<Sha256>, NoRandom> {
        // HMAC fills a shorter key with zeros up to its block of 64 bytes.
        let mut block = [0; 64];
        block[..32].copy_from_slice(self.bytes()?);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        // Each part with its length, so that none can run into the next.
        for part in [purpose.word()].iter().chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        Ok(mac)
    }

    /// The tag over these parts; a client is given as much of its beginning as its purpose needs.
    ///
    /// # Errors
    /// When there is no key for want of random numbers.
    pub fn tag(&self, purpose: Purpose, parts: &[&[u8]]) -> Result<[u8; 32], NoRandom> {
        Ok(self.mac(purpose, parts)?.finalize().into_bytes().into())
    }

    /// Whether the beginning of a tag, 8 bytes of it at least, is that over these parts. In constant time.
    pub fn holds(&self, purpose: Purpose, parts: &[&[u8]], tag: &[u8]) -> bool {
        tag.len() >= 8 && self.mac(purpose, parts).is_ok_and(|mac| mac.verify_truncated_left(tag).is_ok())
    }
}

/// What something is bound to, unambiguously: each part with its length.
pub fn bind(parts: &[&str]) -> String {
    parts.iter().map(|part| format!("{}:{part};", part.len())).collect()
}

/// The time by which what was sealed grows old. It never goes back: a clock that is set back revives nothing.
#[derive(Debug, Default)]
struct Steady(Mutex<Option<(Duration, Instant)>>);

impl Steady {
    /// The time since 1970, from what the clock says and from how long ago it was looked at last.
    fn read(&self, wall: Duration, at: Instant) -> Duration {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = last.map_or(wall, |(then, since)| wall.max(then + at.saturating_duration_since(since)));
        *last = Some((now, at));
        now
    }
}

/// The time since 1970 by which what was sealed grows old; it never goes back while the process runs.
pub fn now() -> Duration {
    static STEADY: Steady = Steady(Mutex::new(None));
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    STEADY.read(wall, Instant::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none(_: &mut [u8]) -> Result<(), NoRandom> {
        Err(NoRandom)
    }

    #[test]
    fn a_tag_is_for_one_purpose_one_key_and_these_parts() {
        let key = Key::derived("a");
        let tag = key.tag(Purpose::Code, &[b"ab", b"c"]).unwrap();
        assert!(key.holds(Purpose::Code, &[b"ab", b"c"], &tag));
        assert!(key.holds(Purpose::Code, &[b"ab", b"c"], &tag[..8]), "its beginning");
        assert!(!key.holds(Purpose::Code, &[b"ab", b"c"], &tag[..7]), "too little of it");
        assert!(!key.holds(Purpose::Code, &[b"ab", b"c"], &[]));
        for purpose in [Purpose::Question, Purpose::Task, Purpose::Caller, Purpose::Session, Purpose::Audit] {
            assert!(!key.holds(purpose, &[b"ab", b"c"], &tag), "{purpose:?}");
        }
        assert!(!key.holds(Purpose::Code, &[b"a", b"bc"], &tag));
        assert!(!Key::derived("b").holds(Purpose::Code, &[b"ab", b"c"], &tag));
        assert!(!Key::process().holds(Purpose::Code, &[b"ab", b"c"], &tag));
    }

    #[test]
    fn without_random_numbers_nothing_is_sealed_and_nothing_opens() {
        let key = Key::random(none);
        assert_eq!(key.tag(Purpose::Session, &[b"id"]), Err(NoRandom));
        // What anybody can compute with a key of zeros does not open it.
        let mut mac = Hmac::<Sha256>::new(&[0; 64].into());
        for part in [&b"session"[..], b"id"] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        assert!(!key.holds(Purpose::Session, &[b"id"], &mac.finalize().into_bytes()));
    }

    #[test]
    fn a_chosen_key_must_not_be_guessable() {
        for weak in [
            "",
            "geheim",
            "a key that both sides have",
            &"a".repeat(64),
            "123456789012345678901234567890ab"[..31].into(),
        ] {
            assert_eq!(Key::chosen(weak).map(drop), Err(WeakKey), "{weak}");
            assert!(!WeakKey.to_string().contains("geheim"));
        }
        Key::chosen("q2Hc9sT0vK4mZb7Xw1Lr8Yd3Nf6Jg5Pa").unwrap();
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_take_time_back() {
        let (steady, at) = (Steady::default(), Instant::now());
        let seconds = Duration::from_secs;
        assert_eq!(steady.read(seconds(1000), at), seconds(1000));
        assert_eq!(steady.read(seconds(10), at + seconds(5)), seconds(1005), "set back: it goes on");
        assert_eq!(steady.read(seconds(2000), at + seconds(6)), seconds(2000), "set forward");
        assert_eq!(steady.read(seconds(1007), at + seconds(7)), seconds(2001));
    }

    #[test]
    fn parts_cannot_run_into_each_other() {
        assert_ne!(bind(&["a", "bc"]), bind(&["ab", "c"]));
        assert_ne!(bind(&["1:a;"]), bind(&["", "a"]));
    }

    #[test]
    fn a_key_is_not_shown() {
        assert_eq!(format!("{:?}", Key::derived("geheim")), "Key(***)");
    }
}
