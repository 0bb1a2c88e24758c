//! The command line: what can be typed, and which function answers it.
//!
//! Every command writes through one [`Output`]; nothing else in the program prints to standard output, because over
//! stdio standard output is the protocol.

mod api;
mod audit;
mod call;
mod completions;
mod doctor;
mod freeze;
mod log;
#[cfg(test)]
mod man;
mod output;
mod serve;
mod setup;
mod surface;
mod token;
mod tools;

use std::{io::IsTerminal as _, process::ExitCode};

use clap::{Parser, Subcommand};
use proxmox_mcp::config::BadSettings;
use setup::Setup;

pub(crate) use output::Output;

/// An MCP server for Proxmox VE. Without a command it speaks MCP on standard input and output.
#[derive(Debug, Default, Parser)]
#[command(name = "proxmox-mcp", version = proxmox_mcp::api::VERSION, propagate_version = true, max_term_width = 100)]
#[command(after_long_help = EXIT_CODES)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
}

/// How long a single call waits, when it has its answer, to hear of rules that match nothing.
const STRAYS_MAX: std::time::Duration = std::time::Duration::from_secs(2);

/// Exit code of a command that was interrupted before its end, as shells have it for SIGINT.
const INTERRUPTED: u8 = 130;

/// What `--help` says at its end, and the manual page in a section of its own.
const EXIT_CODES: &str = "\
Exit codes:
    0  done
    1  it failed, and standard error says why
    2  typed wrongly, or arguments that the tool does not take
    3  doctor: nothing worse than a warning; audit verify: whole, and unkeyed in spite of a key
    4  call: what was begun goes on
  130  interrupted before there was an answer";

/// What to do instead of speaking MCP on standard input and output.
#[derive(Debug, Subcommand)]
enum Command {
    /// Call one tool.
    Call(call::CallTool),
    /// Find, explain and call any method of the Proxmox VE API.
    #[command(subcommand)]
    Api(api::Api),
    /// List the tools, what they do, the privileges that they need, and whether the token has them.
    Tools(tools::ToolsArgs),
    /// Look at everything from the settings to the privileges, and say what to do about what is wrong.
    Doctor(doctor::Doctor),
    /// Serve MCP over streamable HTTP, and REST, on one port.
    Serve(serve::Serve),
    /// Make, list and revoke bearer tokens for `serve`.
    #[command(subcommand)]
    Token(token::Token),
    /// Keep every change back, at once and in every server that goes by the same file, until thaw.
    Freeze(freeze::FreezeArgs),
    /// Let changes through again.
    Thaw,
    /// Work with the audit log.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Print the PVE API that is compiled in: one endpoint a block, one fact a line.
    Surface(surface::Surface),
    /// Print a script that completes commands, options, tools and their arguments.
    Completions(completions::Completions),
    #[command(name = "__complete", hide = true)]
    Complete(completions::Complete),
}

/// Options that every command takes.
#[derive(Debug, Default, clap::Args)]
struct Global {
    /// What to write to standard error: error, warn, info, debug, trace, or a filter such as proxmox_mcp=debug.
    /// [default: warn; info,rmcp=error for serve] (PROXMOX_LOG).
    #[arg(long, global = true, value_name = "FILTER", help_heading = "Log")]
    log: Option<String>,
    /// How to write it [default: text] (PROXMOX_LOG_FORMAT).
    #[arg(long, global = true, value_name = "FORMAT", help_heading = "Log")]
    log_format: Option<log::LogFormat>,
    #[command(flatten)]
    demo: setup::DemoArgs,
    #[command(flatten)]
    rules: setup::Rules,
}

impl Global {
    /// The variables that options take the place of.
    fn overruled(&self) -> Vec<&'static str> {
        let log = self.log.as_ref().map(|_| "PROXMOX_LOG");
        let format = self.log_format.map(|_| "PROXMOX_LOG_FORMAT");
        log.into_iter().chain(format).chain(self.rules.overruled()).collect()
    }
}

/// Why a command ended without success: the sentence for standard error and the exit code.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// A failure of the command itself.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 1 }
    }

    /// A failure with an exit code of its own.
    pub(crate) fn coded(code: u8, message: impl Into<String>) -> Self {
        Self { message: message.into(), code }
    }

    /// A command that was typed wrongly.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 2 }
    }
}

impl From<std::io::Error> for Failure {
    fn from(e: std::io::Error) -> Self {
        Self::new(e.to_string())
    }
}

/// Parses the arguments, runs the command and turns its end into an exit code.
pub(crate) fn main() -> ExitCode {
    let mut cli = typed();
    cli.global.rules.rehearsal = match &cli.command {
        Some(Command::Call(call)) => call.rehearsal(),
        Some(Command::Api(api)) => api.rehearsal(),
        _ => None,
    };
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.message.is_empty() {
                output::complain(&failure.to_string());
            }
            ExitCode::from(failure.code)
        }
    }
}

/// What was typed. A client starts the server without arguments; then there is nothing to parse, and setting the parser
/// up would be half of what is done before the first answer.
fn typed() -> Cli {
    if std::env::args_os().len() > 1 { Cli::parse() } else { Cli::default() }
}

