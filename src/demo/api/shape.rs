//! Answers from the schema: for a method that the demo does not model, a value of the shape that its reply has.

use serde_json::Value;

use super::{Call, IntoReply as _};
use crate::{
    demo::{reply::Outcome, rng::Rng, sample::sample},
    spec::{Method, Shape},
};

/// Answers from the schema. A guest that is not there is refused all the same.
pub(super) fn answer(call: &mut Call<'_>) -> Outcome {
    let on_guest = call.endpoint.path.contains("/{vmid}");
    if on_guest && call.endpoint.proxyto.is_some() {
        call.guest()?;
    }
    if on_guest && call.endpoint.method != Method::Get {
        call.unlocked()?;
    }
    Ok(of(&call.endpoint.returns, &mut call.world.rng).into_reply())
}

/// A value of a shape.
pub(super) fn of(shape: &Shape, rng: &mut Rng) -> Value {
    sample(shape, &mut |limit| rng.below(limit))
}
