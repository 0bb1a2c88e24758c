//! Chance, made from a seed: the same scenario gives the same figures, secrets and orders.

use std::fmt::Write as _;

use serde_json::Value;

/// SplitMix64: small, fast, and good enough for figures nobody relies on.
#[derive(Clone, Debug)]
pub(super) struct Rng(u64);

impl Rng {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed ^ 0x9E37_79B9_7F4A_7C15)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `limit`; 0 when there is none.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        if limit == 0 { 0 } else { self.next() % limit }
    }

    /// A number from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are what a double holds")]
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// So many hex digits.
    pub(super) fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from_digit(u32::try_from(self.below(16)).unwrap_or(0), 16).unwrap_or('0')).collect()
    }

    /// A UUID.
    pub(super) fn uuid(&mut self) -> String {
        format!("{}-{}-4{}-a{}-{}", self.hex(8), self.hex(4), self.hex(3), self.hex(3), self.hex(12))
    }

    /// Another order, as Perl's hashes give one.
    pub(super) fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let other = usize::try_from(self.below(last as u64 + 1)).unwrap_or(0);
            list.swap(last, other);
        }
    }

    /// JSON text whose keys are in any order.
    pub(super) fn json(&mut self, value: &Value) -> String {
        let mut text = String::new();
        self.write(value, &mut text);
        text
    }

    fn write(&mut self, value: &Value, text: &mut String) {
        match value {
            Value::Array(list) => {
                text.push('[');
                for (n, item) in list.iter().enumerate() {
                    if n > 0 {
                        text.push(',');
                    }
                    self.write(item, text);
                }
                text.push(']');
            }
            Value::Object(map) => {
                let mut keys: Vec<&String> = map.keys().collect();
                self.shuffle(&mut keys);
                text.push('{');
                for (n, key) in keys.into_iter().enumerate() {
                    let _ = write!(text, "{}{}:", if n > 0 { "," } else { "" }, Value::String(key.clone()));
                    self.write(&map[key], text);
                }
                text.push('}');
            }
            scalar => {
                let _ = write!(text, "{scalar}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_order_and_another_seed_another() {
        let value: Value = (0..9).map(|n| (n.to_string(), Value::from(n))).collect::<serde_json::Map<_, _>>().into();
        let text = Rng::new(1).json(&value);
        assert_eq!(text, Rng::new(1).json(&value));
        assert_ne!(text, Rng::new(2).json(&value));
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
