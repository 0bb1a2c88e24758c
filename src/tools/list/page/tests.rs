use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    api,
    client::Unread,
    tools::{
        ops,
        rows::Listing,
        say::Lang,
        schema::checked::{any_value, wrong},
    },
};

/// The list of a cluster that says this.
fn listing(rows: &Value) -> Listing {
    let answer = Unread::of("/cluster/resources", json!({ "data": rows }).to_string());
    ops::list(&api::GET_CLUSTER_RESOURCES, answer, None).unwrap().0
}

fn guests(count: u32) -> Listing {
    let guest = |n: u32| {
        json!({
            "type": "qemu", "vmid": 100 + n, "node": "pve1", "name": format!("web-front-{n}"), "status": "running",
            "maxcpu": 4, "maxmem": 8_589_934_592_u64, "mem": 4_294_967_296_u64, "uptime": 1_234_567, "tags": "prod;web",
            "cpu": 0.0123, "netin": 1, "netout": 2, "disk": 0, "maxdisk": 34_359_738_368_u64, "template": false,
        })
    };
    listing(&(0..count).map(guest).collect())
}

fn page<'a>(list: &'a Listing, args: &ListArgs) -> Page<'a> {
    Page::of(&list.iter().collect::<Vec<_>>(), args)
}

const FIELDS: [&str; 14] = [
    "name",
    "status",
    "qmpstatus",
    "cpus",
    "maxcpu",
    "maxmem",
    "tags",
    "lock",
    "template",
    "pool",
    "hastate",
    "memMiB",
    "cursor",
    "other",
];

proptest! {
    #[test]
    fn whatever_a_row_holds_the_result_keeps_its_schema(
        values in prop::collection::vec(any_value(), FIELDS.len()),
        full in any::<bool>(),
    ) {
        let mut row: Map<String, Value> = FIELDS.iter().map(|f| (*f).to_owned()).zip(values).collect();
        row.extend([("vmid".to_owned(), json!("100")), ("node".to_owned(), json!("pve1")), ("type".to_owned(), json!("qemu"))]);
        let list = listing(&json!([row]));
        let args = ListArgs { full, ..args(10) };
        let page = page(&list, &args);
        prop_assert_eq!(page.rows().len(), 1);
        let facts = json!({"guests": page.rows(), "total": 1});
        let mut shown = facts.as_object().cloned().unwrap_or_default();
        foreign::facts(&mut shown);
        prop_assert_eq!(&page.json, &shown["guests"].to_string());
        let wrong = wrong(&crate::tools::guests::list::output(), &facts);
        prop_assert!(wrong.is_empty(), "{wrong:?} in {facts}");
        page.text(vms(), 1, Lang::En.texts());
    }
}

fn vms() -> GuestTool {
    let tool = crate::tools::registry::by_name("listVMs").unwrap();
    tool.profile.for_guests(GuestKind::Vm, crate::tools::profile::Action::List)
}

fn args(limit: usize) -> ListArgs {
    ListArgs { limit, ..ListArgs::default() }
}

#[test]
fn a_row_is_lean() {
    let all = guests(50);
    let page = page(&all, &args(100));
    let structured = Value::from(page.rows()).to_string().len() / 50;
    let text = page.text(vms(), 50, Lang::En.texts()).len() / 50;
    assert!(structured <= 150, "{structured} bytes a guest: {}", page.json);
    assert!(text <= 60, "{text} bytes a guest");
}

#[test]
fn pages_join_without_gap_or_overlap() {
    let all = guests(25);
    let (mut seen, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = page(&all, &ListArgs { after, ..args(10) });
        seen.extend(page.guests.iter().map(|row| row.vmid().get()));
        pages += 1;
        match page.cursor {
            Some(cursor) => after = Some(cursor.parse().unwrap()),
            None => break,
        }
    }
    assert_eq!((pages, seen), (3, (100..125).collect()));
}

#[test]
fn a_reply_has_a_cap_whatever_the_limit() {
    let all = guests(500);
    let page = page(&all, &ListArgs { full: true, ..args(500) });
    let size = Value::from(page.rows()).to_string().len();
    assert!(size <= REPLY_MAX + page.guests.len() + 2, "{size}");
    assert!(page.more > 0 && page.cursor.is_some());
    let text = page.text(vms(), 500, Lang::En.texts());
    assert!(text.contains(&format!("{} more", page.more)), "{text}");
}

#[test]
fn full_rows_keep_all_and_add_the_compact_names() {
    let all = guests(1);
    let row = whole(all.iter().next().unwrap());
    assert_eq!((&row["memMiB"], &row["mem"], &row["cpu"]), (&json!(8192), &json!(4_294_967_296_u64), &json!(0.0123)));
}
