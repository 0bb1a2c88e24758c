//! What stands in the way of a deletion, and how to lift it.

use serde_json::Value;

use super::{
    advice::Advice,
    guest::{Guest, GuestKind},
    outcome::{Outcome, Problem, Report},
    profile::Action,
    say::Catalogue,
};
use crate::client::Trouble;

/// What stands in the way of a deletion: a word for programs, and how to lift it.
pub(super) type Block = (&'static str, String);

/// What a trouble with a deletion is, by its kind and PVE's own words; nothing for one that is not in the guest's state.
pub(super) fn block(
    trouble: &Trouble,
    words: &str,
    guest: &Guest,
    advice: &Advice<'_>,
    texts: &Catalogue,
) -> Option<Block> {
    Some(match trouble {
        Trouble::Locked(lock) => {
            let unlock = guest.kind.unlock(guest.vmid);
            ("locked", texts.block_locked(lock, &unlock))
        }
        Trouble::Protected => ("protected", texts.block_protected().to_owned()),
        Trouble::Managed if words.contains("replication") => ("replicated", texts.block_replicated().to_owned()),
        Trouble::Managed => ("ha", texts.block_ha().to_owned()),
        Trouble::WrongState => ("running", running(guest, advice.with(Action::Stop, guest), texts)),
        Trouble::Other if is_base_in_use(words, guest) => ("template", texts.linked_clones().to_owned()),
        _ => return None,
    })
}

/// That it runs, and how it is stopped, as far as this server can.
fn running(guest: &Guest, stop: Option<&str>, texts: &Catalogue) -> String {
    match (guest.kind, stop) {
        (GuestKind::Vm, None) => texts.block_running().to_owned(),
        (GuestKind::Vm, Some(tool)) => texts.block_running_vm(tool),
        (GuestKind::Ct, stop) => {
            let with = stop.map_or_else(String::new, |tool| texts.with_tool(tool));
            texts.block_running_ct(&with)
        }
    }
}

/// Whether PVE says that linked clones use a disk of this very template (pve-storage: `volume_is_base_and_used`).
fn is_base_in_use(words: &str, guest: &Guest) -> bool {
    let volume = words.trim().strip_prefix("base volume '").and_then(|rest| rest.split_once('\''));
    let own = format!("base-{}-", guest.vmid);
    volume.is_some_and(|(volume, rest)| volume.contains(&own) && rest == " is still in use by linked cloned")
}

pub(super) fn report_of(head: String, blocks: Vec<Block>) -> Report {
    let mut report = Report::new(Outcome::Failed, head);
    report.problem = Some(Problem::State);
    report.facts.insert("blockedBy".to_owned(), blocks.iter().map(|(word, _)| Value::from(*word)).collect());
    blocks.into_iter().fold(report, |report, (_, text)| report.note(text))
}
