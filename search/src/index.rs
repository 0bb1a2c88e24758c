//! The index, ready to be asked.

use std::{collections::HashMap, sync::OnceLock};

use spec::Risk;

use crate::{
    hit::Hit,
    packed::{self, Packed},
    query,
};

/// An index in memory; nothing is read before something is asked.
pub struct SearchIndex {
    packed: &'static [u8],
    read: OnceLock<Ready>,
}

/// Which methods are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct SearchLimits<'l> {
    /// Those of one of these risks; all when there are none.
    pub risks: &'l [Risk],
    /// Those whose path begins so; all when it is empty.
    pub path: &'l str,
    /// How many at most.
    pub count: usize,
}

/// What was read.
pub(crate) struct Ready {
    pub packed: Packed,
    /// Units of a term, by its name.
    pub terms: HashMap<String, (u16, Vec<u32>)>,
    /// Where a feature stands among those learned of.
    pub features: HashMap<String, usize>,
    /// Words as they were written, by their length: what a slip of the pen is compared with.
    pub by_length: Vec<Vec<u32>>,
}

impl SearchIndex {
    /// An index of what [`crate::make::make`] gave.
    pub const fn new(packed: &'static [u8]) -> Self {
        Self { packed, read: OnceLock::new() }
    }

    /// Methods that the text asks for, the likeliest first; none where no word of it is known.
    pub fn search(&self, text: &str, limits: SearchLimits<'_>) -> Vec<Hit<'_>> {
        query::search(self.ready(), text, limits)
    }

    fn ready(&self) -> &Ready {
        self.read.get_or_init(|| Ready::new(packed::unpack(self.packed)))
    }
}

impl Ready {
    pub(crate) fn new(mut packed: Packed) -> Self {
        let terms = std::mem::take(&mut packed.terms).into_iter().map(|term| {
            let mut at = 0u32;
            let units = term.units.iter().map(|&distance| {
                at += u32::from(distance);
                at
            });
            let units = units.filter(|&unit| (unit as usize) < packed.units.len()).collect();
            (term.name, (term.docs, units))
        });
        let terms = terms.collect();
        let mut by_length: Vec<Vec<u32>> = Vec::new();
        for (n, (word, _)) in (0..).zip(&packed.known) {
            if by_length.len() <= word.len() {
                by_length.resize(word.len() + 1, Vec::new());
            }
            by_length[word.len()].push(n);
        }
        let features = packed.learned.features.iter().zip(0..).map(|(feature, n)| (feature.name.clone(), n)).collect();
        Self { packed, terms, features, by_length }
    }
}
