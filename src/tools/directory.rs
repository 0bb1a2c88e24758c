//! The guests, nodes and pools of the cluster, remembered for a moment.
//!
//! `/cluster/resources` is about ten seconds behind with names: a guest that was just made has none there, one that was
//! renamed the old one. The lists of the nodes have them at once, so they are asked before it is said that there is none.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use futures_util::future::join_all;

use super::{
    call::{Problem, ToolResult},
    flight::Flight,
    guest::{Guest, GuestKind, Target},
    ops,
    policy::Policy,
    rows::{Listing, Row},
    say::Catalogue,
};
use crate::{
    client::{Client, Error},
    pve::NodeName,
};

/// How long a list of guests is good enough to find one in.
const FRESH: Duration = Duration::from_secs(10);

/// What the cluster has, as one list told it.
#[derive(Debug)]
pub(super) struct Cluster {
    /// The guests that the token may see, by id.
    pub guests: Listing,
    /// The nodes, by name, and whether each is there.
    pub nodes: Vec<(NodeName, bool)>,
    /// The pools that the token may see, by name.
    pub pools: Vec<String>,
}

impl Cluster {
    /// Reads it.
    ///
    /// # Errors
    /// When PVE cannot be asked.
    pub(super) async fn read(client: &Client) -> Result<Self, Error> {
        let (mut guests, beside) = ops::resources(client).await?;
        let away: Vec<_> = beside.nodes.iter().filter(|(_, there)| !there).map(|(name, _)| name).collect();
        guests.lose(&away);
        Ok(Self { guests, nodes: beside.nodes, pools: beside.pools })
    }

    /// The nodes that are not there.
    pub(super) fn away(&self) -> impl Iterator<Item = &NodeName> {
        self.nodes.iter().filter(|(_, there)| !there).map(|(name, _)| name)
    }

    /// Whether a name may be missing: of a guest whose node is there and has not told it yet.
    pub(super) fn lacks_names(&self, kind: GuestKind) -> bool {
        self.guests.iter().any(|row| row.kind() == kind && row.name().is_none() && !row.lost())
    }

    /// The guests that a target can mean, whatever else is wrong with it.
    pub(super) fn meant(&self, target: &Target) -> Vec<Guest> {
        match (target.vmid, target.name.as_deref()) {
            (Some(vmid), _) => self.guests.find(vmid).map(Row::guest).into_iter().collect(),
            (None, Some(name)) => self.guests.iter().filter(|row| row.is_named(name)).map(Row::guest).collect(),
            (None, None) => Vec::new(),
        }
    }
}

/// The list of the cluster, remembered for a moment.
pub(super) struct Directory {
    client: Client,
    known: Mutex<Known>,
    flight: Flight<Arc<Cluster>>,
}

#[derive(Default)]
struct Known {
    cluster: Option<(Instant, Arc<Cluster>)>,
    /// How often it was forgotten: what was asked for before that is not remembered.
    forgotten: u64,
}

impl Directory {
    /// A directory that knows nothing yet.
    pub(super) fn new(client: Client) -> Self {
        Self { client, known: Mutex::default(), flight: Flight::default() }
    }

    /// The cluster as it is now. Those who ask while it is asked share the answer, or its failure.
    ///
    /// # Errors
    /// When PVE cannot be asked.
    pub(super) async fn fresh(&self) -> Result<Arc<Cluster>, Error> {
        let forgotten = self.known().forgotten;
        let asked = Instant::now();
        let client = self.client.clone();
        let cluster = self.flight.join(|| async move { Cluster::read(&client).await.map(Arc::new) }).await?;
        let mut known = self.known();
        if known.forgotten == forgotten {
            known.cluster = Some((asked, cluster.clone()));
        }
        Ok(cluster)
    }

    /// The cluster as it was at most ten seconds ago, and whether it was asked for now.
    pub(super) async fn recent(&self) -> Result<(Arc<Cluster>, bool), Error> {
        if let Some((at, cluster)) = &self.known().cluster
            && at.elapsed() < FRESH
        {
            return Ok((cluster.clone(), false));
        }
        Ok((self.fresh().await?, true))
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has a guest's id now, and where: the guest itself, or one that has taken its place.
    ///
    /// # Errors
    /// When PVE cannot be asked.
    pub(super) async fn again(&self, guest: &Guest) -> Result<Option<Guest>, Error> {
        let cluster = self.fresh().await?;
        Ok(cluster.guests.find(guest.vmid).map(Row::guest))
    }

    /// Forgets what it knows: a guest has gone.
    pub(super) fn forget(&self) {
        self.flight.part();
        let mut known = self.known();
        known.forgotten += 1;
        known.cluster = None;
    }

    /// The guests of one kind and one name on the nodes that are there, as these know them now. A node that cannot be asked
    /// gives none; it is named.
    pub(super) async fn on_nodes(&self, cluster: &Cluster, kind: GuestKind, name: &str) -> (Vec<Guest>, Vec<NodeName>) {
        let there = cluster.nodes.iter().filter(|(_, there)| *there).map(|(name, _)| name);
        let asked =
            join_all(there.map(|node| async move { (node, ops::on_node(&self.client, kind, node).await) })).await;
        let (mut guests, mut silent) = (Vec::new(), Vec::new());
        for (node, list) in asked {
            match list {
                Ok(list) => {
                    guests.extend(list.iter().filter(|row| row.is_named(name)).map(Row::guest));
                }
                Err(error) => {
                    tracing::warn!(%node, %error, "the node could not be asked for its guests");
                    silent.push(node.clone());
                }
            }
        }
        guests.sort_by_key(|guest| guest.vmid);
        (guests, silent)
    }
}

/// What makes a list incomplete, a sentence each. Of nodes that a rule denies nothing is said: their guests are not in it.
pub(super) fn notes(cluster: &Cluster, policy: &Policy, texts: &Catalogue) -> Vec<String> {
    let mut notes = Vec::new();
    let away: Vec<_> = cluster.away().map(NodeName::as_str).filter(|node| policy.names_node(node)).collect();
    if !away.is_empty() {
        notes.push(texts.node_away(away.len(), away.join(", ")));
    }
    notes.extend(unread(cluster.guests.odd, texts));
    notes
}

/// That rows of a list could not be read, if there are any.
pub(super) fn unread(odd: usize, texts: &Catalogue) -> Option<String> {
    (odd > 0).then(|| texts.row_odd(odd))
}

/// That the cluster has no such node; PVE itself only says that it cannot look up its address.
pub(super) fn no_node(cluster: &Cluster, node: &NodeName, policy: &Policy, texts: &Catalogue) -> ToolResult {
    let known = named(cluster.nodes.iter().map(|(name, _)| name.as_str()), |name| policy.names_node(name), texts);
    ToolResult::problem(Problem::NotFound, texts.no_node(node.as_str(), known.as_deref().unwrap_or("-")))
}

/// The names that may be told, and how many may not; nothing when there is neither.
pub(super) fn named<'a>(
    all: impl Iterator<Item = &'a str>,
    may: impl Fn(&str) -> bool,
    texts: &Catalogue,
) -> Option<String> {
    let (told, hidden): (Vec<_>, Vec<_>) = all.partition(|name| may(name));
    let more = (!hidden.is_empty()).then(|| texts.names_hidden(hidden.len()));
    match (told.is_empty(), more) {
        (true, more) => more,
        (false, None) => Some(told.join(", ")),
        (false, Some(more)) => Some(format!("{} ({more})", told.join(", "))),
    }
}
