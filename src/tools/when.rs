//! From words about time to times: `last night`, `2 hours ago`, `hace 3 días`, `2026-11-24`.

use chrono::{DateTime, Datelike, Days, Duration, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime};

/// The hours of an evening and of a morning between which a night lies.
const NIGHT: (u32, u32) = (18, 8);
/// Least seconds since 1970 that a bare number stands for; a smaller one is no time.
const EPOCH_LEAST: i64 = 1_000_000_000;

/// A stretch of time that words mean: from when, and to when if they say that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub from: DateTime<FixedOffset>,
    pub to: Option<DateTime<FixedOffset>>,
}

/// What words mean, in English or Spanish, by a clock that shows `now`; nothing where they mean no time.
pub(super) fn read(words: &str, now: DateTime<FixedOffset>) -> Option<Span> {
    let words = words.trim().to_lowercase();
    let today = now.date_naive();
    let before = |days| today.checked_sub_days(Days::new(days));
    let week = u64::from(today.weekday().num_days_from_monday());
    let at = |day: NaiveDate, hour| clock(day, NaiveTime::from_hms_opt(hour, 0, 0)?, now);
    let span = |from: Option<_>, to: Option<_>| Some(Span { from: from?, to });
    match words.as_str() {
        "now" | "ahora" => span(Some(now), Some(now)),
        "today" | "hoy" => span(at(today, 0), None),
        "this morning" | "esta mañana" => span(at(today, 0), at(today, 12)),
        "yesterday" | "ayer" => span(at(before(1)?, 0), at(today, 0)),
        // Before the morning has come the night is not over.
        "last night" | "anoche" => span(at(before(1)?, NIGHT.0), at(today, NIGHT.1).map(|to| to.min(now))),
        "this week" | "esta semana" => span(at(before(week)?, 0), None),
        "last week" | "la semana pasada" => span(at(before(week + 7)?, 0), at(before(week)?, 0)),
        words => exact(words, now).or_else(|| span(now.checked_sub_signed(ago(words)?), None)),
    }
}

/// A time that is written out: a day means all of it.
fn exact(words: &str, now: DateTime<FixedOffset>) -> Option<Span> {
    let one = |from| Some(Span { from, to: None });
    // Small letters were made of it, and the standard has capitals.
    if let Ok(time) = DateTime::parse_from_rfc3339(&words.to_uppercase()) {
        return one(time);
    }
    if let Some(time) = words.parse().ok().filter(|seconds| *seconds >= EPOCH_LEAST) {
        return one(DateTime::from_timestamp(time, 0)?.with_timezone(now.offset()));
    }
    if let Ok(day) = NaiveDate::parse_from_str(words, "%Y-%m-%d") {
        let next = day.checked_add_days(Days::new(1))?;
        return Some(Span { from: clock(day, NaiveTime::MIN, now)?, to: clock(next, NaiveTime::MIN, now) });
    }
    let plain = words.replacen('t', " ", 1);
    for form in ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(&plain, form) {
            return one(clock(time.date(), time.time(), now)?);
        }
    }
    let time = NaiveTime::parse_from_str(words, "%H:%M").ok()?;
    let today = clock(now.date_naive(), time, now)?;
    // One that has not come yet today was yesterday.
    one(if today > now { today.checked_sub_days(Days::new(1))? } else { today })
}

fn clock(day: NaiveDate, time: NaiveTime, now: DateTime<FixedOffset>) -> Option<DateTime<FixedOffset>> {
    day.and_time(time).and_local_timezone(*now.offset()).single()
}

