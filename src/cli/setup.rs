//! From options and configuration to tools that can be called.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use proxmox_mcp::{
    client::{Auth, Client, Rehearsal, Settings},
    config::{Config, Given, Problems},
    demo::{self, Demo, Scenario, scenario::Speed},
    tools::{
        self, Lang, Options, Policy, Rule, Tools,
        audit::{AuditLog, Seal},
        consent::Confirm,
        seal::{KeptError, Key},
    },
};

use super::Failure;

/// Options that say what this server may be used for. Each has a variable, which the option wins over.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Rules")]
pub struct Rules {
    /// Allow nothing that changes anything (PROXMOX_MCP_READ_ONLY).
    #[arg(long, global = true)]
    read_only: bool,
    /// Allow nothing that stops, restarts or deletes a guest (PROXMOX_MCP_DISABLE_DESTRUCTIVE).
    #[arg(long, global = true)]
    disable_destructive: bool,
    /// Allow only what this matches: tool:NAME, node:NAME, vmid:ID, vmid:FROM-TO, pool:NAME or tag:NAME; repeatable, or
    /// several separated by commas (PROXMOX_MCP_ALLOW).
    #[arg(long, global = true, value_name = "RULE", value_delimiter = ',')]
    allow: Vec<Rule>,
    /// Deny what this matches; wins over --allow; repeatable, or several separated by commas (PROXMOX_MCP_DENY).
    #[arg(long, global = true, value_name = "RULE", value_delimiter = ',')]
    deny: Vec<Rule>,
    /// Offer tools that the token can use on no guest, too (PROXMOX_MCP_SHOW_ALL).
    #[arg(long, global = true)]
    show_all: bool,
    /// Record every call that changes something in this file (PROXMOX_MCP_AUDIT_FILE).
    #[arg(long, global = true, value_name = "FILE")]
    audit_file: Option<PathBuf>,
    /// Language of titles, descriptions and texts (PROXMOX_MCP_LANG).
    #[arg(long, global = true, value_name = "LANG", value_parser = languages())]
    lang: Option<Lang>,
    /// For a dry run: keeps changes back.
    #[arg(skip)]
    pub rehearsal: Option<Rehearsal>,
}

/// Reads a language; a wrong one is told of the option, not of the variable.
fn languages() -> impl TypedValueParser<Value = Lang> {
    PossibleValuesParser::new(["en", "es"]).try_map(|name| name.parse::<Lang>())
}

/// Options for the demo.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Demo")]
pub struct DemoArgs {
    /// Start a small Proxmox VE inside this process and use that, instead of a real one.
    #[arg(long, global = true)]
    demo: bool,
    /// How long the demo's tasks take: fast, or real as on a host.
    #[arg(long, global = true, value_name = "SPEED")]
    demo_speed: Option<Speed>,
    /// The demo's cluster, as a TOML file.
    #[arg(long, global = true, value_name = "FILE")]
    demo_scenario: Option<PathBuf>,
}

impl DemoArgs {
    /// Starts the demo, if there is to be one.
    ///
    /// # Errors
    /// When its scenario cannot be read or it cannot start.
    pub async fn start(&self) -> Result<Option<Demo>, Failure> {
        let Some(scenario) = self.scenario()? else { return Ok(None) };
        demo::start(scenario).await.map(Some).map_err(said)
    }

    /// The cluster to start, if one is to be started.
    fn scenario(&self) -> Result<Option<Scenario>, Failure> {
        if !self.demo {
            return match (&self.demo_speed, &self.demo_scenario) {
                (None, None) => Ok(None),
                _ => Err(Failure::usage("--demo-speed and --demo-scenario need --demo")),
            };
        }
        let mut scenario = match &self.demo_scenario {
            None => Scenario::default(),
            Some(path) => {
                let said = |e: &dyn std::fmt::Display| Failure::new(format!("{}: {e}", path.display()));
                let text = std::fs::read_to_string(path).map_err(|e| said(&e))?;
                Scenario::from_toml(&text).map_err(|e| said(&e))?
            }
        };
        scenario.speed = self.demo_speed.unwrap_or(scenario.speed);
        Ok(Some(scenario))
    }
}

/// Tools that can be called, and what has to live as long as they do.
pub struct Setup {
    /// The tools.
    pub tools: Tools,
    /// The language.
    pub lang: Lang,
    /// Port of `serve`.
    pub http_port: u16,
    /// The demo, which ends when it is dropped.
    _demo: Option<Demo>,
}

impl Setup {
    /// Reads the configuration and makes the tools, for the demo or for a real host. Contacts nobody.
    ///
    /// # Errors
    /// All that is wrong with the configuration.
    pub fn new(rules: &Rules, demo: Option<Demo>) -> Result<Self, Failure> {
        let given = Given::load()?;
        warn(&given);
        let settings = match &demo {
            Some(demo) => demo.settings(),
            None => Config::of(&given)?.client,
        };
        Self::with(settings, &given, rules, demo)
    }

