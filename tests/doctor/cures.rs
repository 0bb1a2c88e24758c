//! What the doctor says to do about it: each cure is carried out as printed, and looked at again.

use super::*;

/// Does to a scenario what the commands in a cure do to a host, each as it is printed.
fn carry_out(scenario: &mut Scenario, cure: &str) {
    let commands: Vec<_> =
        cure.split('`').filter(|part| part.starts_with("pveum ") && !part.contains(" list")).collect();
    assert!(!commands.is_empty(), "{cure}");
    for command in commands {
        // Blanks stand in quotes alone.
        let words = command
            .split('\'')
            .enumerate()
            .flat_map(|(i, part)| if i % 2 == 1 { vec![part] } else { part.split_whitespace().collect() });
        match words.collect::<Vec<_>>()[..] {
            ["pveum", "role", verb @ ("add" | "modify"), role, "--privs", privileges] => {
                // Of the two only one is done by the host.
                if scenario.roles.contains_key(role) == (verb == "modify") {
                    scenario.roles.insert(role.into(), privileges.split(' ').map(str::to_owned).collect());
                }
            }
            ["pveum", "user", "token", "modify", user, id, "--expire", "0"] => {
                let full = format!("{user}!{id}");
                let token = scenario.tokens.iter_mut().find(|token| token.id == full);
                token.expect("the token is there").expire = 0;
            }
            ["pveum", "user", "modify", user, "--expire", "0"] => {
                let user = scenario.users.iter_mut().find(|known| known.id == user);
                user.expect("the user is there").expire = 0;
            }
            ["pveum", "acl", "modify", path, "--users" | "--tokens", who, "--roles", role] => {
                scenario.acl.push(Acl { path: path.into(), who: who.into(), role: role.into(), ..Default::default() })
            }
            _ => panic!("no command of a host: {command}"),
        }
    }
}

/// How the user came by the privileges that are there.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Held {
    OnGuests,
    Inherited,
    ByGroup,
}

/// A member who holds some privileges in one way; the token with privilege separation holds them on `/vms`.
fn holding(scenario: &mut Scenario, held: &[&str], how: Held, separated: bool, audits: bool) {
    member(scenario, held, separated);
    scenario.acl.retain(|acl| acl.who != "mcp@pve");
    let (path, who) = match how {
        Held::OnGuests => ("/vms", "mcp@pve"),
        Held::Inherited => ("/", "mcp@pve"),
        Held::ByGroup => {
            scenario.groups.insert("ops".into(), vec!["mcp@pve".to_owned()]);
            ("/vms", "@ops")
        }
    };
    let mut entry = |path: &str, who: &str, role: &str| {
        scenario.acl.push(Acl { path: path.into(), who: who.into(), role: role.into(), ..Default::default() });
    };
    entry(path, who, "Some");
    let token = separated.then_some("mcp@pve!ai");
    if let Some(who) = token {
        entry("/vms", who, "Some");
    }
    for who in token.into_iter().chain(["mcp@pve"]).filter(|_| audits) {
        entry("/access", who, "PVEAuditor");
    }
}

/// Whoever may audit users is shown whether the token has privilege separation; anybody else gets the commands for both. An
/// entry takes the place of what was inherited or came from a group: nothing that worked may be lost by it.
#[tokio::test]
async fn each_printed_cure_gives_what_was_missing_and_takes_nothing_away() {
    for (separated, audits) in [(false, false), (true, false), (false, true), (true, true)] {
        for how in [Held::OnGuests, Held::Inherited, Held::ByGroup] {
            for (held, missing) in
                [(["VM.PowerMgmt", "VM.Allocate"], "VM.Audit"), (["VM.Audit", "VM.PowerMgmt"], "VM.Allocate")]
            {
                let demo = cluster(|scenario| holding(scenario, &held, how, separated, audits)).await;
                let (_, what, cure) = one(&asked(&demo.settings()).await, Area::Privileges);
                assert!(what.starts_with(missing), "{what}");
                assert_eq!(cure.contains("--tokens"), separated || !audits, "{cure}");
                assert!(separated != cure.contains("has no privilege separation") || !audits, "{cure}");
                let demo = cluster(|scenario| {
                    holding(scenario, &held, how, separated, audits);
                    carry_out(scenario, &cure);
                })
                .await;
                let left = complaints(&asked(&demo.settings()).await, Area::Privileges);
                assert!(left.is_empty(), "separated {separated}, {how:?}: after {cure}: {left:#?}");
            }
        }
    }
}

