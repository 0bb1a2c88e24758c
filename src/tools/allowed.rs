//! May he? Whether a caller may use a tool, by what the caller may and by the rules of this server; and what a denial says.

use std::time::Duration;

use serde_json::{Map, Value};

use super::{
    call::{Problem, ToolResult},
    caller::{self, Principal},
    outcome,
    policy::Denied,
    profile::Profile,
    say::Catalogue,
    state::{RIGHTS_AGE, Tools},
};

/// What forbids a caller a tool.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// What the caller may.
    #[error(transparent)]
    Caller(#[from] caller::NotGranted),
    /// A rule of this server.
    #[error(transparent)]
    Rule(#[from] Denied),
}

impl Tools {
    /// May he? Whether a caller may use a tool at all: within what the caller may, and by the rules of this server. Listing and
    /// calling ask alike.
    ///
    /// # Errors
    /// What forbids it.
    pub fn may(&self, tool: &Profile, caller: Option<&Principal>) -> Result<(), Forbidden> {
        if let Some(caller) = caller {
            caller.check(tool.name, tool.risk())?;
        }
        Ok(self.policy().tool(tool)?)
    }

    /// Why what a caller may does not reach as far as a tool, if it does not; rules of this server aside.
    pub fn lacks(&self, tool: &str, caller: &Principal) -> Option<caller::NotGranted> {
        match self.may(self.profile(tool)?, Some(caller)) {
            Err(Forbidden::Caller(denied)) => Some(denied),
            Err(Forbidden::Rule(_)) | Ok(()) => None,
        }
    }

    /// A rule that denies a pool cannot be kept where PVE does not say which guests are in it: then nothing is done. The
    /// privileges are a minute old at most, and of this moment where they are what denies.
    ///
    /// # Errors
    /// The rule that denies it, or why the privileges cannot be read.
    pub(super) async fn seen_pools(&self, tool: &Profile, texts: &Catalogue) -> Result<(), ToolResult> {
        self.unseen_pool(texts).await?.map_or(Ok(()), |rule| Err(denied(tool, &rule, texts)))
    }

    /// The rule on a pool that cannot be kept, if there is one.
    ///
    /// # Errors
    /// Why the privileges cannot be read.
    pub(super) async fn unseen_pool(&self, texts: &Catalogue) -> Result<Option<Denied>, ToolResult> {
        if self.policy().denied_pools().next().is_none() {
            return Ok(None);
        }
        let mut unseen = None;
        for age in [RIGHTS_AGE, Duration::ZERO] {
            let rights = self.rights_within(age).await.map_err(|e| outcome::error(&e, texts))?;
            unseen = self.policy().denied_pools().find(|pool| !rights.sees_pool(pool));
            if unseen.is_none() {
                break;
            }
        }
        Ok(unseen.map(|pool| Denied(format!("deny pool:{pool} (Pool.Audit on /pool/{pool} is missing)"))))
    }
}

/// The answer to a call that a rule denies.
pub(super) fn denied(tool: &Profile, rule: &Denied, texts: &Catalogue) -> ToolResult {
    let text = texts.denied(tool.name, &rule.0);
    let facts = [("rule", rule.0.as_str()), ("detail", text.as_str())];
    let facts = facts.map(|(key, value)| (key.to_owned(), Value::from(value)));
    ToolResult { structured: Some(Map::from_iter(facts)), ..ToolResult::problem(Problem::Denied, text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        client::Client,
        demo::{self, Scenario},
        tools::{policy::Policy, registry, state::Options},
    };

    #[tokio::test]
    async fn what_the_token_may_see_is_read_again() {
        let toml = "pools = { shop = ['100'] }\n[[users]]\nid = 'mcp@pve'\n[[tokens]]\nid = 'mcp@pve!ai'\nprivsep = false\n\
            [[acl]]\nwho = 'mcp@pve'\nrole = 'PVEAdmin'\npath = '/'\n[[guests]]\nvmid = 100";
        let scenario = Scenario::from_toml(toml).unwrap();
        let all = scenario.acl.clone();
        let demo = demo::start(scenario).await.unwrap();
        let policy = Policy { deny: vec!["pool:shop".parse().unwrap()], ..Policy::default() };
        let tools = Tools::new(Client::new(demo.settings()).unwrap(), Options { policy, ..Options::default() });
        let tool = registry::by_name("getVM").unwrap();
        let texts = crate::tools::say::Lang::En.texts();
        tools.seen_pools(tool, texts).await.unwrap();
        demo.set_acl(&[]);
        assert!(tools.rights_within(RIGHTS_AGE).await.unwrap().sees_pool("shop"), "known for a minute");
        assert!(!tools.rights_within(Duration::ZERO).await.unwrap().sees_pool("shop"));
        assert_eq!(tools.seen_pools(tool, texts).await.unwrap_err().problem, Some(Problem::Denied));
        demo.set_acl(&all);
        tools.seen_pools(tool, texts).await.unwrap();
    }
}
