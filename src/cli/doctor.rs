//! `proxmox-mcp doctor`: what works, what does not, and what to do about it.

use proxmox_mcp::{
    client::Settings,
    config::{BadSettings, Config, Given},
    doctor::{self, Diagnosis, Finding, Level},
};
use serde_json::json;

use super::{Failure, Global, Output, output, serve, setup};

/// Options of the command.
#[derive(Debug, clap::Args)]
pub(super) struct Doctor {
    /// Print one JSON document instead of lines.
    #[arg(long)]
    json: bool,
    /// Print the commands that make a role, a user and a token with exactly the privileges of the tools that are
    /// switched on, for the shell of a PVE host.
    #[arg(long, conflicts_with = "json")]
    print_role: bool,
}

/// Exit code when the worst finding is a warning.
const WARNED: u8 = 3;

/// Runs the command; `demo` holds the settings of the demo when there is one, `heard` what is wrong with those of the log.
///
/// # Errors
/// When something does not work (exit code 1), or not all of it or not for long (3).
pub(super) async fn run(
    args: &Doctor,
    global: &Global,
    demo: Option<Settings>,
    heard: &BadSettings,
    out: &mut Output,
) -> Result<(), Failure> {
    let rules = &global.rules;
    if args.print_role {
        return Ok(out.line(&recipe(rules, demo)?)?);
    }
    let colour = output::colour_out();
    let mut broken = None;
    let mut tell = |finding: &Finding| {
        if !args.json
            && let Err(e) = out.line(&text(finding, colour))
        {
            broken = Some(e);
        }
    };
    let mut report = Diagnosis::new(&mut tell);
    let given = Given::load();
    let setup::Started { settings, options, mut problems, .. } = setup::start(&given, rules, demo);
    problems.0.splice(0..0, heard.0.iter().cloned());
    serve::files(None).into_iter().for_each(|problem| problems.note(problem));
    doctor::configuration(&given, &problems, &global.overruled(), &mut report);
    if let Some(options) = &options {
        doctor::frozen(&options.freeze, &mut report).await;
    }
    // What is wrong elsewhere keeps nobody from looking at the host.
    let policy = options.map(|options| options.policy).or_else(|| setup::policy(&given, rules).ok());
    if let (Some(settings), Some(policy)) = (settings, policy) {
        doctor::examine(&settings, &policy, &mut report).await;
    }
    let (worst, findings) = (report.worst(), report.findings().to_vec());
    if let Some(e) = broken {
        return Err(e.into());
    }
    if args.json {
        out.json(&json!({"worst": worst, "findings": findings}))?;
    }
    verdict(worst, &findings)
}

fn verdict(worst: Level, findings: &[Finding]) -> Result<(), Failure> {
    let count = |level| findings.iter().filter(|f| f.level == level).count();
    match worst {
        Level::Ok | Level::Skipped => Ok(()),
        Level::Warning => Err(Failure::coded(WARNED, many(count(Level::Warning), "warning"))),
        Level::Failure => {
            let (failures, warnings) = (count(Level::Failure), count(Level::Warning));
            let first = if failures == 1 { "the failure" } else { "the first failure" };
            let what = format!("{}, {}; begin with {first}", many(failures, "failure"), many(warnings, "warning"));
            Err(Failure::new(what))
        }
    }
}

fn many(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn recipe(rules: &setup::Rules, demo: Option<Settings>) -> Result<String, Failure> {
    let given = setup::given()?;
    let settings = demo.or_else(|| Config::of(&given).ok().map(|config| config.client));
    let policy = setup::policy(&given, rules)?;
    Ok(doctor::recipe(&doctor::tools(&policy), policy.asks_for_pools(), settings.as_ref().map(|s| &s.auth)))
}

fn text(finding: &Finding, colour: bool) -> String {
    let mark = finding.level.mark();
    let mark = match (colour, finding.level) {
        (false, _) | (true, Level::Skipped) => mark.to_owned(),
        (true, Level::Ok) => format!("\x1b[32m{mark}\x1b[0m"),
        (true, Level::Warning) => format!("\x1b[33m{mark}\x1b[0m"),
        (true, Level::Failure) => format!("\x1b[31m{mark}\x1b[0m"),
    };
    let cure = finding.cure.as_ref().map(|cure| format!("\n{:17}→ {cure}", "")).unwrap_or_default();
    format!("{mark} {:13}  {}{cure}", finding.area, finding.what)
}
