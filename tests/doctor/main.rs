//! The doctor, asked about a cluster in which one thing at a time is wrong: it names that thing and the cure.

mod cures;

use proxmox_mcp::{
    client::{Auth, Secret, Settings, Tls, Token},
    demo::{
        self, Demo, Scenario,
        scenario::{self, Acl},
    },
    doctor::{Area, Diagnosis, Finding, Level, examine},
    tools::Policy,
};

async fn asked(settings: &Settings) -> Vec<Finding> {
    asked_with(settings, &Policy::default()).await
}

async fn asked_with(settings: &Settings, policy: &Policy) -> Vec<Finding> {
    let mut told = Vec::new();
    let mut tell = |finding: &Finding| told.push(finding.clone());
    let mut report = Diagnosis::new(&mut tell);
    examine(settings, policy, &mut report).await;
    let findings = report.findings().to_vec();
    assert_eq!(told, findings, "each finding is told as it is made");
    findings
}

/// A cluster without the three seconds that PVE waits before it refuses a login.
async fn cluster(change: impl FnOnce(&mut Scenario)) -> Demo {
    let mut scenario = Scenario::default();
    scenario.connections.auth_delay_ms = 0;
    change(&mut scenario);
    demo::start(scenario).await.expect("the demo starts")
}

/// The findings of one area that are not good, with their cures.
fn complaints(findings: &[Finding], area: Area) -> Vec<(Level, String, String)> {
    let bad = findings.iter().filter(|f| f.area == area && f.level > Level::Skipped);
    bad.map(|f| (f.level, f.what.clone(), f.cure.clone().unwrap_or_default())).collect()
}

#[track_caller]
fn one(findings: &[Finding], area: Area) -> (Level, String, String) {
    match complaints(findings, area).as_slice() {
        [one] => one.clone(),
        others => panic!("{area}: one complaint expected, found {others:#?} in {findings:#?}"),
    }
}

/// A token of a user with these privileges; with privilege separation only the user is given them.
fn member(scenario: &mut Scenario, privileges: &[&str], separated: bool) {
    scenario.users.push(scenario::User { id: "mcp@pve".into(), password: "right".into(), ..Default::default() });
    scenario.tokens = vec![scenario::Token { id: "mcp@pve!ai".into(), privsep: separated, ..Default::default() }];
    let privileges = privileges.iter().map(|p| (*p).to_owned()).collect();
    scenario.roles.insert("Some".into(), privileges);
    scenario.acl.push(Acl { path: "/vms".into(), who: "mcp@pve".into(), role: "Some".into(), ..Default::default() });
}

fn password(demo: &Demo, user: &str, password: &str) -> Settings {
    let (username, password) = (user.to_owned(), Secret::new(password));
    demo.settings_with(Auth::Password { username, password, totp: None })
}

