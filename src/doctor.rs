//! The diagnosis behind `proxmox-mcp doctor`: from the settings to the privileges, one finding a fact, each with what
//! to do about it. Reads only; changes nothing on the host.

mod cluster;
mod expiry;
mod login;
mod network;
mod rights;
mod role;
mod settings;

use std::fmt;

use serde::Serialize;

pub use rights::hidden_pools;
pub use role::recipe;
pub use settings::{configuration, frozen};

use crate::{
    client::{Client, Greeting, Settings},
    tools::{Policy, registry, tool::Tool},
};

/// How bad a finding is. The worst of all decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// Could not be looked at; neither good nor bad.
    Skipped,
    /// Works, but not all of it, or not for long.
    Warning,
    /// Does not work.
    Failure,
}

impl Level {
    /// The mark in front of a finding.
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Ok => "✓",
            Self::Skipped => "–",
            Self::Warning => "!",
            Self::Failure => "✗",
        }
    }
}

/// What a finding is about, in the order in which things are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Area {
    /// The settings and where each came from.
    Configuration,
    /// Name resolution.
    Names,
    /// Connections.
    Tcp,
    /// Certificates.
    Tls,
    /// Credentials.
    Login,
    /// The release of the host.
    Release,
    /// Privileges.
    Privileges,
    /// The clocks of both machines.
    Clock,
    /// Quorum, nodes, guests.
    Cluster,
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Configuration => "configuration",
            Self::Names => "names",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Login => "login",
            Self::Release => "release",
            Self::Privileges => "privileges",
            Self::Clock => "clock",
            Self::Cluster => "cluster",
        })
    }
}

/// One fact that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is about.
    pub area: Area,
    /// How bad it is.
    pub level: Level,
    /// What was found, in one sentence.
    pub what: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cure: Option<String>,
}

/// All findings, told one by one as they are made: a refused login takes three seconds.
pub struct Diagnosis<'a> {
    findings: Vec<Finding>,
    tell: &'a mut dyn FnMut(&Finding),
}

impl<'a> Diagnosis<'a> {
    /// An empty report; `tell` hears of each finding.
    pub fn new(tell: &'a mut dyn FnMut(&Finding)) -> Self {
        Self { findings: Vec::new(), tell }
    }

    /// What was found.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The worst level.
    pub fn worst(&self) -> Level {
        self.findings.iter().map(|f| f.level).max().unwrap_or(Level::Ok)
    }

    fn add(&mut self, area: Area, level: Level, what: impl Into<String>, cure: Option<String>) {
        let finding = Finding { area, level, what: what.into(), cure };
        (self.tell)(&finding);
        self.findings.push(finding);
    }

    fn ok(&mut self, area: Area, what: impl Into<String>) {
        self.add(area, Level::Ok, what, None);
    }

    fn skipped(&mut self, area: Area, what: impl Into<String>) {
        self.add(area, Level::Skipped, what, None);
    }

    fn warn(&mut self, area: Area, what: impl Into<String>, cure: impl Into<String>) {
        self.add(area, Level::Warning, what, Some(cure.into()));
    }

    fn fail(&mut self, area: Area, what: impl Into<String>, cure: impl Into<String>) {
        self.add(area, Level::Failure, what, Some(cure.into()));
    }
}

/// The tools that these rules leave.
pub fn tools(policy: &Policy) -> Vec<&'static Tool> {
    registry::guests().filter(|tool| policy.tool(tool).is_ok()).collect()
}

/// Looks at everything beyond the configuration; what depends on something that failed is left out.
pub async fn examine(settings: &Settings, policy: &Policy, report: &mut Diagnosis<'_>) {
    let tools = &tools(policy);
    let Some(greeting) = network::examine(settings, report).await else { return };
    let client = match Client::new(settings.clone()) {
        Ok(client) => client,
        Err(error) => return report.fail(Area::Login, error.to_string(), "correct the setting"),
    };
    clock(settings, &greeting, report);
    let Some(rights) = login::examine(&client, &greeting, report).await else { return };
    let separated = expiry::examine(&client, report).await;
    login::release(&client, tools, report).await;
    rights::examine(&client, &rights, separated, policy, report);
    rights::pools(&client, &rights, separated, policy, report);
    cluster::examine(&client, &rights, report).await;
    rights::strays(&client, &rights, policy, report).await;
}

/// Most seconds between the two clocks: PVE takes a ticket or a second factor's code up to five minutes from the
/// future, and a code is good for half a minute.
const SKEW_MAX: u64 = 30;

fn clock(settings: &Settings, greeting: &Greeting, report: &mut Diagnosis<'_>) {
    let Some(theirs) = greeting.clock else {
        return report.skipped(Area::Clock, "the host does not tell the time");
    };
    let skew = theirs.abs_diff(settings.clock.now());
    if skew <= SKEW_MAX {
        return report.ok(Area::Clock, "the clocks of this machine and of the host agree");
    }
    report.warn(
        Area::Clock,
        format!("the clocks of this machine and of the host are {skew} s apart"),
        "set both by NTP (`timedatectl set-ntp true`); codes of a second factor and tickets depend on it",
    );
}
