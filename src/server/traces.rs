//! Traces for an OpenTelemetry collector, in builds with the feature `otel`; in others all of this does nothing.
//!
//! A request is a span, and a tool call is one within it. Both continue the trace of whoever sent them, as W3C Trace
//! Context has it in HTTP headers and MCP in the `_meta` of a request.

/// What a span is told of what the caller sent: the value of a header or key, by its name.
pub trait Carrier {
    /// The value, if there is one and it is text.
    fn value(&self, name: &str) -> Option<&str>;
}

impl Carrier for http::HeaderMap {
    fn value(&self, name: &str) -> Option<&str> {
        self.get(name)?.to_str().ok()
    }
}

impl Carrier for rmcp::model::MetaObject {
    fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }
}

#[cfg(not(feature = "otel"))]
mod none {
    use super::Carrier;

    /// Makes a new span part of the trace that the caller names, if it names one.
    pub fn continues(_: &tracing::Span, _: &impl Carrier) {}

    /// Notes the status of an answer at the span of its request.
    pub fn answered(_: &tracing::Span, _: http::StatusCode) {}
}

#[cfg(feature = "otel")]
mod otel {
    use opentelemetry::{
        KeyValue,
        propagation::{Extractor, TextMapPropagator},
        trace::{Status, TraceContextExt, TracerProvider},
    };
    use opentelemetry_otlp::{ExporterBuildError, SpanExporter};
    use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
    use tracing::{Span, Subscriber, level_filters::LevelFilter};
    use tracing_opentelemetry::OpenTelemetrySpanExt;
    use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

    use super::Carrier;

    /// Variables of which one must be set for traces to be exported.
    const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

    /// Exports spans until it is dropped; then it sends what it still has.
    #[derive(Debug)]
    pub struct Traces(SdkTracerProvider);

    /// Why traces cannot be exported.
    #[derive(Debug, thiserror::Error)]
    #[error("traces cannot be exported: {0}; check the variables OTEL_EXPORTER_OTLP_*")]
    pub struct TracesError(#[from] ExporterBuildError);

    impl Traces {
        /// Sets the export up as the variables `OTEL_*` say; nothing when none of them names a collector.
        ///
        /// # Errors
        /// When the collector's address or another setting cannot be used.
        pub fn from_environment() -> Result<Option<Self>, TracesError> {
            let set = |name: &str| std::env::var(name).is_ok_and(|value| !value.is_empty());
            let off = std::env::var("OTEL_SDK_DISABLED").is_ok_and(|value| value.eq_ignore_ascii_case("true"));
            if off || !ENDPOINTS.into_iter().any(set) {
                return Ok(None);
            }
            // The exporter's HTTP client asks for it; a second installation changes nothing.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let exporter = SpanExporter::builder().with_http().build()?;
            let mut resource = Resource::builder();
            if !set("OTEL_SERVICE_NAME") {
                resource = resource.with_service_name(env!("CARGO_PKG_NAME"));
            }
            let resource = resource.with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION"))).build();
            Ok(Some(Self(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())))
        }

        /// The part of a subscriber that exports: spans of this program, whatever the log's filter is.
        pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
        where
            S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
        {
            let own = Targets::new().with_target("proxmox_mcp", LevelFilter::INFO);
            let layer = tracing_opentelemetry::layer().with_tracer(self.0.tracer(env!("CARGO_PKG_NAME")));
            layer.with_location(false).with_threads(false).with_tracked_inactivity(false).with_filter(own)
        }
    }

    impl Drop for Traces {
        fn drop(&mut self) {
            if let Err(error) = self.0.shutdown() {
                tracing::warn!(%error, "the last traces were not exported");
            }
        }
    }

    struct Names<'a, C>(&'a C);

    impl<C: Carrier> Extractor for Names<'_, C> {
        fn get(&self, key: &str) -> Option<&str> {
            self.0.value(key)
        }

        fn keys(&self) -> Vec<&str> {
            Vec::new()
        }
    }

    /// Makes a new span part of the trace that the caller names, if it names one. What it would have belonged to
    /// otherwise is linked to.
    pub fn continues(span: &Span, carrier: &impl Carrier) {
        let named = TraceContextPropagator::new().extract(&Names(carrier));
        if !named.span().span_context().is_valid() {
            return;
        }
        let around = Span::current().context().span().span_context().clone();
        if span.set_parent(named).is_ok() && around.is_valid() {
            span.add_link(around);
        }
    }

    /// Notes the status of an answer at the span of its request.
    pub fn answered(span: &Span, status: http::StatusCode) {
        span.set_attribute("http.response.status_code", i64::from(status.as_u16()));
        if status.is_server_error() {
            span.set_status(Status::error(status.to_string()));
        }
    }
}

#[cfg(not(feature = "otel"))]
pub use none::{answered, continues};
#[cfg(feature = "otel")]
pub use otel::{Traces, TracesError, answered, continues};
