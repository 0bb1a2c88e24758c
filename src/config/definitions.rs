//! Each variable once: its name, option, default and values are read from here by the configuration, the doctor and the command
//! line, and the pages on configuration and `.env.example` are made from this table, by `page`.

/// One variable.
#[derive(Debug)]
pub struct Definition {
    /// Its name.
    pub name: &'static str,
    /// What it is about.
    pub group: Group,
    /// What it means, in Markdown; one or two sentences.
    pub meaning: &'static str,
    /// The value that holds when it is not given.
    pub default: Option<&'static str>,
    /// A value as a user would write it.
    pub example: &'static str,
    /// Whether it is a secret: then it may also come from a file or a credential, and is never shown.
    pub secret: bool,
    /// Whether it is read from the environment alone, not from `.env`: the command line takes it from there.
    pub environment_only: bool,
    /// What it can be.
    pub value: Value,
    /// The option of the command line that stands for it, without its dashes.
    pub option: Option<&'static str>,
}

/// What a variable can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// True or false.
    Switch,
    /// A whole number within bounds.
    Whole(u64, u64),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A text with rules of its own.
    Text,
}

impl Definition {
    const fn switch(self) -> Self {
        Self { value: Value::Switch, ..self }
    }

    const fn whole(self, least: u64, most: u64) -> Self {
        Self { value: Value::Whole(least, most), ..self }
    }

    const fn word(self, words: &'static [&'static str]) -> Self {
        Self { value: Value::Word(words), ..self }
    }

    const fn with_option(self, option: &'static str) -> Self {
        Self { option: Some(option), ..self }
    }
}

/// What a variable is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Where the cluster is.
    Connection,
    /// Who we are.
    Login,
    /// Which certificates are trusted.
    Trust,
    /// How long and how much.
    Limits,
    /// What the server may be used for.
    Rules,
    /// What the server itself does.
    Server,
}

impl Group {
    /// All, in the order of the pages.
    pub const ALL: [Self; 6] = [Self::Connection, Self::Login, Self::Trust, Self::Limits, Self::Rules, Self::Server];

    /// Its heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Connection => "Connection",
            Self::Login => "Login",
            Self::Trust => "Trust",
            Self::Limits => "Limits",
            Self::Rules => "Rules",
            Self::Server => "Server",
        }
    }

    /// What is said below the heading.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Connection => "Where the cluster is.",
            Self::Login => {
                "A token, or a user with a password. A token is the better choice: it needs no second factor, never \
                 has to be renewed, and can be given exactly the privileges that it needs."
            }
            Self::Trust => {
                "Without any of these the certificate must come from an authority that the system trusts. PVE makes \
                 its own certificates unless it was given others, so most hosts need one of these; when a \
                 certificate is refused the message shows it and says which setting would accept it."
            }
            Self::Limits => "The defaults suit a PVE host as it is installed.",
            Self::Rules => {
                "Rules are looked at before anything is changed: those on tools, nodes and ids before anything is sent, those \
                 on pools and tags once the guest is known. A denied call says which rule denied it. A rule is \
                 `tool:NAME`, `node:NAME`, `vmid:ID`, `vmid:FROM-TO`, `pool:NAME`, `tag:NAME` or `api:PATH`. What a deny rule matches is denied; \
                 where there are allow rules on a subject, one of them must match. Tags are \
                 compared without regard to case, as PVE does unless it is told otherwise; nodes, pools and tools by the \
                 letter. A pool is meant with those within it. `api:DELETE /storage/*` is about methods of the API, whatever tool calls them: \
                 a verb or none, and a path of which `*` is one part and a last `*` all that is below; a tool that may come to call a \
                 denied method is closed. What no guest can have (a tag with a blank, a tool that there is none of) is refused; a node, a \
                 pool or a method that is not there is told of at the start, and by `proxmox-mcp doctor`. The command line has options \
                 for most of these."
            }
            Self::Server => "What the server itself does.",
        }
    }
}

const fn entry(
    group: Group,
    name: &'static str,
    default: Option<&'static str>,
    example: &'static str,
    meaning: &'static str,
) -> Definition {
    Definition {
        name,
        group,
        meaning,
        default,
        example,
        secret: false,
        environment_only: false,
        value: Value::Text,
        option: None,
    }
}

