//! A plan as it is shown before anything is deleted: in words, and as facts that say the same.

use serde_json::{Map, Value};

use super::{
    lang::{Catalogue, fill},
    ops::{Current, Extent},
    plan::{Around, Plan, Volumes, flag},
};

/// What is shown.
pub(super) struct Shown {
    pub live: Current,
    pub around: Around,
    pub volumes: Volumes,
}

impl Shown {
    /// The plan, line by line. `forced` is whether PVE is told to stop what runs.
    pub(super) fn lines(&self, plan: &Plan, extent: &Extent, forced: bool, texts: &Catalogue) -> Vec<String> {
        let purge = extent.purge == Some(true);
        let mut lines = vec![
            fill(texts.plan_head, &[("guest", &plan.guest.within(texts))]),
            fill(texts.plan_state, &[("status", &self.live.status)]),
            match self.volumes.go.is_empty() {
                true => texts.plan_no_disks.to_owned(),
                false => fill(texts.plan_disks, &[("disks", &self.volumes.go.join(", "))]),
            },
        ];
        lines.extend(self.beside(purge, texts));
        let notes = [
            (purge, texts.plan_purge),
            (extent.unreferenced == Some(true), texts.plan_unreferenced),
            (forced && self.live.is_up(), texts.plan_force),
            (forced && !self.live.is_up(), texts.plan_force_idle),
            (flag(&plan.config, "template"), texts.plan_template),
        ];
        lines.extend(notes.into_iter().filter(|(applies, _)| *applies).map(|(_, text)| text.to_owned()));
        lines
    }

    /// What goes besides the disks, what stays, and what names the guest.
    fn beside(&self, purge: bool, texts: &Catalogue) -> Vec<String> {
        let mut lines = Vec::new();
        let mut list = |text: &str, names: &[String]| {
            if !names.is_empty() {
                let count = names.len().to_string();
                lines.push(fill(text, &[("count", &count), ("names", &names.join(", "))]));
            }
        };
        let Around { snapshots, backups, replications, rules, .. } = &self.around;
        list(texts.plan_snapshots, snapshots);
        list(texts.plan_stays, &self.volumes.stay);
        let jobs = if purge { texts.plan_backups_purged } else { texts.plan_backups };
        list(jobs, backups.as_deref().unwrap_or_default());
        list(texts.plan_replications, replications.as_deref().unwrap_or_default());
        list(texts.plan_rules, rules.as_deref().unwrap_or_default());
        let unknown = [
            (texts.plan_backups_unknown, backups.as_ref().err()),
            (texts.plan_replications_unknown, replications.as_ref().err()),
            (texts.plan_rules_unknown, rules.as_ref().err()),
        ];
        // One right that is missing keeps several of them back: why is told once.
        let mut told = Vec::new();
        for (text, e) in unknown.into_iter().filter_map(|(text, e)| Some((text, e?))) {
            let reason = e.say(texts.errors);
            let (request, why) = reason.split_once(": ").unwrap_or(("", &reason));
            let reason = match told.iter().any(|before| before == why) {
                true => fill(texts.plan_likewise, &[("request", request)]),
                false => reason.clone(),
            };
            lines.push(fill(text, &[("reason", &reason)]));
            told.push(why.to_owned());
        }
        lines
    }

    /// The same for programs.
    pub(super) fn facts(&self) -> Map<String, Value> {
        let mut facts = Map::new();
        facts.insert("status".to_owned(), self.live.status.as_str().into());
        facts.insert("disks".to_owned(), self.volumes.go.clone().into());
        let Around { snapshots, backups, replications, rules, .. } = &self.around;
        let none = Vec::new();
        for (key, names) in [
            ("stays", &self.volumes.stay),
            ("snapshots", snapshots),
            ("backupJobs", backups.as_ref().unwrap_or(&none)),
            ("replicationJobs", replications.as_ref().unwrap_or(&none)),
            ("haRules", rules.as_ref().unwrap_or(&none)),
        ] {
            if !names.is_empty() {
                facts.insert(key.to_owned(), names.clone().into());
            }
        }
        facts
    }
}
