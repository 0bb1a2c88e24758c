//! The issuer's public keys, from a file or from its URL.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{Jwk, JwkSet, KeyAlgorithm, PublicKeyUse},
};

use super::fetch::Place;

/// Greatest size of a key document, in bytes.
const SIZE_MAX: usize = 256 * 1024;
/// How long keys from a URL are used before they are asked for again.
const FRESH: Duration = Duration::from_secs(3600);
/// Age from which keys from a URL are good no more, when it has not answered since: a key that was withdrawn meanwhile must
/// not be taken for ever.
const OLD: Duration = Duration::from_secs(24 * 3600);
/// Least time between two requests to the URL, however many unknown keys are named.
const PAUSE: Duration = Duration::from_secs(30);

/// Where the keys are.
#[derive(Clone, PartialEq, Eq)]
pub enum JwksSource {
    /// A file, read at start and on reload.
    File(PathBuf),
    /// A URL: https, or http on this machine.
    Url(String),
}

/// A URL may hold a secret, so it is not shown.
impl fmt::Debug for JwksSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Url(_) => f.write_str("Url(..)"),
        }
    }
}

impl JwksSource {
    /// A URL if it looks like one, else a file.
    pub fn of(text: &str) -> Self {
        if text.contains("://") { Self::Url(text.to_owned()) } else { Self::File(text.into()) }
    }
}

/// Why a key cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwksError {
    /// The file cannot be used.
    #[error("the file of keys {} cannot be used: {what}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The URL may not be asked.
    #[error(
        "the URL of the keys may not be asked: use https (http only on this machine), without a user name or password"
    )]
    Url,
    /// The URL did not give keys.
    #[error("{url}: {what}")]
    Fetch {
        /// The URL, without its query.
        url: String,
        /// What went wrong.
        what: String,
    },
    /// The keys are too old, and the URL has not answered since.
    #[error("{url}: the keys were last read more than 24 hours ago")]
    Old {
        /// The URL, without its query.
        url: String,
    },
    /// No key fits.
    #[error("no key fits")]
    Unknown,
}

/// The keys, as last read.
#[derive(Debug)]
pub struct Keys {
    source: JwksSource,
    set: Mutex<Held>,
    /// One request at a time; the others wait for its result.
    fetching: tokio::sync::Mutex<()>,
    /// Where to ask, if they come from a URL.
    place: Option<Place>,
    /// How long keys are good without a sign of the URL: [`OLD`], but in tests.
    old: Duration,
}

#[derive(Clone, Debug, Default)]
struct Held {
    set: Arc<Option<JwkSet>>,
    /// When the URL last answered.
    read: Option<Instant>,
    /// The same, forgotten when it is to be asked again at once.
    asked: Option<Instant>,
    /// When the URL was last asked.
    tried: Option<Instant>,
}

impl Keys {
    /// Reads a file; of a URL only checks that it may be asked.
    ///
    /// # Errors
    /// When either cannot be used.
    pub fn new(source: JwksSource) -> Result<Self, JwksError> {
        let (held, place) = match &source {
            JwksSource::File(path) => (Held { set: Arc::new(Some(read(path)?)), ..Held::default() }, None),
            JwksSource::Url(url) => {
                let place = Place::of(url).ok_or(JwksError::Url)?;
                (Held::default(), Some(place))
            }
        };
        Ok(Self { source, set: Mutex::new(held), fetching: tokio::sync::Mutex::new(()), place, old: OLD })
    }

    /// Reads a file again, or lets the URL be asked again at once.
    ///
    /// # Errors
    /// When the file cannot be used; the old keys stay.
    pub fn reload(&self) -> Result<(), JwksError> {
        match &self.source {
            JwksSource::File(path) => {
                let set = Arc::new(Some(read(path)?));
                self.change(|held| held.set = set);
            }
            // The keys keep their age: that we are to ask again makes them no fresher.
            JwksSource::Url(_) => self.change(|held| (held.asked, held.tried) = (None, None)),
        }
        Ok(())
    }

