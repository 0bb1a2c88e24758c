//! From options and configuration to tools that can be called.

mod key;
mod place;

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use proxmox_mcp::{
    client::{Client, Rehearsal, Settings, Tls},
    config::{self, BadSetting, BadSettings, Config, Given, switch},
    demo::{self, Demo, Scenario, scenario::Speed},
    tools::{
        self, Lang, Options, Policy, Reach, Rule, Tools, Toolset,
        audit::{AuditLog, Seal},
        consent::Confirm,
        freeze::Freeze,
        pace::{Allowance, Pace},
        seal::Key,
    },
};

use super::Failure;
use key::{chosen, key};
use place::state_file;

/// Options that say what this server may be used for. Each has a variable, which the option wins over.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Rules")]
pub(super) struct Rules {
    /// Allow nothing that changes anything (PROXMOX_MCP_READ_ONLY).
    #[arg(long, global = true)]
    read_only: bool,
    /// Allow nothing that stops, restarts or deletes a guest (PROXMOX_MCP_DISABLE_DESTRUCTIVE).
    #[arg(long, global = true)]
    disable_destructive: bool,
    /// Allow only what this matches: tool:NAME, node:NAME, vmid:ID, vmid:FROM-TO, pool:NAME, tag:NAME or api:PATH, as in
    /// "api:DELETE /storage/*"; repeatable, or several separated by commas (PROXMOX_MCP_ALLOW).
    #[arg(long, global = true, value_name = "RULE", value_delimiter = ',')]
    allow: Vec<Rule>,
    /// Deny what this matches; wins over --allow; repeatable, or several separated by commas (PROXMOX_MCP_DENY).
    #[arg(long, global = true, value_name = "RULE", value_delimiter = ',')]
    deny: Vec<Rule>,
    /// Sets of tools that are switched on: guests, api, tasks, configure, snapshots or all, separated by commas (PROXMOX_MCP_TOOLSETS).
    #[arg(long, global = true, value_name = "SETS")]
    toolsets: Option<String>,
    /// Offer tools that the token can use on no guest, too (PROXMOX_MCP_SHOW_ALL).
    #[arg(long, global = true)]
    show_all: bool,
    /// Record every call that changes something in this file (PROXMOX_MCP_AUDIT_FILE).
    #[arg(long, global = true, value_name = "FILE")]
    audit_file: Option<PathBuf>,
    /// While this file is there, nothing is changed; freeze and thaw make and remove it (PROXMOX_MCP_FREEZE_FILE).
    #[arg(long, global = true, value_name = "FILE")]
    freeze_file: Option<PathBuf>,
    /// Language of titles, descriptions and texts (PROXMOX_MCP_LANG).
    #[arg(long, global = true, value_name = "LANG", value_parser = languages())]
    lang: Option<Lang>,
    /// For a dry run: keeps changes back.
    #[arg(skip)]
    pub rehearsal: Option<Rehearsal>,
}

impl Rules {
    /// The variables that options take the place of.
    pub(super) fn overruled(&self) -> impl Iterator<Item = &'static str> {
        let lang = self.lang.map(|_| "PROXMOX_MCP_LANG");
        let toolsets = self.toolsets.as_ref().map(|_| "PROXMOX_MCP_TOOLSETS");
        lang.into_iter()
            .chain(toolsets)
            .chain(self.audit_file.as_ref().map(|_| "PROXMOX_MCP_AUDIT_FILE"))
            .chain(self.freeze_file.as_ref().map(|_| "PROXMOX_MCP_FREEZE_FILE"))
    }
}

/// Reads a language; a wrong one is told of the option, not of the variable.
fn languages() -> impl TypedValueParser<Value = Lang> {
    PossibleValuesParser::new(config::words("PROXMOX_MCP_LANG")).try_map(|name| name.parse::<Lang>())
}

