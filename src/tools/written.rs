//! Numbers, sizes and JSON, written to the end of a text without anything in between.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::foreign;

/// A whole number.
pub(super) fn whole(out: &mut String, n: u64) {
    out.push_str(itoa::Buffer::new().format(n));
}

/// A number as people write it: `4`, not `4.0`.
pub(super) fn number(n: f64) -> Value {
    if n.fract() == 0.0 && n.abs() < 9.0e15 {
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and within the range")]
        Value::from(n as i64)
    } else {
        Value::from(n)
    }
}

/// The same at the end of a text.
pub(super) fn decimal(out: &mut String, n: f64) {
    let tenths = n * 10.0;
    if (0.0..1e12).contains(&tenths) && tenths.fract() == 0.0 && tenths / 10.0 == n {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is whole and within the range")]
        let tenths = tenths as u64;
        whole(out, tenths / 10);
        if !tenths.is_multiple_of(10) {
            out.push('.');
            whole(out, tenths % 10);
        }
    } else {
        // A text takes all that is written.
        let _ = write!(out, "{}", number(n));
    }
}

/// Bytes as a person says them: `512M`, `4G`, `1.5T`.
pub(super) fn size(out: &mut String, n: u64) {
    const UNITS: [(u32, char); 4] = [(40, 'T'), (30, 'G'), (20, 'M'), (10, 'K')];
    let Some((unit, letter)) = UNITS.into_iter().find(|(unit, _)| n >> unit > 0) else { return whole(out, n) };
    let tenths = (u128::from(n) * 10 + (1 << (unit - 1))) >> unit;
    let tenths = u64::try_from(tenths).unwrap_or(u64::MAX);
    whole(out, tenths / 10);
    if !tenths.is_multiple_of(10) {
        out.push('.');
        whole(out, tenths % 10);
    }
    out.push(letter);
}

/// The same by itself.
pub(super) fn bytes(n: u64) -> String {
    let mut out = String::new();
    size(&mut out, n);
    out
}

/// A text that others may have written, as JSON and fit to be shown.
pub(super) fn text(out: &mut String, text: &str) {
    let plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    if text.len() <= foreign::VALUE && text.bytes().all(plain) {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&Value::from(foreign::block(text, foreign::VALUE)).to_string());
    }
}

/// Facts as JSON and fit to be shown.
pub(super) fn object(out: &mut String, mut facts: Map<String, Value>) {
    foreign::facts(&mut facts);
    out.push_str(&Value::Object(facts).to_string());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(write: impl FnOnce(&mut String)) -> String {
        let mut out = String::new();
        write(&mut out);
        out
    }

    proptest! {
        #[test]
        fn numbers_and_texts_are_those_of_the_values(
            n in any::<u64>(), share in 0.0..2000.0_f64, any in any::<f64>(), of in r#"[a-z"\\\u{1}\u{200b}é ]{0,12}"#,
        ) {
            prop_assert_eq!(written(|out| whole(out, n)), n.to_string());
            for n in [share, any, (share * 10.0).round() / 10.0, share.round()] {
                prop_assert_eq!(written(|out| decimal(out, n)), number(n).to_string());
            }
            let mut facts = Map::from_iter([("of".to_owned(), Value::from(of.clone()))]);
            prop_assert_eq!(written(|out| object(out, facts.clone())), {
                foreign::facts(&mut facts);
                Value::Object(facts.clone()).to_string()
            });
            prop_assert_eq!(written(|out| text(out, &of)), facts["of"].to_string());
        }
    }

    #[test]
    fn sizes() {
        for (n, text) in [(0, "0"), (64 << 20, "64M"), (4 << 30, "4G"), (1536 << 30, "1.5T"), (u64::MAX, "16777216T")] {
            assert_eq!(written(|out| size(out, n)), text);
        }
    }
}
