//! OAuth 2.1 resource server: access tokens (JWT) of one authorization server are taken in place of our own tokens.
//!
//! Only tokens that this issuer signed for this audience count; an accepted token is never passed on to Proxmox VE.
//! What clients need to find the authorization server stands in the RFC 9728 metadata document.

mod fetch;
mod keys;
mod ring_provider;

use serde::Deserialize;
use serde_json::{Value, json};

pub use keys::{JwksError, JwksSource, Keys};

use crate::server::principal::{Principal, Scope};

/// Longest subject of an access token, in bytes.
const SUBJECT_MAX: usize = 255;

/// What the operator says of the authorization server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OauthSettings {
    /// Issuer identifier, compared with `iss` to the letter.
    pub issuer: String,
    /// This server's own identifier, the URL of its MCP endpoint; `aud` must contain it.
    pub audience: String,
    /// Where the issuer's public keys are.
    pub jwks: JwksSource,
}

/// Checks access tokens.
#[derive(Debug)]
pub struct Oauth {
    settings: OauthSettings,
    keys: Keys,
}

/// Why an access token does not let its bearer in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is not a valid token of the issuer for this server.
    #[error("the access token is not accepted: {0}")]
    Invalid(String),
    /// It carries none of our scopes.
    #[error("the access token carries none of the scopes pve:read, pve:power, pve:all")]
    NoScope,
    /// The issuer's keys cannot be had, so nothing can be checked. Why, the log says: whoever asks has shown nothing yet.
    #[error("the keys of the authorization server cannot be had at the moment")]
    Unavailable,
}

/// What `typ` may say (RFC 9068, section 2.1; RFC 7519, section 5.1), in any case and with or without `application/`. Other
/// tokens of the same issuer, such as ID tokens with a type of their own, logout tokens or proofs, are no access tokens.
const TYPES: [&str; 2] = ["at+jwt", "jwt"];

#[derive(Deserialize)]
struct Claims {
    /// One text: an issuer among others is not the one that signed.
    #[serde(default)]
    iss: Value,
    /// Empty where there is none; then the rules refuse the token.
    #[serde(default)]
    sub: String,
    /// RFC 9068: scopes, separated by spaces.
    scope: Option<String>,
    /// What some issuers have instead: a list, or a text like `scope`.
    scp: Option<Value>,
}

impl Oauth {
    /// Takes the settings; keys from a file are read at once, those from a URL at the first token.
    ///
    /// # Errors
    /// When the keys' file cannot be used or the URL may not be asked.
    pub fn new(settings: OauthSettings) -> Result<Self, JwksError> {
        ring_provider::install();
        let keys = Keys::new(settings.jwks.clone())?;
        Ok(Self { settings, keys })
    }

    /// Reads the keys again at the next opportunity.
    ///
    /// # Errors
    /// When a file of keys cannot be used; the old keys stay.
    pub fn reload(&self) -> Result<(), JwksError> {
        self.keys.reload()
    }

    /// Who bears this access token.
    ///
    /// # Errors
    /// Why it is not accepted, without the token.
    pub async fn bearer(&self, token: &str) -> Result<Principal, Refused> {
        let invalid = |e: jsonwebtoken::errors::Error| Refused::Invalid(reason(&e));
        let header = jsonwebtoken::decode_header(token).map_err(invalid)?;
        if !ring_provider::ACCEPTED.contains(&header.alg) {
            return Err(Refused::Invalid(format!("its algorithm {:?} is not accepted", header.alg)));
        }
        // RFC 7515, section 4.1.11: what is marked as critical is understood, or the token refused. We understand none.
        if header.crit.is_some() {
            return Err(Refused::Invalid("it demands extensions (crit) that are not known here".into()));
        }
        if !header.typ.as_deref().is_none_or(is_access_token) {
            return Err(Refused::Invalid("its type (typ) is not that of an access token".into()));
        }
        let key = self.keys.find(header.kid.as_deref(), header.alg).await.map_err(|e| match e {
            JwksError::Unknown => Refused::Invalid("it is signed with a key that the issuer does not list".into()),
            JwksError::File { .. } | JwksError::Url | JwksError::Fetch { .. } | JwksError::Old { .. } => {
                Refused::Unavailable
            }
        })?;
        let mut rules = jsonwebtoken::Validation::new(header.alg);
        rules.set_issuer(&[&self.settings.issuer]);
        rules.set_audience(&[&self.settings.audience]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        rules.validate_nbf = true;
        rules.leeway = 30;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &rules).map_err(invalid)?.claims;
        if claims.iss.as_str() != Some(&self.settings.issuer) {
            return Err(Refused::Invalid("its issuer (iss) is not one text".into()));
        }
        // Sessions, consent and limits belong to a subject: two that share a name would share those.
        if claims.sub.is_empty() || claims.sub.len() > SUBJECT_MAX {
            return Err(Refused::Invalid(format!("its subject is empty or longer than {SUBJECT_MAX} bytes")));
        }
        let scope = claims.greatest().ok_or(Refused::NoScope)?;
        let name = format!("oauth:{}", claims.sub);
        Ok(Principal { identity: name.clone(), name, scope, tools: None })
    }

    /// The RFC 9728 document.
    pub fn metadata(&self) -> Value {
        json!({
            "resource": self.settings.audience,
            "authorization_servers": [self.settings.issuer],
            "scopes_supported": Scope::EVERY.map(|s| format!("pve:{s}")),
            "bearer_methods_supported": ["header"],
            "resource_name": "Proxmox VE (proxmox-mcp)",
        })
    }

    /// Where the document is: the well-known word goes between host and path (RFC 9728, section 3.1).
    pub fn metadata_url(&self) -> String {
        let audience = &self.settings.audience;
        let path = audience.find("://").and_then(|i| audience[i + 3..].find('/').map(|j| i + 3 + j));
        let (site, path) = path.map_or((audience.as_str(), ""), |at| audience.split_at(at));
        format!("{site}/.well-known/oauth-protected-resource{}", path.trim_end_matches('/'))
    }
}

impl Claims {
    fn greatest(&self) -> Option<Scope> {
        let listed = match &self.scp {
            Some(Value::String(text)) => text.split(' ').collect(),
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let words = self.scope.as_deref().unwrap_or_default().split(' ').chain(listed);
        words.filter_map(|word| word.strip_prefix("pve:")?.parse().ok()).max()
    }
}

/// Whether a `typ` is that of an access token.
fn is_access_token(typ: &str) -> bool {
    let typ = typ.to_ascii_lowercase();
    TYPES.contains(&typ.strip_prefix("application/").unwrap_or(&typ))
}

/// The library's own words are for programmers; these are for whoever set the server up.
fn reason(error: &jsonwebtoken::errors::Error) -> String {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::ExpiredSignature => "it has expired".into(),
        ErrorKind::ImmatureSignature => "it is not valid yet".into(),
        ErrorKind::InvalidIssuer => "it is from another issuer".into(),
        ErrorKind::InvalidAudience => "it was issued for another audience".into(),
        ErrorKind::InvalidSignature => "its signature does not verify".into(),
        ErrorKind::MissingRequiredClaim(claim) => format!("it has no claim {claim:?}"),
        ErrorKind::InvalidClaimFormat(claim) => format!("its claim {claim:?} is not of the form that it must have"),
        _ => "it is not a readable JWT".into(),
    }
}

#[cfg(test)]
#[path = "oauth_tests.rs"]
mod tests;