/// Options for the demo.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Demo")]
pub(super) struct DemoArgs {
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
    pub(super) async fn start(&self) -> Result<Option<Demo>, Failure> {
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
pub(super) struct Setup {
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
    /// All that is wrong with the configuration, and what was `heard` of it before.
    pub(super) fn new(rules: &Rules, demo: Option<Demo>, heard: &BadSettings) -> Result<Self, Failure> {
        let given = Given::load();
        warn(&given);
        let mut started = start(&given, rules, demo.as_ref().map(Demo::settings));
        started.problems.0.splice(0..0, heard.0.iter().cloned());
        let Started { settings, options, lang, http_port, problems } = started;
        match (settings, options) {
            (Some(settings), Some(options)) if problems.0.is_empty() => {
                let client = Client::new(settings).map_err(said)?;
                Ok(Self { tools: Tools::new(client, options), lang, http_port, _demo: demo })
            }
            _ => Err(problems.into()),
        }
    }
}

/// What every start makes of the configuration, and all that is wrong with it.
pub(super) struct Started {
    /// How to reach and log in to the cluster, where that is known.
    pub settings: Option<Settings>,
    /// How the tools behave, where that is known.
    pub options: Option<Options>,
    lang: Lang,
    http_port: u16,
    /// What is wrong, each once.
    pub problems: BadSettings,
}

/// Reads the configuration as far as it can be read; the demo's `settings` stand in for those of a host. Opens the audit log and
/// the files of trust, and contacts nobody.
pub(super) fn start(given: &Given, rules: &Rules, settings: Option<Settings>) -> Started {
    let mut problems = BadSettings::default();
    let settings = match settings {
        Some(settings) => {
            problems = given.problems().clone();
            Some(settings)
        }
        None => Config::of(given).map(|config| config.client).map_err(|all| problems = all).ok(),
    };
    let mut take = Taker(&mut problems);
    let http_port = take.0.take(config::http_port(given)).unwrap_or_default();
    let lang = take.of("PROXMOX_MCP_LANG", lang(given, rules)).unwrap_or_default();
    let confirm =
        take.of("PROXMOX_MCP_CONFIRM", given.get("PROXMOX_MCP_CONFIRM").map_or(Ok(Confirm::Auto), str::parse));
    let policy = take.policy(given, rules);
    let pace = take.pace(given);
    let toolsets = take.of("PROXMOX_MCP_TOOLSETS", toolsets(given, rules));
    let reach = take.of("PROXMOX_MCP_API", given.get("PROXMOX_MCP_API").map_or(Ok(Reach::default()), str::parse));
    let show_all = rules.show_all | take.0.take(switch(given, "PROXMOX_MCP_SHOW_ALL")).unwrap_or_default();
    // A dry run destroys nothing, so that there is nothing to agree to and nothing to record.
    let dry = rules.rehearsal.is_some();
    let settings = settings.map(|settings| Settings { rehearsal: rules.rehearsal.clone(), ..settings });
    settings.iter().for_each(|settings| take.trust(settings));
    let key = match &settings {
        _ if dry => Some(Key::process()),
        Some(settings) => take.of("PROXMOX_MCP_KEY", key(given, &settings.auth)),
        // Without a login the one that was set can still be looked at.
        None => take.of("PROXMOX_MCP_KEY", chosen(given)).flatten(),
    };
    let audit = if dry { Some(None) } else { take.of("PROXMOX_MCP_AUDIT_FILE", audit(given, rules)) };
    let sets = toolsets.zip(reach);
    let freeze = if dry { None } else { freeze_file(given, rules).map(|place| place.file) };
    let options = confirm.zip(policy).zip(pace).zip(key).zip(audit).zip(sets);
    let options = options.map(|(((((confirm, policy), pace), key), audit), (toolsets, reach))| Options {
        policy,
        toolsets,
        reach,
        confirm: if dry { Confirm::Never } else { confirm },
        key: Some(key),
        audit,
        freeze: Freeze::new(freeze),
        pace: if dry { Pace::UNBOUND } else { pace },
        show_all,
    });
    Started { settings, options, lang, http_port, problems }
}

/// The sets of tools that are switched on.
///
/// # Errors
/// The first word that names none, with where it was given.
pub(super) fn toolsets(given: &Given, rules: &Rules) -> Result<Vec<Toolset>, String> {
    match (&rules.toolsets, given.get("PROXMOX_MCP_TOOLSETS")) {
        (Some(typed), _) => Toolset::read(typed).map_err(|why| format!("--toolsets: {why}")),
        (None, Some(set)) => Toolset::read(set).map_err(|why| format!("PROXMOX_MCP_TOOLSETS: {why}")),
        (None, None) => Ok(Toolset::DEFAULT.to_vec()),
    }
}

/// The file that freezes this server.
pub(super) struct FreezePlace {
    /// The file.
    pub file: PathBuf,
    /// Whether a person has named it.
    pub named: bool,
}

/// Where the file lies that freezes this server: where an option or a variable says, else in the user's folder for state.
/// Nothing where this user has none.
pub(super) fn freeze_file(given: &Given, rules: &Rules) -> Option<FreezePlace> {
    let named = rules.freeze_file.clone().or_else(|| given.get("PROXMOX_MCP_FREEZE_FILE").map(PathBuf::from));
    // A server that later works in another folder means the same file.
    let named = named.map(|file| std::path::absolute(&file).unwrap_or(file));
    match named {
        Some(file) => Some(FreezePlace { file, named: true }),
        None => state_file("frozen").map(|file| FreezePlace { file, named: false }),
    }
}

/// Keeps what can be used, and notes what is wrong with the rest.
struct Taker<'a>(&'a mut BadSettings);

impl Taker<'_> {
    fn of<T, E: std::fmt::Display>(&mut self, setting: &'static str, result: Result<T, E>) -> Option<T> {
        self.0.take(result.map_err(|e| BadSetting::of([setting], e.to_string())))
    }

