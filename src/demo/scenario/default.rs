//! The cluster that `--demo` shows: three nodes and a dozen guests that a person knows from their own cellar.

use std::collections::BTreeMap;

use super::{
    Acl, Connections, Guest, GuestKind, Node, Scenario, Snapshot, Speed, State, Storage, Token, User, default_content,
};

impl Scenario {
    /// A cluster with nobody and nothing on it.
    pub(super) fn small() -> Self {
        Self {
            release: "9.2.11".to_owned(),
            seed: 9,
            speed: Speed::Fast,
            lag: 10,
            clock: None,
            still: false,
            cluster: None,
            quorum: true,
            ha_services: true,
            connections: Connections::default(),
            nodes: vec![],
            storage: storages(),
            users: vec![User { id: "root@pam".to_owned(), password: "demo".to_owned(), ..User::default() }],
            groups: Default::default(),
            roles: Default::default(),
            acl: vec![],
            tokens: vec![Token { id: "root@pam!demo".to_owned(), privsep: false, ..Token::default() }],
            pools: Default::default(),
            replicated: vec![],
            backup_jobs: vec![],
            volumes: vec![],
            backups: vec![],
            downloads: vec![],
            tasks: vec![],
            ha_rules: BTreeMap::default(),
            guests: vec![],
        }
    }
}

/// The storages of a fresh installation, and one that all nodes share.
pub(super) fn storages() -> Vec<Storage> {
    let thin = Storage {
        name: "local-lvm".to_owned(),
        kind: "lvmthin".to_owned(),
        content: "images,rootdir".to_owned(),
        size: 800 << 30,
        ..Storage::default()
    };
    let shared = Storage {
        name: "nas".to_owned(),
        kind: "nfs".to_owned(),
        content: "backup,iso,vztmpl,images".to_owned(),
        shared: true,
        size: 4 << 40,
        ..Storage::default()
    };
    vec![Storage::default(), thin, shared]
}

impl Default for Scenario {
    fn default() -> Self {
        let node =
            |name: &str, cpus, gib: u64| Node { name: name.to_owned(), cpus, memory: gib << 30, ..Node::default() };
        let viewer = User { id: "viewer@pve".to_owned(), password: "demo-viewer".to_owned(), ..User::default() };
        let mut scenario = Self::small();
        scenario.cluster = Some("demo".to_owned());
        scenario.nodes = vec![node("pve1", 16, 64), node("pve2", 16, 64), node("pve3", 8, 32)];
        scenario.users.push(viewer);
        scenario.acl = vec![Acl { who: "viewer@pve".into(), role: "PVEAuditor".into(), ..Acl::default() }];
        scenario.pools = [("shop".to_owned(), vec!["100".to_owned(), "101".to_owned(), "102".to_owned()])].into();
        scenario.volumes = default_content::volumes();
        scenario.backups = default_content::backups();
        scenario.tasks = default_content::tasks();
        scenario.guests = machines().into_iter().chain(containers()).collect();
        scenario
    }
}

fn vm(vmid: u32, node: &str, name: &str, cores: u32, memory: u32, disk: &str, tags: &[&str]) -> Guest {
    let mac = format!("BC:24:11:{:02X}:{:02X}:{:02X}", vmid / 256, vmid % 256, cores);
    let config = [
        ("cores", cores.to_string()),
        ("memory", memory.to_string()),
        ("ostype", "l26".to_owned()),
        ("scsihw", "virtio-scsi-single".to_owned()),
        ("scsi0", format!("local-lvm:vm-{vmid}-disk-0,iothread=1,size={disk}")),
        ("net0", format!("virtio={mac},bridge=vmbr0,firewall=1")),
        ("boot", "order=scsi0;net0".to_owned()),
    ];
    Guest {
        vmid,
        node: node.to_owned(),
        name: name.to_owned(),
        tags: tags.iter().map(|t| (*t).to_owned()).collect(),
        config: config.into_iter().map(|(k, v)| (k.to_owned(), v)).collect(),
        ..Guest::default()
    }
}

