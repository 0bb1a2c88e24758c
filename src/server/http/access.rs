//! Who comes in: bearer tokens of ours, access tokens of an authorization server, or anybody on an open local door.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use http::{HeaderMap, StatusCode, header};
use tokio_util::sync::CancellationToken;

use super::{
    oauth::{Oauth, Refused},
    problem::Problem,
    settings::HttpSettings,
    tokens::{TOKEN, TokenError, Tokens},
};
use crate::{
    clock,
    server::principal::{NotGranted, Principal, Scope},
};

/// Longest credentials that are looked at, in bytes.
const CREDENTIALS_MAX: usize = 8 * 1024;

/// The ways in.
#[derive(Debug, Default)]
pub struct Access {
    tokens: Option<(PathBuf, RwLock<Arc<Tokens>>)>,
    oauth: Option<Oauth>,
    /// For each token that has come in, what is cancelled when it is revoked.
    alive: Mutex<HashMap<String, CancellationToken>>,
}

/// Why the ways in cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The token file.
    #[error(transparent)]
    Tokens(#[from] TokenError),
    /// The token file, read again.
    #[error("{0}; until it can be read, no token lets anybody in")]
    Closed(#[source] TokenError),
    /// The keys of the authorization server.
    #[error(transparent)]
    Keys(#[from] super::oauth::JwksError),
    /// Those keys, read again.
    #[error("{0}; the ones read before stay in use")]
    Stale(#[source] super::oauth::JwksError),
    /// A token file without tokens.
    #[error("the token file {} holds no token, so nobody could come in; make one with `proxmox-mcp token new NAME --scope read`", .0.display())]
    NoTokens(PathBuf),
}

impl Access {
    /// Reads what the settings name.
    ///
    /// # Errors
    /// When a file cannot be used, or the token file is empty and nothing else lets anybody in.
    pub fn new(settings: &HttpSettings) -> Result<Self, AccessError> {
        let tokens =
            settings.tokens.clone().map(|path| Tokens::read(&path).map(|tokens| (path, tokens))).transpose()?;
        if let Some((path, tokens)) = &tokens
            && tokens.is_empty()
            && settings.oauth.is_none()
        {
            return Err(AccessError::NoTokens(path.clone()));
        }
        let tokens = tokens.map(|(path, tokens)| (path, RwLock::new(Arc::new(tokens))));
        let oauth = settings.oauth.clone().map(Oauth::new).transpose()?;
        Ok(Self { tokens, oauth, alive: Mutex::default() })
    }

    /// Whether nobody has to show credentials.
    pub fn open(&self) -> bool {
        self.tokens.is_none() && self.oauth.is_none()
    }

    /// The authorization server's side, if there is one.
    pub fn oauth(&self) -> Option<&Oauth> {
        self.oauth.as_ref()
    }

    /// Reads tokens and keys again. Keys that cannot be read stay as they were. Of a token file that cannot be read nobody
    /// knows who was revoked, so until it can be read again no token lets anybody in; an entry that cannot be used shuts out
    /// its own bearer alone.
    ///
    /// # Errors
    /// What could not be read, and what follows from it.
    pub fn reload(&self) -> Result<(), AccessError> {
        let oauth = self.oauth.as_ref().map_or(Ok(()), Oauth::reload);
        if let Some((path, held)) = &self.tokens {
            let read = Tokens::read_each(path);
            for fault in read.iter().flat_map(Tokens::faults) {
                tracing::error!("an entry of the token file lets nobody in: {fault}");
            }
            let (fresh, unread) = match read {
                Ok(fresh) => (Arc::new(fresh), None),
                Err(error) => (Arc::default(), Some(error)),
            };
            let known: HashSet<_> = fresh.identities().collect();
            let mut alive = self.alive.lock().unwrap_or_else(PoisonError::into_inner);
            alive.retain(|identity, token| {
                let stays = known.contains(identity);
                if !stays {
                    token.cancel();
                }
                stays
            });
            *held.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&fresh);
            drop(alive);
            if let Some(error) = unread {
                return Err(AccessError::Closed(error));
            }
        }
        oauth.map_err(AccessError::Stale)
    }

    /// Who sends a request with these headers.
    ///
    /// # Errors
    /// The answer to give: 401 without or with wrong credentials, 403 for an access token without our scopes, 503
    /// when an access token cannot be checked at the moment.
    pub async fn admit(&self, headers: &HeaderMap) -> Result<Principal, Problem> {
        if self.open() {
            return Ok(Principal::local());
        }
        let Some(token) = bearer(headers) else {
            return Err(self.unauthorized("this server asks for a bearer token: Authorization: Bearer …", None));
        };
        if let Some((_, held)) = &self.tokens {
            let tokens = Arc::clone(&held.read().unwrap_or_else(PoisonError::into_inner));
            if let Some(principal) = tokens.bearer(token, clock::now()) {
                return Ok(principal);
            }
        }
        let wrong = "the bearer token is unknown, expired or revoked";
        let Some(oauth) = self.oauth.as_ref().filter(|_| token.matches('.').count() == 2) else {
            return Err(self.unauthorized(wrong, Some("invalid_token")));
        };
        oauth.bearer(token).await.map_err(|refused| match refused {
            Refused::Invalid(_) => self.unauthorized(&refused.to_string(), Some("invalid_token")),
            Refused::NoScope => self.insufficient(Scope::Read, &refused.to_string()),
            Refused::Unavailable => {
                let title = "Authorization server unavailable";
                Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", title, refused.to_string())
            }
        })
    }

    /// What is cancelled when the token of this caller is revoked; never, for a caller without one of ours.
    pub fn revoked(&self, caller: &Principal) -> CancellationToken {
        let Some((_, held)) = &self.tokens else { return CancellationToken::new() };
        let mut alive = self.alive.lock().unwrap_or_else(PoisonError::into_inner);
        let known = held.read().unwrap_or_else(PoisonError::into_inner).identities().any(|id| id == caller.identity);
        match (known, caller.identity.starts_with(TOKEN)) {
            (true, _) => alive.entry(caller.identity.clone()).or_default().clone(),
            (false, false) => CancellationToken::new(),
            (false, true) => {
                // Revoked since it was let in.
                let over = CancellationToken::new();
                over.cancel();
                over
            }
        }
    }

    /// The answer to a caller whose scope or tools do not suffice.
    pub fn forbidden(&self, denied: &NotGranted) -> Problem {
        match denied {
            NotGranted::Scope { needed, .. } => self.insufficient(*needed, &denied.to_string()),
            NotGranted::Tool { .. } | NotGranted::Task { .. } => {
                Problem::new(StatusCode::FORBIDDEN, "token-forbids", "The token forbids it", denied.to_string())
            }
        }
    }

    fn insufficient(&self, needed: Scope, detail: &str) -> Problem {
        let mut problem = Problem::new(StatusCode::FORBIDDEN, "token-forbids", "The token forbids it", detail);
        problem.challenge = Some(self.challenge(needed, Some("insufficient_scope")).into());
        problem
    }

    fn unauthorized(&self, detail: &str, error: Option<&str>) -> Problem {
        let mut problem = Problem::new(StatusCode::UNAUTHORIZED, "credentials", "Credentials needed", detail);
        problem.challenge = Some(self.challenge(Scope::Read, error).into());
        problem
    }

    /// `WWW-Authenticate`, as RFC 6750 and the MCP specification want it.
    fn challenge(&self, scope: Scope, error: Option<&str>) -> String {
        let mut parts = vec!["realm=\"proxmox-mcp\"".to_owned()];
        parts.extend(error.map(|error| format!("error=\"{error}\"")));
        if let Some(oauth) = &self.oauth {
            parts.push(format!("scope=\"pve:{scope}\""));
            parts.push(format!("resource_metadata=\"{}\"", oauth.metadata_url()));
        }
        format!("Bearer {}", parts.join(", "))
    }
}

/// The token of the one `Authorization: Bearer` header.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let only = given.next().filter(|_| given.next().is_none())?.to_str().ok()?;
    let (scheme, token) = only.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= CREDENTIALS_MAX).then_some(token)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::server::http::tokens::NewToken;

    fn with(path: &std::path::Path) -> HttpSettings {
        HttpSettings { tokens: Some(path.to_owned()), ..HttpSettings::default() }
    }

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, HeaderValue::from_str(value).expect("header"));
        }
        headers
    }

    fn add(path: &std::path::Path, name: &str) -> String {
        let mut tokens = Tokens::read_or_none(path).expect("read");
        let new = NewToken { name: name.into(), scope: Scope::Read, tools: None, expires: None };
        let token = tokens.add(new, clock::now()).expect("made");
        tokens.write(path).expect("written");
        token
    }

    #[tokio::test]
    async fn tokens_are_asked_for_and_reloaded() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("tokens.toml");
        Tokens::default().write(&path).expect("written");
        assert!(matches!(Access::new(&with(&path)), Err(AccessError::NoTokens(_))));
        let first = add(&path, "first");
        let access = Access::new(&with(&path)).expect("access");
        let second = add(&path, "second");
        let admit = async |values: &[&str]| access.admit(&headers(values)).await.map(|p| p.name).map_err(|p| p.status);
        assert_eq!(admit(&[&format!("Bearer {first}")]).await, Ok("first".into()));
        assert_eq!(admit(&[&format!("bEARER  {first} ")]).await, Ok("first".into()));
        assert_eq!(admit(&[&format!("Bearer {second}")]).await, Err(StatusCode::UNAUTHORIZED));
        for bad in [&["Bearer"][..], &["Bearer "], &[&first], &["Basic eDp5"], &[]] {
            assert_eq!(admit(bad).await, Err(StatusCode::UNAUTHORIZED), "{bad:?}");
        }
        let good = format!("Bearer {first}");
        assert_eq!(admit(&[&good, &good]).await, Err(StatusCode::UNAUTHORIZED), "two headers");
        access.reload().expect("reloaded");
        assert_eq!(admit(&[&format!("Bearer {second}")]).await, Ok("second".into()));
        std::fs::write(&path, "rubbish").expect("written");
        assert!(access.reload().is_err());
        assert_eq!(admit(&[&good]).await, Err(StatusCode::UNAUTHORIZED), "who was revoked is not known");
        std::fs::remove_file(&path).expect("removed");
        let third = add(&path, "third");
        access.reload().expect("reloaded");
        assert_eq!(admit(&[&good]).await, Err(StatusCode::UNAUTHORIZED), "it is not in the new file");
        assert_eq!(admit(&[&format!("Bearer {third}")]).await, Ok("third".into()));
    }

    #[tokio::test]
    async fn a_refusal_tells_how_to_come_in() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("tokens.toml");
        add(&path, "one");
        let access = Access::new(&with(&path)).expect("access");
        let challenge = async |values: &[&str]| access.admit(&headers(values)).await.expect_err("refused").challenge;
        assert_eq!(challenge(&[]).await.as_deref(), Some("Bearer realm=\"proxmox-mcp\""));
        assert_eq!(
            challenge(&["Bearer pmcp_wrong"]).await.as_deref(),
            Some("Bearer realm=\"proxmox-mcp\", error=\"invalid_token\"")
        );
    }
}
