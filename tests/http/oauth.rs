//! Access tokens at the door: how a client finds the authorization server, and how it is told that it needs more.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use proxmox_mcp::{
    demo::Scenario,
    server::http::{
        HttpSettings,
        oauth::{JwksSource, OauthSettings},
    },
    tools::Options,
};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::json;

use super::harness::{send, settings, start_with};

const AUDIENCE: &str = "https://mcp.example.com/mcp";
const METADATA: &str = "https://mcp.example.com/.well-known/oauth-protected-resource/mcp";

#[tokio::test]
async fn a_client_finds_the_issuer_comes_in_and_is_told_what_it_lacks() {
    let random = SystemRandom::new();
    let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("key");
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, made.as_ref(), &random).expect("key");
    let point = pair.public_key().as_ref();
    let (x, y) = (BASE64_URL_SAFE_NO_PAD.encode(&point[1..33]), BASE64_URL_SAFE_NO_PAD.encode(&point[33..]));
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("jwks.json");
    let keys = json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "k", "x": x, "y": y}]});
    std::fs::write(&file, keys.to_string()).expect("written");
    let oauth = OauthSettings {
        issuer: "https://id.example.com".into(),
        audience: AUDIENCE.into(),
        jwks: JwksSource::File(file),
    };
    let settings = HttpSettings { oauth: Some(oauth), ..settings() };
    let server = start_with(settings, Options::default(), Scenario::default()).await;

    let refused = server.get("/vms").await;
    assert_eq!(refused.status, 401);
    assert!(refused.header("www-authenticate").contains(&format!("resource_metadata=\"{METADATA}\"")));
    for path in ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"] {
        let found = server.get(path).await;
        assert_eq!((found.status, &found.json()["resource"]), (200, &json!(AUDIENCE)), "{path}");
    }

    let part = |value: serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({"iss": "https://id.example.com", "aud": AUDIENCE, "exp": 4_000_000_000_u64, "sub": "anna",
        "scope": "pve:read"});
    let text = format!("{}.{}", part(json!({"alg": "ES256", "kid": "k"})), part(claims));
    let signature = pair.sign(&random, text.as_bytes()).expect("signed");
    let token = format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature.as_ref()));
    assert_eq!(send(server.request("GET", "/vms").bearer_auth(&token)).await.status, 200);

    let before = server.demo.seen().len();
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "deleteVM",
        "arguments": {"vmid": 100}}});
    let mcp = server.request("POST", "/mcp").header("accept", "application/json, text/event-stream");
    let mcp = mcp.header("content-type", "application/json").body(call.to_string()).bearer_auth(&token);
    for answer in [send(mcp).await, send(server.request("DELETE", "/vms/100").bearer_auth(&token)).await] {
        assert_eq!((answer.status, answer.word().as_str()), (403, "token-forbids"));
        let challenge = answer.header("www-authenticate");
        assert!(challenge.contains("insufficient_scope") && challenge.contains("scope=\"pve:all\""), "{challenge}");
    }
    assert_eq!(server.demo.seen().len(), before, "nothing was sent");
}
