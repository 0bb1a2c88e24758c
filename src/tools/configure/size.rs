//! Sizes of disks as PVE writes them: a number and K, M, G or T, each 1024 times the one before.

/// The bytes of a size; nothing for what is none.
pub(in crate::tools) fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let unit = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(unit);
    let shift = match unit {
        "" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return None,
    };
    let (whole, rest) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || rest.contains('.') || (number.contains('.') && rest.is_empty()) {
        return None;
    }
    let unit = 1_u128 << shift;
    let whole = whole.parse::<u128>().ok()?.checked_mul(unit)?;
    let digits = rest.get(..rest.len().min(9))?;
    let part = digits.parse::<u128>().unwrap_or(0) * unit / 10_u128.pow(u32::try_from(digits.len()).ok()?);
    u64::try_from(whole + part).ok()
}

/// The bytes that a disk is to have: so many, or, after a plus, so many more than now.
pub(in crate::tools) fn wanted(text: &str, now: u64) -> Option<u64> {
    match text.trim().strip_prefix('+') {
        Some(more) => now.checked_add(bytes(more)?),
        None => bytes(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_pve_reads_them() {
        for (text, read) in [
            ("32G", Some(32 << 30)),
            ("1.5G", Some(3 << 29)),
            ("512", Some(512)),
            ("4M", Some(4 << 20)),
            ("1T", Some(1 << 40)),
            ("0", Some(0)),
            ("", None),
            ("big", None),
            ("-1G", None),
            (".5G", None),
            ("1.G", None),
            ("1.2.3G", None),
            ("1GB", None),
            ("99999999999999999999T", None),
        ] {
            assert_eq!(bytes(text), read, "{text}");
        }
        assert_eq!(wanted("+1G", 1 << 30), Some(2 << 30));
        assert_eq!(wanted("+0", 5), Some(5));
        assert_eq!(wanted("1G", 2 << 30), Some(1 << 30));
        assert_eq!((wanted("++1G", 0), wanted("+99999999T", u64::MAX)), (None, None));
    }
}
