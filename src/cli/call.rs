//! `proxmox-mcp call TOOL key=value …`: one tool from the command line.

use std::{
    future::Future,
    io::{self, BufRead, IsTerminal, Write},
    pin::Pin,
    sync::Arc,
};

use proxmox_mcp::tools::{Ask, CallContext, Consent, Listed, Question, Reply, Tools};
use serde_json::{Map, Value};

use super::{Failure, Output, setup::Setup};

/// Options of the command.
#[derive(Debug, clap::Args)]
pub struct Call {
    /// The tool; `proxmox-mcp tools` lists them.
    tool: String,
    /// Its arguments, such as vmid=100 or name=web.
    #[arg(value_name = "KEY=VALUE")]
    arguments: Vec<String>,
    /// Print the structured result as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// When the tool says that it failed.
pub async fn run(call: &Call, setup: &Setup, out: &mut Output) -> Result<(), Failure> {
    let tools = Tools::all(setup.lang);
    let arguments = arguments(call, tools.iter().find(|tool| tool.spec.name == call.tool))?;
    let mut ctx = CallContext {
        client: concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")).to_owned(),
        session: format!("pid {}", std::process::id()),
        lang: setup.lang,
        ..CallContext::default()
    };
    if io::stdin().is_terminal() && io::stderr().is_terminal() {
        ctx.consent = Consent::Ask(Arc::new(Terminal));
    }
    let reply = setup.tools.call(&call.tool, &arguments, &ctx);
    tokio::pin!(reply);
    let reply = loop {
        tokio::select! {
            reply = &mut reply => break reply.map_err(|e| Failure::usage(e.to_string()))?,
            // Ctrl-C ends the waiting; the result then says what goes on.
            Ok(()) = tokio::signal::ctrl_c(), if !ctx.cancel.is_cancelled() => ctx.cancel.cancel(),
        }
    };
    let Reply::Result(result) = reply else { return Err(Failure::new("the tool gave no result")) };
    match (&result.structured, call.json) {
        (Some(facts), true) => out.json(facts)?,
        (None, true) if result.problem.is_none() => out.json(&Map::new())?,
        _ if result.problem.is_some() => {}
        _ => out.line(&result.text)?,
    }
    match result.problem {
        Some(_) => Err(Failure::new(result.text)),
        None => Ok(()),
    }
}

/// The arguments as JSON: each value as the type that the tool's schema says, so that quotes are never needed.
fn arguments(call: &Call, tool: Option<&Listed>) -> Result<Map<String, Value>, Failure> {
    let mut out = Map::new();
    for argument in &call.arguments {
        let Some((key, value)) = argument.split_once('=') else {
            return Err(Failure::usage(format!("{argument:?} is not KEY=VALUE, such as vmid=100")));
        };
        let wanted = tool.and_then(|tool| tool.input.get("properties")?.get(key)?.get("type")?.as_str());
        let typed = match wanted {
            Some("integer") => value.parse::<i64>().ok().map(Value::from),
            Some("boolean") => match value {
                "true" | "1" | "yes" => Some(Value::Bool(true)),
                "false" | "0" | "no" => Some(Value::Bool(false)),
                _ => None,
            },
            _ => None,
        };
        if out.insert(key.to_owned(), typed.unwrap_or_else(|| Value::from(value))).is_some() {
            return Err(Failure::usage(format!("{key} is given twice")));
        }
    }
    Ok(out)
}

/// Asks whoever sits at the terminal.
struct Terminal;

impl Ask for Terminal {
    fn ask(&self, question: Question) -> Pin<Box<dyn Future<Output = Result<bool, String>> + Send + '_>> {
        Box::pin(async move {
            let answer = tokio::task::spawn_blocking(move || -> io::Result<String> {
                let mut err = io::stderr().lock();
                write!(err, "{}\n{} [yes/no] ", question.plan, question.field)?;
                err.flush()?;
                let mut line = String::new();
                io::stdin().lock().read_line(&mut line)?;
                Ok(line)
            });
            let answer = answer.await.map_err(|e| e.to_string())?.map_err(|e| e.to_string())?;
            Ok(matches!(answer.trim().to_lowercase().as_str(), "yes" | "sí" | "si"))
        })
    }
}
