//! The course of a guest's figures over time, as `rrddata` gives it: one row a step, newest last, made from the seed.

use serde_json::{Map, Value, json};

/// What a guest's figures move around.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figures {
    /// Whether it runs; one that does not has no figures but its limits.
    pub(super) running: bool,
    /// Seconds for which it has been running.
    pub(super) uptime: u64,
    /// Processors.
    pub(super) cpus: u64,
    /// Memory in bytes.
    pub(super) memory: u64,
    /// Size of its disk in bytes.
    pub(super) disk: u64,
}

/// Rows that a real host keeps for each time frame, and the seconds between them.
fn steps(timeframe: &str) -> (u64, u64) {
    match timeframe {
        "day" => (70, 1800),
        "week" => (70, 10_800),
        "month" => (70, 43_200),
        "year" => (70, 604_800),
        "decade" => (500, 604_800),
        _ => (70, 60),
    }
}

/// The rows of a time frame (`hour`, `day`, …) that ends now; rows from before the start have no figures.
pub(super) fn rows(timeframe: &str, figures: Figures, now: u64, chance: impl Fn(u64) -> u64) -> Value {
    times(timeframe, now).into_iter().map(|time| row(time, figures, now, &chance)).collect()
}

/// The moments of a time frame that ends now.
pub(super) fn times(timeframe: &str, now: u64) -> Vec<u64> {
    let (count, step) = steps(timeframe);
    let last = now / step * step;
    (0..count).rev().map(|back| last.saturating_sub(back * step)).collect()
}

#[expect(clippy::cast_precision_loss, reason = "figures of a made-up guest")]
fn row(time: u64, figures: Figures, now: u64, chance: impl Fn(u64) -> u64) -> Value {
    let mut row = Map::from_iter([("time".to_owned(), json!(time))]);
    let mut put = |name: &str, value: Value| drop(row.insert(name.to_owned(), value));
    put("maxcpu", json!(figures.cpus));
    put("maxmem", json!(figures.memory));
    put("maxdisk", json!(figures.disk));
    if !figures.running || time < now.saturating_sub(figures.uptime) {
        return Value::Object(row);
    }
    let share = |part: u64| (chance(time.wrapping_add(part)) % 1000) as f64 / 1000.0;
    put("cpu", json!(0.02 + share(1) / 10.0));
    put("mem", json!(figures.memory as f64 * (0.4 + share(2) / 10.0)));
    put("disk", json!(0));
    for (part, name) in (3..).zip(["netin", "netout", "diskread", "diskwrite"]) {
        put(name, json!(share(part) * 10_000.0));
    }
    Value::Object(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_has_a_row_a_minute_and_no_figures_from_before_the_start() {
        let figures = Figures { running: true, uptime: 600, cpus: 2, memory: 1 << 30, disk: 1 << 34 };
        let rows = rows("hour", figures, 1_795_350_802, |n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20);
        let rows = rows.as_array().unwrap();
        assert_eq!(rows.len(), 70);
        assert_eq!(rows[1]["time"].as_u64().unwrap() - rows[0]["time"].as_u64().unwrap(), 60);
        assert!(rows[0].get("cpu").is_none() && rows[69]["cpu"].as_f64().unwrap() > 0.0);
        assert_eq!(rows.iter().filter(|row| row.get("mem").is_some()).count(), 10);
    }
}