#[tokio::test]
async fn nothing_is_wrong_with_the_demo() {
    let demo = cluster(|_| ()).await;
    let findings = asked(&demo.settings()).await;
    assert!(findings.iter().all(|f| f.level == Level::Ok), "{findings:#?}");
    for area in [Area::Names, Area::Tcp, Area::Tls, Area::Clock, Area::Login, Area::Release, Area::Privileges] {
        assert!(findings.iter().any(|f| f.area == area), "{area} was not looked at");
    }
    let cluster: Vec<_> = findings.iter().filter(|f| f.area == Area::Cluster).map(|f| f.what.as_str()).collect();
    assert_eq!(cluster, ["demo is quorate", "online: pve1, pve2, pve3", "12 guests can be seen"]);
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_shown_with_the_pin_to_paste() {
    let demo = cluster(|_| ()).await;
    let settings = Settings { tls: Tls::System, ..demo.settings() };
    let findings = asked(&settings).await;
    let (level, _, cure) = one(&findings, Area::Tls);
    assert_eq!(level, Level::Failure);
    assert!(cure.contains(&format!("PROXMOX_FINGERPRINT={}", demo.fingerprint())), "{cure}");
    assert!(findings.iter().all(|f| f.area != Area::Login), "no secret is sent to a host that is not trusted");
}

#[tokio::test]
async fn a_certificate_that_has_changed_is_told_from_the_one_that_was_pinned() {
    let demo = cluster(|_| ()).await;
    let old = "11".repeat(32).parse().expect("a fingerprint");
    let settings = Settings { tls: Tls::Pinned(vec![old]), ..demo.settings() };
    let (level, what, cure) = one(&asked(&settings).await, Area::Tls);
    assert_eq!(level, Level::Failure);
    assert!(what.contains("pinned") || what.contains("PROXMOX_FINGERPRINT"), "{what}");
    assert!(cure.contains(&demo.fingerprint().to_string()), "{cure}");
}

#[tokio::test]
async fn a_user_who_is_disabled_or_has_expired_is_told_how_to_find_out() {
    for change in [(|user: &mut scenario::User| user.enabled = false) as fn(&mut _), |user| user.expire = 1] {
        let demo = cluster(|scenario| {
            member(scenario, &["VM.Audit"], false);
            change(scenario.users.last_mut().expect("the member"));
        })
        .await;
        let (_, _, cure) = one(&asked(&demo.settings()).await, Area::Login);
        assert!(cure.contains("`pveum user list`"), "{cure}");
        let (level, what, cure) = one(&asked(&password(&demo, "mcp@pve", "right")).await, Area::Login);
        assert_eq!((level, what.as_str()), (Level::Failure, "mcp@pve is not accepted: authentication failure"));
        assert!(cure.contains("enabled and not expired"), "{cure}");
    }
}

#[tokio::test]
async fn verification_that_is_switched_off_is_a_warning_with_the_pin() {
    let demo = cluster(|_| ()).await;
    let settings = Settings { tls: Tls::AcceptAny, ..demo.settings() };
    let (level, _, cure) = one(&asked(&settings).await, Area::Tls);
    assert_eq!(level, Level::Warning);
    assert!(cure.contains(&demo.fingerprint().to_string()), "{cure}");
}

#[tokio::test]
async fn a_wrong_secret_and_an_expired_token_lead_to_the_token_list() {
    let demo = cluster(|scenario| {
        member(scenario, &["VM.Audit"], false);
        scenario.tokens[0].expire = 1;
    })
    .await;
    let wrong = Token { id: "mcp@pve!ai".to_owned(), secret: Secret::new("00000000-0000-0000-0000-000000000000") };
    for settings in [demo.settings(), demo.settings_with(Auth::Token(wrong))] {
        let findings = asked(&settings).await;
        let (level, what, cure) = one(&findings, Area::Login);
        assert_eq!(level, Level::Failure);
        assert!(what.starts_with("mcp@pve!ai is not accepted"), "{what}");
        assert!(cure.contains("`pveum user token list 'mcp@pve'`"), "{cure}");
        assert!(!format!("{findings:?}").contains("00000000-0000"), "no secret is shown");
    }
}

#[tokio::test]
async fn the_end_of_a_token_and_of_its_user_is_told_to_who_may_see_it() {
    let day = 86_400;
    let demo = cluster(|scenario| {
        scenario.clock = Some(1_795_000_000);
        member(scenario, &["VM.Audit", "VM.PowerMgmt", "VM.Allocate", "Sys.Audit"], false);
        scenario.acl.push(Acl { who: "mcp@pve".into(), role: "PVEAuditor".into(), ..Default::default() });
        scenario.tokens[0].expire = 1_795_000_000 + 6 * day + 100;
        scenario.users.last_mut().expect("the member").expire = 1_795_000_000 + 90 * day + 100;
    })
    .await;
    let mut settings = demo.settings();
    settings.clock = proxmox_mcp::client::Clock::new(|| 1_795_000_000);
    let findings = asked(&settings).await;
    let (level, what, cure) = one(&findings, Area::Login);
    assert_eq!((level, what.as_str()), (Level::Warning, "token mcp@pve!ai expires on 2026-11-24, in 6 days"));
    assert!(cure.contains("pveum user token modify 'mcp@pve' 'ai' --expire 0"), "{cure}");
    let of_user = findings.iter().find(|f| f.what.starts_with("user mcp@pve"));
    assert_eq!(
        of_user.map(|f| (f.level, f.what.as_str())),
        Some((Level::Ok, "user mcp@pve expires on 2027-02-16, in 90 days"))
    );
}

#[tokio::test]
async fn the_end_that_a_host_does_not_show_is_not_made_up() {
    let demo = cluster(|scenario| member(scenario, &["VM.Audit", "VM.PowerMgmt", "VM.Allocate"], false)).await;
    let findings = asked(&demo.settings()).await;
    let of_login = |findings: &[Finding]| {
        let login = findings.iter().filter(|f| f.area == Area::Login);
        login.map(|f| (f.level, f.what.clone())).collect::<Vec<_>>()
    };
    let (level, what) = of_login(&findings).pop().expect("findings");
    assert_eq!(level, Level::Skipped);
    assert!(what.contains("Sys.Audit on /access/groups") && what.contains("pveum user token list 'mcp@pve'"), "{what}");
    let findings = asked(&password(&demo, "mcp@pve", "right")).await;
    assert_eq!(of_login(&findings).pop(), Some((Level::Ok, "user mcp@pve does not expire".to_owned())));
}

#[tokio::test]
async fn a_wrong_password_a_wrong_realm_and_a_second_factor_are_told_apart() {
    let demo = cluster(|scenario| {
        member(scenario, &["VM.Audit"], false);
        let totp = Some("JBSWY3DPEHPK3PXP".to_owned());
        scenario.users.push(scenario::User {
            id: "tfa@pve".into(),
            password: "right".into(),
            totp,
            ..Default::default()
        });
    })
    .await;
    let (_, _, cure) = one(&asked(&password(&demo, "mcp@pve", "wrong")).await, Area::Login);
    assert!(cure.contains("PROXMOX_PASSWORD"), "{cure}");
    let (_, _, cure) = one(&asked(&password(&demo, "mcp@ldap", "right")).await, Area::Login);
    assert!(cure.contains("the host has no realm \"ldap\"; it has pam, pve"), "{cure}");
    let (_, what, cure) = one(&asked(&password(&demo, "tfa@pve", "right")).await, Area::Login);
    assert!(what.contains("second factor") && cure.contains("PROXMOX_TOTP_SECRET"), "{what} {cure}");
    let (username, password_of, totp) =
        ("tfa@pve".to_owned(), Secret::new("right"), Some(Secret::new("KRSXG5CTMVRXEZLU")));
    let settings = demo.settings_with(Auth::Password { username, password: password_of, totp });
    let (_, what, cure) = one(&asked(&settings).await, Area::Login);
    assert!(what.contains("second factor") && cure.contains("PROXMOX_TOTP_SECRET"), "{what} {cure}");
    let findings = asked(&password(&demo, "mcp@pve", "right")).await;
    assert!(complaints(&findings, Area::Login).is_empty(), "{findings:#?}");
}

#[tokio::test]
async fn each_missing_privilege_is_named_with_the_tools_that_need_it() {
    for (held, missing, level, tools) in [
        (&["VM.PowerMgmt", "VM.Allocate"][..], "VM.Audit", Level::Failure, ": no tool can work"),
        (&["VM.Audit", "VM.Allocate"], "VM.PowerMgmt", Level::Warning, "startVM, stopVM, restartVM"),
        (&["VM.Audit", "VM.PowerMgmt"], "VM.Allocate", Level::Warning, "deleteVM, deleteContainer"),
    ] {
        let demo = cluster(|scenario| member(scenario, held, false)).await;
        let (found, what, cure) = one(&asked(&demo.settings()).await, Area::Privileges);
        assert_eq!(found, level, "{missing}");
        assert!(what.starts_with(missing) && what.contains(tools), "{what}");
        assert!(cure.contains("`pveum acl modify /vms --users 'mcp@pve' --roles ProxmoxMCP`"), "{cure}");
    }
}

#[tokio::test]
async fn a_token_that_was_given_nothing_of_its_own_is_recognised() {
    let demo = cluster(|scenario| member(scenario, &["VM.Audit", "VM.PowerMgmt", "VM.Allocate"], true)).await;
    let findings = asked(&demo.settings()).await;
    let found = complaints(&findings, Area::Privileges);
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found.iter().all(|(_, _, cure)| cure.contains("privilege separation")), "{found:#?}");
}

