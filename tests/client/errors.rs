//! What PVE says when it refuses, in the ways that its releases say it.

use proxmox_mcp::client::{Client, Error, Sent, Trouble};

use crate::{
    api::{CONFIG, NEW, STOP, call},
    server::{Act, Server, bare, data, error, reply},
};

async fn refused(client: &Client) -> Error {
    client.send(call(&STOP)).await.expect_err("a refusal")
}

#[tokio::test]
async fn the_words_come_from_the_message_or_from_the_reason_phrase_or_from_the_body() {
    for (status, body, words) in [
        ("500 VM is locked (backup)", r#"{"data":null}"#, "VM is locked (backup)"),
        ("500 first line", r#"{"data":null,"message":"first line\nsecond line\n"}"#, "first line\nsecond line"),
        ("500 Internal Server Error", "plain text", "plain text"),
        (
            "403 Permission check failed (/vms/100, VM.PowerMgmt)",
            "",
            "Permission check failed (/vms/100, VM.PowerMgmt)",
        ),
    ] {
        let server = Server::start(move |_| Act::Close(reply(status, "", body.as_bytes()))).await;
        let said = refused(&server.client()).await;
        let refusal = said.refusal().expect("a refusal");
        assert_eq!(refusal.message, words);
        assert_eq!(refusal.what, "POST /nodes/pve1/qemu/100/status/stop");
        assert_eq!(said.sent(), Sent::Answered);
    }
}

#[tokio::test]
async fn each_sort_of_refusal_is_told_apart_and_comes_with_advice() {
    let permission = |path: &str, privilege: &str| Trouble::Permission {
        path: Some(path.to_owned()),
        privilege: Some(privilege.to_owned()),
    };
    let nowhere = Trouble::Permission { path: None, privilege: None };
    let missing = "Configuration file 'nodes/pve1/qemu-server/100.conf' does not exist";
    for (status, words, kind, advice) in [
        (500, missing, Trouble::NotFound, ""),
        (500, "unable to find configuration file for VM 100 on node 'pve1'", Trouble::NotFound, ""),
        (500, "VM 100 already running", Trouble::WrongState, ""),
        (500, "CT 100 not running", Trouble::WrongState, ""),
        (500, "VM 100 is running - destroy failed", Trouble::WrongState, ""),
        (500, "unable to destroy CT 100 - container is running", Trouble::WrongState, ""),
        (500, "VM is locked (snapshot-delete)", Trouble::Locked("snapshot-delete".to_owned()), "snapshot-delete"),
        (500, "can't remove VM 100 - protection mode enabled", Trouble::Protected, "protection"),
        (500, "you can't start a vm if it's a template", Trouble::Template, ""),
        (500, "unable to remove VM 100 - used in HA resources and purge parameter not set.", Trouble::Managed, "purge"),
        (500, "cluster not ready - no quorum?", Trouble::NoQuorum, "nodes"),
        (500, "can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout", Trouble::Busy, "try again"),
        (500, "hostname lookup 'pve1' failed - failed to get address info for: pve1", Trouble::NodeUnreachable, "node"),
        // Of something else than the guest that was asked about.
        (500, "hostname lookup 'nas' failed - failed to get address info for: nas", Trouble::Other, ""),
        (500, "VM 110 already running", Trouble::Other, ""),
        (500, "can't remove VM 101 - protection mode enabled", Trouble::Other, ""),
        (500, "storage 'nas' does not exist", Trouble::Other, ""),
        (
            403,
            "Permission check failed (/vms/101, VM.PowerMgmt)",
            permission("/vms/101", "VM.PowerMgmt"),
            "VM.PowerMgmt",
        ),
        (403, "Permission check failed (/vms/1, A.B|C.D)", permission("/vms/1", "A.B|C.D"), "A.B|C.D on /vms/1"),
        (403, "Permission check failed", nowhere.clone(), "privilege"),
        (403, "Permission check failed (user != root@pam)", nowhere, "privilege"),
        (501, "Method 'POST /nodes/pve1/qemu/100/status/stop' not implemented", Trouble::TooOld, ""),
        (500, "start failed: QEMU exited with code 1", Trouble::Other, ""),
    ] {
        let server = Server::start(move |_| error(&format!("{status} x"), words)).await;
        let said = refused(&server.client()).await;
        assert_eq!(said.kind(), kind, "{words}");
        assert_eq!(said.refusal().expect("a refusal").status, status);
        let advice_given = said.advice().map(|advice| advice.to_string()).unwrap_or_default();
        assert!(advice_given.contains(advice) && advice.is_empty() == advice_given.is_empty(), "{words}: {said}");
        assert!(said.to_string().contains(words), "{said}");
    }
}

#[tokio::test]
async fn a_parameter_error_keeps_what_was_said_of_each_parameter() {
    let body = r#"{"data":null,"message":"Parameter verification failed.\n","errors":{"timeout":"type check ('integer') failed - got 'x'","n":7}}"#;
    let server = Server::start(move |_| {
        Act::Close(reply("400 Parameter verification failed.", "Connection: close\r\n", body.as_bytes()))
    })
    .await;
    let said = refused(&server.client()).await;
    assert_eq!(said.kind(), Trouble::Parameter);
    let errors = &said.refusal().expect("a refusal").errors;
    assert_eq!(errors["timeout"], "type check ('integer') failed - got 'x'");
    assert_eq!(errors["n"], "7");
    assert!(said.to_string().contains("timeout: type check ('integer') failed - got 'x'"), "{said}");
}

#[tokio::test]
async fn a_token_that_is_not_accepted_is_refused_once_with_advice_and_without_its_secret() {
    let server = Server::start(|_| bare("401 token 'test' access expired")).await;
    let client = server.client();
    let said = refused(&client).await;
    assert_eq!((said.kind(), said.retry_safe()), (Trouble::Login, true));
    let text = said.to_string();
    assert!(text.contains("token 'test' access expired") && text.contains("PROXMOX_TOKEN (mcp@pve!test)"), "{text}");
    assert_eq!(server.requests().len(), 1);
    let shown = format!("{said:?} {said} {client:?}");
    assert!(!shown.contains(crate::server::SECRET), "{shown}");
}

#[tokio::test]
async fn what_the_host_is_too_old_for_is_refused_before_it_is_sent() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/version" => Act::Reply(data(r#"{"version":"7.4-20","release":"7.4","repoid":"x"}"#)),
        _ => Act::Reply(data("null")),
    })
    .await;
    let mut settings = server.settings();
    settings.releases = proxmox_mcp::api::RELEASES;
    let client = Client::new(settings).expect("a client");
    for _ in 0..2 {
        let mut stop = call(&STOP);
        stop.set("overrule-shutdown", true);
        let said = client.send(stop).await.expect_err("too old");
        assert_eq!((said.kind(), said.sent()), (Trouble::TooOld, Sent::No));
        let text = said.to_string();
        assert!(
            text.contains("PVE 7.4") && text.contains("overrule-shutdown") && text.contains("PVE 8.4 has"),
            "{text}"
        );
    }
    let said = client.send(call(&NEW)).await.expect_err("too old");
    assert!(said.to_string().contains("PVE 9.1 has it"), "{said}");
    client.send(call(&CONFIG)).await.expect("as old as the host");
    assert_eq!(server.lines(), ["GET /version", "GET /nodes/pve1/qemu/100/config"], "the release is read once");
}

#[tokio::test]
async fn a_host_that_does_not_tell_its_release_answers_for_itself() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/version" => error("403 x", "Permission check failed"),
        _ => Act::Reply(data("null")),
    })
    .await;
    let mut stop = call(&STOP);
    stop.set("overrule-shutdown", true);
    server.client().send(stop).await.expect("sent");
}