    /// The key of this id that is fit for this algorithm.
    ///
    /// # Errors
    /// [`JwksError::Unknown`] when there is none; another when there are no keys at all to look in.
    pub async fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<DecodingKey, JwksError> {
        let mut held = self.held();
        let stale = held.asked.is_none_or(|at| at.elapsed() >= FRESH);
        let mut failure = None;
        if self.place.is_some() && (stale || pick(&held, kid, algorithm).is_none()) {
            failure = self.refresh().await.err();
            held = self.held();
        }
        if let (Some(place), Some(read)) = (&self.place, held.read)
            && read.elapsed() >= self.old
        {
            return Err(JwksError::Old { url: place.shown() });
        }
        match (pick(&held, kid, algorithm), failure) {
            (Some(key), _) => Ok(key),
            (None, Some(failure)) => Err(failure),
            (None, None) => Err(JwksError::Unknown),
        }
    }

    /// Asks the URL, unless that was done a moment ago.
    async fn refresh(&self) -> Result<(), JwksError> {
        let Some(place) = &self.place else { return Ok(()) };
        let _one_at_a_time = self.fetching.lock().await;
        let held = self.held();
        if held.tried.is_some_and(|at| at.elapsed() < PAUSE) {
            let failed = || JwksError::Fetch { url: place.shown(), what: "it did not answer a moment ago".to_owned() };
            return if held.read.is_some() { Ok(()) } else { Err(failed()) };
        }
        self.change(|held| held.tried = Some(Instant::now()));
        let set = place
            .get(SIZE_MAX)
            .await
            .and_then(|bytes| listed(&bytes))
            .map_err(|what| JwksError::Fetch { url: place.shown(), what });
        match set {
            Ok(set) => {
                let now = Some(Instant::now());
                self.change(|held| (held.set, held.read, held.asked) = (Arc::new(Some(set)), now, now));
                Ok(())
            }
            Err(error) => {
                tracing::warn!(%error, "keys of the authorization server");
                Err(error)
            }
        }
    }

    /// Makes whatever has been read too old; whether a day is what it takes otherwise.
    #[cfg(test)]
    pub(super) fn grow_old(&mut self) -> bool {
        let limit = std::mem::replace(&mut self.old, Duration::ZERO);
        limit == Duration::from_secs(86_400)
    }

    fn held(&self) -> Held {
        self.set.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, f: impl FnOnce(&mut Held)) {
        f(&mut self.set.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// A token that names a key gets that one; one that names none gets the only key that fits, if there is but one.
fn pick(held: &Held, kid: Option<&str>, algorithm: Algorithm) -> Option<DecodingKey> {
    let mut fitting = held.set.as_ref().as_ref()?.keys.iter().filter(|key| fits(key, algorithm));
    let key = match kid {
        Some(kid) => fitting.find(|key| key.common.key_id.as_deref() == Some(kid))?,
        None => {
            let only = fitting.next()?;
            if fitting.next().is_some() {
                return None;
            }
            only
        }
    };
    DecodingKey::from_jwk(key).ok().filter(|key| key.family() == algorithm.family())
}

fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    let signs = !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption));
    let same = |named: &KeyAlgorithm| named.to_string() == format!("{algorithm:?}");
    signs
        && key.common.key_algorithm.as_ref().is_none_or(same)
        && DecodingKey::from_jwk(key).is_ok_and(|key| key.family() == algorithm.family())
}

fn read(path: &Path) -> Result<JwkSet, JwksError> {
    let failed = |what: String| JwksError::File { path: path.to_owned(), what };
    let bytes = crate::files::read(path, SIZE_MAX as u64).map_err(|e| failed(e.to_string()))?;
    parse(&bytes).map_err(failed)
}

/// The keys of a file, of which there must be some: a file without any is a mistake.
fn parse(bytes: &[u8]) -> Result<JwkSet, String> {
    let set = listed(bytes)?;
    if set.keys.is_empty() { Err("it holds no key that can be used".to_owned()) } else { Ok(set) }
}

/// The keys of a document; an issuer that lists none has withdrawn all. Keys of kinds that we do not know are passed over, as
/// RFC 7517 section 5 asks.
fn listed(bytes: &[u8]) -> Result<JwkSet, String> {
    #[derive(serde::Deserialize)]
    struct Loose {
        keys: Vec<serde_json::Value>,
    }
    if bytes.len() > SIZE_MAX {
        return Err(format!("it is longer than {SIZE_MAX} bytes"));
    }
    let loose: Loose = serde_json::from_slice(bytes).map_err(|_| "it is not a JSON Web Key Set".to_owned())?;
    Ok(JwkSet { keys: loose.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect() })
}
