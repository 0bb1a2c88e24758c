//! The plan of a deletion, what is said of consent to it, and what stands in its way.

use super::sentences;

sentences! {
    plan_head(guest) =
        "Delete {guest} for good?",
        "¿Borrar {guest} para siempre?";
    plan_state(status) =
        "State: {status}",
        "Estado: {status}";
    plan_disks(disks) =
        "Disks that are destroyed: {disks}",
        "Discos que se destruyen: {disks}";
    plan_no_disks =
        "No disk is destroyed: it names none of its own",
        "No se destruye ningún disco: no nombra ninguno suyo";
    plan_snapshots(count, names) =
        "Snapshots that go with it ({count}): {names}",
        "Instantáneas que se van con él ({count}): {names}";
    plan_stays(names) =
        "Stays, as it is not its own: {names}",
        "Se queda, porque no es suyo: {names}";
    plan_backups(names) =
        "Backup jobs that go on naming it, unless purge is given: {names}",
        "Trabajos de copia que lo seguirán nombrando, si no se da purge: {names}";
    plan_backups_purged(names) =
        "Backup jobs that it is taken out of: {names}",
        "Trabajos de copia de los que se quita: {names}";
    plan_replications(names) =
        "Replication jobs that are removed: {names}",
        "Trabajos de replicación que se eliminan: {names}";
    plan_backups_unknown(reason) =
        "Whether backup jobs name it is not known: {reason}",
        "No se sabe si lo nombran trabajos de copia: {reason}";
    plan_replications_unknown(reason) =
        "Whether it is replicated is not known: {reason}",
        "No se sabe si se replica: {reason}";
    plan_rules(names) =
        "Rules of HA that name it: {names}",
        "Reglas de HA que lo nombran: {names}";
    plan_rules_unknown(reason) =
        "Whether rules of HA name it is not known: {reason}",
        "No se sabe si lo nombran reglas de HA: {reason}";
    plan_likewise(request) =
        "{request}, for the same reason",
        "{request}, por el mismo motivo";
    plan_purge =
        "Also removed from backup jobs, replication and HA",
        "Se quita también de copias, replicación y HA";
    plan_unreferenced =
        "Also destroys disks of this id that its configuration does not name",
        "Destruye también discos de este id que su configuración no nombra";
    plan_force =
        "It runs and is stopped first",
        "Está en marcha y se para antes";
    plan_force_idle =
        "Should it be started at the very moment, it is stopped (force)",
        "Si se arrancara en ese mismo instante, se para (force)";
    plan_template =
        "It is a template; Proxmox refuses while linked clones use its disks",
        "Es una plantilla; Proxmox se niega mientras clones enlazados usen sus discos";
    delete_ask =
        "Nothing was deleted yet. Ask the user.",
        "Aún no se ha borrado nada. Pregunta al usuario.";
    delete_typed =
        "Nothing was deleted yet. To delete it, type within 5 minutes:",
        "Aún no se ha borrado nada. Para borrarlo, escriba antes de 5 minutos:";
    delete_prompt(field, word) =
        "{field}. To agree, type {word}: ",
        "{field}. Para aceptar, escriba {word}: ";
    delete_title =
        "Delete",
        "Borrar";
    delete_field(guest) =
        "Yes, delete {guest} and its disks for good",
        "Sí, borrar {guest} y sus discos para siempre";
    delete_declined(guest) =
        "{guest} was not deleted: the user did not agree.",
        "{guest} no se borró: el usuario no aceptó.";
    delete_not_asked(guest, reason) =
        "{guest} was not deleted: the user could not be asked ({reason}).",
        "{guest} no se borró: no se pudo preguntar al usuario ({reason}).";
    delete_changed(guest) =
        "{guest} was not deleted: it was changed while the user was asked. Call again to ask anew.",
        "{guest} no se borró: cambió mientras se preguntaba al usuario. Llama otra vez para volver a preguntar.";
    no_digest(guest) =
        "{guest} was not deleted: Proxmox gives no digest of its configuration, so that a change would go unnoticed.",
        "{guest} no se borró: Proxmox no da el resumen (digest) de su configuración, y un cambio pasaría inadvertido.";
    delete_no_seal(guest, reason) =
        "{guest} was not deleted: no confirmation can be sealed ({reason}).",
        "{guest} no se borró: no se puede sellar ninguna confirmación ({reason}).";
    block_locked(lock, unlock) =
        "It is locked ({lock}): wait until that has ended; a lock left behind is lifted on the node with {unlock}.",
        "Tiene un bloqueo ({lock}): espera a que eso termine; un bloqueo olvidado se quita en el nodo con {unlock}.";
    block_protected =
        "It is protected: switch the option protection off first, if it is really to go.",
        "Tiene la protección activada: quita antes la opción protection, si de verdad debe desaparecer.";
    block_ha =
        "HA manages it: remove it from HA first, or give purge=true.",
        "Está bajo HA: quítalo antes de HA, o da purge=true.";
    block_running_vm(tool) =
        "It is running: stop it first with {tool}.",
        "Está en marcha: páralo antes con {tool}.";
    block_running_ct(with) =
        "It is running: stop it first{with}, or give force=true.",
        "Está en marcha: páralo antes{with}, o da force=true.";
    block_replicated =
        "It is replicated: remove its replication jobs first, or give purge=true.",
        "Está replicado: quita antes sus tareas de replicación, o da purge=true.";
    block_head(guest) =
        "{guest} cannot be deleted now. Nothing was changed.",
        "{guest} no se puede borrar ahora. No se cambió nada.";
    block_refused(guest, reason) =
        "{guest} was not deleted: Proxmox refused ({reason}).",
        "{guest} no se borró: Proxmox se negó ({reason}).";
    linked_clones =
        "Linked clones still use the disks of this template: delete those first.",
        "Clones enlazados usan aún los discos de esta plantilla: bórralos antes.";
}
