//! Guests of a list in compact form: a hundred bytes each beside the reply's own text, in which their names are.
//!
//! A list of thousands is mostly looked through for a page or for one guest. So no row is made into more than this until
//! it is shown ([`Row`] answers what lists ask) or something is done with it ([`Row::guest`] gives all that PVE said).

use serde_json::{Map, Value};

use super::guest::{Guest, GuestKind, Known, parted};
use crate::{
    pve::{NodeName, Vmid},
    spec::{
        Endpoint,
        rows::{self, Cell, Key},
    },
};

/// So many nodes are looked through one by one; of more there is an index.
const FEW: usize = 16;

/// The guests of a list, by id.
#[derive(Debug)]
pub(super) struct Listing {
    endpoint: &'static Endpoint,
    usual: Usual,
    /// What PVE sent, and behind it what stands there in another form.
    text: String,
    rows: Vec<Entry>,
    nodes: Vec<NodeName>,
    /// Beside each node whether it is away.
    lost: Vec<bool>,
    /// How many rows could not be read.
    pub odd: usize,
}

/// Where a text is.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    at: u32,
    length: u32,
}

/// What is kept of a row.
#[derive(Debug)]
struct Entry {
    at: u32,
    vmid: Vmid,
    kind: GuestKind,
    template: bool,
    node: u32,
    name: Span,
    tags: Span,
    pool: Span,
    status: Span,
    lock: Span,
    /// The share of its processors that it uses; no number where it is not known.
    cpu: f64,
    /// Zero where it is not known, as the next two.
    cpus: f64,
    mem: u64,
    maxmem: u64,
}

/// What else than guests the list of the cluster has.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// The nodes, and whether each is there.
    pub nodes: Vec<(NodeName, bool)>,
    /// The pools.
    pub pools: Vec<String>,
}

/// The kind and the node of rows that do not say it; nothing where rows can be about something else than guests.
pub(super) type Usual = Option<(GuestKind, NodeName)>;

/// A list on its way from the reply.
pub(super) struct Making {
    endpoint: &'static Endpoint,
    usual: Usual,
    /// Whether rows can be about something else than guests.
    mixed: bool,
    /// Texts that do not stand in the reply as they are: after its end.
    more: String,
    end: usize,
    rows: Vec<Entry>,
    nodes: Vec<NodeName>,
    index: std::collections::HashMap<NodeName, u32>,
    beside: Beside,
    odd: usize,
}

impl Listing {
    /// Reads the reply of a list at one go: that of the cluster, or that of the guests of one kind on one node, which is
    /// then what is usual. At most so many values may be in it. Nothing where it has to be read value by value.
    pub(super) fn read(endpoint: &'static Endpoint, text: &str, most: usize, usual: Usual) -> Option<Making> {
        let mut making = Making::new(endpoint, usual, text.len());
        let odd = endpoint.rows(text, most, |row| making.row(text, &row))?;
        making.odd += odd.0;
        Some(making)
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|entry| Row { list: self, entry })
    }

    /// The one with this id.
    pub(super) fn find(&self, vmid: Vmid) -> Option<Row<'_>> {
        let at = self.rows.partition_point(|entry| entry.vmid < vmid);
        let entry = self.rows.get(at).filter(|entry| entry.vmid == vmid)?;
        Some(Row { list: self, entry })
    }

    /// Says of which nodes it is known that they are away.
    pub(super) fn lose(&mut self, away: &[&NodeName]) {
        self.lost = self.nodes.iter().map(|node| away.contains(&node)).collect();
    }

    fn slice(&self, span: Span) -> &str {
        let at = span.at as usize;
        self.text.get(at..at + span.length as usize).unwrap_or_default()
    }
}

impl Making {
    fn new(endpoint: &'static Endpoint, usual: Usual, end: usize) -> Self {
        Self {
            endpoint,
            mixed: usual.is_none(),
            usual,
            more: String::new(),
            end,
            rows: Vec::new(),
            nodes: Vec::new(),
            index: std::collections::HashMap::new(),
            beside: Beside::default(),
            odd: 0,
        }
    }

