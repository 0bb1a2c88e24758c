//! Tasks of PVE: lists, one of them, and its end.

use super::{plurals, sentences};

sentences! {
    list_tasks_title =
        "List tasks",
        "Listar tareas";
    list_tasks =
        "What was done on the cluster, newest first; status says how it ended.",
        "Qué se hizo en el clúster, lo más nuevo primero; status dice cómo acabó.";
    get_task_title =
        "Show a task",
        "Ver una tarea";
    get_task =
        "How a task went, why it failed, its log. By upid, or a guest's newest (of `type`): why did VM 105 not start.",
        "Cómo fue una tarea, por qué falló, su registro. Por upid, o la más nueva de un huésped (de `type`).";
    stop_task_title =
        "Stop a task",
        "Parar una tarea";
    stop_task =
        "Abort a running task; what it has done stays done.",
        "Aborta una tarea; lo hecho queda hecho.";
    p_since =
        "Such as last night, 2 hours ago, 2026-11-24",
        "Como anoche, hace 2 horas, 2026-11-24";
    p_task_type =
        "Such as start, backup, qmclone",
        "Como start, backup, qmclone";
    bad_time(value) =
        "{value} is no time: write last night, yesterday, 2 hours ago, 2026-11-24 or 2026-11-24T18:00",
        "{value} no es un momento: escribe anoche, ayer, hace 2 horas, 2026-11-24 o 2026-11-24T18:00";
    time_backwards(since, until) =
        "since ({since}) is after until ({until})",
        "since ({since}) es posterior a until ({until})";
    bad_upid(value) =
        "{value} is not a UPID: it looks like UPID:pve1:0000C530:001C9BEC:5F000000:qmstart:100:root@pam:",
        "{value} no es un UPID: tiene la forma UPID:pve1:0000C530:001C9BEC:5F000000:qmstart:100:root@pam:";
    need_upid =
        "upid is needed",
        "falta upid";
    need_task =
        "upid, or vmid or name of a guest, is needed",
        "falta upid, o vmid o name de un huésped";
    tasks_since(since) =
        "Tasks that began since {since}.",
        "Tareas que empezaron desde {since}.";
    tasks_until(until) =
        "Tasks that began until {until}.",
        "Tareas que empezaron hasta {until}.";
    tasks_between(since, until) =
        "Tasks that began between {since} and {until}.",
        "Tareas que empezaron entre {since} y {until}.";
    tasks_none =
        "No such task was found.",
        "No se encontró ninguna tarea así.";
    tasks_more(more, until) =
        "{more} more: call again with until={until}.",
        "{more} más: llama otra vez con until={until}.";
    tasks_own(who, nodes) =
        "Sys.Audit is missing on {nodes}: of the tasks there Proxmox shows {who} its own alone.",
        "Falta Sys.Audit en {nodes}: de las tareas de allí Proxmox solo muestra a {who} las suyas.";
    tasks_own_maybe(who) =
        "Which privileges {who} has could not be read: where Sys.Audit is missing, Proxmox shows its own tasks alone.",
        "No se pudo leer qué privilegios tiene {who}: donde falta Sys.Audit, Proxmox solo muestra sus propias tareas.";
    tasks_silent(node, reason) =
        "The tasks of node {node} are missing: {reason}.",
        "Faltan las tareas del nodo {node}: {reason}.";
    tasks_unread(node, older) =
        "Of node {node}, {older} older tasks were not looked at: narrow since and until.",
        "Del nodo {node} no se miraron {older} tareas anteriores: acota since y until.";
    task_failed(task, words) =
        "{task} failed: {words}.",
        "{task} falló: {words}.";
    task_errors(lines) =
        "Its log says: {lines}.",
        "Su registro dice: {lines}.";
    task_ended(task, words) =
        "{task} has ended: {words}.",
        "{task} ha terminado: {words}.";
    task_runs(task) =
        "{task} is running.",
        "{task} está en marcha (running).";
    task_began(start, user, node) =
        "It began at {start}, by {user} on {node}.",
        "Empezó a las {start}, por {user} en {node}.";
    task_took(span) =
        "It took {span}.",
        "Tardó {span}.";
    task_runs_since(span) =
        "So far it has taken {span}.",
        "Hasta ahora lleva {span}.";
    task_no_log(reason) =
        "Its log could not be read: {reason}.",
        "No se pudo leer su registro: {reason}.";
    task_id(upid) =
        "The task is {upid}.",
        "La tarea es {upid}.";
    task_over_already(task, words) =
        "{task} had ended already ({words}): nothing was sent.",
        "{task} ya había terminado ({words}): no se envió nada.";
    task_stopped(task, words) =
        "{task} was aborted and has ended: {words}.",
        "{task} se abortó y ha terminado: {words}.";
    task_outran(task, words) =
        "{task} ended by itself before it could be aborted: {words}.",
        "{task} terminó por sí misma antes de poder abortarla: {words}.";
    task_stop_asked(task, seconds) =
        "Proxmox was asked to abort {task}, which has not ended after {seconds} s.",
        "Se pidió a Proxmox abortar {task}, que no ha terminado tras {seconds} s.";
    task_stop_unseen(task, reason) =
        "Proxmox was asked to abort {task}; whether it has ended is not known: {reason}.",
        "Se pidió a Proxmox abortar {task}; no se sabe si ha terminado: {reason}.";
    task_left_lock(guest, lock) =
        "{guest} has the lock {lock} now.",
        "{guest} tiene ahora el bloqueo {lock}.";
}

plurals! {
    tasks_away(count; nodes) =
        one "Node {nodes} is offline: its tasks are missing.", "El nodo {nodes} no está en línea: faltan sus tareas.";
        many "Nodes {nodes} are offline: their tasks are missing.", "Los nodos {nodes} no están en línea: faltan sus tareas.";
    tasks_head(total; shown) =
        one "1 task.", "1 tarea.";
        many "{shown} of {total} tasks.", "{shown} de {total} tareas.";
}
