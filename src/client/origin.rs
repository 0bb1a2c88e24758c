//! Whose answer it is: PVE's own, or that of something between here and PVE, such as a reverse proxy.
//!
//! PVE answers with few statuses, and all its bodies are of one make (pve-http-server: `AnyEvent.pm`, `Standard.pm`):
//! JSON with `data`; plain text without a content type when the server itself refuses; nothing with 401 and 595 to 599,
//! and in old releases nothing but the reason phrase. Whatever is not of that make did not come from PVE, and says
//! nothing about what PVE did.

use serde::{Deserialize, de::IgnoredAny};

use super::{
    Words,
    transport::{Answer, Request},
};

impl Answer {
    /// Whether PVE itself can have given it.
    pub(super) fn is_of_pve(&self) -> bool {
        match self.status {
            // Whether a body that tells of success is PVE's, shows when it is read.
            200 => true,
            401 => !self.challenge && (self.body.is_empty() || self.own_body()),
            // Of these it sends 400 and 403; more would be told by the same body.
            400..=499 | 500 | 501 | 506 => self.own_body(),
            595..=599 => self.body.is_empty() || self.own_body(),
            // A host asked without TLS sends elsewhere; all else PVE never sends.
            _ => false,
        }
    }

    /// Whether PVE does not know, or no longer knows, who asks. A proxy's 401 says nothing about that.
    pub(super) fn refuses_login(&self) -> bool {
        self.status == 401 && self.is_of_pve()
    }

    /// Whether the body is of the make that PVE's refusals have.
    fn own_body(&self) -> bool {
        #[derive(Deserialize)]
        struct Envelope {
            #[serde(rename = "data")]
            _data: IgnoredAny,
        }
        match self.content_type.as_deref() {
            Some(kind) if !kind.contains("json") => false,
            // The server's own complaint is its reason phrase once more; old releases sent the phrase alone.
            None if self.body.is_empty() => self.reason.is_some(),
            None if !self.body.trim_ascii_start().starts_with(b"{") => {
                matches!(self.status, 400 | 500 | 501 | 506) && !self.body.trim_ascii_start().starts_with(b"<")
            }
            _ => serde_json::from_slice::<Envelope>(&self.body).is_ok(),
        }
    }

    /// What came instead of PVE's answer.
    pub(super) fn foreign(&self) -> Words {
        if (300..400).contains(&self.status) {
            let to = self.location.as_deref().unwrap_or("nowhere");
            return Words::ours(|p| p.redirect, [("status", self.status.to_string().into()), ("to", to.into())]);
        }
        let kind = self.content_type.as_deref().map_or_else(|| Words::ours(|p| p.no_kind, []), Words::from);
        let shown = match (self.plain_text(), &self.reason) {
            (text, _) if !text.is_empty() => format!(": {text:?}"),
            (_, Some(reason)) => format!(": {reason:?}"),
            _ => String::new(),
        };
        let values = [("status", self.status.to_string().into()), ("kind", kind), ("shown", shown.into())];
        if matches!(self.status, 401 | 403) {
            Words::ours(|p| p.foreign_denied, values)
        } else {
            Words::ours(|p| p.foreign, values)
        }
    }
}

/// The error for an answer that PVE did not give. Of a write that got one nobody knows whether PVE carried it out: a
/// proxy may have passed it on.
pub(super) fn error(request: &Request, answer: &Answer) -> super::Error {
    super::error::no_answer(request, answer.foreign())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, reason: &str, kind: &str, body: &'static str) -> Answer {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Answer { status, reason: some(reason), content_type: some(kind), body: body.into(), ..Answer::default() }
    }

    #[test]
    fn what_pve_sends_is_told_from_what_stands_in_front_of_it() {
        const JSON: &str = "application/json;charset=UTF-8";
        for (status, reason, kind, body) in [
            (400, "Parameter verification failed.", JSON, r#"{"data":null,"errors":{"vmid":"x"},"message":"x\n"}"#),
            (401, "No ticket", "", ""),
            (401, "authentication failure", JSON, r#"{"data":null}"#),
            (401, "", "", ""),
            (403, "Permission check failed", JSON, r#"{"data":null}"#),
            (500, "VM 100 not running", JSON, r#"{"message":"VM 100 not running\n","data":null}"#),
            (500, "malformed JSON string", "", "malformed JSON string, neither tag nor array"),
            (501, "no such uri", "", ""),
            (506, "upload 'Content-Type 'text/plain' not implemented", "", "upload 'Content-Type"),
            (595, "Connection refused", "", ""),
            (596, "", "", ""),
        ] {
            assert!(answer(status, reason, kind, body).is_of_pve(), "{status} {reason} {kind} {body}");
        }
        for (status, reason, kind, body) in [
            (204, "", "", ""),
            (302, "", "text/html", ""),
            (400, "", "text/html", "<html>400 The plain HTTP request was sent to HTTPS port</html>"),
            (401, "", "text/html", "<html>401 Authorization Required</html>"),
            (401, "", "text/plain", "401 Unauthorized"),
            (401, "", "application/json", r#"{"message":"No API key found in request"}"#),
            (403, "", "text/html; charset=UTF-8", "<html>403 Forbidden</html>"),
            (403, "", "", "<html>403 Forbidden</html>"),
            (403, "", "", ""),
            (404, "", "text/plain", "404 page not found"),
            (404, "", "application/json", r#"{"message":"no Route matched with those values"}"#),
            (408, "", "text/html", "<html>408</html>"),
            (413, "", "text/html", "<html>413</html>"),
            (429, "", "application/json", r#"{"error":"rate limited"}"#),
            (500, "", "text/html", "<html>500</html>"),
            (500, "", "", ""),
            (502, "", "", ""),
            (503, "", JSON, r#"{"data":null,"message":"x"}"#),
            (504, "Gateway Time-out", "text/html", "<html>504</html>"),
            (520, "", "text/html", "<html>520</html>"),
            (522, "", "", ""),
            (530, "", "text/plain", "error code: 1033"),
            (595, "", "text/html", "<html>595</html>"),
            (600, "", "", ""),
        ] {
            assert!(!answer(status, reason, kind, body).is_of_pve(), "{status} {reason} {kind} {body}");
        }
        let basic = Answer { challenge: true, ..answer(401, "", "", "") };
        assert!(!basic.is_of_pve(), "PVE asks for no login of HTTP's own");
    }
}
