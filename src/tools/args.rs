//! Arguments that several tools for guests have, read into types that cannot hold a wrong value; what one tool alone has
//! stands with the tool.

use std::time::Duration;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{check::short, guest::Target, say::Catalogue, schema};
use crate::pve::{NodeName, Vmid};

/// Longest text argument; PVE's names, tags and pools are far shorter.
const TEXT_MAX: usize = 255;
/// Signs in names of guests. They are DNS names; `VM 100` is what a VM without one is called, and an underscore can
/// have been written into a configuration file by hand.
const NAME: &str = "-._ ";
/// Signs in tags (pve-common, `JSONSchema.pm`: `pve-tag`).
const TAG: &str = "-_+.";
/// Signs in names of pools, which can lie within each other (pve-access-control: `pve-poolid`).
const POOL: &str = "-_./";

/// Whether and how long a call waits for what it begins.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Waiting {
    /// Whether to wait for the end.
    #[serde(default = "yes")]
    pub wait: bool,
    /// How long to wait, in seconds. PVE is told to give the guest as much to go down; its own time where nothing is said.
    #[serde(rename = "timeout")]
    pub given: Option<u64>,
}

fn yes() -> bool {
    true
}

impl Waiting {
    /// How long to wait.
    pub(super) fn timeout(&self) -> Duration {
        Duration::from_secs(self.given.unwrap_or(schema::TIMEOUT_DEFAULT))
    }
}

/// What a list is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Sort {
    /// By how much of its processors a guest uses.
    Cpu,
    /// By how much memory it uses.
    Memory,
}

/// Which guests to list, and how.
#[derive(Clone, Debug, Default)]
pub(super) struct ListArgs {
    /// Only guests on this node, or with this in their name.
    pub target: Target,
    /// Only guests in this state.
    pub status: Option<String>,
    /// Only guests with this tag.
    pub tag: Option<String>,
    /// Only guests in this pool.
    pub pool: Option<String>,
    /// Only templates, or none.
    pub template: Option<bool>,
    /// What the rows are sorted by, the most first; by id where nothing is said.
    pub sort: Option<Sort>,
    /// Most rows.
    pub limit: usize,
    /// Continue after this guest.
    pub after: Option<Vmid>,
    /// Everything that PVE says, instead of the few facts.
    pub full: bool,
}

#[derive(Deserialize)]
struct RawList {
    status: Option<String>,
    tag: Option<String>,
    pool: Option<String>,
    template: Option<bool>,
    sort: Option<Sort>,
    limit: Option<usize>,
    cursor: Option<String>,
    detail: Option<String>,
}

impl ListArgs {
    /// Reads the arguments of a list.
    ///
    /// # Errors
    /// Which one has a form that no schema can tell.
    pub(super) fn read(given: &Map<String, Value>, texts: &Catalogue) -> Result<Self, String> {
        let target = target(given, texts)?;
        let raw: RawList = read(given)?;
        worded("tag", raw.tag.as_deref(), TAG, |tag| texts.bad_tag(tag), texts)?;
        worded("pool", raw.pool.as_deref(), POOL, |pool| texts.bad_pool(pool), texts)?;
        let after = raw.cursor.map(|cursor| cursor.parse::<Vmid>()).transpose();
        Ok(Self {
            target,
            status: raw.status,
            tag: raw.tag,
            pool: raw.pool,
            template: raw.template,
            sort: raw.sort,
            limit: raw.limit.unwrap_or(schema::LIMIT_DEFAULT),
            after: after.map_err(|_| texts.bad_argument("cursor", texts.bad_cursor()))?,
            full: raw.detail.as_deref() == Some("full"),
        })
    }
}

/// Reads those of the arguments that a type has.
///
/// # Errors
/// Which one does not fit. They have been held against the schema, so this fails only where the two disagree.
pub(super) fn read<A: DeserializeOwned>(given: &Map<String, Value>) -> Result<A, String> {
    serde_json::from_value(Value::Object(given.clone())).map_err(|e| e.to_string())
}

#[derive(Deserialize)]
struct RawTarget {
    vmid: Option<u64>,
    name: Option<String>,
    node: Option<String>,
}

/// Reads which guest is meant.
///
/// # Errors
/// Which argument has a form that no schema can tell.
pub(super) fn target(given: &Map<String, Value>, texts: &Catalogue) -> Result<Target, String> {
    let raw: RawTarget = read(given)?;
    worded("name", raw.name.as_deref(), NAME, |name| texts.bad_name(name), texts)?;
    let node = raw.node.map(|node| node.parse::<NodeName>()).transpose();
    let node = node.map_err(|e| texts.bad_argument("node", texts.bad_node(short(&e.0.into()))))?;
    let vmid = raw.vmid.map(Vmid::try_from).transpose();
    let vmid = vmid.map_err(|e| texts.bad_argument("vmid", texts.bad_value(&e.0)))?;
    Ok(Target { vmid, name: raw.name, node })
}

/// Refuses a text that cannot be one of PVE's words.
fn worded(
    name: &str,
    text: Option<&str>,
    signs: &str,
    why: impl Fn(String) -> String,
    texts: &Catalogue,
) -> Result<(), String> {
    match text.filter(|text| !is_word(text, signs)) {
        Some(text) => Err(texts.bad_argument(name, why(short(&text.into())))),
        None => Ok(()),
    }
}

/// Whether a text can be one of PVE's own words: letters, digits and these signs. None of them leaves this server; they
/// are compared with what PVE lists, and what can never be there is refused before PVE is asked.
fn is_word(text: &str, signs: &str) -> bool {
    let sign = |c: char| c.is_ascii_alphanumeric() || signs.contains(c);
    !text.is_empty() && text.len() <= TEXT_MAX && text.chars().all(sign) && !text.contains("..")
}

/// Whether a guest can have this tag.
pub(super) fn is_tag(text: &str) -> bool {
    is_word(text, TAG) && !text.starts_with(['-', '+', '.'])
}

/// Whether a pool can have this name.
pub(super) fn is_pool(text: &str) -> bool {
    is_word(text, POOL) && text.split('/').all(|level| !level.is_empty())
}