const fn secret(name: &'static str, example: &'static str, meaning: &'static str) -> Definition {
    Definition {
        name,
        group: Group::Login,
        meaning,
        default: None,
        example,
        secret: true,
        environment_only: false,
        value: Value::Text,
        option: None,
    }
}

/// What the command line reads, as the variable of an option.
const fn option(
    name: &'static str,
    default: Option<&'static str>,
    example: &'static str,
    meaning: &'static str,
) -> Definition {
    Definition {
        name,
        group: Group::Server,
        meaning,
        default,
        example,
        secret: false,
        environment_only: true,
        value: Value::Text,
        option: None,
    }
}

/// All variables, by group.
pub const DEFINITIONS: &[Definition] = &[
    entry(
        Group::Connection,
        "PROXMOX_HOST",
        None,
        "pve1.example.com",
        "Name or address of a Proxmox VE host. Several hosts of one cluster are separated by commas: when one cannot \
         be reached the next is asked. A host may carry its own port (`pve1:443`, `[2001:db8::1]:8006`).",
    ),
    entry(Group::Connection, "PROXMOX_PORT", Some("8006"), "8006", "Port of the hosts that do not carry their own.").whole(1, 65535),
    entry(
        Group::Login,
        "PROXMOX_AUTH_METHOD",
        None,
        "token",
        "`token` or `password`. Not given, it is what is set; the token if both are.",
    ).word(&["token", "password"]),
    secret(
        "PROXMOX_TOKEN",
        "mcp@pve!ai=00000000-0000-0000-0000-000000000000",
        "API token, `user@realm!id=secret`, as the PVE web interface shows it when the token is made.",
    ),
    entry(Group::Login, "PROXMOX_USERNAME", None, "ops@pve", "User with its realm."),
    secret("PROXMOX_PASSWORD", "'correct horse'", "Password of the user."),
    secret(
        "PROXMOX_TOTP_SECRET",
        "JBSWY3DPEHPK3PXP",
        "For a user with a second factor: the base32 secret that an authenticator app is given.",
    ),
    entry(
        Group::Trust,
        "PROXMOX_FINGERPRINT",
        None,
        "AB:CD:…",
        "SHA-256 of the host's certificate, as the PVE web interface shows it under *System, Certificates*. Trusts that \
         certificate whatever its issuer, name and dates. Several, separated by commas, for several hosts.",
    ),
    entry(
        Group::Trust,
        "PROXMOX_CA_FILE",
        None,
        "/etc/proxmox-mcp/pve-root-ca.pem",
        "PEM file with the authority to trust instead of the system's; a cluster's own is `/etc/pve/pve-root-ca.pem` \
         on each of its hosts. A host's own self-signed certificate works too.",
    ),
    entry(
        Group::Trust,
        "PROXMOX_REJECT_UNAUTHORIZED",
        Some("true"),
        "true",
        "`false` accepts any certificate: whoever can redirect the traffic then reads the credentials. It says so in \
         the log at each start.",
    ).switch(),
    entry(Group::Limits, "PROXMOX_CONNECT_TIMEOUT", Some("10"), "10", "Seconds to wait for a connection, 1 to 300.").whole(1, 300),
    entry(
        Group::Limits,
        "PROXMOX_REQUEST_TIMEOUT",
        Some("60"),
        "60",
        "Seconds to wait for a reply, 1 to 3600. A PVE host says after 30 seconds that its own worker is silent; a \
         shorter limit hides that.",
    ).whole(1, 3600),
    entry(
        Group::Limits,
        "PROXMOX_MAX_IN_FLIGHT",
        Some("4"),
        "4",
        "Requests in flight to one host, 1 to 64; further ones wait. A host has three workers, so more only queue there.",
    ).whole(1, 64),
    entry(Group::Rules, "PROXMOX_MCP_READ_ONLY", Some("false"), "true", "`true` allows nothing that changes anything.").switch().with_option("read-only"),
    entry(
        Group::Rules,
        "PROXMOX_MCP_DISABLE_DESTRUCTIVE",
        Some("false"),
        "true",
        "`true` allows nothing that stops, restarts or deletes a guest.",
    ).switch().with_option("disable-destructive"),
    entry(Group::Rules, "PROXMOX_MCP_ALLOW", None, "node:pve1,vmid:100-199", "Allow rules, separated by commas.").with_option("allow"),
    entry(Group::Rules, "PROXMOX_MCP_DENY", None, "tool:deleteVM,tag:prod", "Deny rules, separated by commas.").with_option("deny"),
    entry(
        Group::Rules,
        "PROXMOX_MCP_PROTECTED_TAG",
        Some("mcp-protected"),
        "mcp-protected",
        "A guest with this tag, or one of several separated by commas, is never stopped, restarted or deleted.",
    ),
    entry(
        Group::Rules,
        "PROXMOX_MCP_CONFIRM",
        Some("auto"),
        "auto",
        "`auto`: a deletion needs consent, by a question where the client can ask, else by a plan with a code that a \
         second call brings back. `never`: it needs none, for automation whose consent lies elsewhere.",
    ).word(&["auto", "never"]),
    Definition {
        name: "PROXMOX_MCP_KEY",
        group: Group::Rules,
        meaning: "What confirmation codes, task handles and the lines of the audit log are sealed with: at least 32 \
                  characters, 10 of them different. Not given, the audit log is not sealed, and for the others it is derived from the token, so that replicas with the same one agree; with a \
                  password a random key is kept in `proxmox-mcp/seal.key` in the user's folder for state.",
        default: None,
        example: "the output of openssl rand -base64 32",
        secret: true,
        environment_only: false,
        value: Value::Text,
        option: None,
    },
    entry(
        Group::Rules,
        "PROXMOX_MCP_TOOLSETS",
        Some("guests,api"),
        "guests",
        "Sets of tools that are switched on, separated by commas: `guests` (the twelve for virtual machines and containers), `api` \
         (`searchApi`, `describeApi` and `callApi`, which reach the whole API), `tasks` (`listTasks`, `getTask` and `stopTask`), \
         `configure` (`configureGuest`, `resizeDisk` and `moveDisk`), \
         `snapshots` (`listSnapshots`, `createSnapshot`, `rollbackSnapshot` and `deleteSnapshot`), or `all`.",
    ).with_option("toolsets"),
    entry(
        Group::Rules,
        "PROXMOX_MCP_API",
        Some("guests"),
        "read",
        "How much of the API `callApi` reaches: `guests` (every read but secrets, and changes of guests, backups, storage content, tasks and pools), \
         `read` (reads alone, but secrets) or `all` (administration and execution too).",
    ).word(&["guests", "read", "all"]),
    entry(
        Group::Rules,
        "PROXMOX_MCP_SHOW_ALL",
        Some("false"),
        "true",
        "`true` offers tools that the token can use on no guest, too.",
    ).switch().with_option("show-all"),
    entry(
        Group::Rules,
        "PROXMOX_MCP_AUDIT_FILE",
        None,
        "/var/log/proxmox-mcp/audit.jsonl",
        "Records every call that changes something, allowed or denied, in JSON lines chained by hashes, which \
         `PROXMOX_MCP_KEY` seals where it is set; what cannot be recorded is not done. `proxmox-mcp audit verify FILE` \
         checks it.",
    ).with_option("audit-file"),
    entry(
        Group::Rules,
        "PROXMOX_MCP_CHANGES_PER_MINUTE",
        Some("30/120"),
        "10",
        "Calls that change something and are sent within a minute: for one caller, and behind the stroke for all together. One number is \
         meant for both, `none` for any number. Each server process counts for itself.",
    ),
    entry(
        Group::Rules,
        "PROXMOX_MCP_CHANGES_PER_HOUR",
        Some("300/1200"),
        "100/none",
        "The same within an hour.",
    ),
    entry(
        Group::Rules,
        "PROXMOX_MCP_DELETIONS_PER_HOUR",
        Some("5"),
        "2/10",
        "The same of those that delete something or that no other call undoes, within an hour. `0` allows none.",
    ),
    entry(
        Group::Rules,
        "PROXMOX_MCP_FREEZE_FILE",
        None,
        "/etc/proxmox-mcp.frozen",
        "While this file is there, nothing is changed: every server that goes by it sees it before it sends a change; reading goes on. \
         `proxmox-mcp freeze` makes it, `proxmox-mcp thaw` removes it. Not given, it is `proxmox-mcp/frozen` in the user's folder for \
         state. A folder, or a file that cannot be read, freezes too.",
    ).with_option("freeze-file"),
    entry(
        Group::Server,
        "PROXMOX_MCP_LANG",
        Some("en"),
        "es",
        "Language of the tools' titles, descriptions and texts: `en` or `es`.",
    ).word(&["en", "es"]).with_option("lang"),
    entry(Group::Server, "HTTP_PORT", Some("3000"), "3000", "Port of `proxmox-mcp serve`.").whole(1, 65535),
    option(
        "PROXMOX_MCP_TOKENS",
        None,
        "/etc/proxmox-mcp/tokens.toml",
        "File of the bearer tokens that `proxmox-mcp serve` takes and `proxmox-mcp token` makes. Not given, it is \
         `proxmox-mcp/tokens.toml` in the user's configuration folder, if that exists.",
    ).with_option("tokens"),
    option(
        "PROXMOX_MCP_TLS_CERT",
        None,
        "/etc/proxmox-mcp/cert.pem",
        "Certificate chain of `proxmox-mcp serve`, in PEM; with it goes the key.",
    ).with_option("tls-cert"),
    option("PROXMOX_MCP_TLS_KEY", None, "/etc/proxmox-mcp/key.pem", "Key of that certificate, in PEM.").with_option("tls-key"),
    option(
        "PROXMOX_LOG",
        Some("warn"),
        "info",
        "What to write to standard error: `error`, `warn`, `info`, `debug`, `trace`, or a filter such as \
         `proxmox_mcp=debug`. `proxmox-mcp serve` writes `info` unless told otherwise.",
    ).with_option("log"),
    option(
        "PROXMOX_LOG_FORMAT",
        Some("text"),
        "json",
        "How to write it: `text` for people, or `json`, one object a line, for collectors.",
    ).word(&["text", "json"]).with_option("log-format"),
];

