//! A plan as it is shown before anything is deleted: in words, and as facts that say the same.

use serde_json::{Map, Value};

use super::{
    deeds::Extent,
    ops::Current,
    plan::{Around, Plan, Volumes, flag},
    say::Catalogue,
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
            texts.plan_head(plan.guest.within(texts)),
            texts.plan_state(&self.live.status),
            match self.volumes.go.is_empty() {
                true => texts.plan_no_disks().to_owned(),
                false => texts.plan_disks(self.volumes.go.join(", ")),
            },
        ];
        lines.extend(self.beside(purge, texts));
        let notes = [
            (purge, texts.plan_purge()),
            (extent.unreferenced == Some(true), texts.plan_unreferenced()),
            (forced && self.live.is_up(), texts.plan_force()),
            (forced && !self.live.is_up(), texts.plan_force_idle()),
            (flag(&plan.config, "template"), texts.plan_template()),
        ];
        lines.extend(notes.into_iter().filter(|(applies, _)| *applies).map(|(_, text)| text.to_owned()));
        lines
    }

    /// What goes besides the disks, what stays, and what names the guest.
    fn beside(&self, purge: bool, texts: &Catalogue) -> Vec<String> {
        let mut lines = Vec::new();
        let mut list = |names: &[String], line: &dyn Fn(String) -> String| {
            if !names.is_empty() {
                lines.push(line(names.join(", ")));
            }
        };
        let Around { snapshots, backups, replications, rules, .. } = &self.around;
        list(snapshots, &|names| texts.plan_snapshots(snapshots.len(), names));
        list(&self.volumes.stay, &|names| texts.plan_stays(names));
        list(backups.as_deref().unwrap_or_default(), &|jobs| match purge {
            true => texts.plan_backups_purged(jobs),
            false => texts.plan_backups(jobs),
        });
        list(replications.as_deref().unwrap_or_default(), &|jobs| texts.plan_replications(jobs));
        list(rules.as_deref().unwrap_or_default(), &|rules| texts.plan_rules(rules));
        let unknown: [(&dyn Fn(String) -> String, _); 3] = [
            (&|why| texts.plan_backups_unknown(why), backups.as_ref().err()),
            (&|why| texts.plan_replications_unknown(why), replications.as_ref().err()),
            (&|why| texts.plan_rules_unknown(why), rules.as_ref().err()),
        ];
        // One right that is missing keeps several of them back: why is told once.
        let mut told = Vec::new();
        for (line, e) in unknown.into_iter().filter_map(|(line, e)| Some((line, e?))) {
            let reason = e.say(texts.errors);
            let (request, why) = reason.split_once(": ").unwrap_or(("", &reason));
            let reason = match told.iter().any(|before| before == why) {
                true => texts.plan_likewise(request),
                false => reason.clone(),
            };
            lines.push(line(reason.clone()));
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
