//! The roles that every PVE has, as its release has them (pve-access-control: `AccessControl.pm`).

use super::super::release::Release;

const ALL: &str = "Datastore.Allocate Datastore.AllocateSpace Datastore.AllocateTemplate Datastore.Audit \
    Group.Allocate Mapping.Audit Mapping.Modify Mapping.Use Permissions.Modify Pool.Allocate Pool.Audit \
    Realm.Allocate Realm.AllocateUser SDN.Allocate SDN.Audit SDN.Use Sys.AccessNetwork Sys.Audit Sys.Console \
    Sys.Incoming Sys.Modify Sys.PowerMgmt Sys.Syslog User.Modify VM.Allocate VM.Audit VM.Backup VM.Clone \
    VM.Config.CDROM VM.Config.CPU VM.Config.Cloudinit VM.Config.Disk VM.Config.HWType VM.Config.Memory \
    VM.Config.Network VM.Config.Options VM.Console VM.GuestAgent.Audit VM.GuestAgent.FileRead \
    VM.GuestAgent.FileSystemMgmt VM.GuestAgent.FileWrite VM.GuestAgent.Unrestricted VM.Migrate VM.Monitor \
    VM.PowerMgmt VM.Replicate VM.Snapshot VM.Snapshot.Rollback";

/// Whether a release has a privilege: guest agent privileges came with 9.0 in place of `VM.Monitor`, mappings with 8.0.
fn known(privilege: &str, release: &Release) -> bool {
    match privilege {
        "VM.Monitor" => !release.since(9, 0, 0),
        "VM.Replicate" => release.since(9, 0, 0),
        "Sys.AccessNetwork" => release.since(8, 1, 0),
        p if p.starts_with("VM.GuestAgent.") => release.since(9, 0, 0),
        p if p.starts_with("Mapping.") => release.since(8, 0, 0),
        _ => true,
    }
}

/// All privileges of a release.
pub(super) fn all(release: &Release) -> Vec<&'static str> {
    ALL.split_ascii_whitespace().filter(|p| known(p, release)).collect()
}

/// The privileges of a built-in role; `None` for a name that is none.
pub(super) fn built_in(name: &str, release: &Release) -> Option<Vec<&'static str>> {
    let among = |wanted: &[&str]| all(release).into_iter().filter(|p| wanted.contains(p)).collect();
    let starting = |prefixes: &[&str]| {
        all(release).into_iter().filter(|p| prefixes.iter().any(|x| p.starts_with(x))).collect::<Vec<_>>()
    };
    Some(match name {
        "NoAccess" => vec![],
        "Administrator" => all(release),
        "PVEAdmin" => {
            let kept = [
                "Mapping.Modify",
                "Permissions.Modify",
                "Realm.Allocate",
                "Sys.AccessNetwork",
                "Sys.Incoming",
                "Sys.Modify",
                "Sys.PowerMgmt",
            ];
            all(release).into_iter().filter(|p| !kept.contains(p)).collect()
        }
        "PVEAuditor" => among(&[
            "Datastore.Audit",
            "Mapping.Audit",
            "Pool.Audit",
            "SDN.Audit",
            "Sys.Audit",
            "VM.Audit",
            "VM.GuestAgent.Audit",
        ]),
        "PVEVMAdmin" => starting(&["VM."]),
        "PVEVMUser" => among(&[
            "VM.Audit",
            "VM.Backup",
            "VM.Config.CDROM",
            "VM.Config.Cloudinit",
            "VM.Console",
            "VM.GuestAgent.Audit",
            "VM.GuestAgent.FileRead",
            "VM.GuestAgent.FileSystemMgmt",
            "VM.GuestAgent.FileWrite",
            "VM.PowerMgmt",
        ]),
        "PVETemplateUser" => among(&["VM.Audit", "VM.Clone"]),
        "PVEDatastoreUser" => among(&["Datastore.AllocateSpace", "Datastore.Audit"]),
        "PVEDatastoreAdmin" => starting(&["Datastore."]),
        "PVEPoolUser" => among(&["Pool.Audit"]),
        "PVEPoolAdmin" => among(&["Pool.Allocate", "Pool.Audit"]),
        "PVESDNUser" => among(&["SDN.Audit", "SDN.Use"]),
        "PVESDNAdmin" => among(&["SDN.Allocate", "SDN.Audit", "SDN.Use"]),
        "PVESysAdmin" => among(&["Sys.Audit", "Sys.Console", "Sys.Syslog"]),
        "PVEUserAdmin" => among(&["Group.Allocate", "Realm.AllocateUser", "User.Modify"]),
        "PVEMappingUser" => among(&["Mapping.Audit", "Mapping.Use"]),
        "PVEMappingAdmin" => among(&["Mapping.Audit", "Mapping.Modify", "Mapping.Use"]),
        _ => return None,
    })
}
