//! A name for each request: on every log line, in every error and in the `X-Request-Id` header of every answer.

use std::{
    fmt,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use http::{HeaderMap, HeaderName, HeaderValue};
use ring::rand::{SecureRandom, SystemRandom};

/// The header that carries it, in requests and answers.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Name of one request: 1 to 64 letters, digits, dots, hyphens and underscores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// The name that a proxy in front gave, if it is a usable one, or else a new one.
    ///
    /// A new one is a number drawn at start and a counter: unique over replicas, and no random source is asked for
    /// every request.
    pub fn of(headers: &HeaderMap) -> Self {
        headers
            .get(HEADER)
            .and_then(|v| v.to_str().ok())
            .filter(|s| usable(s))
            .map_or_else(Self::fresh, |given| Self(given.to_owned()))
    }

    fn fresh() -> Self {
        static START: LazyLock<u64> = LazyLock::new(|| {
            let mut bytes = [0u8; 8];
            // Without random numbers the names are still unique within this process.
            let _ = SystemRandom::new().fill(&mut bytes);
            u64::from_le_bytes(bytes)
        });
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(format!("{:016x}-{:x}", *START, NEXT.fetch_add(1, Ordering::Relaxed)))
    }

    /// The name as a header value.
    pub fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).unwrap_or_else(|_| HeaderValue::from_static("-"))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Only what cannot break a log line or a header.
fn usable(s: &str) -> bool {
    (1..=64).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usable_name_is_kept_and_others_are_replaced() {
        let id = |given: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, HeaderValue::from_static(given));
            RequestId::of(&headers).0
        };
        assert_eq!(id("trace-1_a.b"), "trace-1_a.b");
        for bad in ["", "a b", "\"}", "0123456789012345678901234567890123456789012345678901234567890123x"] {
            assert_ne!(id(bad), bad);
        }
        assert_ne!(id(""), id(""));
    }
}