/// Whether a name is that of a variable, or, for a secret, of the file that holds it.
pub(super) fn stands_for(definition: &Definition, name: &str) -> bool {
    let of_file = || definition.secret && name.strip_suffix("_FILE") == Some(definition.name);
    definition.name == name || of_file()
}

/// Whether a person may have chosen it, with any signs in it: quotes, blanks and `#` too.
pub(super) fn chosen(definition: &Definition) -> bool {
    matches!(definition.name, "PROXMOX_PASSWORD" | "PROXMOX_MCP_KEY")
}

/// The definition of a variable.
pub fn definition(name: &str) -> Option<&'static Definition> {
    DEFINITIONS.iter().find(|d| d.name == name)
}

/// The words that a variable can be; none where it is no word.
pub fn words(name: &str) -> &'static [&'static str] {
    match definition(name).map(|d| d.value) {
        Some(Value::Word(words)) => words,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_variable_is_defined_once_and_explained() {
        for (i, d) in DEFINITIONS.iter().enumerate() {
            assert!(d.meaning.ends_with('.') && !d.example.is_empty(), "{}", d.name);
            assert!(DEFINITIONS[..i].iter().all(|other| other.name != d.name), "{}", d.name);
        }
    }

    #[test]
    fn defaults_examples_and_explanations_are_of_what_a_variable_can_be() {
        for d in DEFINITIONS {
            let good = |value: &str| match d.value {
                Value::Switch => ["true", "false"].contains(&value),
                Value::Whole(least, most) => value.parse().is_ok_and(|n| (least..=most).contains(&n)),
                Value::Word(words) => words.contains(&value),
                Value::Text => true,
            };
            assert!(d.default.is_none_or(good) && good(d.example), "{}", d.name);
            match d.value {
                Value::Switch => assert!(d.default.is_some(), "{}", d.name),
                // Everybody knows what a port can be.
                Value::Whole(_, 65535) | Value::Text => {}
                Value::Whole(least, most) => assert!(d.meaning.contains(&format!("{least} to {most}")), "{}", d.name),
                Value::Word(words) => {
                    assert!(words.iter().all(|word| d.meaning.contains(&format!("`{word}`"))), "{}", d.name)
                }
            }
        }
    }
}
