//! A cluster of any size, for load.

use super::{Guest, GuestKind, Node, Scenario, State};

/// What the made-up guests are called.
const PARTS: [&str; 8] = ["web", "db", "cache", "build", "mail", "queue", "proxy", "metrics"];

impl Scenario {
    /// A cluster of so many guests, evenly spread over so many nodes (at least one); every third guest is a container
    /// and two of three are running.
    pub fn large(guests: u32, nodes: u32) -> Self {
        let nodes = nodes.max(1);
        let name = |n: u32| format!("pve{:02}", n % nodes + 1);
        let guest = |n: u32| Guest {
            vmid: 100 + n,
            kind: if n % 3 == 2 { GuestKind::Lxc } else { GuestKind::Qemu },
            node: name(n),
            name: format!("{}-{:04}", PARTS[n as usize % PARTS.len()], n),
            state: if n % 3 == 1 { State::Stopped } else { State::Running },
            ..Guest::default()
        };
        Self {
            nodes: (0..nodes).map(|n| Node { name: name(n), ..Node::default() }).collect(),
            guests: (0..guests).map(guest).collect(),
            ..Self::small()
        }
    }
}
