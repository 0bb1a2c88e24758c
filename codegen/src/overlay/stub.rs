//! Entries for a person to fill in.

use super::EndpointAt;
use crate::model::Risk;

/// The text of an overlay with an entry for this endpoint that says nothing yet: an empty summary, and the risk that
/// must be assumed. It comes before the first entry that sorts behind it, or else behind the last; the rest stays as
/// it is.
pub fn with_stub(text: &str, at: &EndpointAt) -> String {
    let stub =
        format!("[[endpoint]]\nat = \"{at}\"\nsummary = \"\"\nrisk = \"{}\"\n", Risk::assumed(at.method).as_str());
    let starts = std::iter::once(0).chain(text.match_indices("\n[[").map(|(i, _)| i + 1));
    let later = |start: &usize| match entry(&text[*start..]) {
        Some(other) => other > *at,
        None => text[*start..].starts_with("[[correction]]"),
    };
    match starts.filter(|start| text[*start..].starts_with("[[")).find(later) {
        Some(place) => format!("{}{stub}\n{}", &text[..place], &text[place..]),
        None if text.trim().is_empty() => stub,
        None => format!("{}\n\n{stub}", text.trim_end()),
    }
}

/// The endpoint that the entry describes with which the text begins.
fn entry(text: &str) -> Option<EndpointAt> {
    let rest = text.strip_prefix("[[endpoint]]")?;
    let line = rest.lines().map(str::trim).find(|line| line.starts_with("at"))?;
    EndpointAt::parse(line.split(['"', '\'']).nth(1)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stub_stands_where_it_sorts() {
        let at = |text| EndpointAt::parse(text).expect("an endpoint");
        let text = "# Words.\n\n[[endpoint]]\nat = \"GET /a\"\nsummary = \"A.\"\nrisk = \"read\"\ntools = [\n    \"x\",\n]\n\n\
                    [[endpoint]]\nat = 'GET /c'\nsummary = \"C.\"\nrisk = \"read\"\n\n[[correction]]\nat = 'GET /a x'\n";
        let names = |text: &str| -> Vec<String> {
            text.lines().filter_map(|line| line.strip_prefix("at = ")).map(|at| at.replace(['"', '\''], "")).collect()
        };
        assert_eq!(names(&with_stub(text, &at("DELETE /b"))), ["GET /a", "DELETE /b", "GET /c", "GET /a x"]);
        assert_eq!(names(&with_stub(text, &at("PUT /c"))), ["GET /a", "GET /c", "PUT /c", "GET /a x"]);
        let first = with_stub("", &at("POST /b"));
        assert_eq!(first, "[[endpoint]]\nat = \"POST /b\"\nsummary = \"\"\nrisk = \"destroy\"\n");
        assert_eq!(names(&with_stub(&first, &at("GET /z"))), ["POST /b", "GET /z"]);
    }
}