/// A user who may do everything lacks something through a token with privilege separation alone, and needs no entry.
#[tokio::test]
async fn the_cure_for_a_token_of_root_is_an_entry_of_the_token() {
    let root = |scenario: &mut Scenario| {
        scenario.tokens = vec![scenario::Token { id: "root@pam!snap".into(), privsep: true, ..Default::default() }];
        // The role of an earlier recipe, with less.
        scenario.roles.insert("ProxmoxMCP".into(), vec!["VM.Audit".to_owned()]);
    };
    let demo = cluster(root).await;
    let found = complaints(&asked(&demo.settings()).await, Area::Privileges);
    assert_eq!(found.len(), 3, "{found:#?}");
    for (_, _, cure) in found {
        assert!(!cure.contains("--users") && cure.contains("has privilege separation"), "{cure}");
        let demo = cluster(|scenario| {
            root(scenario);
            carry_out(scenario, &cure);
        })
        .await;
        let left = complaints(&asked(&demo.settings()).await, Area::Privileges);
        assert!(left.is_empty(), "after {cure}: {left:#?}");
    }
}

/// The cure for a pool that is not seen, carried out.
#[tokio::test]
async fn the_cure_for_a_pool_that_is_not_seen_shows_it() {
    let policy = Policy { deny: vec!["pool:prod".parse().expect("a rule")], ..Policy::default() };
    for separated in [false, true] {
        let all = ["VM.Audit", "VM.PowerMgmt", "VM.Allocate"];
        let demo = cluster(|scenario| holding(scenario, &all, Held::OnGuests, separated, false)).await;
        let (_, what, cure) = one(&asked_with(&demo.settings(), &policy).await, Area::Privileges);
        assert!(what.starts_with("Pool.Audit is missing on /pool/prod: "), "{what}");
        let demo = cluster(|scenario| {
            holding(scenario, &all, Held::OnGuests, separated, false);
            carry_out(scenario, &cure);
        })
        .await;
        let left = complaints(&asked_with(&demo.settings(), &policy).await, Area::Privileges);
        assert!(left.is_empty(), "after {cure}: {left:#?}");
    }
}

/// The ends of a token and of its user are taken away by what is printed.
#[tokio::test]
async fn the_cure_for_an_end_takes_it_away() {
    let soon = 1_795_000_000 + 86_400;
    let ending = |scenario: &mut Scenario| {
        scenario.clock = Some(1_795_000_000);
        member(scenario, &["VM.Audit", "VM.PowerMgmt", "VM.Allocate"], false);
        scenario.acl.push(Acl { who: "mcp@pve".into(), role: "PVEAdmin".into(), ..Default::default() });
        scenario.acl.push(Acl {
            path: "/access".into(),
            who: "mcp@pve".into(),
            role: "PVEAuditor".into(),
            ..Default::default()
        });
        scenario.tokens[0].expire = soon;
        scenario.users.last_mut().expect("the member").expire = soon;
    };
    let asked_then = async |demo: Demo| {
        let mut settings = demo.settings();
        settings.clock = proxmox_mcp::client::Clock::new(|| 1_795_000_000);
        complaints(&asked(&settings).await, Area::Login)
    };
    let cures: Vec<_> = asked_then(cluster(ending).await).await.into_iter().map(|(_, _, cure)| cure).collect();
    assert_eq!(cures.len(), 2, "{cures:#?}");
    let mended = cluster(|scenario| {
        ending(scenario);
        cures.iter().for_each(|cure| carry_out(scenario, cure));
    });
    assert_eq!(asked_then(mended.await).await, []);
}
