//! The whole API in tools that explain one method and call it, through the same pipeline as the tools for guests.

mod access;
mod after;
pub(super) mod call;
mod change;
pub(super) mod check;
pub(super) mod describe;
mod example;
mod find;
mod follow;
mod gate;
pub(super) mod given;
pub(super) mod lists;
mod now;
mod plan;
pub(super) mod reach;
pub(super) mod risk;
pub(super) mod say;
pub(super) mod search;
pub(super) mod secret;
mod show;
mod target;

pub use access::Access;
pub use find::method;
pub use reach::{Reach, ReachError};
