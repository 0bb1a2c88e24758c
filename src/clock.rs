//! What time it is.

use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat, Utc};

/// The time by the system's clock. One that stands before 1970 is believed, too: `Utc::now` would panic.
pub fn now() -> DateTime<Utc> {
    at(SystemTime::now())
}

/// A time as documents have it: RFC 3339, UTC, whole seconds.
pub fn stamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn at(time: SystemTime) -> DateTime<Utc> {
    time.into()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn a_clock_before_1970_tells_a_time() {
        assert_eq!(at(UNIX_EPOCH - Duration::from_secs(1)).to_rfc3339(), "1969-12-31T23:59:59+00:00");
    }
}
