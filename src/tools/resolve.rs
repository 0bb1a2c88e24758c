//! From a vmid or a name to the guest that is meant, among those of a list.

use super::{
    advice::Advice,
    allowed::denied,
    call::{Problem, ToolResult},
    check::refused,
    guest::{Guest, GuestKind, Target},
    profile::GuestTool,
    say::Catalogue,
};
use crate::pve::{NodeName, Vmid};

/// The guest that a call is about, among those of the cluster's list: of the tool's kind, on the node that it names, if it
/// names one, and of the name that it names.
///
/// # Errors
/// What is wrong with the target.
pub(super) fn pick(
    guests: &[Guest],
    tool: GuestTool,
    target: &Target,
    who: &str,
    advice: &Advice<'_>,
    texts: &Catalogue,
) -> Result<Guest, ToolResult> {
    let guest = match (target.vmid, target.name.as_deref()) {
        (Some(vmid), _) => by_id(guests, tool, vmid, who, advice, texts)?,
        (None, Some(name)) => by_name(guests, tool, name, target.node.as_ref(), (who, advice), texts)?,
        (None, None) => return Err(ToolResult::problem(Problem::Arguments, texts.need_vmid())),
    };
    meant(guest, tool, target, advice, texts)?;
    Ok(guest.clone())
}

/// Whether a guest is what a call means: of the tool's kind, and with the node and the name that it gives.
///
/// # Errors
/// What it is instead, or the rule that keeps that from being told.
pub(super) fn meant(
    guest: &Guest,
    tool: GuestTool,
    target: &Target,
    advice: &Advice<'_>,
    texts: &Catalogue,
) -> Result<(), ToolResult> {
    told(guest, tool, advice, texts)?;
    let display = guest.display(texts);
    if guest.kind != tool.kind {
        let (wanted, actual) = match tool.kind {
            GuestKind::Vm => (texts.kind_vm(), texts.kind_ct()),
            GuestKind::Ct => (texts.kind_ct(), texts.kind_vm()),
        };
        let text = advice.or_use(&texts.wrong_kind(display.as_str(), actual, wanted), tool.action, guest, texts);
        return Err(ToolResult::problem(Problem::NotFound, format!("{text}.")));
    }
    if let Some(given) = target.node.as_ref().filter(|given| **given != guest.node) {
        return Err(ToolResult::problem(
            Problem::NotFound,
            texts.wrong_node(display.as_str(), given.as_str(), guest.node.as_str()),
        ));
    }
    match (target.name.as_deref(), guest.name.as_deref()) {
        (Some(given), actual) if !actual.is_some_and(|actual| actual.eq_ignore_ascii_case(given)) => {
            let vmid = guest.vmid.to_string();
            Err(refuse(tool, &texts.name_vmid_differ(vmid.as_str(), actual.unwrap_or(texts.unnamed()), given), texts))
        }
        _ => Ok(()),
    }
}

fn by_id<'a>(
    guests: &'a [Guest],
    tool: GuestTool,
    vmid: Vmid,
    who: &str,
    advice: &Advice<'_>,
    texts: &Catalogue,
) -> Result<&'a Guest, ToolResult> {
    let id = vmid.to_string();
    guests.iter().find(|guest| guest.vmid == vmid).ok_or_else(|| {
        let text = texts.vmid_unknown(&id, who);
        ToolResult::problem(Problem::NotFound, format!("{}.", advice.or_list(&text, tool.kind, texts)))
    })
}

/// A guest by name: among those of the tool's kind, else among the others, so that the message can say what it is.
fn by_name<'a>(
    guests: &'a [Guest],
    tool: GuestTool,
    name: &str,
    node: Option<&NodeName>,
    (who, advice): (&str, &Advice<'_>),
    texts: &Catalogue,
) -> Result<&'a Guest, ToolResult> {
    let named = |kind: GuestKind| {
        let same = move |g: &&Guest| g.kind == kind && g.name.as_deref().is_some_and(|n| n.eq_ignore_ascii_case(name));
        guests.iter().filter(same).collect::<Vec<_>>()
    };
    let of_kind = named(tool.kind);
    let mut found = if of_kind.is_empty() { named(tool.kind.other()) } else { of_kind };
    // The node tells those of one name apart; where it tells nothing, all of them are named.
    let there: Vec<_> = found.iter().copied().filter(|g| node.is_some_and(|node| *node == g.node)).collect();
    if !there.is_empty() {
        found = there;
    }
    match found[..] {
        [guest] => Ok(guest),
        [] => {
            let text = texts.name_unknown(name, who);
            let text = advice.or_list(&text, tool.kind, texts);
            Err(ToolResult { problem: Some(Problem::NotFound), ..refuse(tool, &text, texts) })
        }
        ref several => {
            several.iter().try_for_each(|guest| told(guest, tool, advice, texts))?;
            let candidates: Vec<_> = several.iter().map(|g| texts.candidate(g.vmid, g.node.as_str())).collect();
            let (count, candidates) = (several.len().to_string(), candidates.join(", "));
            Err(refuse(tool, &texts.name_ambiguous(count.as_str(), name, &candidates), texts))
        }
    }
}

