//! Slips of the pen.

/// Whether one of two words becomes the other by at most `most` slips: a letter too many, one missing, a wrong one, or
/// two that changed places.
pub(crate) fn within(a: &[u8], b: &[u8], most: usize) -> bool {
    const LONGEST: usize = 32;
    if a.len().abs_diff(b.len()) > most || a.len() > LONGEST || b.len() > LONGEST {
        return false;
    }
    let mut before = [0usize; LONGEST + 1];
    let mut above = [0usize; LONGEST + 1];
    let mut row = [0usize; LONGEST + 1];
    for (n, cell) in above.iter_mut().enumerate() {
        *cell = n;
    }
    for i in 1..=a.len() {
        row[0] = i;
        let mut least = i;
        for j in 1..=b.len() {
            let wrong = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = wrong.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
            least = least.min(row[j]);
        }
        if least > most {
            return false;
        }
        before = above;
        above = row;
    }
    above[b.len()] <= most
}

/// How many slips a word of this length may have.
pub(crate) const fn allowed(length: usize) -> usize {
    match length {
        0..=4 => 0,
        5..=7 => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_counted() {
        let slips = |a: &str, b: &str| (0..5).find(|&n| within(a.as_bytes(), b.as_bytes(), n));
        assert_eq!(slips("snapshot", "snapshot"), Some(0));
        assert_eq!(slips("snaphsot", "snapshot"), Some(1), "two changed places");
        assert_eq!(slips("snapsot", "snapshot"), Some(1));
        assert_eq!(slips("contanier", "container"), Some(1));
        assert_eq!(slips("bakcupp", "backup"), Some(2));
        assert_eq!(slips("vm", "ct"), Some(2));
        assert_eq!(slips("node", "storage"), None);
        assert!(!within(&[b'a'; 99], &[b'a'; 99], 2), "too long to be a word");
    }
}
