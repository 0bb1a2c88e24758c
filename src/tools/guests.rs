//! What the tools for guests have in common: which guest is meant, where it is, and whether the rules allow it.

use super::{
    args::{self, Args},
    call::{Problem, Reply, ToolResult},
    catalog::{Action, ToolSpec},
    delete, get,
    held::denied,
    lang::Lang,
    list,
    pipeline::Call,
    policy::Denied,
    power, verify,
};

/// Finds the guest, unless it is a list that is asked for, and carries out the call.
pub(super) async fn run(tool: &'static ToolSpec, mut call: Call<'_>) -> Result<Reply, ToolResult> {
    let Call { tools, ctx, entry, texts, .. } = call;
    let denied = |rule: Denied| denied(tool, &rule, texts);
    let wrong = |why: String| {
        let why = if why == texts.need_vmid { tools.advice().or_list(&why, tool.kind, texts) } else { why };
        ToolResult::problem(Problem::Arguments, verify::refused(tool, &[why], texts))
    };
    let args: Args = args::read(tool, std::mem::take(&mut call.given), texts).map_err(wrong)?;
    let (node, vmid) = (args.target.node.as_ref().map(|node| node.as_str()), args.target.vmid);
    tools.policy().before(tool, node, vmid).map_err(denied)?;
    tools.seen_pools(tool, texts).await?;
    if tool.action == Action::List {
        return list::run(tools, tool, &args, ctx).await.map(Reply::Result);
    }
    let guest = match tools.find(tool, &args.target, texts).await {
        Ok(guest) => guest,
        Err(why) => return Err(tools.untold(&args.target).await.map_or(why, denied)),
    };
    tools.policy().guest(tool, &guest).map_err(denied)?;
    entry.guest(guest.display(Lang::En.texts()));
    match tool.action {
        Action::List | Action::Get => get::run(tools, tool, guest, &args, ctx).await.map(Reply::Result),
        Action::Start | Action::Stop | Action::Restart => power::run(tools, tool, guest, &args, ctx, entry).await,
        Action::Delete => delete::run(tools, tool, guest, &args, ctx, entry).await,
    }
}
