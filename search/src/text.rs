//! Text as words, and words as stems.
//!
//! Accents are taken off before anything else, since people leave them out; only those on which a stemmer depends are put
//! back. A word that is not made of letters from a to z is never stemmed.

use waken_snowball::{
    SnowballEnv,
    algorithms::{english_stemmer, spanish_stemmer},
};

/// One of the two languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tongue {
    /// English.
    En,
    /// Spanish.
    Es,
}

impl Tongue {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::En, Self::Es];

    /// What stands before its stems in the index, so that those of one language are never taken for the other's.
    pub const fn mark(self) -> char {
        match self {
            Self::En => 'e',
            Self::Es => 's',
        }
    }
}

/// Characters of a text that are read; what follows is not.
const TEXT: usize = 1_000;

/// Words of a text that are read.
const WORDS: usize = 48;

/// Characters of the longest word that is looked at.
const WORD: usize = 32;

/// The words of a text, in lower case and without accents; a pronoun that hangs on a Spanish command is cut off
/// (`apágala` is `apaga`), which only its accent tells.
pub fn words(text: &str) -> Vec<String> {
    marked(text).into_iter().map(|(word, _)| word).collect()
}

/// The words of a text, and for each whether it is but a part of what is written as one (`shop-db`, `pre_upgrade`),
/// which is a name more often than not.
pub fn marked(text: &str) -> Vec<(String, bool)> {
    let text: String = text.chars().take(TEXT).flat_map(char::to_lowercase).collect();
    let words = text.split_whitespace().flat_map(|piece| {
        let piece = piece.trim_matches(|c: char| !c.is_alphanumeric());
        let part = piece.contains(['-', '_']);
        let (piece, part) = shape(piece).map_or((piece, part), |shape| (shape, false));
        piece.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(move |word| (plain(word), part))
    });
    words.filter(|(word, _)| !word.is_empty() && word.len() <= WORD).take(WORDS).collect()
}

/// The word for an address, a link or an account, of which the letters themselves say nothing; none is written so.
fn shape(piece: &str) -> Option<&'static str> {
    let host = piece.split('/').next().unwrap_or(piece);
    let numbers = host.split('.').collect::<Vec<_>>();
    if numbers.len() == 4 && numbers.iter().all(|n| !n.is_empty() && is_number(n)) {
        return Some(if piece.contains('/') { "0net" } else { "0ip" });
    }
    let parts = piece.split(':').collect::<Vec<_>>();
    let hex = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_hexdigit());
    if parts.len() == 6 && parts.iter().all(|part| part.len() == 2 && hex(part)) {
        return Some("0mac");
    }
    if piece.contains("://") {
        return Some("0url");
    }
    let (name, realm) = piece.split_once('@')?;
    let account = if realm.contains('.') { "0mail" } else { "0user" };
    (!name.is_empty() && !realm.is_empty()).then_some(if realm.contains('!') { "0token" } else { account })
}

/// A request without what stands in quotation marks: that is a name, a command or other text to be handed on. One that says
/// nothing else is taken as it is.
pub fn unquoted(text: &str) -> String {
    let mut rest = text;
    let mut out = String::new();
    while let Some((at, open, close)) = opening(rest) {
        let inside = &rest[at + open.len_utf8()..];
        let ends =
            |&(end, _): &(usize, &str)| open != '\'' || stands_free(inside[end + close.len_utf8()..].chars().next());
        let Some((end, _)) = inside.match_indices(close).find(ends) else { break };
        out.push_str(&rest[..at]);
        out.push(' ');
        rest = &inside[end + close.len_utf8()..];
    }
    out.push_str(rest);
    if words(&out).is_empty() { text.to_owned() } else { out }
}

/// What a quotation begins and ends with. A single one is an apostrophe as often: it counts where a word begins or ends.
const QUOTES: [(char, char); 6] = [('"', '"'), ('`', '`'), ('“', '”'), ('„', '“'), ('«', '»'), ('\'', '\'')];

/// Where the first quotation begins, with what, and what it ends with.
fn opening(text: &str) -> Option<(usize, char, char)> {
    let mut before = None;
    text.char_indices().find_map(|(at, c)| {
        let free = stands_free(before.replace(c));
        let (open, close) = QUOTES.into_iter().find(|(open, _)| *open == c)?;
        (open != '\'' || free).then_some((at, open, close))
    })
}

/// Whether what stands beside a single quotation mark leaves it to be one.
fn stands_free(beside: Option<char>) -> bool {
    beside.is_none_or(|c| !c.is_alphanumeric())
}

/// Pronouns that hang on a Spanish command, longest first.
const PRONOUNS: [&str; 14] =
    ["melas", "melos", "mela", "melo", "selas", "selos", "sela", "selo", "las", "los", "la", "lo", "me", "le"];

/// One word in lower case, without accents, and without a pronoun where its accent shows that there is one.
fn plain(word: &str) -> String {
    let accented = word.chars().any(|c| "áéíóú".contains(c));
    let word: String = word.chars().map(unaccented).collect();
    if accented { without_pronoun(&word).unwrap_or(&word).to_owned() } else { word }
}

/// The command without the pronoun on its end.
pub fn without_pronoun(word: &str) -> Option<&str> {
    let stems = PRONOUNS.iter().filter_map(|pronoun| word.strip_suffix(pronoun));
    stems.filter(|stem| stem.len() >= 3 && stem.ends_with(['a', 'e', 'n', 'r'])).min_by_key(|stem| stem.len())
}

fn unaccented(c: char) -> char {
    match c {
        'á' | 'à' | 'ä' | 'â' => 'a',
        'é' | 'è' | 'ë' | 'ê' => 'e',
        'í' | 'ì' | 'ï' | 'î' => 'i',
        'ó' | 'ò' | 'ö' | 'ô' => 'o',
        'ú' | 'ù' | 'ü' | 'û' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        other => other,
    }
}

