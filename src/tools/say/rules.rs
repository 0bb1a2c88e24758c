//! Rules that deny, and the audit log.

use super::sentences;

sentences! {
    denied(tool, rule) =
        "{tool} was not carried out: the rule {rule} denies it. Nothing was changed.",
        "{tool} no se ejecutó: lo prohíbe la regla {rule}. No se cambió nada.";
    frozen(tool) =
        "{tool} was not carried out: changes are frozen, and nothing was changed.",
        "{tool} no se ejecutó: los cambios están congelados y no se cambió nada.";
    frozen_by_at(by, at) =
        "Frozen by {by} at {at}.",
        "Los congeló {by} el {at}.";
    frozen_by(by) =
        "Frozen by {by}; when is not said.",
        "Los congeló {by}; no consta cuándo.";
    frozen_at(at) =
        "Frozen at {at}; by whom is not said.",
        "Congelados el {at}; no consta por quién.";
    frozen_somebody =
        "The file does not say who froze them, or when.",
        "El fichero no dice quién los congeló ni cuándo.";
    frozen_reason(why) =
        "The reason given: {why}.",
        "El motivo indicado: {why}.";
    frozen_no_reason =
        "No reason was given.",
        "No se indicó ningún motivo.";
    frozen_until_thaw(file) =
        "Reading goes on. A person lifts it on the server's machine with `proxmox-mcp thaw`, which removes {file}; do not try again until then.",
        "La lectura sigue. Una persona lo levanta en la máquina del servidor con `proxmox-mcp thaw`, que borra {file}; no lo intentes de nuevo hasta entonces.";
    frozen_until_restart =
        "Reading goes on. It holds for this process until a person starts it again; do not try again until then.",
        "La lectura sigue. Vale para este proceso hasta que una persona lo arranque de nuevo; no lo intentes de nuevo hasta entonces.";
    frozen_unread(tool, file, why) =
        "{tool} was not carried out: whether changes are frozen cannot be told, because {file} cannot be read ({why}). Nothing was changed, and nothing is until a person has mended or removed that file. Reading goes on.",
        "{tool} no se ejecutó: no se puede saber si los cambios están congelados, porque no se puede leer {file} ({why}). No se cambió nada, y nada se cambiará hasta que una persona arregle o borre ese fichero. La lectura sigue.";
    paced(tool, most, whose, does, within, setting) =
        "{tool} was not carried out: as many calls {whose} that {does} were sent {within} as {setting} allows ({most}). Nothing was changed.",
        "{tool} no se ejecutó: {within} se enviaron tantas llamadas {whose} que {does} como permite {setting} ({most}). No se cambió nada.";
    paced_never(tool, does, setting) =
        "{tool} was not carried out: {setting} allows no calls that {does}. Nothing was changed. Only a person can change that; do not try again.",
        "{tool} no se ejecutó: {setting} no permite llamadas que {does}. No se cambió nada. Solo una persona puede cambiarlo; no lo intentes de nuevo.";
    paced_wait(seconds) =
        "The next one is let through in {seconds} s, and none before. If you are repeating a call, stop: what the earlier answers said holds, and one more call says nothing else. Tell the user what you want to change and why it takes so many calls; only a person can raise the limit.",
        "La siguiente se admite dentro de {seconds} s, y ninguna antes. Si estás repitiendo una llamada, para: vale lo que dijeron las respuestas anteriores, y una llamada más no dirá otra cosa. Di al usuario qué quieres cambiar y por qué hacen falta tantas llamadas; solo una persona puede subir el límite.";
    paced_change =
        "change something",
        "cambian algo";
    paced_delete =
        "delete something or cannot be undone",
        "borran algo o no se pueden deshacer";
    paced_one =
        "of this caller",
        "de este cliente";
    paced_all =
        "of all callers together",
        "de todos los clientes juntos";
    paced_minute =
        "within the last minute",
        "en el último minuto";
    paced_hour =
        "within the last hour",
        "en la última hora";
    denied_unrecorded(tool, reason) =
        "{tool} was not carried out: it could not be recorded. {reason}. Nothing was changed.",
        "{tool} no se ejecutó: no se pudo registrar. {reason}. No se cambió nada.";
    unrecorded(reason) =
        "This call could not be recorded: {reason}. Nothing more is changed until it is.",
        "Esta llamada no se pudo registrar: {reason}. No se cambia nada más hasta que se registre.";
    audit_io(path, why) =
        "The audit log {path} cannot be written: {why}",
        "No se puede escribir el registro de auditoría {path}: {why}";
    audit_broken(path, line, why) =
        "The audit log {path} is broken at line {line}: {why}",
        "El registro de auditoría {path} está roto en la línea {line}: {why}";
    audit_torn(path, why) =
        "The last line of the audit log {path} cannot be continued ({why}): look at it with `proxmox-mcp audit verify`, then move the file away",
        "La última línea del registro de auditoría {path} no se puede continuar ({why}): mírala con `proxmox-mcp audit verify` y aparta el fichero";
    audit_no_file(path) =
        "The audit log {path} is not a regular file",
        "El registro de auditoría {path} no es un archivo normal";
    audit_locked(path, seconds) =
        "Another process has held the lock of the audit log {path} for {seconds} s",
        "Otro proceso tiene bloqueado el registro de auditoría {path} desde hace {seconds} s";
    audit_silent(path, seconds) =
        "Nothing could be written to the audit log {path} within {seconds} s",
        "No se pudo escribir nada en el registro de auditoría {path} en {seconds} s";
    audit_moved(path) =
        "The audit log {path} was moved, removed or replaced while it was written: SIGHUP has `proxmox-mcp serve` go on in a new file that continues it; a server on standard input is started again",
        "El registro de auditoría {path} se movió, se borró o se sustituyó mientras se escribía: con SIGHUP `proxmox-mcp serve` sigue en un archivo nuevo que lo continúa; un servidor por la entrada estándar se arranca de nuevo";
    audit_cut(path, line) =
        "The audit log {path} no longer holds line {line}, which this server has written or read: it was cut or replaced. SIGHUP has `proxmox-mcp serve` go on in an empty file; a server on standard input is started again",
        "El registro de auditoría {path} ya no tiene la línea {line}, que este servidor escribió o leyó: se recortó o se sustituyó. Con SIGHUP `proxmox-mcp serve` sigue en un archivo vacío; un servidor por la entrada estándar se arranca de nuevo";
    audit_other(path) =
        "{path} does not continue the audit log that was written so far: move it away",
        "{path} no continúa el registro de auditoría que se escribía hasta ahora: apártalo";
}
