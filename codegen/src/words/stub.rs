//! Entries for a person to fill in.

use crate::{model::Risk, overlay::EndpointAt};

/// The text of a words file with an entry for this method at its end that says nothing yet, with the risk that must be
/// assumed.
pub fn with_stub(text: &str, at: &EndpointAt) -> String {
    let stub = format!(
        "[\"{at}\"]\nen = \"\"\nes = \"\"\nrisk = \"{}\"\nask = []\npide = []\n",
        Risk::assumed(at.method).as_str()
    );
    if text.trim().is_empty() { stub } else { format!("{}\n\n{stub}", text.trim_end()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::MethodWords;

    #[test]
    fn stubs_follow_each_other_and_are_read_as_unwritten() {
        let at = |text| EndpointAt::parse(text).expect("an endpoint");
        let text = with_stub(&with_stub("", &at("POST /b")), &at("GET /a"));
        let mut words = MethodWords::default();
        assert_eq!(words.add(&text, "new.toml"), []);
        let risks: Vec<_> = words.all().map(|(at, word)| (at.to_string(), word.risk, word.is_written())).collect();
        assert_eq!(risks, [("GET /a".to_owned(), Risk::Read, false), ("POST /b".to_owned(), Risk::Destroy, false)]);
        assert_eq!(words.unwritten().len(), 2);
        assert_eq!(words.doubts(), [], "what nobody has written is not doubted");
    }
}