#[tokio::test]
async fn a_pool_that_rules_ask_for_and_the_token_may_not_see_is_a_failure() {
    let demo = cluster(|scenario| {
        member(scenario, &["VM.Audit", "VM.PowerMgmt", "VM.Allocate"], false);
        let seen = Acl { path: "/pool/lab".into(), who: "mcp@pve".into(), role: "Pools".into(), ..Default::default() };
        scenario.roles.insert("Pools".into(), vec!["Pool.Audit".to_owned()]);
        scenario.acl.push(seen);
    })
    .await;
    let with = |allow: &str| Policy { allow: vec![allow.parse().expect("a rule")], ..Policy::default() };
    let findings = asked_with(&demo.settings(), &with("pool:prod")).await;
    let (level, what, cure) = one(&findings, Area::Privileges);
    assert_eq!(level, Level::Failure);
    assert!(what.starts_with("Pool.Audit is missing on /pool/prod: "), "{what}");
    assert!(cure.contains("`pveum acl modify /pool --users 'mcp@pve' --roles ProxmoxMCP`"), "{cure}");
    for seen in [with("pool:lab"), Policy::default()] {
        let findings = asked_with(&demo.settings(), &seen).await;
        assert!(complaints(&findings, Area::Privileges).is_empty(), "{findings:#?}");
    }
}