fn ct(vmid: u32, node: &str, name: &str, cores: u32, memory: u32, disk: &str, tags: &[&str]) -> Guest {
    let mac = format!("BC:24:11:{:02X}:{:02X}:{:02X}", vmid / 256, vmid % 256, cores);
    let config = [
        ("arch", "amd64".to_owned()),
        ("cores", cores.to_string()),
        ("memory", memory.to_string()),
        ("swap", "512".to_owned()),
        ("ostype", "debian".to_owned()),
        ("unprivileged", "1".to_owned()),
        ("rootfs", format!("local-lvm:vm-{vmid}-disk-0,size={disk}")),
        ("net0", format!("name=eth0,bridge=vmbr0,hwaddr={mac},ip=dhcp,type=veth")),
    ];
    Guest {
        vmid,
        kind: GuestKind::Lxc,
        node: node.to_owned(),
        name: name.to_owned(),
        tags: tags.iter().map(|t| (*t).to_owned()).collect(),
        config: config.into_iter().map(|(k, v)| (k.to_owned(), v)).collect(),
        ..Guest::default()
    }
}

fn set(mut guest: Guest, pairs: &[(&str, &str)]) -> Guest {
    guest.config.extend(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
    guest
}

fn machines() -> Vec<Guest> {
    let day = 86_400;
    let before =
        Snapshot { name: "before-upgrade".into(), description: "16 to 17".into(), age: 9 * day, vmstate: false };
    vec![
        Guest {
            state: State::Running,
            uptime: Some(41 * day + 7211),
            agent: true,
            ..set(vm(100, "pve1", "shop-web", 4, 4096, "40G", &["prod", "web"]), &[("agent", "1"), ("onboot", "1")])
        },
        Guest {
            state: State::Running,
            uptime: Some(41 * day + 7190),
            protected: true,
            agent: true,
            snapshots: vec![before],
            ..set(vm(101, "pve2", "shop-db", 8, 16384, "200G", &["db", "prod"]), &[("agent", "1"), ("onboot", "1")])
        },
        Guest {
            state: State::Running,
            uptime: Some(3 * day),
            ha: Some("started".into()),
            ..vm(102, "pve2", "shop-queue", 2, 2048, "20G", &["prod"])
        },
        vm(110, "pve1", "staging", 2, 4096, "40G", &["test"]),
        Guest {
            state: State::Running,
            uptime: Some(day),
            stubborn: true,
            ..set(vm(111, "pve3", "windows-legacy", 2, 8192, "80G", &["windows"]), &[("ostype", "win10")])
        },
        Guest {
            fails_to_start: Some(String::new()),
            ..set(vm(112, "pve3", "gpu-render", 8, 16384, "120G", &["gpu"]), &[("hostpci0", "0000:01:00,pcie=1")])
        },
        Guest { template: true, ..vm(900, "pve1", "debian-13-template", 2, 2048, "8G", &["template"]) },
    ]
}

fn containers() -> Vec<Guest> {
    let day = 86_400;
    vec![
        Guest {
            state: State::Running,
            uptime: Some(41 * day),
            ..set(ct(200, "pve1", "dns", 1, 512, "4G", &["infra", "prod"]), &[("onboot", "1")])
        },
        Guest {
            state: State::Running,
            uptime: Some(12 * day + 4000),
            ..set(ct(201, "pve3", "git", 2, 2048, "60G", &["infra"]), &[("cpulimit", "1.5"), ("onboot", "1")])
        },
        Guest { lock: Some("backup".into()), ..ct(202, "pve2", "wiki", 1, 1024, "10G", &["infra"]) },
        ct(203, "pve3", "sandbox", 1, 512, "8G", &["test"]),
        Guest { template: true, ..ct(901, "pve2", "alpine-template", 1, 256, "1G", &["template"]) },
    ]
}
