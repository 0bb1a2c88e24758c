//! Which path is which tool.

use crate::tools::catalog::{Action, Kind};

/// The two kinds of guest and where they are.
pub const BASES: [(Kind, &str); 2] = [(Kind::Vm, "/vms"), (Kind::Ct, "/containers")];

/// What is done with `POST {base}/{vmid}/{word}`.
pub const POWER: [(Action, &str); 3] = [(Action::Start, "start"), (Action::Stop, "stop"), (Action::Restart, "restart")];
