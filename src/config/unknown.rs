//! Names that look like settings and are none. A safety switch that is mistyped must not be passed over in silence.

use super::definitions::{DEFINITIONS, stands_for};

/// What all our names begin with; other programs have names that begin so too.
const PREFIX: &str = "PROXMOX_";
/// What only our names begin with.
const OURS: &str = "PROXMOX_MCP_";
/// What the names of the Terraform providers for Proxmox VE begin with; their `.env` may lie in the same folder.
const OF_TERRAFORM: &str = "PROXMOX_VE_";
/// Read by MCP clients that connect over HTTP, as our documentation shows them, not by this program.
const OF_CLIENTS: &str = "PROXMOX_MCP_BEARER";
/// What other tools for Proxmox VE call what is called otherwise here.
const CALLED: [(&str, &str); 12] = [
    ("PROXMOX_TOKEN_ID", "PROXMOX_TOKEN (user@realm!id=secret, both in one)"),
    ("PROXMOX_TOKEN_NAME", "PROXMOX_TOKEN (user@realm!id=secret, both in one)"),
    ("PROXMOX_TOKEN_SECRET", "PROXMOX_TOKEN (user@realm!id=secret, both in one)"),
    ("PROXMOX_TOKEN_VALUE", "PROXMOX_TOKEN (user@realm!id=secret, both in one)"),
    ("PROXMOX_API_TOKEN", "PROXMOX_TOKEN (user@realm!id=secret)"),
    ("PROXMOX_VERIFY_SSL", "PROXMOX_REJECT_UNAUTHORIZED, or better PROXMOX_FINGERPRINT"),
    ("PROXMOX_VERIFY_TLS", "PROXMOX_REJECT_UNAUTHORIZED, or better PROXMOX_FINGERPRINT"),
    ("PROXMOX_INSECURE", "PROXMOX_REJECT_UNAUTHORIZED, or better PROXMOX_FINGERPRINT"),
    ("PROXMOX_URL", "PROXMOX_HOST"),
    ("PROXMOX_API_URL", "PROXMOX_HOST"),
    ("PROXMOX_USER", "PROXMOX_USERNAME"),
    ("PROXMOX_PASS", "PROXMOX_PASSWORD"),
];
/// How alike two names must be, from 0 to 1, for one to be suggested; what all names begin with does not count.
const ALIKE: f64 = 0.5;

/// Why a name cannot stand in the environment; other programs' names can.
pub(super) fn in_environment(name: &str) -> Option<String> {
    (name.starts_with(OURS) && !known(name)).then(|| format!("{name}, in the environment, is no setting{}", hint(name)))
}

/// What to say of a name in the environment that may be another program's.
pub(super) fn perhaps_ours(name: &str) -> Option<String> {
    let others = name.starts_with(OURS) || name.starts_with(OF_TERRAFORM);
    let unknown = name.starts_with(PREFIX) && !others && !known(name);
    unknown
        .then(|| format!("{name}, in the environment, is no setting of proxmox-mcp and is passed over{}", hint(name)))
}

/// Why a name cannot stand in the `.env` at `path`.
pub(super) fn in_dotenv(name: &str, path: &std::path::Path) -> Option<String> {
    let unknown = name.starts_with(PREFIX) && !name.starts_with(OF_TERRAFORM) && !known(name);
    unknown.then(|| format!("{name}, in {}, is no setting{}", path.display(), hint(name)))
}

fn known(name: &str) -> bool {
    name == OF_CLIENTS || DEFINITIONS.iter().any(|d| stands_for(d, name))
}

/// The known name that is most like it.
fn hint(name: &str) -> String {
    if let Some((_, ours)) = CALLED.iter().find(|(theirs, _)| *theirs == name) {
        return format!("; here it is {ours}");
    }
    let own = |name: &'_ str| name.trim_start_matches(OURS).trim_start_matches(PREFIX).to_owned();
    let alike = DEFINITIONS.iter().map(|d| (strsim::normalized_damerau_levenshtein(&own(name), &own(d.name)), d.name));
    let nearest = alike.filter(|(likeness, _)| *likeness >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0));
    nearest.map_or_else(String::new, |(_, nearest)| format!("; did you mean {nearest}?"))
}
