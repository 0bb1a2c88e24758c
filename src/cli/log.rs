//! Diagnostics go to standard error, as text or as one JSON object a line.

use std::io;

use tracing_subscriber::{Layer as _, filter::Targets, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use super::{Failure, output};

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

/// What has to live as long as the log is written.
#[derive(Debug, Default)]
pub struct Log {
    #[cfg(feature = "otel")]
    _traces: Option<proxmox_mcp::server::traces::Traces>,
}

/// Starts the log, and in builds that can do it the export of traces.
///
/// # Errors
/// When the filter or the settings of the export cannot be used.
pub fn start(filter: &str, format: LogFormat) -> Result<Log, Failure> {
    let filter: Targets = filter
        .parse()
        .map_err(|e| Failure::new(format!("--log {filter:?}: {e}; use a level such as info or debug")))?;
    let log = fmt::layer().with_writer(io::stderr);
    let log = match format {
        LogFormat::Text => log.with_ansi(output::colour_err()).boxed(),
        LogFormat::Json => log.json().flatten_event(true).with_current_span(false).boxed(),
    };
    #[cfg(feature = "otel")]
    {
        use proxmox_mcp::server::traces::Traces;
        let traces = Traces::from_environment().map_err(|e| Failure::new(e.to_string()))?;
        let export = traces.as_ref().map(Traces::layer);
        tracing_subscriber::registry().with(log.with_filter(filter)).with(export).init();
        Ok(Log { _traces: traces })
    }
    #[cfg(not(feature = "otel"))]
    {
        tracing_subscriber::registry().with(log).with(filter).init();
        Ok(Log::default())
    }
}
