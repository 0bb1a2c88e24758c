//! A reader of Spanish reads Spanish, in failures too; what PVE says is quoted as it came.

use proxmox_mcp::demo::{Daemon, Fault, Scenario};
use serde_json::{Value, json};

use crate::{
    demo::{Cluster, refused},
    session::{NOBODY, Session},
};

/// Words that give English away. PVE's own are cut out before.
const ENGLISH: [&str; 14] = [
    " the ", " is ", " was ", " not ", " and ", " it ", " its ", " that ", " of ", " with ", " check ", " reply ",
    " has ", " for ",
];

/// A failure that says these words, and nothing of its own in English.
#[track_caller]
fn spanish(result: &Value, words: &[&str], quoted: &[&str]) {
    let mut said = format!(" {} ", refused(result, words).replace(['.', ',', ';', ':', '\n'], " "));
    for quote in quoted {
        assert!(refused(result, &[]).contains(quote), "{quote:?} is not quoted in {said:?}");
        said = said.replace(&quote.replace(['.', ',', ';', ':'], " "), "");
    }
    for word in ENGLISH {
        assert!(!said.contains(word), "{word:?} in {said:?}");
    }
}

fn session(cluster: &Cluster, more: &[(&str, &str)]) -> Session {
    let mut env = vec![("PROXMOX_MCP_LANG", "es")];
    env.extend(more);
    cluster.start(&[], &env).legacy("2025-06-18", json!({}))
}

#[test]
fn failures_to_reach_a_host_are_told_in_spanish() {
    let mut env = NOBODY.to_vec();
    env.push(("PROXMOX_MCP_LANG", "es"));
    let mut nobody = Session::start(&[], &env).legacy("2025-06-18", json!({}));
    let result = nobody.call("listVMs", json!({}));
    spanish(
        &result,
        &["No hay conexión con 127.0.0.1:1", "comprueba PROXMOX_HOST"],
        &["Connection refused (os error 111)"],
    );

    let cluster = Cluster::new(Scenario::default());
    let result = session(&cluster, &[("PROXMOX_FINGERPRINT", &"AB:".repeat(32)[..95])]).call("listVMs", json!({}));
    spanish(&result, &["TLS", "su certificado no es el fijado", "lo acepta, si es el de tu host"], &[]);

    let token = "root@pam!demo=00000000-0000-0000-0000-000000000000";
    let result = session(&cluster, &[("PROXMOX_TOKEN", token)]).call("listVMs", json!({}));
    spanish(&result, &["PVE no acepta las credenciales", "comprueba PROXMOX_TOKEN (root@pam!demo)"], &[]);
}

#[test]
fn refusals_of_pve_are_quoted_within_spanish() {
    let cluster = Cluster::new(Scenario::default());
    let mut es = session(&cluster, &[]);
    cluster.demo.set_node_online("pve3", false);
    let result = es.call("getVM", json!({"vmid": 111}));
    spanish(&result, &["su nodo pve3 está desconectado", "Comprueba que el nodo esté encendido"], &[]);
    cluster.demo.set_node_online("pve3", true);
    let result = es.call("startVM", json!({"vmid": 112}));
    spanish(&result, &["dio error", "Ahora está"], &["start failed: QEMU exited with code 1"]);
    let result = es.call("startContainer", json!({"vmid": 202}));
    spanish(&result, &["Espera a que desaparezca el bloqueo (backup)"], &["CT is locked (backup)"]);
    cluster.demo.inject(Fault::Html, 9);
    let words = ["no respondió una API de Proxmox VE", "no es respuesta de PVE", "proxy inverso"];
    spanish(&es.call("listVMs", json!({})), &words, &["502 Bad Gateway"]);
    cluster.demo.clear_faults();
    cluster.demo.set_quorum(false);
    let result = es.call("startVM", json!({"vmid": 110}));
    spanish(&result, &["Recupera antes los demás nodos"], &["cluster not ready - no quorum?"]);
}

#[test]
fn what_nobody_knows_is_told_in_spanish() {
    let cluster = Cluster::new(Scenario::default());
    let mut es = session(&cluster, &[]);
    cluster.demo.inject_on(Some(proxmox_mcp::spec::Method::Post), "/status/start", Fault::DropAfter, 1);
    let result = es.call("startVM", json!({"vmid": 110}));
    let words =
        ["Nadie sabe si POST", "se ejecutó", "el huésped 110 está", "su tarea más reciente es", "mira el huésped"];
    spanish(&result, &words, &["connection closed before message completed"]);
    cluster.demo.set_daemon(Daemon::Down);
    spanish(&es.call("startVM", json!({"vmid": 110})), &["recibió:"], &["Connection refused"]);
}

#[test]
fn wrong_arguments_and_rules_are_told_in_spanish() {
    let cluster = Cluster::new(Scenario::default());
    let mut es = session(&cluster, &[("PROXMOX_MCP_DENY", "vmid:111")]);
    for (arguments, words) in [
        (json!({"vmid": "abc"}), "no es un número entero"),
        (json!({"vmid": 5}), "es menor que 100"),
        (json!({"vmid": 100, "node": ".."}), "no es un nombre de nodo"),
        (json!({"name": "a/b"}), "no es un nombre de huésped"),
        (json!({}), "falta vmid o name"),
        (json!({"vmid": 100, "colour": 1}), "no existe el argumento"),
        (json!({"vmid": 100, "mode": "kill"}), "no es uno de stop, shutdown"),
        (json!({"vmid": 111}), "lo prohíbe la regla deny vmid:111"),
        (json!({"vmid": 200}), "es contenedor, no VM; usa stopContainer"),
        (json!({"vmid": 999}), "Ningún huésped 999"),
    ] {
        spanish(&es.call("stopVM", arguments), &[words], &[]);
    }
    let mistyped = es.call("stopVM", json!({"vmdi": 100}));
    spanish(&mistyped, &["¿quería decir vmid?"], &[]);
    assert!(!mistyped.to_string().contains("?."), "{mistyped}");
    spanish(&es.call("deleteVM", json!({"vmid": 100})), &["no se puede borrar ahora", "páralo antes con stopVM"], &[]);
    spanish(&es.call("deleteVM", json!({"vmid": 110})), &["¿Borrar VM 110 (staging) en pve1 para siempre?"], &[]);
}
