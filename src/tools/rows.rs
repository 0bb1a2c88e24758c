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
pub struct Listing {
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
pub struct Row<'a> {
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
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{
        api,
        client::{Error, Unread},
        pve::bool_or_int,
        tools::ops,
    };

    /// What a list says when each value of it is made into JSON first, and read from there: as plain as can be.
    struct Plain {
        guests: Vec<Guest>,
        nodes: Vec<(NodeName, bool)>,
        pools: Vec<String>,
        odd: usize,
    }

    fn plainly(endpoint: &Endpoint, answer: Unread, usual: Option<&(GuestKind, NodeName)>) -> Result<Plain, Error> {
        let list = ops::some(endpoint, &answer.read()?)?;
        let mut plain = Plain { guests: Vec::new(), nodes: Vec::new(), pools: Vec::new(), odd: list.odd };
        for mut row in list.rows {
            let text = |key: &str| row.get(key).and_then(Value::as_str).map(str::to_owned);
            let node = || Some((text("node")?.parse().ok()?, text("status").as_deref() != Some("offline")));
            match (text("type").as_deref(), usual) {
                (Some("node"), None) => plain.nodes.extend(node()),
                (Some("pool"), None) => plain.pools.extend(text("pool")),
                (_, None) if !Guest::is_row(&row) => {}
                (_, usual) => {
                    if usual.is_some() {
                        let status = text("status").unwrap_or_else(|| "unknown".to_owned());
                        let halted = text("qmpstatus").filter(|_| status == "running");
                        row.insert("status".to_owned(), halted.unwrap_or(status).into());
                    }
                    match Guest::of_row(row, usual.map(|usual| usual.0), usual.map(|usual| &usual.1)) {
                        Some(guest) => plain.guests.push(guest),
                        None => plain.odd += 1,
                    }
                }
            }
        }
        plain.guests.sort_by_key(|guest| guest.vmid);
        plain.nodes.sort();
        plain.pools.sort_unstable();
        Ok(plain)
    }

    /// Both ways give the same of a reply, whatever it is.
    fn same(body: &[u8]) -> Result<(), TestCaseError> {
        let there = || Some((GuestKind::Vm, "pve9".parse::<NodeName>().unwrap()));
        for (path, endpoint, usual) in [
            ("/cluster/resources", &*api::GET_CLUSTER_RESOURCES, None),
            ("/nodes/pve9/qemu", &*api::GET_NODES_NODE_QEMU, there()),
            ("/nodes/pve9/lxc", &*api::GET_NODES_NODE_LXC, there()),
        ] {
            let answer = || Unread::of(path, body.to_vec());
            let plain = plainly(endpoint, answer(), usual.as_ref());
            let (plain, (list, beside)) = match (plain, ops::list(endpoint, answer(), usual)) {
                (Ok(plain), Ok(read)) => (plain, read),
                (Err(plain), Err(read)) => {
                    prop_assert_eq!(plain.to_string(), read.to_string());
                    continue;
                }
                (plain, read) => {
                    let (plain, read) = (plain.map(|_| ()).err(), read.map(|_| ()).err());
                    return Err(TestCaseError::fail(format!("{plain:?} and {read:?}")));
                }
            };
            prop_assert_eq!((list.odd, beside.nodes, beside.pools), (plain.odd, plain.nodes, plain.pools));
            prop_assert_eq!(list.rows.len(), plain.guests.len());
            for (row, guest) in list.iter().zip(&plain.guests) {
                let (text, value) =
                    (|key: &str| guest.row.get(key).and_then(Value::as_str), |key: &str| guest.row.get(key));
                let number = |key: &str| value(key).and_then(Value::as_f64);
                let whole = |key: &str| value(key).and_then(Value::as_u64).filter(|n| *n > 0);
                prop_assert_eq!(format!("{:?}", row.guest()), format!("{guest:?}"));
                prop_assert_eq!(row.status(), text("status").unwrap_or_default());
                prop_assert_eq!(row.lock(), text("lock").unwrap_or_default());
                let template = value("template").is_some_and(|flag| bool_or_int(flag).ok().flatten() == Some(true));
                prop_assert_eq!(row.template(), template);
                prop_assert_eq!(row.cpus(), number("maxcpu").or_else(|| number("cpus")).filter(|n| *n > 0.0));
                prop_assert_eq!((row.cpu(), row.mem(), row.maxmem()), (number("cpu"), whole("mem"), whole("maxmem")));
                prop_assert_eq!(list.find(guest.vmid).map(|row| row.vmid()), Some(guest.vmid));
            }
        }
        Ok(())
    }

