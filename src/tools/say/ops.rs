//! What became of an operation: its act stands at the beginning.

use super::sentences;

sentences! {
    op_begun(act) =
        "{act} has begun and was not waited for.",
        "{act} ha empezado y no se ha esperado.";
    op_runs(act, seconds) =
        "{act} is not finished after {seconds} s; the task goes on.",
        "{act} no ha terminado tras {seconds} s; la tarea continúa.";
    op_failed(act, words) =
        "{act} failed: {words}.",
        "{act} falló: {words}.";
    op_refused(act, reason) =
        "{act}: {reason}.",
        "al {act}: {reason}.";
    op_lost(act, reason) =
        "{act}: what became of the task is not known: {reason}.",
        "{act}: no se sabe qué fue de la tarea: {reason}.";
}
