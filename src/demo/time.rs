//! How PVE writes moments; its hosts are in UTC here.

use chrono::DateTime;

fn written(seconds: u64, format: &str) -> String {
    let at = i64::try_from(seconds).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0)).unwrap_or_default();
    at.format(format).to_string()
}

/// `2026-11-25 13:19:09`, as logs have it.
pub(super) fn local(seconds: u64) -> String {
    written(seconds, "%Y-%m-%d %H:%M:%S")
}

/// `2026_11_25-13_19_09`, as the names of backups have it.
pub(super) fn stamp(seconds: u64) -> String {
    written(seconds, "%Y_%m_%d-%H_%M_%S")
}

/// `Wed Nov 25 13:19:10 2026`, as C writes it.
pub(super) fn ctime(seconds: u64) -> String {
    written(seconds, "%a %b %e %H:%M:%S %Y")
}

/// `00:01:05`, how long something took.
pub(super) fn span(seconds: u64) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[test]
fn moments_are_written_as_pve_writes_them() {
    assert_eq!(local(1_795_612_749), "2026-11-25 13:19:09");
    assert_eq!(stamp(1_795_612_749), "2026_11_25-13_19_09");
    assert_eq!(ctime(1_795_612_750), "Wed Nov 25 13:19:10 2026");
    assert_eq!(span(3665), "01:01:05");
}
