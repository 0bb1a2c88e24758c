//! Rules on nodes, pools and methods that there are none of: they match nothing, and whoever wrote them thinks that they do.

use std::collections::BTreeSet;

use super::{
    directory::Cluster,
    policy::{Policy, Rule, lies_in},
    rights::Rights,
    state::{RIGHTS_AGE, Tools},
};
use crate::{
    client::{Client, Error},
    foreign, near,
};

/// One sentence on each rule that names a node, a pool or a method that there is none of. A pool that the token may not see is left
/// out: a rule on one denies everything, and says so.
///
/// # Errors
/// When PVE cannot be asked.
pub async fn strays(client: &Client, policy: &Policy, rights: &Rights) -> Result<Vec<String>, Error> {
    let idle = policy.idle();
    if policy.places().next().is_none() {
        return Ok(idle);
    }
    let cluster = Cluster::read(client).await?;
    let nodes: BTreeSet<String> = cluster.nodes.iter().map(|(name, _)| name.to_string()).collect();
    let pools: BTreeSet<String> = cluster.pools.iter().cloned().collect();
    let told = policy.places().filter_map(|(rule, text)| match rule {
        Rule::Node(name) if !nodes.contains(name) => Some(sentence(&text, "node", name, &nodes)),
        Rule::Pool(name) if !pools.iter().any(|pool| lies_in(pool, name)) && rights.sees_pool(name) => {
            Some(sentence(&text, "pool", name, &pools))
        }
        _ => None,
    });
    Ok(idle.into_iter().chain(told).collect())
}

fn sentence(rule: &str, kind: &str, name: &str, known: &BTreeSet<String>) -> String {
    let list = match known.len() {
        0 => format!("no {kind} is visible"),
        _ => format!(
            "the {kind}s are {}",
            known.iter().map(|name| foreign::line(name, foreign::NAME)).collect::<Vec<_>>().join(", ")
        ),
    };
    let meant = near::closest(name, known.iter().map(String::as_str));
    let meant = meant.map(|meant| format!("; did you mean {meant}?")).unwrap_or_default();
    format!("the rule {rule} matches nothing: there is no {kind} {name}; {list}{meant}")
}

impl Tools {
    /// Tells the log of rules that match nothing; asks PVE only where rules name nodes or pools.
    pub async fn warn_of_strays(&self) {
        if self.policy().places().next().is_none() {
            return self.policy().idle().iter().for_each(|stray| tracing::warn!("{stray}"));
        }
        let asked = async {
            let rights = self.rights_within(RIGHTS_AGE).await?;
            strays(self.client(), self.policy(), &rights).await
        };
        match asked.await {
            Ok(strays) => strays.iter().for_each(|stray| tracing::warn!("{stray}")),
            Err(error) => {
                self.policy().idle().iter().for_each(|stray| tracing::warn!("{stray}"));
                tracing::warn!(%error, "whether the nodes and pools exist that rules name could not be asked");
            }
        }
    }
}
