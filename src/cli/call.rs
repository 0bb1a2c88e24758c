//! `proxmox-mcp call TOOL key=value …`: one tool from the command line.

mod arguments;
mod format;
mod progress;

pub(super) use arguments::document;

use std::{
    future::Future,
    io::{self, BufRead, IsTerminal, Write},
    pin::Pin,
    sync::Arc,
};

use proxmox_mcp::{
    client::{Rehearsal, Rehearsed},
    tools::{Ask, CallContext, Consent, Problem, Question, Reply, ToolResult, Tools, registry},
};
use serde_json::{Map, Value, json};

use super::{Failure, INTERRUPTED, Output, output, setup::Setup};

/// Exit code when what was begun goes on after the waiting.
const GOES_ON: u8 = 4;
/// Options of the command.
#[derive(Debug, clap::Args)]
pub(super) struct CallTool {
    /// The tool; `proxmox-mcp tools` lists them.
    tool: String,
    /// Its arguments, such as vmid=100 or name=web; `-` reads them from standard input as a JSON object.
    #[arg(value_name = "KEY=VALUE")]
    arguments: Vec<String>,
    #[command(flatten)]
    form: Form,
    /// Show the requests and send only those that change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// How to print the structured result, instead of the text for people.
#[derive(Clone, Copy, Debug, clap::Args)]
#[group(multiple = false)]
pub(super) struct Form {
    /// Print the structured result as JSON.
    #[arg(long)]
    json: bool,
    /// Print the structured result as a table.
    #[arg(long)]
    table: bool,
    /// Print the structured result as comma-separated values.
    #[arg(long)]
    csv: bool,
}

impl Form {
    /// JSON, or the text for people.
    pub(super) const fn of(json: bool) -> Self {
        Self { json, table: false, csv: false }
    }

