//! Text and structured content carry the same facts: some clients show a model the one, some the other.

use serde_json::{Value, json};

use crate::{
    demo::Cluster,
    session::{Session, text},
};

/// All texts and numbers of a structured result, with the keys that they stand under.
fn leaves(key: &str, value: &Value, out: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(parts) => parts.iter().for_each(|(key, part)| leaves(key, part, out)),
        Value::Array(list) => list.iter().for_each(|item| leaves(key, item, out)),
        leaf => out.push((key.to_owned(), leaf.clone())),
    }
}

/// A number as the text may write it.
fn ways(key: &str, number: f64) -> Vec<String> {
    let mut ways = vec![number.to_string()];
    let bytes = if key.ends_with("MiB") { number * 1_048_576.0 } else { number };
    for (unit, letter) in
        [(1e0, ""), (1024.0, "K"), (1_048_576.0, "M"), (1_073_741_824.0, "G"), (1_099_511_627_776.0, "T")]
    {
        // Rounded to whole MiB in one half and to tenths in the other.
        for slack in -6..=6 {
            let tenths = ((bytes + f64::from(slack) * 104_857.6) / unit * 10.0).round() / 10.0;
            ways.push(format!("{tenths}{letter}"));
        }
    }
    let whole = number.trunc();
    for (span, sign) in [(1.0, "s"), (60.0, "m"), (3600.0, "h"), (86400.0, "d")] {
        ways.push(format!("{}{sign}", (whole / span).trunc()));
    }
    ways
}

/// What programs alone are told: words that stand for a sentence of the text.
const WORDS: [&str; 8] = ["outcome", "kind", "confirm", "blockedBy", "rule", "total", "more", "haState"];

/// What the structured half says and the text does not, and the other way round.
fn differences(reply: &Value) -> Vec<String> {
    let (said, facts) = (text(reply), &reply["structuredContent"]);
    let mut wrong = Vec::new();
    let mut all = Vec::new();
    leaves("", facts, &mut all);
    for (key, leaf) in &all {
        if WORDS.contains(&key.as_str()) {
            continue;
        }
        let told = match leaf {
            Value::String(words) if key == "detail" => {
                let sentences = words.split(['\n']).flat_map(|line| line.split_inclusive(". "));
                sentences.map(str::trim).filter(|s| !s.is_empty()).all(|sentence| said.contains(sentence))
            }
            // Of what was done the sentence says it; a template is always stopped; of a time the day is today.
            Value::String(word) if key == "status" && word == "running" => {
                ["running", "was started", "runs again", "was reset"].iter().any(|way| said.contains(way))
            }
            Value::String(word) if key == "status" && word == "stopped" => {
                ["stopped", "template", "has shut down"].iter().any(|way| said.contains(way))
            }
            Value::String(word) if key == "haBefore" && word == "unknown" => said.contains("before"),
            Value::String(word) if key == "status" && word == "deleted" => said.contains("was deleted"),
            Value::String(time) if key == "pveWaitsUntil" => said.contains(&time[11..19]),
            Value::String(words) => said.contains(words.trim()),
            Value::Number(number) => {
                ways(key, number.as_f64().unwrap_or_default()).iter().any(|way| said.contains(way.as_str()))
            }
            // Flags have words of their own: `template`, `locked`.
            Value::Bool(_) | Value::Null => true,
            _ => true,
        };
        if !told {
            wrong.push(format!("the text lacks {key} = {leaf}"));
        }
    }
    // What the text says in sentences, but for those that only put other facts into words.
    let detail = facts["detail"].as_str().unwrap_or_default();
    let everything = facts.to_string();
    let own = regex::Regex::new(
        r"^(\d+ (of \d+ )?(VMs?|containers?|tasks?)\.|\d+ more: call again with cursor \d+\.|.* (was (started|stopped|rebooted|reset|deleted).*|has shut down)\.|It is [a-z]+ now\.|\([\d.]+ s, UPID:.*\)|Its task is UPID:.*\.|The last lines of its log:|Nothing was deleted yet\..*|.* (is running|is stopped) already.*)$",
    )
    .expect("a pattern");
    for line in said.lines() {
        // Rows of a table, options of a configuration and lines of a log are facts, which were held above.
        let sentence = line.trim();
        if !sentence.ends_with('.') || everything.contains(sentence.trim_end_matches('.')) {
            continue;
        }
        for part in sentence.split_inclusive(". ").map(str::trim) {
            if !own.is_match(part) && !detail.contains(part) && !everything.contains(part.trim_end_matches('.')) {
                wrong.push(format!("the structured half lacks {part:?}"));
            }
        }
    }
    wrong
}

