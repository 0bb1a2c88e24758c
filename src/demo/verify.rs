//! Verification of parameters as PVE does it, and what a method sees of them then.

mod args;

pub(super) use args::Args;

use super::{http::Params, reply::Failure};
use crate::spec::{Endpoint, verify};

/// Verifies the parameters of a call.
///
/// # Errors
/// 400 with every refused parameter.
pub(super) fn verify(endpoint: &Endpoint, params: Params) -> Result<Args, Failure> {
    let refused = |refusals: Vec<verify::RefusedParam>| {
        let told = refusals.into_iter().map(|refusal| (refusal.named(), refusal.text()));
        Failure::Params(told.collect())
    };
    verify::verify(endpoint, params).map(Args::new).map_err(refused)
}
