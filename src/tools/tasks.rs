//! The tools for tasks of PVE: lists, how one went, and its end.

pub(super) mod get;
pub(super) mod list;
mod read;
pub(super) mod stop;
