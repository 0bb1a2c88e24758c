//! How guests are configured: their options and their disks.

use super::sentences;

sentences! {
    configure_title =
        "Configure a guest",
        "Configurar un huésped";
    configure =
        "Change options of a guest; tells what waits for a restart.",
        "Cambia opciones de un huésped; dice qué espera un reinicio.";
    p_options =
        "By Proxmox's names: cpu, net0, ipconfig0, name, delete",
        "Otras: cpu, net0, ipconfig0, name, delete";
    resize_disk_title =
        "Grow a disk",
        "Ampliar un disco";
    resize_disk =
        "Grow a disk of a guest; never shrinks.",
        "Amplía un disco de un huésped; nunca lo reduce.";
    p_size =
        "64G, or +8G more",
        "64G, o +8G más";
    move_disk_title =
        "Move a disk",
        "Mover un disco";
    move_disk =
        "Move a disk to another storage; keeps the source as unused unless deleteSource.",
        "Mueve un disco a otro almacén; guarda el origen salvo deleteSource.";
    p_disk =
        "Such as scsi0, rootfs",
        "Como scsi0, rootfs";
    cfg_act(guest) =
        "configuring {guest}",
        "configurar {guest}";
    cfg_done(guest) =
        "{guest} was configured.",
        "{guest}: configuración cambiada.";
    cfg_unchanged(guest) =
        "{guest} is configured so already; nothing was sent.",
        "{guest} ya está configurado así; no se envió nada.";
    cfg_nothing_given =
        "nothing to change was given",
        "no se indicó nada que cambiar";
    cfg_no_option(option) =
        "{option} is no option of a guest",
        "{option} no es una opción de un huésped";
    cfg_twice(option) =
        "{option} is given twice, once in options",
        "{option} se indica dos veces, una en options";
    cfg_runs(option) =
        "{option} has the node run what it says, which no tool but callApi does, with PROXMOX_MCP_API=all. Nothing was sent.",
        "{option} hace que el nodo ejecute lo que dice; solo callApi lo hace, con PROXMOX_MCP_API=all. No se envió nada.";
    cfg_unset =
        "not set",
        "sin valor";
    cfg_set(option, before, now) =
        "{option}: {before} → {now}.",
        "{option}: antes {before}, ahora {now}.";
    cfg_waits(option, now, next) =
        "{option}: {now}, from the next start on {next}.",
        "{option}: {now}, desde el próximo arranque {next}.";
    cfg_same(option, now) =
        "{option}: {now}, as before.",
        "{option}: {now}, como antes.";
    cfg_reverted(option, now) =
        "{option}: {now}; nothing waits any more.",
        "{option}: {now}; ya no espera nada.";
    cfg_restart(tool) =
        "What waits takes effect with the next start{tool}.",
        "Lo que espera vale desde el próximo arranque{tool}.";
    cfg_restart_vm(tool) =
        "What waits takes effect when Proxmox stops and starts the VM{tool}; a reboot from within is no start.",
        "Lo que espera vale cuando Proxmox para y arranca la VM{tool}; un reinicio desde dentro no es un arranque.";
    cfg_unread(reason) =
        "What stands there now could not be read: {reason}.",
        "No se pudo leer lo que hay ahora: {reason}.";
    cfg_kept =
        "All the same Proxmox has changed this:",
        "Aun así Proxmox ha cambiado esto:";
    cfg_untouched =
        "A look at it shows that nothing of it was changed.",
        "Una consulta muestra que no se cambió nada.";
    cfg_plan(guest) =
        "Would configure {guest}:",
        "Configuraría {guest}:";
    cfg_plan_set(option, before, now) =
        "{option}: {before} → {now}",
        "{option}: de {before} a {now}";
    cfg_plan_gone(option, value) =
        "{option} is taken out; its disk is kept as unused: {value}",
        "{option} se quita; su disco queda sin usar: {value}";
    cfg_plan_hidden(option) =
        "{option} goes, and nobody can read what it was",
        "{option} se quita, y nadie puede leer qué era";
    cfg_plan_erased(option, value) =
        "{option} is erased with its data: {value}",
        "{option} se borra con sus datos: {value}";
    cfg_plan_other(option, volume, vmid) =
        "{option} would be {volume}, which is a disk of guest {vmid}",
        "{option} sería {volume}, que es un disco del huésped {vmid}";
    disk_none(disk, guest, disks) =
        "there is no disk {disk} in {guest}; there are {disks}",
        "no hay disco {disk} en {guest}; hay {disks}";
    disk_needed(disks) =
        "disk is needed; there are {disks}",
        "falta disk; hay {disks}";
    size_bad(value) =
        "{value} is no size: write 64G, or +8G for so much more",
        "{value} no es un tamaño: escribe 64G, o +8G para añadir";
    size_needed =
        "size is needed: write 64G, or +8G for so much more",
        "falta size: escribe 64G, o +8G para añadir";
    storage_needed =
        "storage is needed: the one that the disk is to go to",
        "falta storage: el almacén de destino";
    resize_act(disk, guest) =
        "growing {disk} of {guest}",
        "ampliar {disk} de {guest}";
    resize_done(disk, guest) =
        "{disk} of {guest} was grown.",
        "{disk} de {guest}: ampliación completada.";
    resize_same(disk, guest, size) =
        "{disk} of {guest} has {size} already; nothing was sent.",
        "{disk} de {guest} ya tiene {size}; no se envió nada.";
    resize_shrinks(disk, guest, size, wanted) =
        "{disk} of {guest} has {size}, and {wanted} is less: Proxmox does not shrink disks. Nothing was sent.",
        "{disk} de {guest} tiene {size}, y {wanted} es menos: Proxmox no reduce discos. No se envió nada.";
    resize_sizes(before, now) =
        "Its size: {before} → {now}.",
        "Su tamaño: {before} → {now}.";
    resize_within =
        "Partitions and file systems within the VM have their old size until something within grows them.",
        "Las particiones y los sistemas de archivos dentro de la VM conservan su tamaño hasta que algo dentro los amplíe.";
    move_act(disk, guest, storage) =
        "moving {disk} of {guest} to {storage}",
        "mover {disk} de {guest} a {storage}";
    move_done(disk, guest, storage) =
        "{disk} of {guest} was moved to {storage}.",
        "{disk} de {guest} se movió a {storage}.";
    move_lies(volume) =
        "It is {volume} now.",
        "Ahora es {volume}.";
    move_kept(option, volume) =
        "The source is kept as {option}: {volume}.",
        "El origen se conserva como {option}: {volume}.";
    move_gone(volume) =
        "The guest no longer has the source: {volume}.",
        "El huésped ya no tiene el origen: {volume}.";
    move_plan(disk, guest, storage) =
        "Would move {disk} of {guest} to {storage}.",
        "Movería {disk} de {guest} a {storage}.";
    move_plan_loses(volume) =
        "Once it is copied, the source is deleted: {volume}",
        "Una vez copiado, se borra el origen: {volume}";
}
