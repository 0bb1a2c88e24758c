//! Between the look-up of a guest and what is done with it: where the guest is by now, whether it is still the one that
//! was meant, and whether the rules still allow it.

use std::time::Duration;

use serde_json::{Map, Value};

use super::{
    Tools,
    args::Args,
    call::{CallContext, Problem, ToolResult},
    catalog::ToolSpec,
    failure,
    lang::{Catalogue, fill},
    outcome,
    policy::Denied,
    resolve::{self, Guest},
    tool::Tool,
};
use crate::client::{Client, Error, Kind as Trouble};

/// For how long it is taken for granted which pools the token may see.
pub(super) const RIGHTS_AGE: Duration = Duration::from_secs(60);

impl Tools {
    /// Asks something about a guest: where it was found, and once more where it is now if it has moved since.
    ///
    /// # Errors
    /// When it is gone or may not be touched where it is now, or PVE cannot be asked.
    pub(super) async fn at<T, F: Future<Output = Result<T, Error>>>(
        &self,
        tool: &ToolSpec,
        guest: Guest,
        args: &Args,
        ctx: &CallContext,
        ask: impl Fn(Client, Guest) -> F,
    ) -> Result<(Guest, T), ToolResult> {
        let texts = ctx.lang.texts();
        match failure::unless_offline(self, &guest, ask(self.client().clone(), guest.clone())).await {
            Ok(answer) => Ok((guest, answer)),
            Err(e) if e.kind() == Trouble::NotFound => {
                let now = self.moved(&guest, &e, tool, args, texts).await?;
                let answer = ask(self.client().clone(), now.clone()).await.map_err(|e| outcome::error(&e, texts))?;
                Ok((now, answer))
            }
            Err(e) => match failure::offline(self, &guest, &e, texts).await {
                Some(report) => Err(report.result(&guest, texts)),
                None => Err(outcome::error(&e, texts)),
            },
        }
    }

    /// Where a guest is that PVE does not find where it had been, if the call means it there and the rules allow it.
    ///
    /// # Errors
    /// When it is gone; when the cluster's list of this moment has it where PVE does not find it, with PVE's words.
    async fn moved(
        &self,
        guest: &Guest,
        said: &Error,
        tool: &ToolSpec,
        args: &Args,
        texts: &Catalogue,
    ) -> Result<Guest, ToolResult> {
        match self.directory().again(guest).await.map_err(|e| outcome::error(&e, texts))? {
            None => Err(self.gone(guest, said, texts)),
            Some(now) if now.kind != guest.kind || now.node != guest.node => self.meant_there(&now, tool, args, texts),
            Some(_) => Err(ToolResult::problem(Problem::Failed, resolve::capital(&said.say(texts.errors)))),
        }
    }

    /// A guest where it is now, if the call means it there and the rules allow it.
    ///
    /// # Errors
    /// When it is not what the call means, or a rule denies it.
    pub(super) fn meant_there(
        &self,
        now: &Guest,
        tool: &ToolSpec,
        args: &Args,
        texts: &Catalogue,
    ) -> Result<Guest, ToolResult> {
        resolve::meant(now, tool, &args.target, &self.advice(), texts)?;
        self.policy().guest(tool, now).map_err(|rule| denied(tool, &rule, texts))?;
        Ok(now.clone())
    }

    /// The answer for a guest that went away while the call was under way, with what PVE said.
    pub(super) fn gone(&self, guest: &Guest, said: &Error, texts: &Catalogue) -> ToolResult {
        let text = fill(texts.gone, &[("guest", &guest.display(texts))]);
        let text = format!("{}.", self.advice().or_list(&text, guest.kind, texts));
        let words =
            said.refusal().map_or_else(String::new, |refusal| format!(" ({})", outcome::quoted(&refusal.message)));
        ToolResult::problem(Problem::NotFound, format!("{text}{words}"))
    }

    /// The guest by the name and the tags that it says it has, held against the call and the rules once more: the list
    /// that it was found in may be ten seconds old.
    ///
    /// # Errors
    /// When it is no longer the one that the call means, or a rule denies it.
    pub(super) fn held(
        &self,
        guest: &Guest,
        said: &Map<String, Value>,
        tool: &ToolSpec,
        args: &Args,
        texts: &Catalogue,
    ) -> Result<Guest, ToolResult> {
        let now = guest.renewed(said);
        resolve::meant(&now, tool, &args.target, &self.advice(), texts)?;
        self.policy().guest(tool, &now).map_err(|rule| denied(tool, &rule, texts))?;
        Ok(now)
    }

    /// A rule that denies a pool cannot be kept where PVE does not say which guests are in it: then nothing is done. The
    /// privileges are a minute old at most, and of this moment where they are what denies.
    ///
    /// # Errors
    /// The rule that denies it, or why the privileges cannot be read.
    pub(super) async fn seen_pools(&self, tool: &Tool, texts: &Catalogue) -> Result<(), ToolResult> {
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
pub(super) fn denied(tool: &Tool, rule: &Denied, texts: &Catalogue) -> ToolResult {
    let text = fill(texts.denied, &[("tool", tool.name), ("rule", &rule.0)]);
    let facts = [("rule", rule.0.as_str()), ("detail", text.as_str())];
    let facts = facts.map(|(key, value)| (key.to_owned(), Value::from(value)));
    ToolResult { structured: Some(Map::from_iter(facts)), ..ToolResult::problem(Problem::Denied, text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        demo::{self, Scenario},
        tools::{Options, Policy, catalog},
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
        let tool = catalog::by_name("getVM").unwrap();
        let texts = crate::tools::Lang::En.texts();
        tools.seen_pools(tool, texts).await.unwrap();
        demo.set_acl(&[]);
        assert!(tools.rights_within(RIGHTS_AGE).await.unwrap().sees_pool("shop"), "known for a minute");
        assert!(!tools.rights_within(Duration::ZERO).await.unwrap().sees_pool("shop"));
        assert_eq!(tools.seen_pools(tool, texts).await.unwrap_err().problem, Some(Problem::Denied));
        demo.set_acl(&all);
        tools.seen_pools(tool, texts).await.unwrap();
    }
}
