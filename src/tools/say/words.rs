//! Words and the names of guests.

use super::sentences;

sentences! {
    kind_vm =
        "VM",
        "VM";
    kind_ct =
        "container",
        "contenedor";
    guest_named(kind, vmid, name, node) =
        "{kind} {vmid} ({name}) on {node}",
        "{kind} {vmid} ({name}) en {node}";
    guest_plain(kind, vmid, node) =
        "{kind} {vmid} on {node}",
        "{kind} {vmid} en {node}";
    col_vmid =
        "VMID",
        "VMID";
    col_name =
        "NAME",
        "NOMBRE";
    col_status =
        "STATUS",
        "ESTADO";
    col_node =
        "NODE",
        "NODO";
    col_cpus =
        "CPUS",
        "CPUS";
    col_load =
        "CPU%",
        "USO%";
    col_mem =
        "MEM",
        "RAM";
    col_tags =
        "TAGS",
        "ETIQUETAS";
    template =
        "template",
        "plantilla";
    locked(lock) =
        "locked: {lock}",
        "bloqueado: {lock}";
    unnamed =
        "(no name)",
        "(sin nombre)";
}
