//! Which methods of the Proxmox VE API a sentence asks for, in English or in Spanish.
//!
//! The index is made when the program is built, of our words for each method and of examples, see [`make`]; a query reads it without
//! a model and without a network, see [`SearchIndex::search`]. Both sides cut text into words and stems alike, see [`text`],
//! and know from a [`lexicon::Lexicon`] which words mean the same, which are the verb and which only fill.

mod hit;
mod index;
mod learn;
pub mod lexicon;
pub mod make;
mod packed;
mod query;
mod sense;
pub mod text;
mod typo;

pub use hit::Hit;
pub use index::{SearchIndex, SearchLimits};
