//! The index as it is in the binary, and read once when something is first asked of it.

use std::io::{Read as _, Write as _};

use flate2::{Compression, bufread::DeflateDecoder, write::DeflateEncoder};
use serde::{Deserialize, Serialize};
use spec::{Method, Risk};

use crate::{
    learn::Learned,
    lexicon::{Means, Table},
};

/// The whole index.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Packed {
    pub lexicon: Table,
    pub docs: Vec<Doc>,
    pub units: Vec<Unit>,
    /// Sorted.
    pub terms: Vec<Term>,
    /// Words as they were written and how often, sorted: what a slip of the pen is compared with.
    pub known: Vec<(String, u16)>,
    pub learned: Learned,
}

/// One method.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Doc {
    pub method: Method,
    pub path: String,
    pub risk: Risk,
    pub many: bool,
    /// Whether nobody asks for it who does not know of it: it lists what lies beneath, or is there for old programs.
    pub seldom: bool,
    /// Which kinds of thing its words name.
    pub talks_of: Vec<Means>,
}

/// One sentence or list of words that is said of a method.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Unit {
    pub doc: u16,
    pub field: Field,
    /// Sum of the weights of its words.
    pub weight: f32,
}

/// What a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Field {
    Phrase,
    Summary,
    Path,
    Params,
}

/// A stem or a class, and where it is said.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Term {
    /// `e` or `s` and a stem, or `c` and the number of a class.
    pub name: String,
    /// Methods that have it.
    pub docs: u16,
    /// Units that have it, each as the distance from the one before.
    pub units: Vec<u16>,
}

pub(crate) fn pack(packed: &Packed) -> Vec<u8> {
    let bytes = postcard::to_allocvec(packed).unwrap_or_default();
    let mut out = DeflateEncoder::new(Vec::new(), Compression::best());
    // Memory takes whatever is written to it.
    let written = out.write_all(&bytes).and_then(|()| out.finish());
    written.unwrap_or_default()
}

pub(crate) fn unpack(bytes: &[u8]) -> Packed {
    let mut out = Vec::new();
    match DeflateDecoder::new(bytes).read_to_end(&mut out) {
        Ok(_) => postcard::from_bytes(&out).unwrap_or_default(),
        Err(_) => Packed::default(),
    }
}