    fn with(settings: Settings, given: &Given, rules: &Rules, demo: Option<Demo>) -> Result<Self, Failure> {
        let lang = lang(given, rules)?;
        let confirm = given.get("PROXMOX_MCP_CONFIRM").map_or(Ok(Confirm::Auto), str::parse).map_err(said)?;
        // A dry run destroys nothing, so that there is nothing to agree to and nothing to record.
        let dry = rules.rehearsal.is_some();
        let settings = Settings { rehearsal: rules.rehearsal.clone(), ..settings };
        let key = if dry { Key::process() } else { key(given, &settings)? };
        let options = Options {
            policy: policy(given, rules)?,
            confirm: if dry { Confirm::Never } else { confirm },
            key: Some(key),
            audit: if dry { None } else { audit(given, rules)? },
            show_all: rules.show_all || switch(given, "PROXMOX_MCP_SHOW_ALL")?,
        };
        let client = Client::new(settings).map_err(said)?;
        let http_port = proxmox_mcp::config::http_port(given).map_err(Failure::new)?;
        Ok(Self { tools: Tools::new(client, options), lang, http_port, _demo: demo })
    }
}

/// What seals codes and handles, so that a code that one command prints can be given to the next: the key that was set;
/// without one what only this server and its replicas have, the secret of its token. A password is none of that: whoever
/// has one code could try passwords against it, so a random key is kept on disk instead.
///
/// # Errors
/// When the key that was set could be guessed, or others can use the one on disk.
fn key(given: &Given, settings: &Settings) -> Result<Key, Failure> {
    if let Some(text) = given.get("PROXMOX_MCP_KEY") {
        return Key::chosen(text).map_err(|e| Failure::new(format!("PROXMOX_MCP_KEY is refused: {e}")));
    }
    if let Auth::Token(token) = &settings.auth {
        return Ok(Key::derived(&format!("{}\0{}", token.id, token.secret.reveal())));
    }
    let alone = |why: &dyn std::fmt::Display| {
        tracing::warn!("{why}; confirmation codes and task handles hold for this process alone, set PROXMOX_MCP_KEY");
        Key::process()
    };
    let Some(path) = key_file() else { return Ok(alone(&"this user has no folder for state")) };
    match Key::kept(&path) {
        Ok(key) => Ok(key),
        Err(e @ KeptError::File { .. }) => Ok(alone(&e)),
        Err(e) => Err(said(e)),
    }
}

/// Where the random key of this user is kept.
fn key_file() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    // Of systemd, which may name several.
    let given = std::env::var("STATE_DIRECTORY").ok();
    let given = given.as_deref().and_then(|all| all.split(':').next()).filter(|first| !first.is_empty());
    let own = || folder("XDG_STATE_HOME").or_else(|| folder("HOME").map(|home| home.join(".local").join("state")));
    let state = given.map(PathBuf::from);
    let ours = || own().or_else(|| folder("LOCALAPPDATA")).map(|folder| folder.join("proxmox-mcp"));
    state.or_else(ours).map(|folder| folder.join("seal.key"))
}

/// The rules of this server, from variables and options.
///
/// # Errors
/// When a rule cannot be read.
pub fn policy(given: &Given, rules: &Rules) -> Result<Policy, Failure> {
    let both = |given_rules: &[Rule], name: &str| -> Result<Vec<Rule>, Failure> {
        let read = given.get(name).map_or(Ok(Vec::new()), tools::rules);
        let mut all = read.map_err(|e| Failure::new(format!("{name}: {e}")))?;
        all.extend(given_rules.iter().cloned());
        Ok(all)
    };
    let tags = given.get("PROXMOX_MCP_PROTECTED_TAG").map_or(Ok(Policy::default().protected_tags), tools::tags);
    Ok(Policy {
        read_only: rules.read_only || switch(given, "PROXMOX_MCP_READ_ONLY")?,
        no_destructive: rules.disable_destructive || switch(given, "PROXMOX_MCP_DISABLE_DESTRUCTIVE")?,
        protected_tags: tags.map_err(|e| Failure::new(format!("PROXMOX_MCP_PROTECTED_TAG: {e}")))?,
        allow: both(&rules.allow, "PROXMOX_MCP_ALLOW")?,
        deny: both(&rules.deny, "PROXMOX_MCP_DENY")?,
    })
}

/// The language of this server.
///
/// # Errors
/// When the variable names none.
pub fn lang(given: &Given, rules: &Rules) -> Result<Lang, Failure> {
    match (rules.lang, given.get("PROXMOX_MCP_LANG")) {
        (Some(lang), _) => Ok(lang),
        (None, None) => Ok(Lang::default()),
        (None, Some(name)) => name.parse().map_err(said),
    }
}

/// Tells of the variables that may be meant for us and are not known.
pub fn warn(given: &Given) {
    for what in given.passed_over() {
        tracing::warn!("{what}");
    }
}

fn audit(given: &Given, rules: &Rules) -> Result<Option<AuditLog>, Failure> {
    let path = rules.audit_file.clone().or_else(|| given.get("PROXMOX_MCP_AUDIT_FILE").map(PathBuf::from));
    let seal = given.get("PROXMOX_MCP_KEY").map_or_else(Seal::plain, Seal::keyed);
    path.map(|path| AuditLog::open(&path, seal)).transpose().map_err(said)
}

fn switch(given: &Given, name: &str) -> Result<bool, Failure> {
    proxmox_mcp::config::switch(given, name, false).map_err(Failure::new)
}

fn said(e: impl std::fmt::Display) -> Failure {
    Failure::new(e.to_string())
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self::new(problems.to_string())
    }
}
