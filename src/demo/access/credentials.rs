//! From headers to somebody: where credentials are looked for, in which order, and what is said when they are wrong
//! (pve-http-server: `Formatter.pm`; pve-manager: `HTTPServer.pm`).

use percent_encoding::percent_decode_str;

use super::{
    super::{http::Head, reply::Failure},
    Access, Who, ticket,
};

impl Access {
    /// Who sent a request. A cookie wins over a ticket in `Authorization`, which wins over a token.
    ///
    /// # Errors
    /// 401 with the text that the release would have.
    pub(in super::super) fn who(&self, head: &Head, now: u64) -> Result<Who, Failure> {
        let authorization = head.header("authorization").unwrap_or_default();
        let cookie = head.header("cookie").and_then(|c| extract(c, "PVEAuthCookie"));
        if let Some(ticket) = cookie.or_else(|| extract(authorization, "PVEAuthCookie")) {
            let who = self.of_ticket(&ticket, now)?;
            let changes = head.method != "GET";
            if changes && !self.csrf_is_good(&who.user, head.header("csrfpreventiontoken"), now) {
                return Err(Failure::Unauthorized("Permission denied - invalid csrf token".to_owned()));
            }
            return Ok(who);
        }
        match extract(authorization, "PVEAPIToken") {
            Some(token) => self.of_token(&token, now).map_err(|text| self.refused(text)),
            None => Err(Failure::Unauthorized("No ticket".to_owned())),
        }
    }

    fn of_ticket(&self, ticket: &str, now: u64) -> Result<Who, Failure> {
        let invalid = || self.refused("permission denied - invalid PVE ticket".to_owned());
        let user = self.subject(ticket, now).filter(|s| !s.starts_with(ticket::HALF)).ok_or_else(invalid)?;
        self.active(user, now).map_err(|text| self.refused(text))?;
        Ok(Who { user: user.to_owned(), token: None })
    }

    fn of_token(&self, text: &str, now: u64) -> Result<Who, String> {
        let unreadable = || format!("'{text}' is not a valid token ID - not able to split into user and token parts");
        let (id, secret) = text.rsplit_once('=').ok_or_else(|| "no tokenid specified".to_owned())?;
        let (user, name) = id.rsplit_once('!').ok_or_else(unreadable)?;
        self.active(user, now)?;
        let key = self.tokens.get(id).ok_or_else(|| format!("no such token '{name}' for user '{user}'"))?;
        if key.expire != 0 && key.expire <= now {
            return Err(format!("token '{name}' access expired"));
        }
        if key.secret != secret {
            return Err("invalid token value!".to_owned());
        }
        Ok(Who { user: user.to_owned(), token: Some(name.to_owned()) })
    }

    /// Whether a user is there and may come in.
    pub(super) fn active(&self, user: &str, now: u64) -> Result<(), String> {
        match self.users.get(user) {
            None => Err(format!("no such user ('{user}')")),
            Some(person) if !person.enabled => Err(format!("user '{user}' is disabled")),
            Some(person) if person.expire != 0 && person.expire <= now => Err(format!("user '{user}' access expired")),
            Some(_) => Ok(()),
        }
    }

    /// A 401 with the detail, or without it since the releases that hide it.
    fn refused(&self, detail: String) -> Failure {
        Failure::Unauthorized(if self.release.vague_401() { "Authentication failed!".to_owned() } else { detail })
    }
}

/// The value after `{key}=` or `{key} `, up to a semicolon, percent-decoded.
fn extract(header: &str, key: &str) -> Option<String> {
    let starts = header.match_indices(key).map(|(at, _)| at);
    let mut whole = starts.filter(|at| header[..*at].ends_with([' ', '\t']) || *at == 0);
    let rest = whole.find_map(|at| header[at + key.len()..].strip_prefix(['=', ' ']))?;
    let value = rest.split(';').next().unwrap_or_default();
    Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_as_pve_finds_it() {
        assert_eq!(extract("PVEAPIToken=a@pve!t=s", "PVEAPIToken").as_deref(), Some("a@pve!t=s"));
        assert_eq!(extract("PVEAPIToken a%40pve%21t=s", "PVEAPIToken").as_deref(), Some("a@pve!t=s"));
        assert_eq!(extract("a=1; PVEAuthCookie=x; b=2", "PVEAuthCookie").as_deref(), Some("x"));
        assert_eq!(extract("pveapitoken=a", "PVEAPIToken"), None);
        assert_eq!(extract("Bearer a@pve!t=s", "PVEAPIToken"), None);
        assert_eq!(extract("xPVEAuthCookie=x", "PVEAuthCookie"), None);
    }
}
