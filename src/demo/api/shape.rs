//! Answers from the schema: for a method that the demo does not model, a value of the shape that its reply has.

use super::{Call, IntoReply as _};
use crate::{
    demo::{
        reply::Outcome,
        sample::sample,
        world::{Flow, stage},
    },
    spec::{Kind, Method},
};

/// Answers from the schema. A guest that is not there is refused all the same.
pub(super) fn answer(call: &mut Call<'_>) -> Outcome {
    let endpoint = call.endpoint;
    let on_guest = endpoint.path.contains("/{vmid}");
    if on_guest && endpoint.proxyto.is_some() {
        call.guest()?;
    }
    if on_guest && endpoint.method != Method::Get {
        call.unlocked()?;
    }
    // Work on a node that gives a text gives the id of its task.
    let works = endpoint.method != Method::Get && endpoint.path.starts_with("/nodes/{node}/");
    if works && endpoint.returns.kind == Kind::String {
        let words = endpoint.path.split('/').skip(3).filter(|part| !part.starts_with('{'));
        let kind: String = words.flat_map(str::chars).filter(char::is_ascii_alphanumeric).collect();
        let (node, id) = (call.node(), call.args.get("vmid").unwrap_or_default().to_owned());
        let first = stage(|_, _| Ok(Flow::Done));
        return Ok(call.world.spawn(&kind, &node, &id, call.who, first).into_reply());
    }
    Ok(sample("", &endpoint.returns).into_reply())
}
