//! Numbers for Prometheus.

use std::{fmt, time::Duration};

use prometheus_client::{
    collector::Collector,
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

/// Media type of the text that [`Metrics::text`] gives.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Seconds; a power call may wait for minutes.
const BUCKETS: [f64; 13] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 45.0, 120.0];

/// What the server counts.
pub struct Metrics {
    registry: Registry,
    http: Family<HttpLabels, Counter>,
    calls: Family<CallLabels, Counter>,
    seconds: Family<ToolLabels, Histogram>,
    /// Connections that are open.
    pub connections: Gauge,
    /// Requests under way that a shutdown waits for.
    pub in_flight: Gauge,
    /// Sessions of the older protocol that are open.
    pub sessions: Gauge,
    /// Bytes that are kept in sessions until their client reads them.
    pub unread: Gauge,
    /// Bytes of answers that were handed to connections and are not yet with the system.
    pub unsent: Gauge,
    refused: Family<ReasonLabels, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct HttpLabels {
    route: String,
    method: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    tool: String,
    outcome: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ToolLabels {
    tool: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabels {
    reason: String,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("proxmox_mcp");
        let http = Family::default();
        registry.register("http_requests", "HTTP requests answered, by route, method and status", http.clone());
        let calls = Family::default();
        registry.register("tool_calls", "Tool calls, by tool and outcome", calls.clone());
        let seconds = Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        registry.register_with_unit(
            "tool_call_duration",
            "How long tool calls took, the wait for the task included",
            Unit::Seconds,
            seconds.clone(),
        );
        let connections = Gauge::default();
        registry.register("connections", "Connections of clients that are open", connections.clone());
        let in_flight = Gauge::default();
        registry.register("requests_in_flight", "Requests under way", in_flight.clone());
        let sessions = Gauge::default();
        registry.register("sessions", "Sessions of the older protocol that are open", sessions.clone());
        let unread = Gauge::default();
        let help = "Answers that sessions keep until their client reads them";
        registry.register_with_unit("unread", help, Unit::Bytes, unread.clone());
        let unsent = Gauge::default();
        let help = "Answers that connections hold until their client reads them";
        registry.register_with_unit("unsent", help, Unit::Bytes, unsent.clone());
        let refused = Family::default();
        registry.register("refused", "Requests turned away before any tool, by reason", refused.clone());
        Self { registry, http, calls, seconds, connections, in_flight, sessions, unread, unsent, refused }
    }
}

impl Metrics {
    /// Adds numbers that are kept elsewhere, asked for at each scrape.
    pub fn add(&mut self, collector: Box<dyn Collector>) {
        self.registry.register_collector(collector);
    }

    /// Counts an answered request. `route` is the pattern, not the path, so that there are only so many.
    pub fn answered(&self, route: &str, method: &str, status: u16) {
        let labels = HttpLabels { route: route.to_owned(), method: method.to_owned(), status };
        self.http.get_or_create(&labels).inc();
    }

    /// Counts a request that was turned away, by the word of its problem.
    pub fn refused(&self, reason: &str) {
        self.refused.get_or_create(&ReasonLabels { reason: reason.to_owned() }).inc();
    }

    /// Counts a tool call.
    pub fn called(&self, tool: &str, outcome: &str, took: Duration) {
        let tool = tool.to_owned();
        self.calls.get_or_create(&CallLabels { tool: tool.clone(), outcome: outcome.to_owned() }).inc();
        self.seconds.get_or_create(&ToolLabels { tool }).observe(took.as_secs_f64());
    }

    /// All numbers, as Prometheus reads them.
    ///
    /// # Errors
    /// When a collector fails, which ours do not.
    pub fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_can_be_read() {
        let metrics = Metrics::default();
        metrics.answered("/vms/{vmid}", "GET", 404);
        metrics.called("startVM", "done", Duration::from_millis(7));
        metrics.called("startVM", "done", Duration::from_secs(300));
        metrics.refused("credentials");
        metrics.connections.inc();
        let text = metrics.text().expect("text");
        for line in [
            "proxmox_mcp_http_requests_total{route=\"/vms/{vmid}\",method=\"GET\",status=\"404\"} 1",
            "proxmox_mcp_tool_calls_total{tool=\"startVM\",outcome=\"done\"} 2",
            "proxmox_mcp_tool_call_duration_seconds_bucket{le=\"0.01\",tool=\"startVM\"} 1",
            "proxmox_mcp_tool_call_duration_seconds_count{tool=\"startVM\"} 2",
            "proxmox_mcp_refused_total{reason=\"credentials\"} 1",
            "proxmox_mcp_connections 1",
            "# EOF",
        ] {
            assert!(text.lines().any(|l| l == line), "no line {line:?} in\n{text}");
        }
    }
}
