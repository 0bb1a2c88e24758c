//! What became of a call.

use super::{plurals, sentences};

sentences! {
    done_start(guest) =
        "{guest} was started.",
        "{guest}: arranque completado.";
    done_stop(guest) =
        "{guest} was stopped.",
        "{guest}: parada completada.";
    done_shutdown(guest) =
        "{guest} has shut down.",
        "{guest}: apagado completado.";
    done_reboot(guest) =
        "{guest} was rebooted and runs again.",
        "{guest}: reinicio completado, funciona de nuevo.";
    done_reset(guest) =
        "{guest} was reset.",
        "{guest}: reinicio en seco completado.";
    done_delete(guest) =
        "{guest} was deleted.",
        "{guest}: borrado completado.";
    unchanged_running(guest) =
        "{guest} is already running; nothing was changed.",
        "{guest} ya estaba en marcha; no se cambió nada.";
    unchanged_stopped(guest) =
        "{guest} is already stopped; nothing was changed.",
        "{guest} no estaba en marcha; no se cambió nada.";
    failed(guest, action, reason) =
        "{guest}: {action} failed: {reason}.",
        "{guest}: falló la orden de {action}: {reason}.";
    running(guest, action, seconds) =
        "{guest}: {action} is not finished after {seconds} s; it goes on. Do not repeat it, look at the guest later.",
        "{guest}: {action} no terminó en {seconds} s; sigue en curso. No lo repitas, mira el huésped después.";
    running_ha(guest, action, seconds) =
        "{guest} is managed by HA, which has taken the request to {action} and not yet carried it out after \
        {seconds} s. Look at the guest later.",
        "{guest} está bajo HA, que ha aceptado la petición de {action} y en {seconds} s aún no la ha cumplido. Mira el huésped después.";
    cancelled(guest, action) =
        "{guest}: the waiting was cancelled; {action} goes on in Proxmox.",
        "{guest}: se canceló la espera; {action} sigue en Proxmox.";
    no_wait(guest, action) =
        "{guest}: {action} has begun and was not waited for.",
        "{guest}: {action} ha empezado y no se esperó su final.";
    facts(seconds, upid) =
        "({seconds} s, {upid})",
        "({seconds} s, {upid})";
    task_is(upid) =
        "Its task is {upid}.",
        "Su tarea es {upid}.";
    status_is(status) =
        "It is {status} now.",
        "Ahora está: {status}.";
    log_lines =
        "Last lines of the task's log:",
        "Últimas líneas del registro de la tarea:";
    after_unknown(reason) =
        "Its status afterwards could not be read: {reason}.",
        "No se pudo leer su estado posterior: {reason}.";
    halted(status, node, vmid) =
        "It is {status}, not running: its process is there and stands still. Resume it on {node} with `qm resume {vmid}`.",
        "Está {status}, no en marcha: su proceso existe y no avanza. Reanúdalo en {node} con `qm resume {vmid}`.";
    act_start =
        "start",
        "arrancar";
    act_stop =
        "stop",
        "parar";
    act_shutdown =
        "shutdown",
        "apagar";
    act_reboot =
        "reboot",
        "reiniciar";
    act_reset =
        "reset",
        "reiniciar en seco";
    act_delete =
        "delete",
        "borrar";
    advice_template =
        "A template does not run: clone it and start the clone.",
        "Una plantilla no se ejecuta: clónala y arranca el clon.";
    advice_stop_busy =
        "Something else holds it, such as a shutdown that was asked for before. Try again when that has ended.",
        "Algo lo retiene, como un apagado pedido antes. Inténtalo de nuevo cuando termine.";
    may_not_delete(guest, who, vmid) =
        "{guest} cannot be deleted by {who}: VM.Allocate on /vms/{vmid} is missing. Nothing was sent.",
        "{who} no puede borrar {guest}: falta VM.Allocate en /vms/{vmid}. No se envió nada.";
    no_quorum =
        "The cluster has no quorum.",
        "El clúster no tiene quórum (no quorum).";
    advice_offline =
        "Check that the node is up.",
        "Comprueba que el nodo esté encendido.";
    not_running =
        "It is not running.",
        "No está en marcha.";
    advice_start(tool) =
        "Start it with {tool} instead.",
        "Arráncalo con {tool} en su lugar.";
    ignored =
        "It did not react in time and was left running.",
        "No reaccionó a tiempo y se dejó en marcha.";
    advice_reset(tool) =
        "{tool} with mode reset restarts it at once.",
        "{tool} con mode reset lo reinicia de inmediato.";
    advice_stop(tool) =
        "{tool} with mode stop turns it off at once.",
        "{tool} con mode stop lo para de inmediato.";
    failed_so(guest, reason) =
        "{guest}: {reason}.",
        "{guest} dio error: {reason}.";
    called_off(guest, action) =
        "{guest}: {action} was cancelled; nothing was sent.",
        "{guest}: se canceló la orden de {action}; no se envió nada.";
    call_off(tool) =
        "{tool} was cancelled; nothing was sent.",
        "{tool} se canceló; no se envió nada.";
    nothing_sent =
        "Nothing was sent.",
        "No se envió nada.";
    ha_error(guest, sid) =
        "{guest}: HA has given it up (state error) and does nothing with it until it is disabled and enabled again: on a Proxmox host, `ha-manager set {sid} --state disabled`, then `--state started`.",
        "{guest}: HA lo ha dado por perdido (estado error) y no hace nada con él hasta que se desactive y se active de nuevo: en un host de Proxmox, `ha-manager set {sid} --state disabled` y después `--state started`.";
    ha_asked(guest, status, wanted, before) =
        "{guest} was {status} already. HA was asked to keep it {wanted}; before, it was to be {before}.",
        "{guest} ya estaba {status}. Se pidió a HA que lo mantenga {wanted}; antes debía estar {before}.";
    ha_asked_unknown(guest, status, wanted) =
        "{guest} was {status} already. HA was asked to keep it {wanted}; what it had been asked for before cannot be seen (that takes Sys.Audit on /).",
        "{guest} ya estaba {status}. Se pidió a HA que lo mantenga {wanted}; no se puede ver qué se le había pedido antes (hace falta Sys.Audit en /).";
    ha_asked_unseen(guest, status, wanted) =
        "{guest} is {status}. HA was asked to keep it {wanted}; what it was doing and had been asked for before was not looked at.",
        "{guest} está {status}. Se pidió a HA que lo mantenga {wanted}; no se miró qué hacía ni qué se había pedido antes.";
    unstarted(guest, reason, upid) =
        "{guest} went off for the reboot and is down: its start failed: {reason} ({upid}).",
        "{guest} se apagó para el reinicio y sigue apagado: falló su arranque: {reason} ({upid}).";
    not_up(guest, seconds, node) =
        "{guest} went off for the reboot and is not up again after {seconds} s. Why is not known: its start is a task of root@pam, which is only shown with Sys.Audit on /nodes/{node}.",
        "{guest} se apagó para el reinicio y en {seconds} s no ha vuelto. No se sabe por qué: su arranque es una tarea de root@pam, que solo se muestra con Sys.Audit en /nodes/{node}.";
    pve_waits(time) =
        "Proxmox itself waits for the guest until {time} UTC.",
        "El propio Proxmox espera al huésped hasta las {time} UTC.";
    lost(guest, action, since, seconds, reason) =
        "{guest}: nobody knows what became of {action}. It was sent and begun; since {since} UTC ({seconds} s) nothing was heard of its task: {reason}.",
        "{guest}: nadie sabe qué fue de la orden de {action}. Se envió y empezó; desde las {since} UTC ({seconds} s) no se sabe nada de su tarea: {reason}.";
    no_answer =
        "no answer",
        "sin respuesta";
    how_to_look(get, node, upid) =
        "Look with {get} before you repeat it; on a Proxmox host, `pvesh get '/nodes/{node}/tasks/{upid}/status'` tells how the task ended.",
        "Mira con {get} antes de repetirla; en un host de Proxmox, `pvesh get '/nodes/{node}/tasks/{upid}/status'` dice cómo acabó la tarea.";
    node_offline(guest, node, said) =
        "{guest}: its node {node} is offline{said}. Nothing was sent.",
        "{guest}: su nodo {node} está desconectado{said}. No se envió nada.";
}

plurals! {
    warned(count) =
        one "Proxmox gave {count} warning.", "Proxmox dio {count} aviso.";
        many "Proxmox gave {count} warnings.", "Proxmox dio {count} avisos.";
}
