//! The one way that every call goes, whatever the tool: is it recorded, is it allowed, do its arguments fit; then the tool
//! itself; then the record and the answer.

use serde_json::{Map, Value};

use super::{
    advice,
    allowed::denied,
    audit::Record,
    call::{CallContext, CallError, Problem, Reply, ToolResult},
    entry::{self, Entry},
    policy::Denied,
    registry,
    say::{Catalogue, capital},
    state::Tools,
    tool::{Call, Tool},
    verify::{Verified, verify},
};
use crate::{near, spec::Risk};

impl Tools {
    /// Calls a tool.
    ///
    /// # Errors
    /// [`CallError::UnknownTool`]. Everything else that goes wrong is a result that says so.
    pub async fn call(
        &self,
        name: &str,
        arguments: &Map<String, Value>,
        ctx: &CallContext,
    ) -> Result<Reply, CallError> {
        let texts = ctx.lang.texts();
        let tool = registry::of(&self.0.options.toolsets).find(|tool| tool.name == name);
        let tool = tool.ok_or_else(|| self.unknown(name, ctx, texts))?;
        let recorded = || Record::arguments(|name| tool.takes(name), arguments);
        let entry = Entry::new(self, tool, recorded, ctx);
        let may_change = tool.effect.may_change();
        // Boxed, because the compiler bounds how deep futures may be nested, and each door adds its own around it.
        let decided = match self.writable(tool, texts).await {
            Err(result) => Err(result),
            Ok(()) => tokio::select! {
                biased;
                decided = Box::pin(advice::to(ctx.caller.clone(), self.decide(tool, arguments, ctx, &entry))) => decided,
                () = entry.unsent(&ctx.cancel), if may_change => {
                    Err(ToolResult::problem(Problem::Cancelled, texts.call_off(tool.name)))
                }
            },
        };
        let mut reply = decided.unwrap_or_else(Reply::Result);
        if let Reply::Result(result) = &mut reply {
            result.complete();
        }
        if entry.is_change()
            && let Err(error) = entry.end(&reply).await
        {
            tracing::error!(%error, "a call could not be recorded");
            if let Reply::Result(result) = &mut reply
                && !entry::is_unrecorded(result)
            {
                result.add(&texts.unrecorded(error.say(texts)));
            }
        }
        reply.show();
        Ok(reply)
    }

    /// Holds the call against the rules on its tool and its arguments against what the tool takes, and has it carried out.
    async fn decide(
        &self,
        tool: &'static Tool,
        arguments: &Map<String, Value>,
        ctx: &CallContext,
        entry: &Entry<'_>,
    ) -> Result<Reply, ToolResult> {
        let texts = ctx.lang.texts();
        self.may(tool, ctx.caller.as_ref()).map_err(|why| denied(tool, &Denied(why.to_string()), texts))?;
        if tool.effect.changes() {
            entry.let_through(tool.risk() == Risk::Destroy, texts).await?;
        }
        let Verified { given, passed_over } =
            verify(tool, arguments, texts).map_err(|why| ToolResult::problem(Problem::Arguments, why))?;
        let mut reply = (tool.run)(Call { tools: self, tool: &tool.profile, given, ctx, entry, texts }).await?;
        if !passed_over.is_empty()
            && let Reply::Result(result) = &mut reply
        {
            result.add(&texts.passed_over(tool.name, passed_over.join(", ")));
        }
        Ok(reply)
    }

    /// Whether a call of this tool could be recorded: one that changes something is not begun otherwise.
    async fn writable(&self, tool: &Tool, texts: &Catalogue) -> Result<(), ToolResult> {
        match &self.0.journal {
            Some(journal) if tool.effect.changes() => {
                journal.check().await.map_err(|error| entry::unrecorded(tool, &error, texts))
            }
            _ => Ok(()),
        }
    }

    /// That there is no such tool, and which there are for this caller.
    fn unknown(&self, name: &str, ctx: &CallContext, texts: &Catalogue) -> CallError {
        let may = |tool: &&Tool| self.may(tool, ctx.caller.as_ref()).is_ok();
        let names: Vec<_> = registry::of(&self.0.options.toolsets).filter(may).map(|tool| tool.name).collect();
        let meant = near::closest(name, names.iter().copied());
        let meant = meant.map(|meant| capital(&texts.meant(meant)));
        let name = crate::foreign::line(name, 64);
        let text = texts.unknown_tool(&*name, names.join(", "));
        CallError::UnknownTool(meant.map_or_else(|| text.clone(), |meant| format!("{text} {meant}")))
    }
}
