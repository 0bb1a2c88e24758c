//! Lists of guests, and what makes them incomplete.

use super::{plurals, sentences};

sentences! {
    list_node_away(node) =
        "Node {node} is offline: it cannot be asked for its guests. Without node, the list names those that it had.",
        "El nodo {node} no está en línea: no se le puede preguntar por sus huéspedes. Sin node, la lista nombra los que tenía.";
    list_no_tag(tag, tags) =
        "No guest that is visible here has the tag {tag}; the tags are {tags}.",
        "Ningún huésped visible aquí tiene la etiqueta {tag}; las etiquetas son {tags}.";
    list_no_tags(tag) =
        "No guest that is visible here has the tag {tag}, or any other.",
        "Ningún huésped visible aquí tiene la etiqueta {tag}, ni ninguna otra.";
    no_pool(pool, pools) =
        "There is no pool {pool}; the pools are {pools}.",
        "No hay pool {pool}; los pools son {pools}.";
    no_pools(pool) =
        "There is no pool {pool}; there are no pools.",
        "No hay pool {pool}; no hay ningún pool.";
    pool_unseen(pool, who) =
        "Whether there is a pool {pool}, and which guests are in it, Proxmox does not show {who}: Pool.Audit on /pool/{pool} is missing.",
        "Si hay un pool {pool} y qué huéspedes tiene, Proxmox no se lo muestra a {who}: falta Pool.Audit en /pool/{pool}.";
    list_more(more, cursor) =
        "{more} more: call again with cursor {cursor}.",
        "{more} más: llama otra vez con cursor {cursor}.";
    list_stale =
        "Status may be 10 s old.",
        "Estado de hace hasta 10 s.";
    list_none =
        "There are none.",
        "No hay ninguno.";
    list_no_match =
        "None matches the filters.",
        "Ninguno coincide con los filtros.";
    names_hidden(count) =
        "{count} hidden by the rules of this server",
        "las reglas de este servidor ocultan {count}";
    list_hidden(count) =
        "{count} hidden by the rules of this server.",
        "Las reglas de este servidor ocultan {count}.";
    list_no_right(who) =
        "{who} has VM.Audit on no path, so Proxmox shows it no guest. This does not mean that there is none.",
        "{who} no tiene VM.Audit en ninguna ruta, así que Proxmox no le muestra ningún huésped. No significa que no haya ninguno.";
    list_maybe_no_right(who) =
        "Proxmox shows {who} none. It hides guests for which VM.Audit is missing, so there may be some.",
        "Proxmox no muestra ninguno a {who}. Oculta los huéspedes para los que falta VM.Audit, así que puede haber alguno.";
    denied_task(rule) =
        "This task is not told of: the rule {rule} denies it.",
        "De esta tarea no se informa: lo prohíbe la regla {rule}.";
}

plurals! {
    node_away(count; nodes) =
        one "Node {nodes} is offline: what its guests do is not known, and their names may be missing.", "El nodo {nodes} no está en línea: no se sabe qué hacen sus huéspedes y pueden faltar sus nombres.";
        many "Nodes {nodes} are offline: what their guests do is not known, and their names may be missing.", "Los nodos {nodes} no están en línea: no se sabe qué hacen sus huéspedes y pueden faltar sus nombres.";
    row_odd(count) =
        one "1 row of Proxmox's list could not be read and is left out.", "1 fila de la lista de Proxmox no se pudo leer y se omite.";
        many "{count} rows of Proxmox's list could not be read and are left out.", "{count} filas de la lista de Proxmox no se pudieron leer y se omiten.";
    list_vms_head(total; shown) =
        one "1 VM", "una VM";
        many "{shown} of {total} VMs", "{shown} de {total} VM";
    list_cts_head(total; shown) =
        one "1 container", "1 contenedor";
        many "{shown} of {total} containers", "{shown} de {total} contenedores";
}
