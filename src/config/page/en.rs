//! English: the table's own words.

use super::{Definition, Group, Labels};

pub(super) static WORDS: Labels = Labels {
    head: HEAD,
    columns: "variable | default | meaning",
    example: "Example",
    option: "Option",
    environment_only: " Read from the environment only.",
    title: Group::title,
    words: Group::words,
    meaning,
};

const fn meaning(d: &Definition) -> &'static str {
    d.meaning
}

const HEAD: &str = "# Configuration

<!-- Made from src/config/definitions.rs: BLESS=1 cargo test --lib config -->

All settings are environment variables. A file `.env` in the working directory is read too; a variable that is set in the
environment wins over its line there. [.env.example](../.env.example) holds all that can stand in it, to copy.

A secret can be kept out of the environment: `PROXMOX_TOKEN_FILE`, `PROXMOX_PASSWORD_FILE`, `PROXMOX_TOTP_SECRET_FILE` and
`PROXMOX_MCP_KEY_FILE` name a file that holds nothing else. Under systemd, `LoadCredential=proxmox-token:/path` (and
`proxmox-password`, `proxmox-totp-secret`, `proxmox-mcp-key`) does it without any variable. Secrets are never taken from
the command line, where every user of the machine could read them, and never shown in logs or errors.

Before anything is contacted, every value that is wrong or missing is named, all of them at once. An empty value counts as
not given. A name that is no setting is refused too: in the environment where it begins with `PROXMOX_MCP_`, in `.env` where
it begins with `PROXMOX_`. Other variables that begin so may be another program's; a line in the log names them. Names
by which other tools for Proxmox VE call the halves of a token, the address, the user and the verification are answered with
those that are meant here.

In `.env`, put a value with blanks, `#` or `$` in single quotes: a `$` that would be read as the name of a variable is refused,
and so is a `#` that would cut a password short. Files of secrets and `docker --env-file` need no quotes and keep them as a part
of the value; quotes that are found round one are refused. `.env` and files of secrets are UTF-8; a byte order mark at their
beginning is passed over.

`proxmox-mcp doctor` shows which values hold and where each came from. The other options of the commands are listed by
`--help`; those of `proxmox-mcp serve` are in [HTTP API](http-api.md) and [Deployment](deployment.md).
";
