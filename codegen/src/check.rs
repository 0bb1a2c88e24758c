//! Whether the MCP tools survive another schema, told before anyone commits it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::diff::{Change, Class, Diff};
use crate::model::{Api, Endpoint};

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
pub struct CheckedTool {
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
    pub tools: Vec<CheckedTool>,
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
            CheckedTool { name: name.to_owned(), fate, endpoints, reasons }
        });
        Self { against: diff.old, checked: diff.new, tools: tools.collect() }
    }

    /// The tools that are lost.
    pub fn lost(&self) -> impl Iterator<Item = &CheckedTool> {
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

impl Reason {
    /// What a change means for the tools that call its endpoint; nothing where it means nothing to them.
    ///
    /// The types of the generated code are those that the tools are written for, so that they always compile. What a call
    /// sends and reads is held against what the overlay says of it: `sends` and `reads`.
    fn of(change: Change, default: &Api) -> Option<Self> {
        if change.tools.is_empty() {
            return None;
        }
        let endpoint = default.endpoints.iter().find(|endpoint| endpoint.at() == change.endpoint)?;
        let fate = match change.place.strip_prefix("reply") {
            Some(place) => reply(&change, place, endpoint),
            None => request(&change, endpoint),
        };
        let told = fate != Fate::Survives || change.class.is_breaking();
        told.then_some(Self { fate, change })
    }
}

/// What a change of a request, or of the endpoint itself, means.
fn request(change: &Change, endpoint: &Endpoint) -> Fate {
    let sent = sent(&change.place, endpoint);
    match (change.class, change.kind.as_str(), sent) {
        (_, "endpoint-removed", _) => Fate::Lost,
        (Class::Noise | Class::Additive, ..) => Fate::Survives,
        // What is demanded and not sent is refused.
        (_, "param-added" | "token", _) => Fate::Lost,
        (_, "param-presence", None) => Fate::Lost,
        (_, "param-presence", Some(sent)) => {
            if sent.always() {
                Fate::Survives
            } else {
                Fate::Lost
            }
        }
        (_, "open" | "permission" | "permission-text", _) => Fate::Changed,
        (_, _, None) => Fate::Survives,
        (_, "param-removed", Some(sent)) => {
            if sent.always() {
                Fate::Lost
            } else {
                Fate::Changed
            }
        }
        (_, "param-type", Some(_)) => {
            // A form carries text: a number is a text too, and a whole number a number.
            let widened = change.what.ends_with("→ string") || change.what == "type integer → number";
            if widened { Fate::Changed } else { Fate::Lost }
        }
        (_, "param-requires", Some(_)) => Fate::Lost,
        (_, "param-value-list" | "param-value-removed", Some(sent)) => match sent.values.as_slice() {
            [] => Fate::Changed,
            values if values.iter().all(|value| allows(&change.what, value)) => Fate::Survives,
            _ => Fate::Lost,
        },
        (_, _, Some(_)) => Fate::Changed,
    }
}

/// Whether a value is still taken after `only a, b from now on` or `no longer a, b`.
fn allows(what: &str, value: &str) -> bool {
    let named = |list: &str| list.split(", ").any(|word| word == value);
    match (what.strip_prefix("only "), what.strip_prefix("no longer ")) {
        (Some(list), _) => named(list.trim_end_matches(" from now on")),
        (_, Some(list)) => !named(list),
        _ => true,
    }
}

/// A parameter that the tools send.
struct Sent<'a> {
    /// The values that it is sent with, where they are always these.
    values: Vec<&'a str>,
    sometimes: bool,
}

impl Sent<'_> {
    /// Whether each call of some tool sends it.
    const fn always(&self) -> bool {
        !self.sometimes
    }
}

/// What the tools send at a place: those of the path, and what `sends` says: `full=1`, `source=all|active`, and with a
/// question mark behind what depends on the request: `timeout?`.
fn sent<'a>(place: &str, endpoint: &'a Endpoint) -> Option<Sent<'a>> {
    let name = place.strip_prefix("param ")?.split(['.', '[']).next()?;
    if endpoint.named(name, false).is_some_and(|param| param.in_path) {
        return Some(Sent { values: Vec::new(), sometimes: false });
    }
    endpoint.sends.iter().find_map(|entry| {
        let (sent, values) = entry.split_once('=').unwrap_or((entry, ""));
        let (sent, sometimes) = sent.strip_suffix('?').map_or((sent, false), |sent| (sent, true));
        let values = values.split('|').filter(|value| !value.is_empty()).collect();
        (sent == name).then_some(Sent { values, sometimes })
    })
}

/// What a change of a reply means. What PVE sends may differ from what it publishes, and only a host can tell; what a tool
/// reads is looked at, and what it could not read is lost.
fn reply(change: &Change, place: &str, endpoint: &Endpoint) -> Fate {
    let place = place.trim_start().trim_end_matches("[]").trim_end_matches('.');
    let whole = place.is_empty();
    let read =
        whole || endpoint.reads.iter().any(|read| read.trim_start_matches("[].") == place.trim_start_matches("[]."));
    match (change.class, change.kind.as_str()) {
        // What nothing was said of is now described: it is read by that, if it is so.
        (Class::Additive, "reply-type") => Fate::Changed,
        (_, "reply-type") if whole => Fate::Lost,
        (_, "reply-type") if read => {
            let number = ["type integer → number", "type number → integer"].contains(&change.what.as_str());
            if number { Fate::Survives } else { Fate::Lost }
        }
        (Class::Additive | Class::Noise, _) => Fate::Survives,
        (_, "reply-presence") => Fate::Changed,
        (_, "field-removed" | "field-presence" | "reply-value-list" | "reply-value-added") if read => Fate::Changed,
        (_, "reply-type") => Fate::Changed,
        _ => Fate::Survives,
    }
}