    /// Whether a client could be made, which contacts nobody: what can be wrong is the file of trust.
    fn trust(&mut self, settings: &Settings) {
        let named = matches!(settings.tls, Tls::CaFile(_)).then_some("PROXMOX_CA_FILE").into_iter().collect();
        let client = Client::new(settings.clone());
        self.0.take(client.map_err(|e| BadSetting { settings: named, ..BadSetting::of([], e.to_string()) }));
    }

    /// The parts of a setting, or each that is wrong.
    fn parts<T, E: std::fmt::Display>(&mut self, setting: &'static str, result: Result<T, Vec<E>>) -> Option<T> {
        let note = |e: E| self.0.note(BadSetting::of([setting], format!("{setting}: {e}")));
        result.map_err(|all| all.into_iter().for_each(note)).ok()
    }

    /// How often something may be changed.
    fn pace(&mut self, given: &Given) -> Option<Pace> {
        let mut of = |setting: &'static str, default: Allowance| {
            let read = given.get(setting).map_or(Ok(default), str::parse);
            self.of(setting, read.map_err(|e| format!("{setting}: {e}")))
        };
        let Pace { minute, hour, deletions } = Pace::default();
        let minute = of("PROXMOX_MCP_CHANGES_PER_MINUTE", minute);
        let hour = of("PROXMOX_MCP_CHANGES_PER_HOUR", hour);
        let deletions = of("PROXMOX_MCP_DELETIONS_PER_HOUR", deletions);
        Some(Pace { minute: minute?, hour: hour?, deletions: deletions? })
    }

    /// The rules of this server, from variables and options.
    fn policy(&mut self, given: &Given, rules: &Rules) -> Option<Policy> {
        let protected = "PROXMOX_MCP_PROTECTED_TAG";
        let tags = given.get(protected).map_or(Ok(Policy::default().protected_tags), tools::tags);
        let tags = self.parts(protected, tags);
        let read_only = self.0.take(switch(given, "PROXMOX_MCP_READ_ONLY"));
        let gentle = self.0.take(switch(given, "PROXMOX_MCP_DISABLE_DESTRUCTIVE"));
        let mut both = |typed: &[Rule], name: &'static str| {
            let set = self.parts(name, given.get(name).map_or(Ok(Vec::new()), tools::rules))?;
            Some([set, typed.to_vec()].concat())
        };
        let (allow, deny) = (both(&rules.allow, "PROXMOX_MCP_ALLOW"), both(&rules.deny, "PROXMOX_MCP_DENY"));
        Some(Policy {
            read_only: rules.read_only | read_only?,
            no_destructive: rules.disable_destructive | gentle?,
            protected_tags: tags?,
            allow: allow?,
            deny: deny?,
        })
    }
}

