//! Headers of every answer, whatever it is.

use axum::Router;
use http::{HeaderName, HeaderValue, header};
use tower::{ServiceBuilder, util::option_layer};
use tower_http::set_header::SetResponseHeaderLayer;

/// A year, in which a browser that was served over TLS comes over TLS alone.
const YEAR: &str = "max-age=31536000";

/// Adds what tells a browser to make nothing of an answer but data, and others to keep no copy of it.
pub(super) fn on_all(app: Router, tls: bool) -> Router {
    let always = |name: HeaderName, value| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value));
    let layers = ServiceBuilder::new()
        .layer(always(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(always(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"))
        .layer(always(header::X_FRAME_OPTIONS, "DENY"))
        .layer(always(header::REFERRER_POLICY, "no-referrer"))
        .layer(always(HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
        .layer(option_layer(tls.then(|| always(header::STRICT_TRANSPORT_SECURITY, YEAR))))
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
    app.layer(layers)
}