    /// The list, with the text that it was read from.
    pub(super) fn made(mut self, mut text: String, unread: usize) -> (Listing, Beside) {
        // Stable: of two of one id the first is found.
        self.rows.sort_by_key(|entry| entry.vmid);
        self.rows.shrink_to_fit();
        self.beside.nodes.sort();
        self.beside.pools.sort_unstable();
        text.push_str(&self.more);
        let (endpoint, usual, odd) = (self.endpoint, self.usual, self.odd + unread);
        let lost = vec![false; self.nodes.len()];
        (Listing { endpoint, usual, text, rows: self.rows, nodes: self.nodes, lost, odd }, self.beside)
    }

    fn row(&mut self, text: &str, row: &rows::Row<'_>) {
        if self.mixed {
            match row.get(Key::Type).text() {
                Some("node") => return self.beside.nodes.extend(node(row)),
                Some("pool") => return self.beside.pools.extend(row.get(Key::Pool).text().map(str::to_owned)),
                Some("qemu" | "lxc") | None => {}
                // Nothing but guests has an id of theirs, whatever the row says that it is.
                Some(_) if row.has(Key::Vmid) => {}
                Some(_) => return,
            }
        }
        match self.entry(text, row) {
            Some(entry) => self.rows.push(entry),
            None => self.odd += 1,
        }
    }

    fn entry(&mut self, text: &str, row: &rows::Row<'_>) -> Option<Entry> {
        let kind = match said(row, Key::Type) {
            Some("qemu") => GuestKind::Vm,
            Some("lxc") => GuestKind::Ct,
            _ => self.usual.as_ref()?.0,
        };
        let vmid = match row.get(Key::Vmid) {
            Cell::Text(text) => text.parse().ok()?,
            number => Vmid::try_from(number.whole()?).ok()?,
        };
        let node = self.node(said(row, Key::Node))?;
        let cpus = [Key::Maxcpu, Key::Cpus].into_iter().find_map(|key| row.get(key).number()).unwrap_or_default();
        // PVE says `running` of every VM that has a process; whether the guest in it runs, QEMU says. The cluster's list
        // gives the two in one.
        let status = match (row.get(Key::Status).text(), row.get(Key::Qmpstatus).text()) {
            (Some("running"), Some(halted)) if !self.mixed => Some(halted),
            (None, _) if !self.mixed => Some("unknown"),
            (status, _) => status,
        };
        let bytes = |key: Key| row.get(key).whole().unwrap_or_default();
        Some(Entry {
            at: u32::try_from(row.at).ok()?,
            vmid,
            kind,
            template: row.get(Key::Template).flag() == Some(true),
            node,
            name: self.span(text, said(row, Key::Name)),
            tags: self.span(text, said(row, Key::Tags)),
            pool: self.span(text, said(row, Key::Pool)),
            status: self.span(text, status),
            lock: self.span(text, row.get(Key::Lock).text()),
            cpu: row.get(Key::Cpu).number().unwrap_or(f64::NAN),
            cpus: if cpus > 0.0 { cpus } else { 0.0 },
            mem: bytes(Key::Mem),
            maxmem: bytes(Key::Maxmem),
        })
    }

    /// Where a text is in the reply; behind its end where it does not stand there as it is.
    fn span(&mut self, text: &str, said: Option<&str>) -> Span {
        let Some(said) = said.filter(|said| !said.is_empty()) else { return Span::default() };
        let within = (said.as_ptr() as usize).checked_sub(text.as_ptr() as usize);
        let within = within.filter(|at| text.get(*at..at + said.len()).is_some_and(|there| there == said));
        let at = within.unwrap_or_else(|| {
            let at = self.end + self.more.len();
            self.more.push_str(said);
            at
        });
        match (u32::try_from(at), u32::try_from(said.len())) {
            (Ok(at), Ok(length)) => Span { at, length },
            _ => Span::default(),
        }
    }

    /// The place of a node among those that were named so far.
    fn node(&mut self, said: Option<&str>) -> Option<u32> {
        if let Some(at) = said.and_then(|said| self.nodes.iter().take(FEW).position(|node| node.as_str() == said)) {
            return u32::try_from(at).ok();
        }
        let node: NodeName = match said.and_then(|said| said.parse().ok()) {
            Some(node) => node,
            None => self.usual.as_ref()?.1.clone(),
        };
        if let Some(at) = self.index.get(&node) {
            return Some(*at);
        }
        let at = u32::try_from(self.nodes.len()).ok()?;
        self.index.insert(node.clone(), at);
        self.nodes.push(node);
        Some(at)
    }
}