fn run(cli: Cli) -> Result<(), Failure> {
    // Of what the MCP SDK says of each request nothing is news, and its warnings are of what clients do wrong: one that
    // wants to could fill the log with them. `--log info` has it all the same.
    let usual = match cli.command {
        Some(Command::Serve(_)) => "info",
        // Whoever stops waiting for a task is told how to follow it; that they stopped they know.
        Some(Command::Call(_) | Command::Api(_)) => "warn,proxmox_mcp::tools::task=error",
        _ => "warn",
    };
    let (_log, heard) = log::start(cli.global.log.clone(), cli.global.log_format, usual)?;
    let settled = !matches!(
        cli.command,
        Some(Command::Call(_) | Command::Api(_) | Command::Doctor(_) | Command::Serve(_)) | None
    );
    if settled && !heard.0.is_empty() {
        return Err(heard.into());
    }
    match &cli.command {
        Some(Command::Audit(command)) => return audit::run(command, &mut Output::new()),
        Some(Command::Surface(command)) => return surface::run(command, &cli.global.rules, &mut Output::new()),
        Some(Command::Completions(args)) => return completions::script(args, &mut Output::new()),
        Some(Command::Complete(args)) => return completions::complete(args, &mut Output::new()),
        Some(Command::Freeze(args)) => return freeze::freeze(args, &cli.global.rules, &mut Output::new()),
        Some(Command::Thaw) => return freeze::thaw(&cli.global.rules, &mut Output::new()),
        Some(Command::Token(command)) => return token::run(command, &mut Output::new()),
        Some(Command::Call(_) | Command::Api(_) | Command::Tools(_) | Command::Doctor(_) | Command::Serve(_))
        | None => {}
    }
    // One client needs one thread; a server uses what the machine has.
    let mut builder = match &cli.command {
        Some(Command::Serve(_)) => tokio::runtime::Builder::new_multi_thread(),
        _ => tokio::runtime::Builder::new_current_thread(),
    };
    let runtime = builder.enable_all().build()?;
    let end = runtime.block_on(serve_or_call(&cli, &heard));
    // A read of standard input that is still pending must not hold up the exit.
    runtime.shutdown_background();
    end
}

/// The commands that need a cluster. Each is boxed, so that what a client starts does not touch the stack that the
/// greatest of them would take.
async fn serve_or_call(cli: &Cli, heard: &BadSettings) -> Result<(), Failure> {
    let demo = Box::pin(cli.global.demo.start()).await?;
    if let Some(Command::Doctor(args)) = &cli.command {
        let settings = demo.as_ref().map(proxmox_mcp::demo::Demo::settings);
        return until_interrupted(doctor::run(args, &cli.global, settings, heard, &mut Output::new())).await;
    }
    if let Some(Command::Tools(args)) = &cli.command {
        let settings = demo.as_ref().map(proxmox_mcp::demo::Demo::settings);
        return until_interrupted(tools::run(args, &cli.global.rules, settings, &mut Output::new())).await;
    }
    let mut heard = heard.clone();
    if let Some(Command::Serve(args)) = &cli.command {
        heard.0.extend(serve::files(Some(args)));
    }
    let setup = Setup::new(&cli.global.rules, demo, &heard)?;
    let tools = setup.tools.clone();
    // Nobody waits for it: a client wants its first answer at once.
    let strays = tokio::spawn({
        let tools = tools.clone();
        async move { tools.warn_of_strays().await }
    });
    if matches!(cli.command, Some(Command::Serve(_)) | None) {
        freeze::on_signal(tools.clone())?;
    }
    let end = match &cli.command {
        Some(Command::Call(call)) => {
            Box::pin(call::run(call, &setup, cli.global.rules.rehearsal.as_ref(), &mut Output::new())).await
        }
        Some(Command::Api(api)) => {
            Box::pin(api::run(api, &setup, cli.global.rules.rehearsal.as_ref(), &mut Output::new())).await
        }
        Some(Command::Serve(args)) => Box::pin(serve::run(args, setup, &mut Output::new())).await,
        Some(_) | None => Box::pin(stdio(setup)).await,
    };
    if matches!(cli.command, Some(Command::Call(_) | Command::Api(_))) {
        drop(tokio::time::timeout(STRAYS_MAX, strays).await);
    }
    // What was broken off is recorded by a thread that ends with the process.
    tools.recorded().await;
    end
}

/// Runs a command that changes nothing until it ends, or Ctrl-C does.
async fn until_interrupted(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::select! {
        end = Box::pin(command) => end,
        Ok(()) = tokio::signal::ctrl_c() => Err(interrupted()),
    }
}

/// That Ctrl-C ended what would not have changed anything.
fn interrupted() -> Failure {
    Failure::coded(INTERRUPTED, "interrupted before there was an answer; nothing was changed")
}

/// The default command: MCP on standard input and output until the input ends.
async fn stdio(setup: Setup) -> Result<(), Failure> {
    if std::io::stdin().is_terminal() {
        output::complain(
            "this speaks MCP on standard input and output, and waits for a client to open it; an AI client starts it by itself. \
             Ctrl-C ends it; `proxmox-mcp --help` lists what can be typed instead",
        );
    }
    let door = proxmox_mcp::server::Door::new(setup.tools, setup.lang);
    proxmox_mcp::server::stdio::serve(door).await.map_err(|e| Failure::new(e.to_string()))
}