/// What a reader would stumble over: a number with the wrong form of its noun, and a sentence or cause told twice.
fn stumbles(said: &str) -> Vec<String> {
    const NOUNS: &str =
        "VM|container|guest|node|pool|tag|snapshot|disk|volume|job|task|row|line|privilege|rule|second|minute|hour";
    let many = regex::Regex::new(&format!(r"(?:^|[^\d.])1 (?:{NOUNS})s\b")).expect("a pattern");
    let one = regex::Regex::new(&format!(r"\b(?:0|[2-9]|\d\d+) (?:{NOUNS})\b(?:[^s/-]|$)")).expect("a pattern");
    let mut found: Vec<String> =
        [many, one].iter().flat_map(|form| form.find_iter(said).map(|m| m.as_str().trim().to_owned())).collect();
    let mut told = std::collections::BTreeSet::new();
    for sentence in said.split(['\n', ';']).flat_map(|line| line.split(". ")).flat_map(|part| part.split(": ")) {
        let words = sentence.trim().trim_end_matches('.').to_lowercase();
        // A single word may stand in many cells.
        if words.split_whitespace().count() > 2 && !told.insert(words.clone()) {
            found.push(words);
        }
    }
    found
}

/// Every call of which the two halves differ, or that reads badly, with both halves.
#[derive(Default)]
struct Held(Vec<String>);

impl Held {
    fn call(&mut self, session: &mut Session, tool: &str, arguments: Value) {
        let reply = session.call(tool, arguments.clone());
        let mut wrong = differences(&reply);
        wrong.extend(stumbles(text(&reply)).into_iter().map(|what| format!("it reads badly: {what:?}")));
        if !wrong.is_empty() {
            let (said, facts) = (text(&reply), &reply["structuredContent"]);
            self.0.push(format!("{tool} {arguments}: {wrong:#?}\n{said}\n{facts}"));
        }
    }
}

/// A cluster of which much cannot be seen: a node that is away, guests that rules hide, a token that may not see pools.
fn dim() -> Cluster {
    let cluster = Cluster::toml(
        "cluster = 'lab'\nlag = 10\n[[nodes]]\nname = 'pve1'\n[[nodes]]\nname = 'pve2'\n\
         [[users]]\nid = 'mcp@pve'\n[[tokens]]\nid = 'mcp@pve!ai'\nprivsep = false\n\
         [[acl]]\nwho = 'mcp@pve'\nrole = 'PVEVMAdmin'\npath = '/vms'\n\
         [[guests]]\nvmid = 100\nname = 'web'\nstate = 'running'\ntags = ['shop']\n\
         [[guests]]\nvmid = 101\nname = 'hid'\ntags = ['secret']\n\
         [[guests]]\nvmid = 102\nname = 'tpl'\ntemplate = true\n\
         [[guests]]\nvmid = 103\nname = 'lck'\nlock = 'backup'\n\
         [[guests]]\nvmid = 104\nname = 'bad'\nfails_to_start = \"bridge 'vmbr9' does not exist\"\n\
         [[guests]]\nvmid = 105\nname = 'del'\n\
         [[guests]]\nvmid = 106\nname = 'mgd'\nstate = 'running'\nha = 'started'\n\
         [[guests]]\nvmid = 200\nkind = 'lxc'\nname = 'ct'\nstate = 'running'\n\
         [[guests]]\nvmid = 300\nname = 'far'\nnode = 'pve2'\nstate = 'running'",
    );
    cluster.demo.set_node_online("pve2", false);
    cluster
}

