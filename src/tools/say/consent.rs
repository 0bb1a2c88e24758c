//! Consent to a change.

use super::sentences;

sentences! {
    consent_ask =
        "Nothing was sent yet. Ask the user.",
        "Aún no se ha enviado nada. Pregunta al usuario.";
    consent_typed =
        "Nothing was sent yet. To do it, type within 5 minutes:",
        "Aún no se ha enviado nada. Para hacerlo, escriba antes de 5 minutos:";
    consent_title =
        "Do it",
        "Hacerlo";
    consent_field =
        "Yes, do exactly this",
        "Sí, hacer exactamente esto";
    consent_prompt(word) =
        "To agree, type {word}: ",
        "Para aceptar, escriba {word}: ";
    consent_declined =
        "Nothing was sent: the user did not agree.",
        "No se envió nada: el usuario no aceptó.";
    consent_failed(reason) =
        "Nothing was sent: the user could not be asked ({reason}).",
        "No se envió nada: no se pudo preguntar al usuario ({reason}).";
    consent_changed =
        "Nothing was sent: what is there has changed since it was shown.",
        "No se envió nada: lo que hay ha cambiado desde que se mostró.";
    no_seal(reason) =
        "No code could be made: {reason}. Nothing was sent.",
        "No se pudo crear un código: {reason}. No se envió nada.";
    plan_code(tool, code) =
        "If they agree, call {tool} again within 5 minutes with the same arguments and confirm={code}.",
        "Si acepta, llama de nuevo a {tool} antes de 5 minutos con los mismos argumentos y confirm={code}.";
    ask_cancelled =
        "the call was cancelled",
        "la llamada se canceló";
    ask_late(seconds) =
        "there was no answer within {seconds} s",
        "no hubo respuesta en {seconds} s";
    ask_odd =
        "the client answered something else",
        "el cliente respondió otra cosa";
    code_expired =
        "The confirmation code has expired; here is a new plan.",
        "El código de confirmación ha caducado; aquí hay un plan nuevo.";
    code_wrong =
        "The confirmation code is not for this guest as it is now with these arguments; here is a new plan.",
        "El código de confirmación no vale para este huésped en su estado actual con estos argumentos; aquí hay un plan nuevo.";
    code_spent =
        "This confirmation code has been used, or another deletion of the guest began since it was given. Nothing was changed. Call without it for a new plan.",
        "Este código de confirmación ya se usó, o desde que se dio empezó otro borrado del huésped. No se cambió nada. Llama sin él para un plan nuevo.";
}
