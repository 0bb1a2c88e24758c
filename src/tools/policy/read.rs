//! How rules are written.

use std::{fmt, str::FromStr};

use super::{Rule, RuleError};
use crate::{
    near,
    pve::{NodeName, Vmid},
    tools::{args, registry},
};

/// What a rule looks like.
const FORMS: &str = "is not tool:NAME, node:NAME, vmid:ID, vmid:FROM-TO, pool:NAME, tag:NAME or api:[VERB ]PATH";

/// What a rule can be about.
const KINDS: [&str; 6] = ["tool", "node", "vmid", "pool", "tag", "api"];

/// Reads rules that are separated by commas.
///
/// # Errors
/// Each that is none, or that there is none at all.
pub fn rules(text: &str) -> Result<Vec<Rule>, Vec<RuleError>> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let rules = whole(parts.map(str::parse))?;
    let none = || RuleError { rule: crate::foreign::line(text, 80).into_owned(), why: FORMS.to_owned() };
    if rules.is_empty() { Err(vec![none()]) } else { Ok(rules) }
}

/// All of them, or each that is wrong.
fn whole<T, E>(each: impl Iterator<Item = Result<T, E>>) -> Result<Vec<T>, Vec<E>> {
    let (mut good, mut wrong) = (Vec::new(), Vec::new());
    for one in each {
        match one {
            Ok(one) => good.push(one),
            Err(why) => wrong.push(why),
        }
    }
    if wrong.is_empty() { Ok(good) } else { Err(wrong) }
}

/// Reads tags that are separated as PVE separates them: by commas or semicolons.
///
/// # Errors
/// Each that no guest can have, or that there is none at all.
pub fn tags(text: &str) -> Result<Vec<String>, Vec<String>> {
    let parts = text.split([',', ';']).map(str::trim).filter(|part| !part.is_empty());
    let tags = whole(parts.map(|tag| tag_name(tag).map(str::to_owned)))?;
    if tags.is_empty() { Err(vec!["it names no tag".to_owned()]) } else { Ok(tags) }
}

/// A tag that a guest can have.
fn tag_name(tag: &str) -> Result<&str, String> {
    if args::is_tag(tag) {
        Ok(tag)
    } else {
        Err(format!("{tag:?} is not a tag (letters, digits and -_+. without blanks)"))
    }
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(s: &str) -> Result<Self, RuleError> {
        let wrong = |why: String| RuleError { rule: crate::foreign::line(s, 80).into_owned(), why };
        let subject = s.split(':').next().unwrap_or_default();
        let meant = near::meant(subject, KINDS.into_iter().filter(|kind| *kind != subject.trim()));
        let bad = || wrong(format!("{FORMS}{meant}"));
        let none = |what: &str| wrong(format!("matches nothing: {what}"));
        let (subject, value) = s.trim().split_once(':').ok_or_else(bad)?;
        let value = value.trim();
        if value.is_empty() {
            return Err(bad());
        }
        let id = |text: &str| text.trim().parse::<Vmid>().map(Vmid::get).map_err(|_| bad());
        Ok(match subject.trim() {
            "tool" if registry::by_name(value).is_some() => Self::Tool(value.to_owned()),
            "tool" => return Err(none(&no_tool(value))),
            "node" if value.parse::<NodeName>().is_ok() => Self::Node(value.to_owned()),
            "node" => return Err(none("a node name has letters, digits and hyphens, at most 63")),
            "pool" if args::is_pool(value) => Self::Pool(value.to_owned()),
            "pool" => return Err(none("a pool name has letters, digits and -_. with / between its levels")),
            "tag" => Self::Tag(tag_name(value).map_err(|why| none(&why))?.to_owned()),
            "api" => Self::Api(value.parse().map_err(|why: String| none(&why))?),
            "vmid" => {
                let (from, to) = value.split_once('-').unwrap_or((value, value));
                let range = id(from)?..=id(to)?;
                if range.is_empty() {
                    return Err(bad());
                }
                Self::Vmid(range)
            }
            _ => return Err(bad()),
        })
    }
}

fn no_tool(name: &str) -> String {
    let names = registry::all().map(|tool| tool.name);
    match near::closest(name, names.clone()) {
        Some(meant) => format!("there is no such tool; did you mean {meant}?"),
        None => format!("there is no such tool; there are {}", names.collect::<Vec<_>>().join(", ")),
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tool(v) => write!(f, "tool:{v}"),
            Self::Node(v) => write!(f, "node:{v}"),
            Self::Pool(v) => write!(f, "pool:{v}"),
            Self::Tag(v) => write!(f, "tag:{v}"),
            Self::Api(v) => write!(f, "api:{v}"),
            Self::Vmid(r) if r.start() == r.end() => write!(f, "vmid:{}", r.start()),
            Self::Vmid(r) => write!(f, "vmid:{}-{}", r.start(), r.end()),
        }
    }
}
