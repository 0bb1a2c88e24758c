//! What differs between the releases of PVE that a demo can pretend to be.

/// A version such as `9.2.11` or `7.4-3`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Release {
    text: String,
    parts: (u32, u32, u32),
}

impl Release {
    pub(super) fn new(text: &str) -> Self {
        let mut numbers = text.split(['.', '-', '~']).map(|p| p.parse().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        Self { text: text.to_owned(), parts: (next(), next(), next()) }
    }

    /// The version as given.
    pub(super) fn version(&self) -> &str {
        &self.text
    }

    /// Its first two parts: `9.2`.
    pub(super) fn short(&self) -> String {
        format!("{}.{}", self.parts.0, self.parts.1)
    }

    /// Whether it is at least this one.
    pub(super) fn since(&self, major: u32, minor: u32, patch: u32) -> bool {
        self.parts >= (major, minor, patch)
    }

    /// Whether the text of an error is in the reason phrase alone (before pve-http-server 5.2.0; 8.4 had it first).
    pub(super) fn text_in_reason_only(&self) -> bool {
        !self.since(8, 4, 0)
    }

    /// Whether a refused credential is `Authentication failed!` whatever was wrong with it (pve-manager 8.4.17, 9.1.5).
    pub(super) fn vague_401(&self) -> bool {
        self.since(9, 1, 5) || (self.parts.0 == 8 && self.since(8, 4, 17))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        assert_eq!(Release::new("7.4-3").short(), "7.4");
        assert!(Release::new("7.4-3").text_in_reason_only());
        assert!(!Release::new("9.2.11").text_in_reason_only());
        assert!(Release::new("9.2.11").vague_401());
        assert!(!Release::new("9.1.1").vague_401());
        assert!(Release::new("8.4.17").vague_401());
        assert!(!Release::new("8.4.2").vague_401());
    }
}
