//! What a request says beyond its words: which kind of guest, one or all, to look or to act.

use std::collections::BTreeSet;

use spec::{Method, Risk};

use crate::{lexicon::Means, packed::Doc, text};

/// What speaks for a method whose verb of HTTP does such things, and against one whose verb does not.
const VERB: f32 = 1.15;
const OTHER_VERB: f32 = 0.8;

/// What speaks against reading one of the things that were named in the plural.
const ONE_OF_SEVERAL: f32 = 0.92;

/// What speaks for reading one of several where one was meant.
const ONE: f32 = 1.06;

/// What speaks against a method that nobody asks for who does not know of it.
const SELDOM: f32 = 0.7;

/// What speaks against doing something to a whole node that was not named, against a guest where a node was named, and
/// against the other kind of guest.
const ALONE: f32 = 0.88;
const NO_GUEST: f32 = 0.8;
const OTHER_KIND: f32 = 0.4;
const BOTH_KINDS: f32 = 0.85;

/// What speaks against a method of one of these areas where the request does not name it.
const UNNAMED: f32 = 0.9;
const AREAS: [(&str, Means); 5] = [
    ("/ha/", Means::Ha),
    ("/ceph/", Means::Ceph),
    ("/sdn/", Means::Sdn),
    ("/snapshot", Means::Snapshot),
    ("/replication", Means::Replication),
];

/// What speaks against a method of which nothing says that it has to do with the kind of guest that was named.
const SILENT: f32 = 0.8;

/// What speaks for a method that only looks where nothing is said that is to be done, and against one that acts.
const LOOKS: f32 = 1.06;
const ACTS: f32 = 0.93;

/// What the request says beyond its words.
#[derive(Default)]
pub(crate) struct Sense {
    pub means: BTreeSet<Means>,
    pub method: u8,
    pub methods: u8,
    /// Whether several things are named.
    pub plural: bool,
}

impl Sense {
    /// What a word says that is a number or a name.
    pub(crate) fn hear(&mut self, word: &str) {
        self.plural |=
            word.len() > 3 && word.ends_with('s') && !["ss", "us", "is"].iter().any(|end| word.ends_with(end));
        if text::is_number(word) && word.len() >= 3 {
            self.means.insert(Means::Guest);
        }
        if word == "pve" || text::is_node(word) {
            self.means.insert(Means::Node);
        }
    }

    /// How far it speaks for or against a method.
    pub(crate) fn speaks_for(&self, doc: &Doc) -> f32 {
        let says = |means| self.means.contains(&means);
        let vm = doc.path.starts_with("/nodes/{node}/qemu");
        let container = doc.path.starts_with("/nodes/{node}/lxc");
        let kind = match (says(Means::Vm), says(Means::Container)) {
            (true, false) if container => OTHER_KIND,
            (false, true) if vm => OTHER_KIND,
            (false, false) if container => 0.97,
            // Both kinds are asked for at once.
            (true, true) if vm || container => BOTH_KINDS,
            _ => 1.0,
        };
        let guest = says(Means::Vm) || says(Means::Container) || says(Means::Guest);
        let elsewhere = says(Means::Node) || says(Means::Cluster);
        let place = if (vm || container) && !guest && elsewhere { NO_GUEST } else { 1.0 };
        // A kind of guest was named, and nothing that is said of the method speaks of it.
        let talks = |means| doc.talks_of.contains(&means);
        let silent = [Means::Vm, Means::Container].into_iter().any(|means| says(means) && !talks(means));
        let silent = silent || says(Means::Guest) && !talks(Means::Vm) && !talks(Means::Container);
        let kind = if silent && !vm && !container && !talks(Means::Guest) { kind * SILENT } else { kind };
        let all = match (says(Means::All), doc.many) {
            (true, true) => 1.2,
            // A backup is asked for of one guest as well.
            (false, true) if matches!(doc.risk, Risk::Power | Risk::Change) => 0.8,
            _ => 1.0,
        };
        let heavy = matches!(doc.risk, Risk::Execute | Risk::Admin);
        let area = AREAS.iter().find(|(part, _)| doc.path.contains(part)).map(|(_, means)| *means);
        let place = if area.is_some_and(|area| !says(area)) { place * UNNAMED } else { place };
        let whole = doc.path.strip_prefix("/nodes/{node}/").is_some_and(|rest| !rest.contains('/'));
        let place = if whole && heavy && !says(Means::Node) && !says(Means::All) { ALONE } else { place };
        let bit = 1u8 << doc.method as u8;
        let method = match self.methods {
            0 if doc.method == Method::Get => LOOKS,
            0 => ACTS,
            _ if self.method & bit != 0 => VERB,
            wanted if wanted & bit != 0 => 1.0,
            _ => OTHER_VERB,
        };
        let several = doc.method == Method::Get && doc.path.ends_with('}');
        let several = match (several, self.plural, says(Means::One)) {
            (true, true, _) => ONE_OF_SEVERAL,
            (true, false, true) => ONE,
            _ => 1.0,
        };
        kind * place * all * method * several * if doc.seldom { SELDOM } else { 1.0 }
    }
}
