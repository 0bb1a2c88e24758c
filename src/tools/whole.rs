//! The whole API in tools that explain one method and call it, through the same pipeline as the tools for guests.

pub(super) mod call;
pub(super) mod describe;
mod find;
mod given;
mod plan;
pub(super) mod reach;
mod say;
pub(super) mod search;
mod secret;
mod show;
mod target;

pub use reach::{Reach, ReachError};
