//! Diagnostics go to standard error, as text or as one JSON object a line.

use std::{env, io};

use clap::ValueEnum as _;
use tracing_subscriber::{
    Layer as _,
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use proxmox_mcp::{
    config::{BadSetting, BadSettings, words},
    near,
};

use super::{Failure, output};

/// The library that speaks MCP.
const LIBRARY: &str = "rmcp";

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

/// What has to live as long as the log is written.
#[derive(Debug, Default)]
pub(super) struct Log {
    #[cfg(feature = "otel")]
    _traces: Option<proxmox_mcp::server::traces::Traces>,
}

/// Starts the log, as the options say, else as the variables say, else at the `usual` level as text; and in builds that
/// can do it the export of traces. Gives what is wrong with the variables, which are then passed over.
///
/// # Errors
/// When the options cannot be used.
pub(super) fn start(
    filter: Option<String>,
    format: Option<LogFormat>,
    usual: &str,
) -> Result<(Log, BadSettings), Failure> {
    let mut problems = BadSettings::default();
    let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
    let usual = targets(usual).map_err(Failure::new)?;
    let targets = match (filter, variable("PROXMOX_LOG")) {
        (Some(typed), _) => targets(&typed).map_err(|why| Failure::usage(format!("--log {typed:?}: {why}")))?,
        (None, Some(set)) => targets(&set).unwrap_or_else(|why| {
            problems.note(BadSetting::of(["PROXMOX_LOG"], format!("PROXMOX_LOG={set:?}: {why}")));
            usual
        }),
        (None, None) => usual,
    };
    let format = match (format, variable("PROXMOX_LOG_FORMAT")) {
        (Some(format), _) => format,
        (None, None) => LogFormat::Text,
        (None, Some(name)) => LogFormat::from_str(&name, false).unwrap_or_else(|_| {
            let meant = near::meant(&name, words("PROXMOX_LOG_FORMAT").iter().copied());
            let text = format!("PROXMOX_LOG_FORMAT={name:?} is neither text nor json{meant}");
            problems.note(BadSetting::of(["PROXMOX_LOG_FORMAT"], text));
            LogFormat::Text
        }),
    };
    let log = fmt::layer().with_writer(io::stderr);
    let log = match format {
        LogFormat::Text => log.with_ansi(output::colour_err()).boxed(),
        LogFormat::Json => log.json().flatten_event(true).with_current_span(false).boxed(),
    };
    #[cfg(feature = "otel")]
    {
        use proxmox_mcp::server::traces::Traces;
        let traces = Traces::from_environment().map_err(|e| BadSetting::of([], e.to_string()));
        let traces = problems.take(traces).flatten();
        let export = traces.as_ref().map(Traces::layer);
        tracing_subscriber::registry().with(log.with_filter(targets)).with(export).init();
        Ok((Log { _traces: traces }, problems))
    }
    #[cfg(not(feature = "otel"))]
    {
        tracing_subscriber::registry().with(log).with(targets).init();
        Ok((Log::default(), problems))
    }
}

/// Reads a filter. A word that is no level would be taken for a part of the program that there is none of, and nothing would
/// be logged.
fn targets(filter: &str) -> Result<Targets, String> {
    for part in filter.split(',').map(str::trim) {
        let (target, level) = part.split_once('=').map_or((None, part), |(target, level)| (Some(target), level));
        let ours = target.is_none() && OURS.iter().any(|ours| part == *ours || part.starts_with(&format!("{ours}::")));
        if level.parse::<LevelFilter>().is_err() && !ours {
            let meant = near::meant(level, LEVELS);
            return Err(format!("{level:?} is none of {}{meant}", LEVELS.join(", ")));
        }
    }
    filter.parse().map(without_messages).map_err(|e| format!("{e}; use a level such as info or debug"))
}

/// The levels, from nothing to everything.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
/// Parts of the program whose name alone, without a level, is a filter.
const OURS: [&str; 2] = ["proxmox_mcp", LIBRARY];

/// Keeps the MCP library to what it may say: from debug on it logs whole messages, and with them confirmation codes and
/// what a guest holds; a method that a client asks for and we do not have it takes for a warning.
fn without_messages(targets: Targets) -> Targets {
    let named = targets.iter().filter(|(target, _)| target.split("::").next() == Some(LIBRARY));
    let named: Vec<_> = named.map(|(target, level)| (target.to_owned(), level.min(LevelFilter::WARN))).collect();
    let general = targets.default_level().unwrap_or(LevelFilter::OFF).min(LevelFilter::ERROR);
    targets.with_target(LIBRARY, general).with_targets(named)
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn the_mcp_library_logs_no_messages_whatever_is_asked_for() {
        for filter in ["trace", "debug", "rmcp=trace", "info,rmcp::service=debug", "rmcp::transport=trace,debug"] {
            let targets = targets(filter).expect("a filter");
            for target in ["rmcp", "rmcp::service", "rmcp::transport::async_rw"] {
                assert!(!targets.would_enable(target, &Level::INFO), "{filter}: {target}");
            }
        }
        assert!(targets("info,rmcp=warn").expect("a filter").would_enable("rmcp::service", &Level::WARN));
        assert!(!targets("info").expect("a filter").would_enable("rmcp::service", &Level::WARN));
        assert!(!targets("off").expect("a filter").would_enable("rmcp::service", &Level::ERROR));
        assert!(targets("debug").expect("a filter").would_enable("proxmox_mcp::client", &Level::DEBUG));
    }
}
