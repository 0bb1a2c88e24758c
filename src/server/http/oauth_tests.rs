use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};

use std::sync::{Arc, Mutex};

use super::*;

const ISSUER: &str = "https://id.example.com";
const AUDIENCE: &str = "https://mcp.example.com/mcp";

/// An authorization server with one key.
struct Issuer {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl Issuer {
    fn new() -> Self {
        let random = SystemRandom::new();
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("key");
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, made.as_ref(), &random).expect("key");
        Self { pair, random }
    }

    fn jwks(&self, kid: &str) -> Value {
        let point = self.pair.public_key().as_ref();
        let coordinate = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        json!({"keys": [
            {"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid,
             "x": coordinate(&point[1..33]), "y": coordinate(&point[33..])},
            {"kty": "of the future", "kid": "other"},
        ]})
    }

    fn sign(&self, header: Value, claims: Value) -> String {
        let part = |v: Value| BASE64_URL_SAFE_NO_PAD.encode(v.to_string());
        let text = format!("{}.{}", part(header), part(claims));
        let signature = self.pair.sign(&self.random, text.as_bytes()).expect("signed");
        format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}

fn claims() -> Value {
    json!({"iss": ISSUER, "aud": AUDIENCE, "exp": 4_000_000_000_u64, "sub": "anna", "scope": "openid pve:read pve:power"})
}

fn with(name: &str, value: impl Into<Value>) -> Value {
    let mut claims = claims();
    claims[name] = value.into();
    claims
}

fn server(issuer: &Issuer) -> (tempfile::TempDir, Oauth) {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("jwks.json");
    std::fs::write(&path, issuer.jwks("k1").to_string()).expect("written");
    let settings = OauthSettings { issuer: ISSUER.into(), audience: AUDIENCE.into(), jwks: JwksSource::File(path) };
    (folder, Oauth::new(settings).expect("keys"))
}

fn header_with(name: &str, value: Value) -> Value {
    let mut header = header();
    header[name] = value;
    header
}

fn header() -> Value {
    json!({"alg": "ES256", "kid": "k1"})
}

#[tokio::test]
async fn a_token_of_the_issuer_for_this_server_lets_its_bearer_in() {
    let issuer = Issuer::new();
    let (_folder, oauth) = server(&issuer);
    let bearer = oauth.bearer(&issuer.sign(header(), claims())).await.expect("accepted");
    assert_eq!(
        bearer,
        Principal { name: "oauth:anna".into(), identity: "oauth:anna".into(), scope: Scope::Power, tools: None }
    );
    for typ in ["JWT", "at+jwt", "AT+JWT", "application/at+jwt"] {
        assert!(oauth.bearer(&issuer.sign(header_with("typ", json!(typ)), claims())).await.is_ok(), "{typ}");
    }
    let unnamed_key = oauth.bearer(&issuer.sign(json!({"alg": "ES256"}), claims())).await;
    assert!(unnamed_key.is_ok(), "the only key that fits is taken");
    for (scp, scope) in [(json!(["pve:all"]), Scope::All), (json!("pve:read x"), Scope::Power)] {
        assert_eq!(oauth.bearer(&issuer.sign(header(), with("scp", scp))).await.expect("accepted").scope, scope);
    }
    let audiences = with("aud", json!(["https://else.example.com", AUDIENCE]));
    assert!(oauth.bearer(&issuer.sign(header(), audiences)).await.is_ok());
}

#[tokio::test]
async fn any_other_token_is_refused_with_its_reason() {
    let issuer = Issuer::new();
    let (_folder, oauth) = server(&issuer);
    let without = |name: &str| {
        let mut claims = claims();
        claims.as_object_mut().expect("object").remove(name);
        claims
    };
    let cases = [
        (issuer.sign(header(), with("iss", "https://evil.example")), "from another issuer"),
        (issuer.sign(header(), with("aud", "https://else.example.com")), "for another audience"),
        (issuer.sign(header(), with("exp", 1_000_000_000)), "has expired"),
        (issuer.sign(header(), with("nbf", 3_900_000_000_u64)), "not valid yet"),
        (issuer.sign(header(), without("exp")), "no claim \"exp\""),
        (issuer.sign(header(), without("sub")), "no claim \"sub\""),
        (issuer.sign(header(), with("sub", "")), "subject is empty"),
        (issuer.sign(header(), with("sub", "a".repeat(256))), "longer than 255"),
        (issuer.sign(json!({"alg": "ES256", "kid": "k2"}), claims()), "does not list"),
        (Issuer::new().sign(header(), claims()), "does not verify"),
        (issuer.sign(json!({"alg": "HS256", "kid": "k1"}), claims()), "HS256 is not accepted"),
        (issuer.sign(header_with("crit", json!(["b64"])), claims()), "extensions (crit)"),
        (issuer.sign(header_with("crit", json!(["exp", "urn:example:x"])), claims()), "extensions (crit)"),
        (issuer.sign(header_with("crit", json!([])), claims()), "extensions (crit)"),
        (issuer.sign(header_with("crit", json!("b64")), claims()), "not a readable JWT"),
        (issuer.sign(header_with("typ", json!("logout+jwt")), claims()), "type (typ)"),
        (issuer.sign(header_with("typ", json!("dpop+jwt")), claims()), "type (typ)"),
        (issuer.sign(header_with("typ", json!("id+jwt")), claims()), "type (typ)"),
        (issuer.sign(header_with("typ", json!("")), claims()), "type (typ)"),
        (issuer.sign(header(), with("iss", json!([ISSUER]))), "issuer (iss) is not one text"),
        (issuer.sign(header(), with("iss", json!([ISSUER, "https://evil.example"]))), "issuer"),
        (issuer.sign(header(), with("iss", json!({"a": ISSUER}))), "no claim \"iss\""),
        (issuer.sign(header(), with("nbf", "3900000000")), "claim \"nbf\" is not of the form"),
        (issuer.sign(header(), with("nbf", json!([3_900_000_000_u64]))), "not a readable JWT"),
        (issuer.sign(header(), with("exp", "4000000000")), "no claim \"exp\""),
        (issuer.sign(json!({"alg": "none"}), claims()), "not a readable JWT"),
        (issuer.sign(json!({"alg": "RS256", "kid": "k1"}), claims()), "does not list"),
        ("a.b.c".to_owned(), "not a readable JWT"),
        ("..".to_owned(), "not a readable JWT"),
        (String::new(), "not a readable JWT"),
    ];
    for (token, says) in cases {
        let refused = oauth.bearer(&token).await.expect_err(says).to_string();
        assert!(refused.contains(says), "{refused:?} does not say {says:?}");
        assert!(token.len() < 6 || !refused.contains(&token), "the token is in the message");
    }
    let other_scopes = issuer.sign(header(), with("scope", "openid pve:root"));
    assert_eq!(oauth.bearer(&other_scopes).await, Err(Refused::NoScope));
}

#[tokio::test]
async fn keys_change_on_reload_and_stay_when_the_file_is_broken() {
    let (first, second) = (Issuer::new(), Issuer::new());
    let (folder, oauth) = server(&first);
    let path = folder.path().join("jwks.json");
    std::fs::write(&path, "{}").expect("written");
    assert!(oauth.reload().expect_err("broken").to_string().contains("not a JSON Web Key Set"));
    assert!(oauth.bearer(&first.sign(header(), claims())).await.is_ok());
    std::fs::write(&path, second.jwks("k1").to_string()).expect("written");
    oauth.reload().expect("good");
    assert!(oauth.bearer(&first.sign(header(), claims())).await.is_err());
    assert!(oauth.bearer(&second.sign(header(), claims())).await.is_ok());
}

#[tokio::test]
async fn keys_from_a_url_are_asked_for_once_for_many_tokens() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let issuer = Issuer::new();
    let asked = Arc::new(AtomicUsize::new(0));
    let (document, count) = (issuer.jwks("k1").to_string(), Arc::clone(&asked));
    let app = axum::Router::new().route(
        "/jwks",
        axum::routing::get(move || {
            count.fetch_add(1, Ordering::SeqCst);
            let document = document.clone();
            async move { document }
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
    let url = format!("http://{}/jwks", listener.local_addr().expect("address"));
    let serving = tokio::spawn(async move { axum::serve(listener, app).await });
    let settings = OauthSettings { issuer: ISSUER.into(), audience: AUDIENCE.into(), jwks: JwksSource::of(&url) };
    let oauth = Oauth::new(settings).expect("settings");
    let token = issuer.sign(header(), claims());
    let unknown = issuer.sign(json!({"alg": "ES256", "kid": "k9"}), claims());
    for _ in 0..5 {
        assert!(oauth.bearer(&token).await.is_ok());
        assert!(matches!(oauth.bearer(&unknown).await, Err(Refused::Invalid(_))));
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    serving.abort();
}

/// An authorization server whose answer the test changes: a document, or a failure.
async fn changing(first: String) -> (Arc<Mutex<Option<String>>>, String, tokio::task::JoinHandle<()>) {
    let document = Arc::new(Mutex::new(Some(first)));
    let shown = Arc::clone(&document);
    let answer = move || {
        let document = shown.lock().expect("not poisoned").clone();
        async move { document.ok_or(http::StatusCode::SERVICE_UNAVAILABLE) }
    };
    let app = axum::Router::new().route("/jwks", axum::routing::get(answer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
    let url = format!("http://{}/jwks", listener.local_addr().expect("address"));
    (document, url, tokio::spawn(async move { axum::serve(listener, app).await.unwrap_or_default() }))
}

#[tokio::test]
async fn keys_that_cannot_be_read_again_are_good_for_a_day_and_no_longer() {
    let issuer = Issuer::new();
    let (document, url, serving) = changing(issuer.jwks("k1").to_string()).await;
    let settings = OauthSettings { issuer: ISSUER.into(), audience: AUDIENCE.into(), jwks: JwksSource::of(&url) };
    let mut oauth = Oauth::new(settings).expect("settings");
    let token = issuer.sign(header(), claims());
    assert!(oauth.bearer(&token).await.is_ok());
    *document.lock().expect("not poisoned") = None;
    oauth.reload().expect("a URL");
    assert!(oauth.bearer(&token).await.is_ok(), "a failure of an hour locks nobody out");
    assert!(oauth.keys.grow_old(), "a day is the limit");
    oauth.reload().expect("a URL");
    assert_eq!(oauth.bearer(&token).await, Err(Refused::Unavailable));
    serving.abort();
}

#[tokio::test]
async fn an_issuer_that_lists_no_key_has_withdrawn_all() {
    let issuer = Issuer::new();
    let (document, url, serving) = changing(issuer.jwks("k1").to_string()).await;
    let settings = OauthSettings { issuer: ISSUER.into(), audience: AUDIENCE.into(), jwks: JwksSource::of(&url) };
    let oauth = Oauth::new(settings).expect("settings");
    let token = issuer.sign(header(), claims());
    assert!(oauth.bearer(&token).await.is_ok());
    *document.lock().expect("not poisoned") = Some(r#"{"keys":[]}"#.to_owned());
    oauth.reload().expect("a URL");
    assert!(matches!(oauth.bearer(&token).await, Err(Refused::Invalid(_))));
    serving.abort();
}

#[test]
fn keys_are_not_fetched_over_an_open_network() {
    for url in ["http://id.example.com/jwks", "ftp://x/y", "file:///etc/passwd"] {
        assert!(matches!(Keys::new(JwksSource::of(url)), Err(JwksError::Url)), "{url}");
    }
}

#[tokio::test]
async fn what_is_secret_in_the_keys_url_is_not_told() {
    for url in ["https://me:hush@id.example.com/jwks", "http://hush@localhost/jwks"] {
        let refused = Keys::new(JwksSource::of(url)).expect_err(url);
        assert!(!refused.to_string().contains("hush"), "{refused}");
    }
    // A port that nobody listens at.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
    let address = listener.local_addr().expect("address");
    drop(listener);
    let jwks = JwksSource::of(&format!("http://{address}/jwks?key=hush"));
    let settings = OauthSettings { issuer: ISSUER.into(), audience: AUDIENCE.into(), jwks };
    let oauth = Oauth::new(settings).expect("settings");
    let logged = oauth.keys.find(None, jsonwebtoken::Algorithm::ES256).await.expect_err("no keys").to_string();
    assert!(logged.starts_with(&format!("http://{address}/jwks: ")), "{logged}");
    assert!(!format!("{oauth:?}").contains("hush"), "{oauth:?}");
    let told = oauth.bearer(&Issuer::new().sign(header(), claims())).await.expect_err("no keys");
    assert_eq!(told, Refused::Unavailable);
    assert!(!told.to_string().contains("127.0.0.1"), "{told}");
}

#[test]
fn the_metadata_stands_where_rfc_9728_puts_it() {
    let (_folder, oauth) = server(&Issuer::new());
    assert_eq!(oauth.metadata_url(), "https://mcp.example.com/.well-known/oauth-protected-resource/mcp");
    assert_eq!(oauth.metadata()["resource"], AUDIENCE);
    assert_eq!(oauth.metadata()["authorization_servers"], json!([ISSUER]));
}
