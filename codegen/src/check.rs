//! Whether the MCP tools survive another schema, told before anyone commits it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::diff::{Change, Class, Diff};
use crate::model::Api;

/// How a tool fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// Its endpoints are there and nothing that breaks has changed.
    Survives,
    /// Its endpoints are there, but a change may break a call or a reply: read the reasons.
    Changed,
    /// An endpoint is gone, or demands something that the tool does not send.
    Lost,
}

/// One tool and how it fares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// How it fares.
    pub fate: Fate,
    /// How many endpoints it calls.
    pub endpoints: usize,
    /// All breaking changes at its endpoints, also those that the tool survives.
    pub reasons: Vec<Reason>,
}

/// A breaking change and what it means for the tools that call the endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// What it means for them.
    pub fate: Fate,
    /// The change.
    #[serde(flatten)]
    pub change: Change,
}

/// All tools, by name, and what was compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The release that the tools are written against.
    pub against: String,
    /// The schema that was checked, as it was named.
    pub checked: String,
    /// The tools.
    pub tools: Vec<Tool>,
}

impl Check {
    /// Compares `new` with `default`, which the tools are written against.
    pub fn of(default: &Api, new: &Api) -> Self {
        let diff = Diff::between(default, new);
        let mut endpoints: BTreeMap<&str, usize> = BTreeMap::new();
        for tool in default.endpoints.iter().flat_map(|endpoint| &endpoint.tools) {
            *endpoints.entry(tool).or_default() += 1;
        }
        let reasons: Vec<Reason> = diff.changes.into_iter().filter_map(|change| Reason::of(change, default)).collect();
        let tools = endpoints.into_iter().map(|(name, endpoints)| {
            let concerns = |reason: &&Reason| reason.change.tools.iter().any(|tool| tool == name);
            let reasons: Vec<Reason> = reasons.iter().filter(concerns).cloned().collect();
            let fate = reasons.iter().map(|reason| reason.fate).max().unwrap_or(Fate::Survives);
            Tool { name: name.to_owned(), fate, endpoints, reasons }
        });
        Self { against: diff.old, checked: diff.new, tools: tools.collect() }
    }

    /// The tools that are lost.
    pub fn lost(&self) -> impl Iterator<Item = &Tool> {
        self.tools.iter().filter(|tool| tool.fate == Fate::Lost)
    }

    /// Whether no tool is lost.
    pub fn survives(&self) -> bool {
        self.lost().next().is_none()
    }

    /// One line a tool, the changes at their endpoints beneath, and a last line that sums up.
    pub fn text(&self) -> String {
        let mut out = format!("{} against {}, which the tools are written for\n", self.checked, self.against);
        for tool in &self.tools {
            let word = match tool.fate {
                Fate::Survives => "survives",
                Fate::Changed => "look",
                Fate::Lost => "LOST",
            };
            let _ = writeln!(out, "  {word:<8}  {}", tool.name);
        }
        for (endpoint, reasons) in self.reasons() {
            let _ = writeln!(out, "{endpoint}");
            for Change { place, what, .. } in reasons {
                let place = if place.is_empty() { String::new() } else { format!("{place}: ") };
                let _ = writeln!(out, "  {place}{what}");
            }
        }
        let count = |fate| self.tools.iter().filter(|tool| tool.fate == fate).count();
        let (all, lost, changed) = (self.tools.len(), count(Fate::Lost), count(Fate::Changed));
        let _ = match (lost, changed) {
            (0, 0) => writeln!(out, "All {all} tools survive."),
            (0, changed) => writeln!(out, "All {all} tools survive; look at the changes that touch {changed} of them."),
            (lost, _) => writeln!(out, "{lost} of {all} tools do not survive."),
        };
        out
    }

    /// The reasons by endpoint, each once, of the tools that do not just survive.
    fn reasons(&self) -> BTreeMap<&str, Vec<&Change>> {
        let mut by_endpoint: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
        for reason in self.tools.iter().flat_map(|tool| &tool.reasons) {
            let reasons = by_endpoint.entry(&reason.change.endpoint).or_default();
            if reason.fate != Fate::Survives && !reasons.contains(&&reason.change) {
                reasons.push(&reason.change);
            }
        }
        by_endpoint.retain(|_, reasons| !reasons.is_empty());
        by_endpoint
    }
}

/// Reply fields that the tools cannot do without.
const KEYS: [&str; 5] = ["node", "status", "type", "upid", "vmid"];

impl Reason {
    /// What a breaking change means for the tools that call its endpoint; nothing for any other change.
    ///
    /// The decoders are tolerant: a field that is missing, is new, or holds a value of a new kind does no harm, unless
    /// it is a key field. A parameter that no tool sends does no harm either, as long as it is not demanded.
    fn of(change: Change, default: &Api) -> Option<Self> {
        let field = change.place.rsplit([' ', '.']).next().unwrap_or_default();
        let fate = match (change.class, change.kind.as_str()) {
            (Class::Additive | Class::Noise, _) => return None,
            (_, "endpoint-removed") => Fate::Lost,
            (Class::BreakingForCallers, "param-added" | "param-presence" | "token") => Fate::Lost,
            (Class::BreakingForCallers, _) if is_sent(&change, default) => Fate::Changed,
            // Schemas have been silent of fields that replies carry; whether they still do, only a host can tell.
            (Class::BreakingForDecoders, "field-removed") if KEYS.contains(&field) => Fate::Changed,
            (Class::BreakingForDecoders, "reply-type") => Fate::Changed,
            _ => Fate::Survives,
        };
        Some(Self { fate, change })
    }
}

/// Whether a change is at a parameter that the tools send, or at none.
fn is_sent(change: &Change, default: &Api) -> bool {
    let Some(param) = change.place.strip_prefix("param ") else { return true };
    let name = param.split(['.', '[']).next().unwrap_or(param);
    default.endpoints.iter().filter(|endpoint| endpoint.at() == change.endpoint).any(|endpoint| {
        let in_path = endpoint.named(name, false).is_some_and(|param| param.in_path);
        in_path || endpoint.sends.iter().any(|sent| sent == name)
    })
}