    fn value() -> impl Strategy<Value = Value> {
        const WORDS: [&str; 13] =
            ["qemu", "lxc", "node", "pool", "pve1", "running", "paused", "offline", " a;b ", "100", "1.5", "on", ""];
        let leaf = prop_oneof![
            4 => prop::sample::select(&WORDS[..]).prop_map(Value::from),
            2 => (0..400_i64).prop_map(Value::from),
            1 => any::<i64>().prop_map(Value::from),
            1 => any::<u64>().prop_map(Value::from),
            1 => any::<f64>().prop_map(Value::from),
            1 => any::<bool>().prop_map(Value::from),
            1 => "(?s).{0,10}".prop_map(Value::from),
            1 => Just(Value::Null),
        ];
        leaf.prop_recursive(2, 6, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[a-z\"]{0,4}", inner, 0..3)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    fn key() -> impl Strategy<Value = String> {
        let wanted: Vec<_> = Key::ALL.iter().map(|key| key.name().to_owned()).collect();
        prop_oneof![8 => prop::sample::select(wanted), 1 => "(?s).{0,4}", 1 => "[a-z]{1,8}"]
    }

    fn row() -> impl Strategy<Value = Value> {
        let fields = prop::collection::vec((key(), value()), 0..8);
        let guest = (fields, 0_u32..4, 0_u32..9, any::<bool>()).prop_map(|(fields, node, vmid, whole)| {
            let usual = json!({"type": "qemu", "vmid": 100 + vmid, "node": format!("pve{node}")});
            let mut row = if whole { usual } else { json!({}) };
            for (key, value) in fields {
                row[key] = value;
            }
            row
        });
        prop_oneof![9 => guest, 1 => value()]
    }

    /// A reply as text, in which keys can stand twice and anywhere.
    fn reply() -> impl Strategy<Value = String> {
        let rows = prop::collection::vec(row(), 0..6).prop_map(|rows| json!({ "data": rows }).to_string());
        let other = (value(), value()).prop_map(|(data, more)| json!({"data": data, "more": more}).to_string());
        let twice = (row(), row()).prop_map(|(one, two)| {
            let (one, two) = (one.to_string(), two.to_string());
            // The fields of both in one object.
            let both = one.trim_end_matches('}').to_owned() + "," + two.trim_start_matches('{');
            format!("{{\"total\": 1,\n\"data\" : [ {both} , {{ }}, {two}]}}")
        });
        prop_oneof![6 => rows, 1 => other, 2 => twice]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(600))]
        #[test]
        fn a_list_says_what_its_values_say_one_by_one(reply in reply()) {
            same(reply.as_bytes())?;
        }

        #[test]
        fn nor_does_it_differ_where_bytes_do(
            reply in reply(),
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
            cut in prop::option::of(any::<prop::sample::Index>()),
        ) {
            let mut body = reply.into_bytes();
            for (at, byte) in changes {
                let at = at.index(body.len());
                body[at] = byte;
            }
            if let Some(cut) = cut {
                body.truncate(cut.index(body.len()));
            }
            same(&body)?;
        }
    }

    #[test]
    fn a_name_that_is_no_text_or_has_escapes_is_kept() {
        for (name, read) in [(&b"caf\xe9"[..], "caf\u{fffd}"), (br"tab\u0009x", "tab\tx"), (br"\u00e4", "\u{e4}")] {
            let body = [br#"{"data":[{"vmid":100,"node":"a","type":"qemu","name":""#, name, br#""}]}"#].concat();
            same(&body).unwrap();
            let (list, _) =
                ops::list(&api::GET_CLUSTER_RESOURCES, Unread::of("/cluster/resources", body), None).unwrap();
            assert_eq!(list.iter().next().unwrap().name(), Some(read));
        }
    }

    #[test]
    fn a_key_with_an_escape_in_front_hides_no_row() {
        let body = r#"{"data":[{"\u0074ype":"qemu","vmid":100,"node":"a"},{"vmid":"101","type":"lxc","node":"b"},7]}"#;
        same(body.as_bytes()).unwrap();
        let (list, _) = ops::list(&api::GET_CLUSTER_RESOURCES, Unread::of("/cluster/resources", body), None).unwrap();
        assert_eq!((list.rows.len(), list.odd), (2, 1));
    }

    #[test]
    fn too_many_values_are_refused_as_ever() {
        let row = r#"{"type":"qemu","vmid":100,"node":"a","x":[1,2,3,4,5,6,7,8,9,10,11,12]}"#;
        let body = format!(r#"{{"data":[{}]}}"#, vec![row; 40_000].join(","));
        let said = ops::list(&api::GET_CLUSTER_RESOURCES, Unread::of("/cluster/resources", body), None);
        assert!(said.unwrap_err().to_string().contains("600000"));
    }
}