/// The stem of a word as [`words`] gives it.
pub fn stem(word: &str, tongue: Tongue) -> String {
    // The stemmers count in bytes: what is not plain letters is none of theirs.
    if !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return word.to_owned();
    }
    let accented = match tongue {
        Tongue::Es => word.strip_suffix("cion").map(|start| format!("{start}ción")),
        Tongue::En => None,
    };
    let mut env = SnowballEnv::create(accented.as_deref().unwrap_or(word));
    match tongue {
        Tongue::En => english_stemmer::stem(&mut env),
        Tongue::Es => spanish_stemmer::stem(&mut env),
    };
    env.get_current().chars().map(unaccented).collect()
}

/// Whether a word can only be the number of a guest, a port, or the like.
pub fn is_number(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a word is what most people call a node: `pve3`, `node2`.
pub fn is_node(word: &str) -> bool {
    let numbers = ["pve", "node", "nodo"].iter().filter_map(|node| word.strip_prefix(node));
    numbers.into_iter().any(|rest| !rest.is_empty() && is_number(rest))
}

/// The word that stands for the like of this one: `node` for the name of one, `gb` for a size.
pub fn meant(word: &str) -> Option<&'static str> {
    if is_node(word) {
        return Some(if word.starts_with("nodo") { "nodo" } else { "node" });
    }
    let size = word.trim_start_matches(|c: char| c.is_ascii_digit());
    (size.len() < word.len() && ["g", "gb", "gib", "t", "tb", "tib"].contains(&size)).then_some("gb")
}

/// Whether a word looks like a name that somebody gave: letters with a digit.
pub fn is_name(word: &str) -> bool {
    word.chars().any(|c| c.is_ascii_digit()) && word.chars().any(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_is_cut_into_plain_words() {
        assert_eq!(words("¡Apágala ya, por favor!"), ["apaga", "ya", "por", "favor"]);
        assert_eq!(words("Copia de la MÁQUINA-virtual"), ["copia", "de", "la", "maquina", "virtual"]);
        assert_eq!(words("ctrl-alt-del on web01"), ["ctrl", "alt", "del", "on", "web01"]);
        assert_eq!(words("Muéstrame los nodos"), ["muestra", "los", "nodos"]);
    }

    #[test]
    fn what_is_written_as_one_is_marked() {
        let marked = |text| marked(text).into_iter().map(|(_, part)| part).collect::<Vec<_>>();
        assert_eq!(marked("find shop-db, please"), [false, true, true, false]);
        assert_eq!(marked("- pre_upgrade of (vm)"), [true, true, false, false]);
    }

    #[test]
    fn addresses_links_and_accounts_are_known_by_their_shape() {
        let text = "let 10.0.0.5 and 10.1.0.0/16, bc:24:11:00:00:01, to https://a.example/x; bob@pve ci@pve!x a@b.example 1.2.3";
        let shapes = ["0ip", "0net", "0mac", "0url", "0user", "0token", "0mail"];
        let known: Vec<String> = words(text).into_iter().filter(|word| word.starts_with('0')).collect();
        assert_eq!(known, shapes);
        assert_eq!(words("1.2.3 a:b @pve bob@"), ["1", "2", "3", "a", "b", "pve", "bob"]);
    }

    #[test]
    fn nodes_and_sizes_are_known_by_their_look() {
        assert_eq!(["pve3", "node12", "nodo2"].map(meant), [Some("node"), Some("node"), Some("nodo")]);
        assert_eq!(["20g", "1tb", "512"].map(meant), [Some("gb"), Some("gb"), None]);
        assert_eq!(["pve", "g", "web01", "nodes"].map(meant), [None; 4]);
    }

    #[test]
    fn what_is_quoted_is_no_part_of_a_request() {
        assert_eq!(words(&unquoted("run \"df -h\" in the vm")), ["run", "in", "the", "vm"]);
        assert_eq!(words(&unquoted("borra «antes de actualizar» y `x`")), ["borra", "y"]);
        assert_eq!(words(&unquoted("say \"it")), ["say", "it"], "never closed");
        assert_eq!(words(&unquoted("\"reboot the vm\"")), ["reboot", "the", "vm"], "nothing else is said");
        assert_eq!(words(&unquoted("the vm's disk")), ["the", "vm", "s", "disk"]);
        assert_eq!(words(&unquoted("run 'service x restart' in bob's vm")), ["run", "in", "bob", "s", "vm"]);
    }

    #[test]
    fn forms_of_a_word_have_one_stem_with_and_without_accents() {
        for (forms, tongue) in [
            (&["snapshot", "snapshots"][..], Tongue::En),
            (&["start", "started", "starting", "starts"], Tongue::En),
            (&["configuración", "configuracion"], Tongue::Es),
            (&["instantánea", "instantanea"], Tongue::Es),
            (&["apagar", "apaga", "apague", "apágala"], Tongue::Es),
            (&["borra", "borrar", "bórralo", "borrado"], Tongue::Es),
        ] {
            let stems: Vec<String> = forms.iter().map(|form| stem(&words(form)[0], tongue)).collect();
            assert!(stems.iter().all(|s| *s == stems[0]), "{forms:?}: {stems:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in "\\PC{0,200}") {
            for word in words(&text) {
                for tongue in Tongue::BOTH {
                    stem(&word, tongue);
                }
            }
        }

        #[test]
        fn no_word_is_too_odd(text in "[a-zñáéíóúç]{1,60}") {
            for word in words(&text) {
                for tongue in Tongue::BOTH {
                    stem(&word, tongue);
                }
            }
        }
    }
}