/// The rules of this server, from variables and options.
///
/// # Errors
/// Every rule and switch that cannot be read.
pub(super) fn policy(given: &Given, rules: &Rules) -> Result<Policy, Failure> {
    let mut problems = BadSettings::default();
    Taker(&mut problems).policy(given, rules).ok_or_else(|| problems.into())
}

/// The language of this server.
///
/// # Errors
/// When the variable names none.
pub(super) fn lang(given: &Given, rules: &Rules) -> Result<Lang, Failure> {
    match (rules.lang, given.get("PROXMOX_MCP_LANG")) {
        (Some(lang), _) => Ok(lang),
        (None, None) => Ok(Lang::default()),
        (None, Some(name)) => name.parse().map_err(said),
    }
}

/// What was given, if all of it could be read.
///
/// # Errors
/// All that could not.
pub(super) fn given() -> Result<Given, Failure> {
    let given = Given::load();
    if given.problems().0.is_empty() { Ok(given) } else { Err(given.problems().clone().into()) }
}

/// Tells of the variables that may be meant for us and are not known.
pub(super) fn warn(given: &Given) {
    for what in given.passed_over() {
        tracing::warn!("{what}");
    }
}

fn audit(given: &Given, rules: &Rules) -> Result<Option<AuditLog>, Failure> {
    let named = rules.audit_file.is_none();
    let path = rules.audit_file.clone().or_else(|| given.get("PROXMOX_MCP_AUDIT_FILE").map(PathBuf::from));
    let seal = given.get("PROXMOX_MCP_KEY").map_or_else(Seal::plain, Seal::keyed);
    let said = |e: tools::audit::AuditError| match named {
        true => Failure::new(format!("PROXMOX_MCP_AUDIT_FILE: {e}")),
        false => said(e),
    };
    path.map(|path| AuditLog::open(&path, seal)).transpose().map_err(said)
}

/// A file that somebody named, and how.
#[derive(Debug, Clone)]
pub(super) struct Named {
    /// The option or the variable.
    pub by: String,
    /// The file.
    pub path: PathBuf,
}

/// The file that an option names, else the variable that stands for it; an empty one counts as not given, as everywhere.
pub(super) fn file(option: Option<&PathBuf>, variable: &'static str) -> Option<Named> {
    if let Some(path) = option {
        let by =
            config::definition(variable).and_then(|d| d.option).map_or_else(String::new, |name| format!("--{name}"));
        return Some(Named { by, path: path.clone() });
    }
    let set = std::env::var_os(variable)?;
    let path = set.to_str().map_or_else(|| PathBuf::from(&set), |text| PathBuf::from(text.trim()));
    (!path.as_os_str().is_empty()).then(|| Named { by: variable.to_owned(), path })
}

fn said(e: impl std::fmt::Display) -> Failure {
    Failure::new(e.to_string())
}

impl From<BadSettings> for Failure {
    fn from(problems: BadSettings) -> Self {
        Self::new(problems.to_string())
    }
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};
    use proxmox_mcp::config::DEFINITIONS;

    fn options(command: &Command, found: &mut Vec<(String, String)>) {
        for option in command.get_arguments() {
            let help = option.get_help().map(ToString::to_string).unwrap_or_default();
            found.extend(option.get_long().map(|name| (name.to_owned(), help)));
        }
        command.get_subcommands().for_each(|command| options(command, found));
    }

    #[test]
    fn each_option_that_stands_for_a_variable_names_it_and_no_other_does() {
        let mut found = Vec::new();
        options(&crate::cli::Cli::command(), &mut found);
        for d in DEFINITIONS {
            let named = format!("({})", d.name);
            let naming = found.iter().filter(|(_, help)| help.contains(&named)).map(|(name, _)| Some(name.as_str()));
            assert!(naming.clone().all(|name| name == d.option), "{}", d.name);
            assert_eq!(naming.count() > 0, d.option.is_some(), "{}", d.name);
        }
    }
}
