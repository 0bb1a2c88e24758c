//! `proxmox-mcp token`: bearer tokens for `serve`.

use std::{collections::BTreeSet, path::PathBuf};

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use proxmox_mcp::{
    clock, near,
    server::{
        http::tokens::{NewToken, TokenError, Tokens},
        principal::Scope,
    },
    tools::registry,
};

use super::{Failure, Output, output, setup};

/// What to do with the bearer tokens of `serve`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Token {
    /// Make a token and print it. It is shown this once; the file keeps only its hash.
    New {
        /// A name for it.
        name: String,
        /// What its bearer may do: read, power (also start, stop, restart) or all (also delete).
        #[arg(long)]
        scope: Scope,
        /// The only tools that it may use, separated by commas.
        #[arg(long, value_delimiter = ',', value_name = "TOOLS")]
        tools: Vec<String>,
        /// Days after which it is refused [default: never].
        #[arg(long, value_name = "DAYS")]
        days: Option<u32>,
        #[command(flatten)]
        file: File,
    },
    /// List the tokens.
    List {
        #[command(flatten)]
        file: File,
    },
    /// Remove a token. A running server forgets it on SIGHUP.
    Revoke {
        /// Its name.
        name: String,
        #[command(flatten)]
        file: File,
    },
}

/// Where the tokens are.
#[derive(Debug, clap::Args)]
pub(super) struct File {
    /// File of bearer tokens [default: proxmox-mcp/tokens.toml in the user's configuration folder] (PROXMOX_MCP_TOKENS).
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,
}

/// The token file of a user who named none.
pub(super) fn default_file() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let config = folder("XDG_CONFIG_HOME").or_else(|| folder("HOME").map(|home| home.join(".config")))?;
    Some(config.join("proxmox-mcp").join("tokens.toml"))
}

impl File {
    fn path(&self) -> Result<PathBuf, Failure> {
        let none = || Failure::usage("this user has no configuration folder; say --tokens FILE");
        let named = setup::file(self.tokens.as_ref(), "PROXMOX_MCP_TOKENS").map(|named| named.path);
        named.or_else(default_file).ok_or_else(none)
    }
}

/// Runs the command.
///
/// # Errors
/// When the file cannot be used, or the name or a tool is not one.
pub(super) fn run(command: &Token, out: &mut Output) -> Result<(), Failure> {
    match command {
        Token::New { name, scope, tools, days, file } => {
            let path = file.path()?;
            let mut tokens = Tokens::read_or_none(&path)?;
            let now = clock::now();
            let expires = days.map(|days| end(now, days)).transpose()?;
            let new = NewToken { name: name.clone(), scope: *scope, tools: named(tools)?, expires };
            let token = tokens.add(new, now)?;
            complain(&tokens);
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            tokens.write(&path)?;
            out.line(&token)?;
        }
        Token::List { file } => {
            let path = file.path()?;
            let tokens = Tokens::read_or_none(&path)?;
            if tokens.is_empty() {
                output::complain(&format!(
                    "there is no token in {}; `proxmox-mcp token new` makes one",
                    path.display()
                ));
            }
            complain(&tokens);
            for entry in tokens.entries() {
                let tools = entry.tools.iter().flatten().cloned().collect::<Vec<_>>().join(",");
                let ended = entry.expires.as_deref().is_some_and(past);
                let until = entry.expires.as_deref().unwrap_or("never");
                let note = if ended { " (expired)" } else { "" };
                let (name, scope, created) = (&entry.name, entry.scope, &entry.created);
                let line = format!("{name}  scope {scope}  made {created}  expires {until}{note}  {tools}");
                out.line(line.trim_end())?;
            }
        }
        Token::Revoke { name, file } => {
            let path = file.path()?;
            let mut tokens = Tokens::read_or_none(&path)?;
            tokens.revoke(name)?;
            tokens.write(&path)?;
            complain(&tokens);
            out.line(&format!("{name} is revoked; send SIGHUP to a running server"))?;
        }
    }
    Ok(())
}

/// Tells of the entries that let nobody in, and how to be rid of them.
fn complain(tokens: &Tokens) {
    for fault in tokens.faults() {
        output::complain(&format!(
            "an entry lets nobody in, and keeps `serve` from starting: {fault}; revoke it by its name"
        ));
    }
}

fn past(time: &str) -> bool {
    DateTime::parse_from_rfc3339(time).is_ok_and(|time| time <= clock::now())
}

/// When a token of so many days ends. The file holds years of four digits: a later one could not be read again.
fn end(now: DateTime<Utc>, days: u32) -> Result<DateTime<Utc>, Failure> {
    if days == 0 {
        return Err(Failure::usage("--days 0 would make a token that nobody could use; say 1 or more"));
    }
    let end = now.checked_add_signed(TimeDelta::days(days.into())).filter(|end| end.year() <= 9999);
    end.ok_or_else(|| {
        Failure::usage(format!("--days {days} leads beyond the year 9999; leave it out for a token without end"))
    })
}

fn named(tools: &[String]) -> Result<Option<BTreeSet<String>>, Failure> {
    if let Some(unknown) = tools.iter().find(|name| registry::guests().all(|tool| tool.name != name.as_str())) {
        let known: Vec<_> = registry::guests().map(|tool| tool.name).collect();
        let meant = near::meant(unknown, known.iter().copied());
        return Err(Failure::usage(format!("there is no tool {unknown:?}; there are {}{meant}", known.join(", "))));
    }
    Ok(if tools.is_empty() { None } else { Some(tools.iter().cloned().collect()) })
}

impl From<TokenError> for Failure {
    fn from(e: TokenError) -> Self {
        Self::new(e.to_string())
    }
}