#[test]
fn what_reads_badly_is_found() {
    assert_eq!(stumbles("1 of 7 VMs. 1 VM. 2 of 2 guests. 21 VMs"), [""; 0]);
    assert_eq!(stumbles("1 VMs. 2 guest."), ["1 VMs", "2 guest."]);
    assert_eq!(stumbles("start failed: it is locked now: it is locked now"), ["it is locked now"]);
    assert_eq!(stumbles("It is stopped now. It is stopped now."), ["it is stopped now"]);
}

#[test]
fn both_halves_of_every_result_carry_the_same_facts() {
    let cluster = dim();
    let mut session = cluster.start(&["--deny", "tag:secret"], &[]).legacy("2025-06-18", json!({}));
    let mut held = Held::default();
    let lists = [
        json!({}),
        json!({"detail": "full"}),
        json!({"limit": 1}),
        json!({"sort": "memory"}),
        json!({"template": true}),
        json!({"status": "unknown"}),
        json!({"name": "nosuch"}),
        json!({"tag": "nosuch"}),
        json!({"pool": "nosuch"}),
        json!({"node": "pve1"}),
        json!({"node": "pve2"}),
        json!({"node": "nosuch"}),
        json!({"cursor": "x"}),
        json!({"reason": "x"}),
    ];
    for arguments in lists {
        held.call(&mut session, "listVMs", arguments.clone());
        held.call(&mut session, "listContainers", arguments);
    }
    let targets = [100, 101, 102, 103, 104, 105, 106, 200, 300, 999].map(|vmid| json!({"vmid": vmid}));
    let named = [json!({"name": "web"}), json!({"name": "nosuch"}), json!({"vmid": 100, "name": "other"}), json!({})];
    let tools = [
        "getVM",
        "startVM",
        "restartVM",
        "stopVM",
        "deleteVM",
        "getContainer",
        "startContainer",
        "restartContainer",
        "stopContainer",
        "deleteContainer",
    ];
    for tool in tools {
        for target in targets.iter().chain(&named) {
            held.call(&mut session, tool, target.clone());
            let mut more = target.clone();
            match tool {
                "getVM" | "getContainer" => more["detail"] = json!("full"),
                _ => more["wait"] = json!(false),
            }
            held.call(&mut session, tool, more);
        }
    }
    assert!(held.0.is_empty(), "{} calls\n{}", held.0.len(), held.0.join("\n\n"));
}

#[test]
fn both_halves_of_what_is_told_of_tasks_carry_the_same_facts() {
    let cluster = dim();
    let mut session =
        cluster.start(&["--toolsets", "all", "--deny", "tag:secret"], &[]).legacy("2025-06-18", json!({}));
    let mut held = Held::default();
    let failed = session.call("startVM", json!({"vmid": 104}));
    session.call("startVM", json!({"vmid": 105}));
    let upid = failed["structuredContent"]["upid"].clone();
    for (tool, arguments) in [
        ("listTasks", json!({})),
        ("listTasks", json!({"limit": 1})),
        ("listTasks", json!({"since": "1h", "until": "now"})),
        ("listTasks", json!({"since": "1h", "failed": true})),
        ("listTasks", json!({"vmid": 105, "type": "backup"})),
        ("listTasks", json!({"node": "pve2"})),
        ("listTasks", json!({"node": "nosuch"})),
        ("listTasks", json!({"name": "nosuch"})),
        ("listTasks", json!({"until": "soon"})),
        ("getTask", json!({"vmid": 104})),
        ("getTask", json!({"vmid": 105})),
        ("getTask", json!({"vmid": 100})),
        ("getTask", json!({"vmid": 101})),
        ("getTask", json!({"upid": upid})),
        ("stopTask", json!({"upid": upid})),
        ("stopTask", json!({"upid": "x"})),
        ("stopTask", json!({})),
    ] {
        held.call(&mut session, tool, arguments);
    }
    assert!(held.0.is_empty(), "{} calls\n{}", held.0.len(), held.0.join("\n\n"));
}

