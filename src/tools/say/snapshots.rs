//! Snapshots of guests.

use super::{plurals, sentences};

sentences! {
    list_snapshots_title =
        "List snapshots",
        "Listar instantáneas";
    list_snapshots =
        "The snapshots of a guest as a tree, with their age.",
        "Las instantáneas de un huésped en árbol, con su edad.";
    create_snapshot_title =
        "Take a snapshot",
        "Crear una instantánea";
    create_snapshot =
        "Take a snapshot of a guest's disks and configuration.",
        "Crea una instantánea de discos y configuración.";
    rollback_snapshot_title =
        "Roll back",
        "Volver a una instantánea";
    rollback_snapshot =
        "Put a guest back to a snapshot; all since is lost. Needs the user's consent.",
        "Vuelve a una instantánea; lo posterior se pierde. Exige acuerdo.";
    delete_snapshot_title =
        "Delete a snapshot",
        "Borrar una instantánea";
    delete_snapshot =
        "Delete a snapshot; the guest stays as it is. Needs the user's consent.",
        "Borra una instantánea; el huésped no cambia. Exige acuerdo.";
    p_ram =
        "Keep a running VM's memory too",
        "También la memoria";
    p_start_after =
        "Start it afterwards",
        "Arrancarlo después";
    p_snap_force =
        "Also when a disk fails",
        "Aunque falle un disco";
    snap_needed =
        "snapshot, its name, is needed",
        "falta snapshot, su nombre";
    snap_ct_ram =
        "a container's snapshot holds no memory, Proxmox VE offers that for VMs alone",
        "la instantánea de un contenedor no guarda memoria, Proxmox VE solo lo ofrece para VM";
    snap_unknown(guest, name) =
        "{guest} has no snapshot {name}; it has none at all.",
        "{guest} no tiene la instantánea {name}; no tiene ninguna.";
    snap_unknown_of(guest, name, names) =
        "{guest} has no snapshot {name}; there is {names}.",
        "{guest} no tiene la instantánea {name}; hay {names}.";
    snap_with_ram =
        ", with RAM",
        ", con RAM";
    snap_named_aged(name, time, age, ram) =
        "{name}, taken {time}, {age} ago{ram}",
        "{name}, del {time}, hace {age}{ram}";
    snap_named_at(name, time, ram) =
        "{name}, taken {time}{ram}",
        "{name}, del {time}{ram}";
    snap_upon(snapshot, parent) =
        "{snapshot}, upon {parent}",
        "{snapshot}, sobre {parent}";
    snap_now =
        "(now)",
        "(ahora)";
    snap_ago(age) =
        "{age} ago",
        "hace {age}";
    snap_unfinished(state) =
        "UNFINISHED ({state})",
        "INACABADA ({state})";
    snaps_none(guest) =
        "{guest} has no snapshot.",
        "{guest} no tiene ninguna instantánea.";
    snap_listed(snapshot) =
        "Proxmox VE lists it: {snapshot}.",
        "Proxmox VE la lista: {snapshot}.";
    snap_no_ram =
        "It holds no RAM: the VM was not running.",
        "No guarda RAM: la VM no estaba en marcha.";
    snap_is(snapshot) =
        "There is snapshot {snapshot} now.",
        "Ahora hay la instantánea {snapshot}.";
    snap_is_not(name) =
        "There is no snapshot {name} now.",
        "Ahora no hay ninguna instantánea {name}.";
    snap_is_unfinished(snapshot, state) =
        "There is snapshot {snapshot} now, unfinished ({state}); deleteSnapshot with force takes it away.",
        "Ahora hay la instantánea {snapshot}, inacabada ({state}); deleteSnapshot con force la quita.";
    snap_unread(reason) =
        "Which snapshots there are now could not be read: {reason}.",
        "No se pudo leer qué instantáneas hay ahora: {reason}.";
    snap_state_unread(reason) =
        "Whether it runs now could not be read: {reason}.",
        "No se pudo leer si está en marcha: {reason}.";
    snap_create_act(name, guest) =
        "taking snapshot {name} of {guest}",
        "crear la instantánea {name} de {guest}";
    snap_create_done(name, guest) =
        "Snapshot {name} of {guest} was taken.",
        "Se creó la instantánea {name} de {guest}.";
    snap_back_act(guest, name) =
        "rolling {guest} back to snapshot {name}",
        "devolver {guest} a la instantánea {name}";
    snap_back_done(guest, name) =
        "{guest} was put back to snapshot {name}.",
        "{guest} ha vuelto a la instantánea {name}.";
    snap_back_lost =
        "What it wrote after that is lost.",
        "Lo que escribió después se ha perdido.";
    snap_back_plan(guest, snapshot) =
        "This puts {guest} back to snapshot {snapshot}.",
        "Esto devuelve {guest} a la instantánea {snapshot}.";
    snap_back_loses_aged(age) =
        "Lost for good: what its disks and its configuration have gained in the last {age}.",
        "Se pierde para siempre: lo que sus discos y su configuración han ganado en los últimos {age}.";
    snap_back_loses =
        "Lost for good: what its disks and its configuration have gained since.",
        "Se pierde para siempre: lo que sus discos y su configuración han ganado desde entonces.";
    snap_back_stops =
        "It is running and is switched off for this, without being shut down.",
        "Está en marcha y se corta para ello, sin apagarse.";
    snap_back_resumes =
        "Afterwards it runs, from the RAM that the snapshot holds.",
        "Después sigue en marcha, desde la RAM que guarda la instantánea.";
    snap_back_starts =
        "Afterwards it is started.",
        "Después se arranca.";
    snap_back_off =
        "Afterwards it is off; start=true starts it.",
        "Después queda apagado; start=true lo arranca.";
    snap_delete_act(name, guest) =
        "deleting snapshot {name} of {guest}",
        "borrar la instantánea {name} de {guest}";
    snap_delete_done(name, guest) =
        "Snapshot {name} of {guest} was deleted.",
        "Se borró la instantánea {name} de {guest}.";
    snap_delete_plan(snapshot, guest) =
        "This deletes snapshot {snapshot}, of {guest}.",
        "Esto borra la instantánea {snapshot}, de {guest}.";
    snap_delete_loses =
        "Lost for good: the state that it holds. The guest stays as it is.",
        "Se pierde para siempre: el estado que guarda. El huésped sigue como está.";
    snap_delete_forced =
        "It leaves the configuration even where a disk keeps it, and in spite of a lock.",
        "Sale de la configuración aunque un disco la conserve, y a pesar de un bloqueo.";
}

plurals! {
    snaps_head(count; guest) =
        one "{guest} has 1 snapshot:", "{guest} tiene 1 instantánea:";
        many "{guest} has {count} snapshots:", "{guest} tiene {count} instantáneas:";
    snaps_left(count) =
        one "1 snapshot is left.", "Queda 1 instantánea.";
        many "{count} snapshots are left.", "Quedan {count} instantáneas.";
    snap_back_later(count; names) =
        one "Taken after it: {names}. Proxmox VE keeps it, or refuses where the storage cannot go back past it (ZFS).",
            "Posterior: {names}. Proxmox VE la conserva, o se niega si el almacén no puede saltarla (ZFS).";
        many "Taken after it: {names}. Proxmox VE keeps them, or refuses where the storage cannot go back past them (ZFS).",
            "Posteriores: {names}. Proxmox VE las conserva, o se niega si el almacén no puede saltarlas (ZFS).";
}
