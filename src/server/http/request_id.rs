//! A name for each request: on every log line, in every error and in the `X-Request-Id` header of every answer.

use std::sync::{
    LazyLock,
    atomic::{AtomicU64, Ordering},
};

use axum::extract::Request;
use http::{HeaderName, HeaderValue};
use ring::rand::{SecureRandom, SystemRandom};
pub use tower_http::request_id::RequestId;
use tower_http::request_id::{MakeRequestId, PropagateRequestIdLayer, SetRequestIdLayer};

/// The header that carries it, in requests and answers.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Names each request: as a proxy in front did, or anew.
pub fn naming() -> SetRequestIdLayer<Numbered> {
    SetRequestIdLayer::new(HEADER, Numbered)
}

/// Puts the name of a request on its answer.
pub fn answering() -> PropagateRequestIdLayer {
    PropagateRequestIdLayer::new(HEADER)
}

/// Takes away a name that is not usable; the layer that names requests keeps whatever it finds.
pub async fn usable_alone(mut request: Request) -> Request {
    let given = request.headers().get(HEADER);
    if given.is_some_and(|given| !given.to_str().is_ok_and(usable)) {
        request.headers_mut().remove(HEADER);
    }
    request
}

/// New names.
///
/// Each is a number drawn at start and a counter: unique over replicas, and no random source is asked for every request.
#[derive(Clone, Copy)]
pub struct Numbered;

impl MakeRequestId for Numbered {
    fn make_request_id<B>(&mut self, _: &http::Request<B>) -> Option<RequestId> {
        static START: LazyLock<u64> = LazyLock::new(|| {
            let mut bytes = [0u8; 8];
            // Without random numbers the names are still unique within this process.
            let _ = SystemRandom::new().fill(&mut bytes);
            u64::from_le_bytes(bytes)
        });
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let name = format!("{:016x}-{:x}", *START, NEXT.fetch_add(1, Ordering::Relaxed));
        HeaderValue::from_str(&name).ok().map(RequestId::new)
    }
}

/// The name as text.
pub fn text(id: &RequestId) -> &str {
    id.header_value().to_str().unwrap_or("-")
}

/// Only what cannot break a log line or a header.
fn usable(s: &str) -> bool {
    (1..=64).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_usable_name_is_kept_and_others_are_replaced() {
        let kept = async |given: &'static str| {
            let request = Request::builder().header(HEADER, given).body(axum::body::Body::empty()).expect("a request");
            usable_alone(request).await.headers().get(HEADER).is_some_and(|name| name == given)
        };
        assert!(kept("trace-1_a.b").await);
        for bad in ["", "a b", "\"}", "0123456789012345678901234567890123456789012345678901234567890123x"] {
            assert!(!kept(bad).await, "{bad}");
        }
    }

    #[test]
    fn new_names_are_usable_and_differ() {
        let new = || Numbered.make_request_id(&http::Request::new(())).expect("a name");
        let (first, second) = (new(), new());
        assert!(usable(text(&first)) && text(&first) != text(&second));
    }
}