#[test]
fn both_halves_of_what_is_told_of_configurations_carry_the_same_facts() {
    let cluster = dim();
    let mut session =
        cluster.start(&["--toolsets", "all", "--deny", "tag:secret"], &[]).legacy("2025-06-18", json!({}));
    let mut held = Held::default();
    for (tool, arguments) in [
        ("configureGuest", json!({"vmid": 100, "memory": 4096, "description": "notes"})),
        ("configureGuest", json!({"vmid": 100, "memory": 4096})),
        ("configureGuest", json!({"vmid": 105, "cores": 3, "options": {"net0": "virtio,bridge=vmbr0"}})),
        ("configureGuest", json!({"vmid": 100, "options": {"revert": "memory"}})),
        ("configureGuest", json!({"vmid": 105, "options": {"cipassword": "x", "delete": "net0"}})),
        ("configureGuest", json!({"vmid": 105, "options": {"delete": "cipassword"}})),
        ("configureGuest", json!({"vmid": 103, "cores": 7})),
        ("configureGuest", json!({"vmid": 101, "cores": 7})),
        ("configureGuest", json!({"vmid": 200, "options": {"net0": "name=eth0,bridge=vmbr9,ip=dhcp"}})),
        ("configureGuest", json!({"vmid": 105, "options": {"nosuch": 1}})),
        ("configureGuest", json!({"vmid": 300, "cores": 7})),
        ("configureGuest", json!({"name": "nosuch", "cores": 7})),
        ("resizeDisk", json!({"vmid": 105, "disk": "scsi0", "size": "+1G"})),
        ("resizeDisk", json!({"vmid": 105, "disk": "scsi0", "size": "1M"})),
        ("resizeDisk", json!({"vmid": 105, "disk": "scsi0"})),
        ("moveDisk", json!({"vmid": 105, "disk": "scsi0", "storage": "local"})),
        ("moveDisk", json!({"vmid": 105, "disk": "scsi0", "storage": "local", "deleteSource": true})),
        ("moveDisk", json!({"vmid": 105, "disk": "scsi0", "storage": "nosuch"})),
    ] {
        held.call(&mut session, tool, arguments);
    }
    assert!(held.0.is_empty(), "{} calls\n{}", held.0.len(), held.0.join("\n\n"));
}

#[test]
fn both_halves_of_what_is_told_of_snapshots_carry_the_same_facts() {
    let cluster = dim();
    let mut session =
        cluster.start(&["--toolsets", "all", "--deny", "tag:secret"], &[]).legacy("2025-06-18", json!({}));
    let mut held = Held::default();
    for (tool, arguments) in [
        ("listSnapshots", json!({"vmid": 105})),
        ("createSnapshot", json!({"vmid": 105, "snapshot": "first", "description": "before"})),
        ("createSnapshot", json!({"vmid": 105, "snapshot": "first"})),
        ("createSnapshot", json!({"vmid": 105, "snapshot": "ram", "ram": true})),
        ("createSnapshot", json!({"vmid": 105, "snapshot": "current"})),
        ("createSnapshot", json!({"vmid": 105, "snapshot": "not a name"})),
        ("createSnapshot", json!({"vmid": 105, "snapshot": "later", "wait": false})),
        ("listSnapshots", json!({"vmid": 105})),
        ("rollbackSnapshot", json!({"vmid": 105, "snapshot": "first"})),
        ("rollbackSnapshot", json!({"vmid": 105, "snapshot": "nosuch"})),
        ("rollbackSnapshot", json!({"vmid": 103, "snapshot": "first"})),
        ("deleteSnapshot", json!({"vmid": 105, "snapshot": "first"})),
        ("deleteSnapshot", json!({"vmid": 100, "snapshot": "first"})),
        ("deleteSnapshot", json!({"vmid": 101, "snapshot": "first"})),
        ("listSnapshots", json!({"name": "nosuch"})),
    ] {
        held.call(&mut session, tool, arguments);
    }
    assert!(held.0.is_empty(), "{} calls\n{}", held.0.len(), held.0.join("\n\n"));
}