/// What a rule keeps from the caller is told by no sentence, not even by one on what it is not.
fn told(guest: &Guest, tool: GuestTool, advice: &Advice<'_>, texts: &Catalogue) -> Result<(), ToolResult> {
    advice.told(guest).map_err(|rule| denied(&tool, &rule, texts))
}

fn refuse(tool: GuestTool, problem: &str, texts: &Catalogue) -> ToolResult {
    ToolResult::problem(Problem::Arguments, refused(tool.name, &[problem.to_owned()], texts))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        client::{Auth, Client, Host, Secret, Settings, Tls, Token},
        tools::{
            registry::by_name,
            say::Lang,
            state::{Options, Tools},
        },
    };

    fn guests() -> Vec<Guest> {
        let rows = json!([
            {"type": "qemu", "vmid": 100, "node": "pve1", "name": "web"},
            {"type": "qemu", "vmid": 101, "node": "pve2", "name": "Twin"},
            {"type": "qemu", "vmid": 102, "node": "pve1", "name": "twin"},
            {"type": "lxc", "vmid": "200", "node": "pve2", "name": "dns"},
            {"type": "lxc", "vmid": 201, "node": "pve1", "name": "web"},
            {"type": "qemu", "vmid": 300, "node": "pve3", "status": "unknown"},
            {"type": "storage", "node": "pve1"},
            {"type": "qemu", "vmid": 5, "node": "pve1"},
        ]);
        let row = |row: &Value| Guest::of_row(row.as_object().unwrap().clone(), None, None);
        rows.as_array().unwrap().iter().filter_map(row).collect()
    }

    fn pick(tool: &str, target: &Target) -> Result<Guest, ToolResult> {
        let client = Client::new(Settings::new(
            vec![Host { name: "pve1".to_owned(), port: 8006 }],
            Auth::Token(Token { id: "mcp@pve!ai".to_owned(), secret: Secret::new("s") }),
            Tls::System,
        ));
        let tools = Tools::new(client.unwrap(), Options::default());
        let tool = by_name(tool).unwrap();
        let (kind, action) = tool.guests.unwrap();
        super::pick(
            &guests(),
            tool.profile.for_guests(kind, action),
            target,
            "mcp@pve!ai",
            &tools.advice(),
            Lang::En.texts(),
        )
    }

    fn target(vmid: Option<u64>, name: Option<&str>, node: Option<&str>) -> Target {
        Target {
            vmid: vmid.map(|n| n.try_into().unwrap()),
            name: name.map(str::to_owned),
            node: node.map(|n| n.parse().unwrap()),
        }
    }

    #[test]
    fn a_guest_is_found_by_id_or_by_name_among_those_of_the_kind() {
        assert_eq!(guests().len(), 6, "what is no guest is passed over");
        assert_eq!(pick("getVM", &target(Some(300), None, None)).unwrap().node.as_str(), "pve3");
        assert_eq!(pick("getVM", &target(None, Some("WEB"), None)).unwrap().vmid.get(), 100);
        assert_eq!(pick("getContainer", &target(None, Some("web"), None)).unwrap().vmid.get(), 201);
        assert_eq!(pick("getVM", &target(None, Some("twin"), Some("pve2"))).unwrap().vmid.get(), 101);
        assert_eq!(pick("getContainer", &target(Some(200), Some("dns"), Some("pve2"))).unwrap().vmid.get(), 200);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (tool, wanted, said) in [
            ("getVM", target(Some(999), None, None), "VM.Audit on /vms/999"),
            (
                "getVM",
                target(Some(200), None, None),
                "Container 200 (dns) on pve2 is a container, not a VM; use getContainer.",
            ),
            ("stopContainer", target(None, Some("twin"), None), "101 on pve2, 102 on pve1"),
            ("stopVM", target(None, Some("twin"), None), "2 guests are named twin"),
            ("stopVM", target(None, Some("twin"), Some("pve3")), "101 on pve2, 102 on pve1"),
            ("stopVM", target(None, Some("dns"), None), "is a container, not a VM; use stopContainer"),
            ("stopVM", target(None, Some("nosuch"), None), "no guest named nosuch is visible to mcp@pve!ai"),
            ("getVM", target(Some(100), None, Some("pve2")), "VM 100 (web) on pve1, not on pve2"),
            ("getVM", target(Some(100), Some("db"), None), "100 is named web, not db"),
            ("getVM", target(Some(300), Some("db"), None), "300 is named (no name), not db"),
        ] {
            let problem = pick(tool, &wanted).unwrap_err();
            assert!(problem.text.contains(said), "{}", problem.text);
            assert!(problem.problem.is_some());
        }
    }
}
