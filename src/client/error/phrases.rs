//! What this client itself says of failures, in one table a language. The English one is here; who shows errors to
//! people in another language brings another.

macro_rules! phrases {
    ($($key:ident,)*) => {
        /// The phrases of one language. Placeholders stand in braces.
        #[derive(Debug)]
        #[allow(missing_docs, reason = "each is what its text says")]
        pub struct Phrases {
            $(pub $key: &'static str,)*
        }

        impl Phrases {
            /// Each phrase with its name.
            pub fn entries(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($key), self.$key),)*]
            }
        }
    };
}

phrases! {
    // What went wrong.
    withheld, called_off, too_old, too_old_endpoint, too_old_parameter, connect, login, refused, refused_error, no_reply, unknown,
    unknown_found, not_pve, decode, with_advice,
    // What to do.
    advice_connect, advice_unknown, advice_not_pve, advice_locked, advice_protected, advice_no_quorum,
    advice_permission, advice_permission_any, advice_busy, advice_node, advice_managed,
    // Logins.
    login_failed, login_failed_advice, second_factor, second_factor_advice, other_factors, other_factors_advice, code_refused, code_refused_advice, no_ticket,
    token_advice, ticket_advice, unsendable, unsendable_advice, totp_not_base32,
    // Connections.
    late_connect, late_reply, unpacked, great, many, bad_path, redirect, http_status, not_json, not_pve_json,
    foreign, foreign_denied, no_kind, other_task,
    // What was found after a write without an answer.
    found_state, found_nothing, found_task, task_running,
    // Certificates.
    tls, tls_presented, tls_no_names, tls_no_tls, tls_no_tls_advice, tls_other_advice, tls_pin, tls_pinned, tls_authority,
    tls_authority_advice, tls_expired, tls_expired_advice, tls_names, tls_names_advice, tls_not_yet, tls_not_yet_advice,
    tls_invalid, tls_no_authorities, tls_no_authorities_advice,
}

/// English.
pub static ENGLISH: Phrases = Phrases {
    withheld: "{what} was not sent: this is a dry run",
    called_off: "{what} was not sent: it was called off",
    too_old: "the connected host runs PVE {host}, which has no {what}; PVE {since} has it",
    too_old_endpoint: "{at} at all",
    too_old_parameter: "parameter {name} of {at}",
    connect: "no connection to {host}: {why}",
    login: "PVE does not accept the login: {why}",
    refused: "{what}: {message} (HTTP {status})",
    refused_error: "{error}; {name}: {text}",
    no_reply: "{what} got no reply: {why}",
    unknown: "nobody knows whether {what} was carried out: {why}",
    unknown_found: "{error}; afterwards {found}",
    not_pve: "{what} was not answered by a Proxmox VE API: {why}",
    decode: "the reply to {what} is not what the schema promises: {why}",
    with_advice: "{error}; {advice}",
    advice_connect: "check PROXMOX_HOST and PROXMOX_PORT, and that the host is up",
    advice_unknown: "look at the guest before sending it again",
    advice_not_pve: "check that PROXMOX_HOST and PROXMOX_PORT name a Proxmox VE host, and what stands between here and it",
    advice_locked: "wait until the lock ({lock}) is gone, then try again",
    advice_protected: "switch its protection off first (option protection) if it is really to go",
    advice_no_quorum: "bring the other nodes of the cluster back first",
    advice_permission: "give the user or token {privilege} on {path}",
    advice_permission_any: "give the user or token the privilege that the call needs",
    advice_busy: "try again when what holds it has ended",
    advice_node: "check that the node is up and that its services run",
    advice_managed: "remove it from HA and replication first, or delete with purge",
    login_failed: "authentication failure",
    login_failed_advice: "check PROXMOX_USERNAME (with its realm: root@pam, ops@pve) and PROXMOX_PASSWORD, and that the \
        user is enabled and not expired",
    second_factor: "the user has a second factor",
    second_factor_advice: "use an API token (PROXMOX_TOKEN), which needs none, or set PROXMOX_TOTP_SECRET",
    other_factors: "the user's second factor ({kinds}) cannot be answered by a program: there is no TOTP among its kinds",
    other_factors_advice: "use an API token (PROXMOX_TOKEN), which needs no second factor, or add TOTP to the user and set \
        PROXMOX_TOTP_SECRET",
    code_refused: "the code of the second factor was not accepted",
    code_refused_advice: "check PROXMOX_TOTP_SECRET and that the clocks of both machines agree",
    no_ticket: "the reply to the login has no ticket",
    token_advice: "check PROXMOX_TOKEN ({id}): the secret may be wrong, the token removed or expired, or its user disabled",
    ticket_advice: "{user} could log in but its new ticket is refused: check that the user is still enabled and that \
        the clocks of the cluster's nodes agree",
    unsendable: "{what} holds a character that cannot be sent",
    unsendable_advice: "check {what} for line breaks and other stray characters",
    totp_not_base32: "PROXMOX_TOTP_SECRET is not base32 (letters A to Z and digits 2 to 7)",
    late_connect: "it did not answer in time",
    late_reply: "no reply in time",
    unpacked: "the reply cannot be unpacked: {why}",
    great: "the reply is greater than {size}",
    many: "the reply holds more than {most} values",
    bad_path: "the path cannot be sent: {why}",
    redirect: "a redirect ({status}) to {to}, which is not followed: it would carry the credentials",
    http_status: "{message} (HTTP {status})",
    not_json: "the reply is {kind}, not JSON, and says {shown}",
    not_pve_json: "the reply is not PVE's JSON ({why})",
    foreign: "HTTP {status} ({kind}) is no answer of PVE's own but of something in front of it, such as a reverse proxy{shown}",
    foreign_denied: "HTTP {status} ({kind}) is a refusal by something in front of PVE, such as a reverse proxy, and not by PVE \
        itself{shown}",
    no_kind: "no content type",
    other_task: "the answer names the task {upid}, which is none of this call for {vmid}",
    found_state: "guest {vmid} is {state}",
    found_nothing: "there is no guest {vmid} on {node}",
    found_task: "{found} and its newest task is {upid} ({status})",
    task_running: "running",
    tls: "no trusted TLS connection to {host}: {why}{presented}; {cure}",
    tls_presented: " (subject {subject}, names {names}, issuer {issuer}, expires {expires}, SHA-256 {fingerprint})",
    tls_no_names: "none",
    tls_no_tls: "what answers there does not speak TLS",
    tls_no_tls_advice: "check PROXMOX_PORT (8006 unless changed)",
    tls_other_advice: "check that PROXMOX_HOST and PROXMOX_PORT name a Proxmox VE host",
    tls_pin: "PROXMOX_FINGERPRINT={fingerprint} accepts it if it is your host's",
    tls_pinned: "its certificate is not the pinned one ({pins})",
    tls_authority: "its certificate comes from an authority that is not trusted",
    tls_authority_advice: "{pin}, or give the cluster's /etc/pve/pve-root-ca.pem as PROXMOX_CA_FILE",
    tls_expired: "its certificate has expired",
    tls_expired_advice: "renew it; until then {pin}",
    tls_names: "its certificate is for other names",
    tls_names_advice: "use one of them as PROXMOX_HOST ({names}); or {pin}",
    tls_not_yet: "its certificate is not valid yet",
    tls_not_yet_advice: "check the clocks of both machines",
    tls_invalid: "its certificate is not valid: {why}",
    tls_no_authorities: "this system has no certificate authorities to trust",
    tls_no_authorities_advice: "install ca-certificates, or {pin}",
};
