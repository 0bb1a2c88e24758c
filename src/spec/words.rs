//! A list of words that costs the loader one pointer, however long it is.

/// Words in one text, each with a line feed behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words(&'static str);

impl Words {
    /// None.
    pub const NONE: Self = Self::new("");

    /// The words of a text in which each is followed by a line feed.
    pub const fn new(lines: &'static str) -> Self {
        Self(lines)
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Each of them, in order.
    pub fn iter(self) -> impl Iterator<Item = &'static str> + Clone {
        self.0.split_terminator('\n')
    }

    /// Whether this is one of them.
    pub fn contains(self, word: &str) -> bool {
        self.iter().any(|known| known == word)
    }

    /// All of them in one text.
    pub fn join(self, between: &str) -> String {
        self.iter().collect::<Vec<_>>().join(between)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart_the_empty_one_too() {
        assert_eq!(Words::NONE.iter().count(), 0);
        let words = Words::new("a\n\nb c\n");
        assert_eq!(words.iter().collect::<Vec<_>>(), ["a", "", "b c"]);
        assert!(words.contains("") && words.contains("b c") && !words.contains("b"));
        assert_eq!(Words::new("\n").join("|"), "");
        assert!(!Words::new("\n").is_empty());
    }
}
