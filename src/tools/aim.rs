//! A call about one guest, from its arguments to the guest: who is meant, where that guest is by now, whether it is still the
//! one that was meant, and whether the rules still allow it.

use std::ops::Deref;

use serde_json::{Map, Value};

use super::{
    allowed::denied,
    args,
    call::{Problem, ToolResult},
    check::refused,
    failure,
    guest::{Guest, GuestKind, Target},
    outcome,
    policy::Denied,
    profile::{Action, GuestTool},
    resolve,
    say::{Catalogue, Lang, capital},
    tool::Call,
};
use crate::client::{Client, Error, Trouble};

/// A call about one guest.
pub(super) struct Aim<'a> {
    call: Call<'a>,
    /// The tool.
    pub tool: GuestTool,
    /// Which guest is meant.
    pub target: Target,
}

impl<'a> Deref for Aim<'a> {
    type Target = Call<'a>;

    fn deref(&self) -> &Call<'a> {
        &self.call
    }
}

/// The answer to arguments that no schema can tell to be wrong.
pub(super) fn wrong(call: &Call<'_>, why: &str) -> ToolResult {
    ToolResult::problem(Problem::Arguments, refused(call.tool.name, &[why.to_owned()], call.texts))
}

/// Which guest is meant.
///
/// # Errors
/// Which argument has a wrong form, or that there is none that says which guest.
pub(super) fn meant(given: &Map<String, Value>, texts: &Catalogue) -> Result<Target, String> {
    let target = args::target(given, texts)?;
    if target.vmid.is_none() && target.name.is_none() {
        return Err(texts.need_vmid().to_owned());
    }
    Ok(target)
}

impl<'a> Aim<'a> {
    /// Reads whom a call is about, finds the guest, and holds it against the rules.
    ///
    /// # Errors
    /// What is wrong with the arguments, that there is no such guest, or the rule that denies it.
    pub(super) async fn find(call: Call<'a>, kind: GuestKind, action: Action) -> Result<(Self, Guest), ToolResult> {
        let (tools, texts) = (call.tools, call.texts);
        let tool = call.tool.for_guests(kind, action);
        let rule = |rule: Denied| denied(call.tool, &rule, texts);
        let target = meant(&call.given, texts).map_err(|why| {
            wrong(&call, &if why == texts.need_vmid() { tools.advice().or_list(&why, kind, texts) } else { why })
        })?;
        tools.policy().before(call.tool, target.node.as_ref().map(|node| node.as_str()), target.vmid).map_err(rule)?;
        tools.seen_pools(call.tool, texts).await?;
        let guest = tools.find(tool, &target, texts).await?;
        tools.policy().guest(call.tool, &guest).map_err(rule)?;
        call.entry.guest(guest.display(Lang::En.texts()));
        Ok((Self { call, tool, target }, guest))
    }

    /// The arguments in the types of the tool.
    ///
    /// # Errors
    /// Which one does not fit.
    pub(super) fn args<A: serde::de::DeserializeOwned>(&self) -> Result<A, ToolResult> {
        args::read(&self.given).map_err(|why| wrong(self, &why))
    }

    /// Asks something about a guest: where it was found, and once more where it is now if it has moved since.
    ///
    /// # Errors
    /// When it is gone or may not be touched where it is now, or PVE cannot be asked.
    pub(super) async fn at<T, F: Future<Output = Result<T, Error>>>(
        &self,
        guest: Guest,
        ask: impl Fn(Client, Guest) -> F,
    ) -> Result<(Guest, T), ToolResult> {
        let (tools, texts) = (self.tools, self.texts);
        match failure::unless_offline(tools, &guest, ask(tools.client().clone(), guest.clone())).await {
            Ok(answer) => Ok((guest, answer)),
            Err(e) if e.kind() == Trouble::NotFound => {
                let now = self.moved(&guest, &e).await?;
                let answer = ask(tools.client().clone(), now.clone()).await.map_err(|e| outcome::error(&e, texts))?;
                Ok((now, answer))
            }
            Err(e) => match failure::offline(tools, &guest, &e, texts).await {
                Some(report) => Err(report.result(&guest, texts)),
                None => Err(outcome::error(&e, texts)),
            },
        }
    }

    /// Where a guest is that PVE does not find where it had been, if the call means it there and the rules allow it.
    ///
    /// # Errors
    /// When it is gone; when the cluster's list of this moment has it where PVE does not find it, with PVE's words.
    async fn moved(&self, guest: &Guest, said: &Error) -> Result<Guest, ToolResult> {
        let texts = self.texts;
        match self.tools.directory().again(guest).await.map_err(|e| outcome::error(&e, texts))? {
            None => Err(self.gone(guest, said)),
            Some(now) if now.kind != guest.kind || now.node != guest.node => self.meant_there(now),
            Some(_) => Err(ToolResult::problem(Problem::Failed, capital(&said.say(texts.errors)))),
        }
    }

    /// A guest where it is now, if the call means it there and the rules allow it.
    ///
    /// # Errors
    /// When it is not what the call means, or a rule denies it.
    pub(super) fn meant_there(&self, now: Guest) -> Result<Guest, ToolResult> {
        resolve::meant(&now, self.tool, &self.target, &self.tools.advice(), self.texts)?;
        self.tools.policy().guest(&self.tool, &now).map_err(|rule| denied(&self.tool, &rule, self.texts))?;
        Ok(now)
    }

    /// The answer for a guest that went away while the call was under way, with what PVE said.
    fn gone(&self, guest: &Guest, said: &Error) -> ToolResult {
        let text = self.texts.gone(guest.display(self.texts));
        let text = format!("{}.", self.tools.advice().or_list(&text, guest.kind, self.texts));
        let words =
            said.refusal().map_or_else(String::new, |refusal| format!(" ({})", outcome::quoted(&refusal.message)));
        ToolResult::problem(Problem::NotFound, format!("{text}{words}"))
    }

    /// The guest by the name and the tags that it says it has, held against the call and the rules once more: the list
    /// that it was found in may be ten seconds old.
    ///
    /// # Errors
    /// When it is no longer the one that the call means, or a rule denies it.
    pub(super) fn held(&self, guest: &Guest, said: &Map<String, Value>) -> Result<Guest, ToolResult> {
        self.meant_there(guest.renewed(said))
    }
}