    /// Whether the text for people is printed.
    const fn is_text(self) -> bool {
        !(self.json || self.table || self.csv)
    }
}

impl CallTool {
    /// What keeps changes back, for a dry run.
    pub(super) fn rehearsal(&self) -> Option<Rehearsal> {
        self.dry_run.then(Rehearsal::default)
    }
}

/// Runs the command.
///
/// # Errors
/// When the tool says that it failed, or that what it began goes on.
pub(super) async fn run(
    call: &CallTool,
    setup: &Setup,
    rehearsal: Option<&Rehearsal>,
    out: &mut Output,
) -> Result<(), Failure> {
    let tools = Tools::all(setup.lang);
    let arguments = arguments::read(&call.arguments, tools.iter().find(|tool| tool.tool.name == call.tool))?;
    let result = outcome(&call.tool, &arguments, setup).await?;
    told(&result, call.form, rehearsal, out)
}

/// Prints what came of a call.
///
/// # Errors
/// When the tool says that it failed, or that what it began goes on.
pub(super) fn told(
    result: &ToolResult,
    form: Form,
    rehearsal: Option<&Rehearsal>,
    out: &mut Output,
) -> Result<(), Failure> {
    match rehearsal {
        Some(rehearsal) => rehearsed(&rehearsal.requests(), result, form, out),
        None => {
            let goes_on = goes_on(result).filter(|_| result.problem.is_none());
            let one_line = form.is_text() && io::stdout().is_terminal();
            match &goes_on {
                // To a person in one line: what was done, and how to follow it. A program reads the two apart.
                Some(how) if one_line => {
                    out.line(&format!("{}; {how}.", result.text.trim_end().trim_end_matches('.')))?
                }
                _ => print(result, form, out)?,
            }
            match goes_on {
                None => Ok(()),
                Some(_) if one_line => Err(Failure::coded(GOES_ON, "")),
                Some(how) => Err(Failure::coded(GOES_ON, how)),
            }
        }
    }
}

/// Calls the tool and waits. Where it changes something Ctrl-C ends the waiting, and the result then says what goes on;
/// pressed again it ends the program. Where it only reads there is nothing to follow, and the first one does. One line says
/// which it was.
///
/// # Errors
/// When there is no such tool, or the waiting was interrupted.
pub(super) async fn outcome(tool: &str, arguments: &Map<String, Value>, setup: &Setup) -> Result<ToolResult, Failure> {
    piped_outcome(tool, arguments, arguments, setup).await
}

/// The same, where what may have come on standard input is a part of the arguments.
///
/// # Errors
/// As [`outcome`].
pub(super) async fn piped_outcome(
    tool: &str,
    arguments: &Map<String, Value>,
    piped: &Map<String, Value>,
    setup: &Setup,
) -> Result<ToolResult, Failure> {
    let mut ctx = CallContext {
        client: concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")).to_owned(),
        session: format!("pid {}", std::process::id()),
        lang: setup.lang,
        ..CallContext::default()
    };
    ctx.consent = if io::stdin().is_terminal() && io::stderr().is_terminal() {
        Consent::Ask(Arc::new(Terminal))
    } else {
        Consent::Typed(typed(std::env::args(), piped))
    };
    let mut line = None;
    if let Some((shown, steps)) = progress::Line::start() {
        (line, ctx.progress, ctx.percent) = (Some(shown), Some(steps), true);
    }
    let changes = registry::by_name(tool).is_some_and(|tool| tool.effect.may_change());
    let reply = setup.tools.call(tool, arguments, &ctx);
    tokio::pin!(reply);
    let reply = loop {
        tokio::select! {
            reply = &mut reply => break reply.map_err(|e| Failure::usage(e.to_string())),
            Ok(()) = tokio::signal::ctrl_c() => {
                if !changes {
                    break Err(super::interrupted());
                }
                if ctx.cancel.is_cancelled() {
                    let what = "interrupted before PVE had answered: look at the guest before you repeat the call";
                    break Err(Failure::coded(INTERRUPTED, what));
                }
                ctx.cancel.cancel();
            }
        }
    };
    if let Some(line) = line {
        line.end().await;
    }
    match reply? {
        Reply::Result(result) => Ok(result),
        Reply::Question(_) | Reply::Task(_) => Err(Failure::new("the tool gave no result")),
    }
}

/// Prints a result.
///
/// # Errors
/// When the tool says that it failed.
pub(super) fn print(result: &ToolResult, form: Form, out: &mut Output) -> Result<(), Failure> {
    let none = Map::new();
    match &result.structured {
        Some(facts) if form.json => out.json(facts)?,
        Some(facts) if form.table => out.line(&format::table(facts))?,
        Some(facts) if form.csv => out.line(&format::csv(facts))?,
        None if form.json && result.problem.is_none() => out.json(&none)?,
        _ if result.problem.is_some() => {}
        _ => out.line(&result.text)?,
    }
    match result.problem {
        Some(problem) => Err(refused(problem, result)),
        None => Ok(()),
    }
}

/// A result that is a failure; arguments that the tool does not take were typed wrongly.
fn refused(problem: Problem, result: &ToolResult) -> Failure {
    match problem {
        Problem::Arguments => Failure::usage(result.text.clone()),
        Problem::Cancelled => Failure::coded(INTERRUPTED, result.text.clone()),
        _ => Failure::new(result.text.clone()),
    }
}

/// Says how to follow what goes on. A script must tell it from what is done, whether it asked to wait or not.
fn goes_on(result: &ToolResult) -> Option<String> {
    let fact = |key: &str| result.structured.as_ref()?.get(key)?.as_str();
    match (fact("outcome"), fact("upid")) {
        (Some("running"), Some(upid)) => Some(follow(upid)),
        _ => None,
    }
}

/// How to follow a task that goes on.
fn follow(upid: &str) -> String {
    let node = upid.split(':').nth(1).unwrap_or_default();
    // The quotes are for the `!` of a token's name, which an interactive shell would take for its history.
    format!("it goes on; on a PVE host, `pvesh get '/nodes/{node}/tasks/{upid}/status'` tells how it ends")
}

/// Prints the requests of a dry run.
fn rehearsed(requests: &[Rehearsed], result: &ToolResult, form: Form, out: &mut Output) -> Result<(), Failure> {
    if form.json {
        let row = |r: &Rehearsed| json!({"request": r.what, "form": r.form, "sent": r.sent});
        out.json(&requests.iter().map(row).collect::<Vec<_>>())?;
    }
    for request in requests.iter().filter(|_| !form.json) {
        let mark = if request.sent { "sent    " } else { "withheld" };
        let form = if request.form.is_empty() { String::new() } else { format!("  {}", request.form) };
        out.line(&format!("{mark}  {}{form}", request.what))?;
    }
    match (requests.iter().any(|request| !request.sent), result.problem) {
        (true, _) => Ok(()),
        // It ends before it comes to a change, and says why.
        (false, Some(problem)) => Err(refused(problem, result)),
        (false, None) => {
            output::complain("nothing would be changed");
            Ok(())
        }
    }
}

/// A command as it is typed again, without a code that it came with. What came on standard input is gone by then, and is
/// typed out.
fn typed(words: impl Iterator<Item = String>, arguments: &Map<String, Value>) -> String {
    let plain = |word: &str| word.chars().all(|c| c.is_ascii_alphanumeric() || "-_=./:,@+".contains(c));
    let quoted = |word: String| match plain(&word) && !word.is_empty() {
        true => word,
        false => format!("'{}'", word.replace('\'', "'\\''")),
    };
    let words: Vec<String> = words.skip(1).collect();
    let pair = |(key, value): (&String, &Value)| match value {
        Value::String(text) => format!("{key}={text}"),
        other => format!("{key}={other}"),
    };
    let given = |key: &str| words.iter().any(|word| word.split_once('=').is_some_and(|(typed, _)| typed == key));
    let piped = words.iter().any(|word| word == "-").then_some(arguments).into_iter().flatten();
    let piped: Vec<String> = piped.filter(|(key, value)| !given(key) && !value.is_null()).map(pair).collect();
    let words = words.iter().filter(|word| *word != "-").cloned().chain(piped);
    let words = words.filter(|word| !word.starts_with("confirm="));
    // What the program was started as may be a long path; its name is what a person types.
    let program = concat!(env!("CARGO_PKG_NAME")).to_owned();
    std::iter::once(program).chain(words.map(quoted)).collect::<Vec<_>>().join(" ")
}

/// Asks whoever sits at the terminal, who agrees by typing the name of what would be destroyed.
struct Terminal;

impl Ask for Terminal {
    fn ask(&self, question: Question) -> Pin<Box<dyn Future<Output = Result<bool, String>> + Send + '_>> {
        Box::pin(async move {
            let (plan, prompt) = (question.plan, question.prompt);
            let answer = tokio::task::spawn_blocking(move || -> io::Result<String> {
                {
                    // Given back before the reading: whoever says that this was interrupted writes there too.
                    let mut err = io::stderr().lock();
                    write!(err, "{plan}\n{prompt}")?;
                    err.flush()?;
                }
                let mut line = String::new();
                io::stdin().lock().read_line(&mut line)?;
                Ok(line)
            });
            let answer = answer.await.map_err(|e| e.to_string())?.map_err(|e| e.to_string())?;
            Ok(answer.trim() == question.word)
        })
    }
}
