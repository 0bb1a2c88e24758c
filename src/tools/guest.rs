//! A guest: what it is, where it is, and what the rules ask about.
//!
//! `/cluster/resources` is about ten seconds behind on status and figures, so only what it knows at once is used for
//! decisions: existence, kind, node, tags and pool.

use serde_json::{Map, Value};

use super::say::{Catalogue, capital};
use crate::pve::{NodeName, Vmid};

/// The two kinds of guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GuestKind {
    /// A QEMU virtual machine.
    Vm,
    /// An LXC container.
    Ct,
}

impl GuestKind {
    /// The word in paths and in the `type` of a resource.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Vm => "qemu",
            Self::Ct => "lxc",
        }
    }

    /// What is meant for this kind, of what there is for each.
    pub(super) fn either<T>(self, vm: T, ct: T) -> T {
        match self {
            Self::Vm => vm,
            Self::Ct => ct,
        }
    }

    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Self::Vm => Self::Ct,
            Self::Ct => Self::Vm,
        }
    }

    /// The command that manages guests of this kind on the node, with the guest's lock taken off.
    pub(super) fn unlock(self, vmid: Vmid) -> String {
        match self {
            Self::Vm => format!("`qm unlock {vmid}`"),
            Self::Ct => format!("`pct unlock {vmid}`"),
        }
    }
}

/// Which guest.
#[derive(Clone, Debug, Default)]
pub(super) struct Target {
    /// By id.
    pub vmid: Option<Vmid>,
    /// By name.
    pub name: Option<String>,
    /// The node that the caller believes it to be on.
    pub node: Option<NodeName>,
}

/// A guest as the cluster lists it.
#[derive(Clone, Debug)]
pub struct Guest {
    /// Its id.
    pub vmid: Vmid,
    /// VM or container.
    pub kind: GuestKind,
    /// The node that it is on.
    pub node: NodeName,
    /// Its name; absent when its node reports nothing.
    pub name: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// The pool that it is in, as far as the token may see pools.
    pub pool: Option<String>,
    /// Everything that the list says of it.
    pub row: Map<String, Value>,
    /// Whether its node is away: then the list repeats what the node said last, and later not even its name.
    pub lost: bool,
}

impl Guest {
    /// Whether it has this tag. PVE compares tags without regard to case unless the data centre says otherwise.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|t| t.eq_ignore_ascii_case(tag))
    }

    /// Who it is, among the facts of a result.
    pub(super) fn tell(&self, facts: &mut Map<String, Value>) {
        facts.insert("vmid".to_owned(), self.vmid.get().into());
        facts.insert("node".to_owned(), self.node.as_str().into());
        if let Some(name) = &self.name {
            facts.insert("name".to_owned(), name.as_str().into());
        }
    }

    /// The arguments of a method that is about it, with where it is and its id.
    pub(super) fn placed(&self, mut arguments: Map<String, Value>) -> Map<String, Value> {
        arguments.insert("node".to_owned(), self.node.as_str().into());
        arguments.insert("vmid".to_owned(), self.vmid.get().into());
        arguments
    }

    /// How texts name it at the beginning of a sentence.
    pub(super) fn display(&self, texts: &Catalogue) -> String {
        capital(&self.within(texts))
    }

    /// How texts name it within a sentence.
    pub(super) fn within(&self, texts: &Catalogue) -> String {
        let kind = match self.kind {
            GuestKind::Vm => texts.kind_vm(),
            GuestKind::Ct => texts.kind_ct(),
        };
        match self.name.as_deref().unwrap_or_default() {
            "" => texts.guest_plain(kind, self.vmid, &self.node),
            name => texts.guest_named(kind, self.vmid, name, &self.node),
        }
    }

    /// Whether a row of a list of all that the cluster has is about a guest, readable or not.
    #[cfg(test)]
    pub(super) fn is_row(row: &Map<String, Value>) -> bool {
        match row.get("type").and_then(Value::as_str) {
            // Nothing but guests has an id of theirs, whatever the row says that it is.
            Some(kind) => matches!(kind, "qemu" | "lxc") || row.contains_key("vmid"),
            None => true,
        }
    }

    /// Reads a row of a list of guests, value by value: what [`super::rows`] is held against. Rows that are no guest, or
    /// cannot be read, give nothing.
    #[cfg(test)]
    pub(super) fn of_row(row: Map<String, Value>, kind: Option<GuestKind>, node: Option<&NodeName>) -> Option<Self> {
        let text = |key: &str| row.get(key).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty());
        let kind = match text("type") {
            Some("qemu") => GuestKind::Vm,
            Some("lxc") => GuestKind::Ct,
            _ => kind?,
        };
        let vmid = match row.get("vmid")? {
            Value::String(text) => text.parse().ok()?,
            number => Vmid::try_from(number.as_u64()?).ok()?,
        };
        let node = text("node").and_then(|name| name.parse().ok()).or_else(|| node.cloned())?;
        Some(Self {
            vmid,
            kind,
            node,
            name: text("name").map(str::to_owned),
            tags: tags(text("tags")),
            pool: text("pool").map(str::to_owned),
            row,
            lost: false,
        })
    }

    /// The guest with the name and the tags that its live status or its configuration gives.
    pub(super) fn renewed(&self, said: &Map<String, Value>) -> Self {
        let text = |key: &str| said.get(key).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty());
        let name = text("name").or_else(|| text("hostname")).map(str::to_owned);
        Self { name: name.or_else(|| self.name.clone()), tags: tags(text("tags")), ..self.clone() }
    }

    /// Whether HA manages it, as the cluster lists it.
    pub(super) fn in_ha(&self) -> bool {
        self.ha_state().is_some_and(|state| !state.is_empty())
    }

    /// What HA says of it, as the cluster lists it.
    pub(super) fn ha_state(&self) -> Option<&str> {
        self.row.get("hastate").and_then(Value::as_str)
    }
}

/// Tags as PVE writes them, in one text.
fn tags(text: Option<&str>) -> Vec<String> {
    parted(text.unwrap_or_default()).map(str::to_owned).collect()
}

/// The tags of such a text.
pub(super) fn parted(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', ',', ' ']).filter(|tag| !tag.is_empty())
}

/// What rules ask of a guest.
pub(super) trait Known: std::fmt::Debug {
    /// Its id.
    fn vmid(&self) -> Vmid;
    /// The node that it is on.
    fn node(&self) -> &NodeName;
    /// The pool that it is in, as far as the token may see pools.
    fn pool(&self) -> Option<&str>;
    /// Whether it has this tag. PVE compares tags without regard to case unless the data centre says otherwise.
    fn has_tag(&self, tag: &str) -> bool;
}

impl Known for Guest {
    fn vmid(&self) -> Vmid {
        self.vmid
    }

    fn node(&self) -> &NodeName {
        &self.node
    }

    fn pool(&self) -> Option<&str> {
        self.pool.as_deref()
    }

    fn has_tag(&self, tag: &str) -> bool {
        Self::has_tag(self, tag)
    }
}
