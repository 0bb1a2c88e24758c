//! The firewall of a guest, found and asked.

use super::{Call, IntoReply, failure, missing};
use crate::{
    demo::reply::{Failure, Outcome},
    spec::Method,
};

/// These methods are not forwarded: any node of the path answers, so that the guest is looked for on all of them.
pub(super) fn call(call: &mut Call<'_>) -> Outcome {
    let (kind, vmid, path) = (call.kind(), call.vmid(), call.endpoint.path.as_str());
    let tail = path.split_once("/firewall").map_or("", |(_, tail)| tail);
    let method = call.endpoint.method;
    if method != Method::Get {
        call.writable()?;
    }
    let params = call.args.all().clone();
    let text = missing(kind, &call.node(), vmid);
    let guest = call.world.guests.get_mut(&vmid).filter(|g| g.kind == kind);
    let guest = guest.ok_or_else(|| Failure::new(text))?;
    guest.firewall.call(method, tail, &params).map(IntoReply::into_reply).map_err(failure)
}
