//! One guest.

use super::sentences;

sentences! {
    get_up(time) =
        "up {time}",
        "activo {time}";
    get_cpu(percent, cpus) =
        "CPU {percent}% of {cpus}",
        "CPU {percent}% de {cpus}";
    get_mem(all) =
        "memory {all}",
        "memoria {all}";
    get_disk(all) =
        "disk {all}",
        "disco {all}";
    get_mem_used(used, all) =
        "memory {used} of {all}",
        "memoria {used} de {all}";
    get_pending =
        "Pending, in force after a restart:",
        "Pendiente, en vigor tras reiniciar:";
    get_pending_set(key, value, old) =
        "{key}: {value} (now {old})",
        "{key}: {value} (ahora {old})";
    get_pending_delete(key, old) =
        "{key}: to be removed (now {old})",
        "{key}: se quitará (ahora {old})";
    get_pending_force(key, old) =
        "{key}: to be removed by force, which destroys a disk instead of keeping it unused (now {old})",
        "{key}: se quitará por la fuerza, lo que destruye un disco en vez de dejarlo sin usar (ahora {old})";
    get_ha(state) =
        "managed by HA ({state})",
        "bajo HA ({state})";
}
