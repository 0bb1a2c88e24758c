//! What is told of a job that has not ended, or whose end nobody knows.

use std::{sync::PoisonError, time::Duration};

use super::Watch;
use crate::{
    client::Error,
    tools::{
        call::Problem,
        deeds::Deed,
        ops::{self, Current},
        outcome::{self, Outcome, Report, quoted},
        profile::Action,
    },
};

/// How long the configuration may take that says until when PVE waits.
const PATIENCE: Duration = Duration::from_secs(3);

/// Seconds that PVE gives a guest to go down when nobody says otherwise.
const PVE_GIVES: u64 = 60;

impl Watch<'_> {
    /// Adds until when PVE itself waits for the guest to go down.
    pub(super) async fn until_when(&self, report: Report) -> Report {
        let job = self.job;
        let asks = matches!(job.upid.kind(), "qmshutdown" | "vzshutdown" | "qmreboot" | "vzreboot");
        if !asks || self.ctx.cancel.is_cancelled() {
            return report;
        }
        let gives = match job.given {
            Some(given) => Some(given),
            None => tokio::time::timeout(PATIENCE, ops::pending(self.tools.client(), &job.guest))
                .await
                .ok()
                .and_then(Result::ok)
                .map(|options| down(&options).unwrap_or(PVE_GIVES)),
        };
        let until = gives.and_then(|gives| job.upid.start().checked_add(gives)).and_then(|at| i64::try_from(at).ok());
        let Some(until) = until.and_then(|at| chrono::DateTime::from_timestamp(at, 0)) else { return report };
        let mut report = report.note(self.texts.pve_waits(until.format("%H:%M:%S")));
        let until = until.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        report.facts.insert("pveWaitsUntil".to_owned(), until.into());
        report
    }

    pub(super) fn unfinished(&self) -> Report {
        let (texts, name, action) = (self.texts, self.name(), self.job.deed.word(self.texts));
        if self.ctx.cancel.is_cancelled() {
            // Seen by default: something changes that nobody follows any more.
            tracing::warn!(upid = %self.job.upid, "the caller no longer waits; the task goes on");
            return Report::new(Outcome::Running, texts.cancelled(&name, action));
        }
        let seconds = self.seconds();
        Report::new(Outcome::Running, texts.running(name.as_str(), action, &seconds))
    }

    /// The task has ended, and the guest is not in its state when the time is up.
    pub(super) async fn not_reached(&self, last: Option<Current>, passed_on: bool) -> Report {
        let (texts, cancelled) = (self.texts, self.ctx.cancel.is_cancelled());
        if passed_on
            && !cancelled
            && let Some(report) = outcome::in_error(self.tools, &self.job.guest, last.as_ref(), texts).await
        {
            return report;
        }
        let Some(last) = last else { return self.lost(None) };
        let off = self.job.deed == Deed::Reboot && !last.is_up();
        let mut report = match (passed_on, off) {
            (true, _) if !cancelled => self.with_ha(),
            (_, true) => {
                let (guest, seconds) = (self.name(), self.seconds());
                let mut report =
                    Report::new(Outcome::Unknown, texts.not_up(guest.as_str(), &seconds, self.job.guest.node.as_str()));
                report.problem = Some(Problem::Failed);
                report
            }
            _ => self.unfinished(),
        };
        report.status = Some(last.status);
        report
    }

    pub(super) fn with_ha(&self) -> Report {
        let (seconds, name) = (self.seconds(), self.name());
        Report::new(Outcome::Running, self.texts.running_ha(name.as_str(), self.job.deed.word(self.texts), &seconds))
    }

    /// What was begun can no longer be asked for: what was sent, since when nothing is heard, and how to look.
    pub(super) fn lost(&self, e: Option<&Error>) -> Report {
        let (texts, job) = (self.texts, self.job);
        let last = self.heard.lock().unwrap_or_else(PoisonError::into_inner).last.unwrap_or(job.begun);
        let silent = last.elapsed();
        let since = (crate::clock::now() - silent).format("%H:%M:%S").to_string();
        let reason = e.map_or_else(|| texts.no_answer().to_owned(), |e| quoted(&e.say(texts.errors)).to_owned());
        let (guest, seconds) = (self.name(), format!("{:.0}", silent.as_secs_f64()));
        let action = job.deed.word(texts);
        let mut report = Report::new(Outcome::Unknown, texts.lost(guest.as_str(), action, &since, &seconds, &reason));
        let get = self.tools.for_guests(job.guest.kind, Action::Get).map_or("", |tool| tool.name);
        report = report.note(texts.how_to_look(get, job.upid.node().as_str(), job.upid.as_str()));
        report.problem = Some(Problem::Unanswered);
        report.upid = Some(job.upid.to_string());
        report.seconds = Some(job.begun.elapsed().as_secs_f64());
        report.facts.insert("silentSeconds".to_owned(), silent.as_secs().into());
        report
    }
}

/// Seconds that a guest is given to go down by its own configuration (`startup: order=1,down=120`).
fn down(options: &[serde_json::Map<String, serde_json::Value>]) -> Option<u64> {
    let startup = options.iter().find(|option| option.get("key").is_some_and(|key| key == "startup"))?;
    startup.get("value")?.as_str()?.split(',').find_map(|part| part.trim().strip_prefix("down=")?.parse().ok())
}
