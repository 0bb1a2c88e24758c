//! How often something may be changed: by one caller, and by all callers of this server together.
//!
//! A call that has come to send a change is counted where it is announced, whatever becomes of it: one that PVE refuses
//! again and again is what a program in a loop sends. What is counted is remembered by this process alone, by a clock
//! that nobody sets.

use std::{
    collections::VecDeque,
    fmt,
    str::FromStr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde_json::{Map, Value};

use super::{
    call::{Problem, ToolResult},
    profile::Profile,
    say::Catalogue,
};

/// The greatest number that can be set.
const MOST: u32 = 100_000;
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// How many calls are let through within a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// For one caller; nothing for any number.
    pub each: Option<u32>,
    /// For all callers together; nothing for any number.
    pub all: Option<u32>,
}

/// A text that is no such number.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a number of calls from 0 to {MOST}, two of them as in 30/120 (for one caller, for all together), or none"
)]
pub struct AllowanceError(String);

impl FromStr for Allowance {
    type Err = AllowanceError;

    fn from_str(s: &str) -> Result<Self, AllowanceError> {
        let bad = || AllowanceError(s.chars().take(40).collect());
        let one = |word: &str| match word.trim() {
            "none" => Ok(None),
            // `+5` would be read as well.
            word if word.bytes().all(|b| b.is_ascii_digit()) => {
                word.parse().ok().filter(|count| *count <= MOST).map(Some).ok_or_else(bad)
            }
            _ => Err(bad()),
        };
        let (each, all) = s.split_once('/').unwrap_or((s, s));
        Ok(Self { each: one(each)?, all: one(all)? })
    }
}

/// What the operator allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Calls that change something, within a minute.
    pub minute: Allowance,
    /// The same within an hour.
    pub hour: Allowance,
    /// Of these, within an hour, those that delete, or that no other call undoes.
    pub deletions: Allowance,
}

impl Default for Pace {
    fn default() -> Self {
        let of = |each, all| Allowance { each: Some(each), all: Some(all) };
        Self { minute: of(30, 120), hour: of(300, 1200), deletions: of(5, 5) }
    }
}

impl Pace {
    /// Any number of calls.
    pub const UNBOUND: Self = {
        let any = Allowance { each: None, all: None };
        Self { minute: any, hour: any, deletions: any }
    };

    /// Each bound: its number, its time, whose calls and which of them it counts.
    fn bounds(&self) -> impl Iterator<Item = (u32, Bounded)> {
        let all = [(Window::Minute, self.minute), (Window::Hour, self.hour), (Window::Deletions, self.deletions)];
        all.into_iter().flat_map(|(window, allowed)| {
            let one = |most: Option<u32>, all| most.map(|most| (most, Bounded { window, all }));
            [one(allowed.all, true), one(allowed.each, false)].into_iter().flatten()
        })
    }
}

/// Which of the three is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Window {
    Minute,
    Hour,
    Deletions,
}

impl Window {
    const fn setting(self) -> &'static str {
        match self {
            Self::Minute => "PROXMOX_MCP_CHANGES_PER_MINUTE",
            Self::Hour => "PROXMOX_MCP_CHANGES_PER_HOUR",
            Self::Deletions => "PROXMOX_MCP_DELETIONS_PER_HOUR",
        }
    }

    const fn length(self) -> Duration {
        match self {
            Self::Minute => MINUTE,
            Self::Hour | Self::Deletions => HOUR,
        }
    }
}

/// One bound, without its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bounded {
    window: Window,
    all: bool,
}

/// That one more call is too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMany {
    most: u32,
    bound: Bounded,
    /// Until one more is let through; nothing where none ever is.
    wait: Option<Duration>,
}

/// The calls of the last hour that have come to send a change.
#[derive(Default)]
pub(super) struct Paced(Mutex<Sent>);

#[derive(Default)]
struct Sent {
    count: u64,
    calls: VecDeque<One>,
}

struct One {
    ticket: u64,
    at: Instant,
    caller: Box<str>,
    deletes: bool,
}

impl fmt::Debug for Paced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Paced")
    }
}

impl Paced {
    /// Whether one more call of this caller would be let through at this moment.
    ///
    /// # Errors
    /// What it is too many for.
    pub(super) fn admits(&self, pace: &Pace, caller: &str, deletes: bool) -> Result<(), TooMany> {
        self.lock().admits(pace, caller, deletes, Instant::now())
    }

    /// Counts one more call of this caller. Gives the ticket with which it can be taken back.
    ///
    /// # Errors
    /// What it is too many for.
    pub(super) fn count(&self, pace: &Pace, caller: &str, deletes: bool) -> Result<u64, TooMany> {
        self.lock().add(pace, caller, deletes, Instant::now())
    }