#[tokio::test]
async fn an_old_host_lacks_parameters_and_is_told_what() {
    let demo = cluster(|scenario| scenario.release = "7.4-3".to_owned()).await;
    let findings = asked(&demo.settings()).await;
    let lacks = |what: &str| findings.iter().any(|f| f.area == Area::Release && f.what.contains(what));
    assert!(lacks("the host runs PVE 7.4"), "{findings:#?}");
    assert!(lacks("no parameter overrule-shutdown"), "{findings:#?}");
    assert!(complaints(&findings, Area::Release).is_empty(), "every tool works there: {findings:#?}");
}

#[tokio::test]
async fn clocks_quorum_and_nodes_are_looked_at() {
    let demo = cluster(|_| ()).await;
    demo.set_quorum(false);
    demo.set_node_online("pve3", false);
    let now = demo.now();
    let mut settings = demo.settings();
    settings.clock = proxmox_mcp::client::Clock::new(move || now + 600);
    let findings = asked(&settings).await;
    let (level, what, _) = one(&findings, Area::Clock);
    assert_eq!(level, Level::Warning);
    assert!(what.contains(" s apart"), "{what}");
    let found = complaints(&findings, Area::Cluster);
    assert!(found.iter().any(|(l, what, _)| *l == Level::Failure && what.contains("no quorum")), "{found:#?}");
    assert!(found.iter().any(|(l, what, _)| *l == Level::Warning && what.contains("pve3")), "{found:#?}");
}

#[tokio::test]
async fn a_host_that_is_not_there_ends_the_diagnosis() {
    let demo = cluster(|_| ()).await;
    let settings = demo.settings();
    demo.shutdown().await;
    let findings = asked(&settings).await;
    let (level, what, cure) = one(&findings, Area::Tcp);
    assert_eq!(level, Level::Failure);
    assert!(what.contains("no connection to 127.0.0.1:") && cure.contains("PROXMOX_PORT"), "{what} {cure}");
    assert_eq!(findings.last().map(|f| f.area), Some(Area::Tcp));
}