/// How long before now: `2 hours ago`, `last 30 minutes`, `an hour ago`, `hace 2 días`, `7d`.
fn ago(words: &str) -> Option<Duration> {
    let words = words.strip_suffix(" ago").unwrap_or(words);
    let leads =
        ["the last ", "last ", "past ", "hace ", "últimas ", "últimos ", "última ", "último ", "ultimas ", "ultimos "];
    let words = leads.iter().find_map(|lead| words.strip_prefix(lead)).unwrap_or(words).trim();
    let end = words.find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
    let (count, unit) = match words.get(..end)? {
        "" => match words.split_once(' ') {
            Some(("a" | "an" | "one" | "un" | "una", unit)) => (1, unit),
            Some(_) => return None,
            None => (1, words),
        },
        digits => (digits.parse().ok()?, words.get(end..)?),
    };
    let unit = match unit.trim() {
        "s" | "sec" | "second" | "seconds" | "segundo" | "segundos" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" | "minuto" | "minutos" => 60,
        "h" | "hour" | "hours" | "hora" | "horas" => 3_600,
        "d" | "day" | "days" | "día" | "días" | "dia" | "dias" => 86_400,
        "w" | "week" | "weeks" | "semana" | "semanas" => 604_800,
        _ => return None,
    };
    // So that no sum leaves what a calendar holds.
    let seconds = i64::checked_mul(count, unit).filter(|seconds| *seconds <= 100 * 366 * 86_400)?;
    Duration::try_seconds(seconds)
}

/// A time as a result has it.
pub(super) fn stamp(time: DateTime<FixedOffset>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// Seconds since 1970 by a clock that hangs in this zone.
pub(super) fn of_seconds(seconds: u64, zone: FixedOffset) -> Option<DateTime<FixedOffset>> {
    Some(DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0)?.with_timezone(&zone))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> DateTime<FixedOffset> {
        // A Wednesday.
        DateTime::parse_from_rfc3339("2026-11-25T13:27:25+01:00").unwrap()
    }

    #[test]
    fn everyday_words_are_times_in_both_languages() {
        for (words, from, to) in [
            ("today", "2026-11-25T00:00:00+01:00", ""),
            ("Hoy", "2026-11-25T00:00:00+01:00", ""),
            ("yesterday", "2026-11-24T00:00:00+01:00", "2026-11-25T00:00:00+01:00"),
            ("last night", "2026-11-24T18:00:00+01:00", "2026-11-25T08:00:00+01:00"),
            ("anoche", "2026-11-24T18:00:00+01:00", "2026-11-25T08:00:00+01:00"),
            ("this week", "2026-11-23T00:00:00+01:00", ""),
            ("last week", "2026-11-16T00:00:00+01:00", "2026-11-23T00:00:00+01:00"),
            ("2 hours ago", "2026-11-25T11:27:25+01:00", ""),
            ("last 30 minutes", "2026-11-25T12:57:25+01:00", ""),
            ("an hour ago", "2026-11-25T12:27:25+01:00", ""),
            ("last hour", "2026-11-25T12:27:25+01:00", ""),
            ("hace 2 días", "2026-11-23T13:27:25+01:00", ""),
            ("7d", "2026-11-18T13:27:25+01:00", ""),
            ("2026-11-20", "2026-11-20T00:00:00+01:00", "2026-11-21T00:00:00+01:00"),
            ("2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z", ""),
            ("2026-11-20T10:00", "2026-11-20T10:00:00+01:00", ""),
            ("2026-11-20 10:00:05", "2026-11-20T10:00:05+01:00", ""),
            ("08:15", "2026-11-25T08:15:00+01:00", ""),
            ("23:15", "2026-11-24T23:15:00+01:00", ""),
            ("1795613245", "2026-11-25T14:27:25+01:00", ""),
        ] {
            let span = read(words, now()).unwrap_or_else(|| panic!("{words} is no time"));
            assert_eq!(
                (stamp(span.from).as_str(), span.to.map(stamp).unwrap_or_default().as_str()),
                (from, to),
                "{words}"
            );
        }
        let night = DateTime::parse_from_rfc3339("2026-11-25T02:00:00+01:00").unwrap();
        assert_eq!(read("last night", night).unwrap().to, Some(night), "it is not over");
    }

    #[test]
    fn what_is_no_time_is_none() {
        for words in
            ["", "soon", "2", "2 apples", "last", "ago", "-1h", "2026-13-01", "99999999999999999999h", "9999999w"]
        {
            assert_eq!(read(words, now()), None, "{words}");
        }
    }

    proptest! {
        #[test]
        fn no_words_are_too_odd(words in ".{0,30}") {
            let _ = read(&words, now());
        }
    }
}