    /// Takes one back that was not sent.
    pub(super) fn take_back(&self, ticket: u64) {
        self.lock().calls.retain(|one| one.ticket != ticket);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Sent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sent {
    fn admits(&mut self, pace: &Pace, caller: &str, deletes: bool, now: Instant) -> Result<(), TooMany> {
        let age = |one: &One| now.saturating_duration_since(one.at);
        while self.calls.front().is_some_and(|one| age(one) >= HOUR) {
            self.calls.pop_front();
        }
        let full = |(most, bound): (u32, Bounded)| {
            let Bounded { window, all } = bound;
            if window == Window::Deletions && !deletes {
                return None;
            }
            let meant = |one: &&One| {
                (all || &*one.caller == caller)
                    && (window != Window::Deletions || one.deletes)
                    && age(one) < window.length()
            };
            let counted: Vec<&One> = self.calls.iter().filter(meant).collect();
            let over = counted.len().checked_sub(most as usize)?;
            // When so many of them are forgotten that there is room for one.
            let wait = counted.get(over).map(|one| window.length().saturating_sub(age(one)));
            Some(TooMany { most, bound, wait })
        };
        // What lasts longest is told: before that nothing else helps. Of two alike it is the caller's own.
        let told = pace.bounds().filter_map(full).max_by_key(|too| too.wait.unwrap_or(Duration::MAX));
        told.map_or(Ok(()), Err)
    }

    fn add(&mut self, pace: &Pace, caller: &str, deletes: bool, now: Instant) -> Result<u64, TooMany> {
        self.admits(pace, caller, deletes, now)?;
        self.count += 1;
        // Nobody counts what has no bound.
        if *pace != Pace::UNBOUND {
            self.calls.push_back(One { ticket: self.count, at: now, caller: caller.into(), deletes });
        }
        Ok(self.count)
    }
}

/// The answer to a call that is one too many.
pub(super) fn held_up(tool: &Profile, too: &TooMany, texts: &Catalogue) -> ToolResult {
    let TooMany { most, bound: Bounded { window, all }, wait } = *too;
    let setting = window.setting();
    let does = if window == Window::Deletions { texts.paced_delete() } else { texts.paced_change() };
    let whose = if all { texts.paced_all() } else { texts.paced_one() };
    let within = if window == Window::Minute { texts.paced_minute() } else { texts.paced_hour() };
    // A call that comes back half a second early would be one more too many.
    let seconds = wait.map(|wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
    let text = match seconds {
        Some(seconds) => {
            format!("{} {}", texts.paced(tool.name, most, whose, does, within, setting), texts.paced_wait(seconds))
        }
        None => texts.paced_never(tool.name, does, setting),
    };
    let mut facts = Map::from_iter([
        ("rule".to_owned(), Value::from(setting)),
        ("limit".to_owned(), most.into()),
        ("limitOf".to_owned(), (if all { "all callers" } else { "this caller" }).into()),
    ]);
    facts.extend(seconds.map(|seconds| ("retryAfter".to_owned(), seconds.into())));
    facts.insert("detail".to_owned(), text.as_str().into());
    ToolResult { structured: Some(facts), ..ToolResult::problem(Problem::Limited, text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(each: u32, all: u32) -> Allowance {
        Allowance { each: Some(each), all: Some(all) }
    }

    #[test]
    fn a_number_is_for_one_and_for_all_unless_there_are_two() {
        assert_eq!("5".parse(), Ok(of(5, 5)));
        assert_eq!("30/120".parse(), Ok(of(30, 120)));
        assert_eq!("none".parse(), Ok(Pace::UNBOUND.minute));
        assert_eq!("5/none".parse(), Ok(Allowance { each: Some(5), all: None }));
        assert_eq!("0".parse(), Ok(of(0, 0)));
        for bad in ["", "-1", "+5", "5/", "/5", "1/2/3", "100001", "99999999999", "many", "None", "5.0"] {
            assert!(bad.parse::<Allowance>().is_err(), "{bad:?}");
        }
    }

    fn wait(answer: Result<u64, TooMany>) -> (Window, bool, Option<u64>) {
        let too = answer.expect_err("it is too many");
        (too.bound.window, too.bound.all, too.wait.map(|wait| wait.as_secs()))
    }

    #[test]
    fn each_caller_and_all_together_have_so_many_within_a_minute_and_an_hour() {
        let pace = Pace { minute: of(2, 3), hour: of(4, 6), deletions: of(9, 9) };
        let (mut sent, start) = (Sent::default(), Instant::now());
        let mut at = |caller, seconds| sent.add(&pace, caller, false, start + Duration::from_secs(seconds));
        assert!(at("ana", 0).is_ok() && at("ana", 10).is_ok());
        assert_eq!(wait(at("ana", 20)), (Window::Minute, false, Some(40)));
        assert!(at("bea", 20).is_ok());
        assert_eq!(wait(at("bea", 25)), (Window::Minute, true, Some(35)));
        assert!(at("ana", 60).is_ok(), "the first is forgotten, and one that was refused was not counted");
        assert!(at("ana", 70).is_ok());
        assert_eq!(wait(at("ana", 200)), (Window::Hour, false, Some(3400)));
        assert!(at("bea", 200).is_ok());
        assert_eq!(wait(at("cleo", 300)), (Window::Hour, true, Some(3300)));
        assert!(at("cleo", 3600).is_ok());
    }

    #[test]
    fn deletions_are_counted_beside_the_others() {
        let pace = Pace { deletions: of(1, 2), ..Pace::default() };
        let (mut sent, now) = (Sent::default(), Instant::now());
        assert!(sent.add(&pace, "ana", true, now).is_ok());
        assert_eq!(wait(sent.add(&pace, "ana", true, now)), (Window::Deletions, false, Some(3600)));
        assert!(sent.add(&pace, "ana", false, now).is_ok() && sent.add(&pace, "bea", true, now).is_ok());
        assert_eq!(wait(sent.add(&pace, "cleo", true, now)), (Window::Deletions, true, Some(3600)));
        let none = Pace { deletions: of(0, 0), ..Pace::default() };
        assert_eq!(wait(sent.add(&none, "dora", true, now)).2, None);
    }

    #[test]
    fn what_was_not_sent_is_taken_back_and_what_has_no_bound_is_not_kept() {
        let paced = Paced::default();
        let pace = Pace { deletions: of(1, 1), ..Pace::default() };
        let ticket = paced.count(&pace, "", true).unwrap();
        assert!(paced.admits(&pace, "", true).is_err());
        paced.take_back(ticket);
        assert!(paced.admits(&pace, "", true).is_ok());
        for _ in 0..1000 {
            paced.count(&Pace::UNBOUND, "", true).unwrap();
        }
        assert_eq!(paced.lock().calls.len(), 0);
    }
}