/// A text that says something, without what stands around it.
fn said<'r>(row: &'r rows::Row<'_>, key: Key) -> Option<&'r str> {
    row.get(key).text().map(str::trim).filter(|text| !text.is_empty())
}

/// A node's row. What else than `online` a node can be, such as `offline`, is not there.
fn node(row: &rows::Row<'_>) -> Option<(NodeName, bool)> {
    Some((row.get(Key::Node).text()?.parse().ok()?, row.get(Key::Status).text() != Some("offline")))
}

/// One guest of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    list: &'a Listing,
    entry: &'a Entry,
}

impl<'a> Row<'a> {
    /// VM or container.
    pub(super) fn kind(self) -> GuestKind {
        self.entry.kind
    }

    /// Whether its node is away.
    pub(super) fn lost(self) -> bool {
        self.list.lost[self.entry.node as usize]
    }

    /// The name of its node.
    pub(super) fn node_name(self) -> &'a str {
        self.list.nodes[self.entry.node as usize].as_str()
    }

    /// Its name, if it says one.
    pub(super) fn name(self) -> Option<&'a str> {
        Some(self.list.slice(self.entry.name)).filter(|name| !name.is_empty())
    }

    /// Whether it is named so. PVE's names are those of hosts, which know no case.
    pub(super) fn is_named(self, name: &str) -> bool {
        self.name().is_some_and(|own| own.eq_ignore_ascii_case(name))
    }

    /// Its tags.
    pub(super) fn tags(self) -> impl Iterator<Item = &'a str> {
        parted(self.list.slice(self.entry.tags))
    }

    /// Its tags as PVE writes them.
    pub(super) fn tagged(self) -> &'a str {
        self.list.slice(self.entry.tags)
    }

    /// What it is doing, as its list says it.
    pub(super) fn status(self) -> &'a str {
        self.list.slice(self.entry.status)
    }

    /// Why it is locked; empty where it is not.
    pub(super) fn lock(self) -> &'a str {
        self.list.slice(self.entry.lock)
    }

    /// Whether it is a template.
    pub(super) fn template(self) -> bool {
        self.entry.template
    }

    /// The share of its processors that it uses, where that is known.
    pub(super) fn cpu(self) -> Option<f64> {
        Some(self.entry.cpu).filter(|share| share.is_finite())
    }

    /// How many processors it has, where that is known.
    pub(super) fn cpus(self) -> Option<f64> {
        Some(self.entry.cpus).filter(|n| *n > 0.0)
    }

    /// Bytes of memory that it uses, where that is known.
    pub(super) fn mem(self) -> Option<u64> {
        Some(self.entry.mem).filter(|n| *n > 0)
    }

    /// Bytes of memory that it has, where that is known.
    pub(super) fn maxmem(self) -> Option<u64> {
        Some(self.entry.maxmem).filter(|n| *n > 0)
    }

    /// All that PVE says of it.
    pub(super) fn all(self) -> Map<String, Value> {
        self.list.endpoint.row(&self.list.text, self.entry.at as usize).unwrap_or_default()
    }

    /// The guest, with all that PVE says of it.
    pub(super) fn guest(self) -> Guest {
        let mut row = self.all();
        if self.list.usual.is_some() {
            row.insert("status".to_owned(), self.status().into());
        }
        Guest {
            vmid: self.vmid(),
            kind: self.kind(),
            node: self.node().clone(),
            name: self.name().map(str::to_owned),
            tags: self.tags().map(str::to_owned).collect(),
            pool: self.pool().map(str::to_owned),
            row,
            lost: self.lost(),
        }
    }
}

impl Known for Row<'_> {
    fn vmid(&self) -> Vmid {
        self.entry.vmid
    }

    fn node(&self) -> &NodeName {
        &self.list.nodes[self.entry.node as usize]
    }

    fn pool(&self) -> Option<&str> {
        Some(self.list.slice(self.entry.pool)).filter(|pool| !pool.is_empty())
    }

    fn has_tag(&self, tag: &str) -> bool {
        self.tags().any(|own| own.eq_ignore_ascii_case(tag))
    }
}

#[cfg(test)]
mod tests;
