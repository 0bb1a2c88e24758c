//! What is wrong with arguments, and which guest is meant.

use super::sentences;

sentences! {
    list_shows(list) =
        "{list} shows the guests",
        "{list} muestra los huéspedes";
    use_tool(tool) =
        "use {tool}",
        "usa {tool}";
    block_running =
        "It is running: stop it first.",
        "Está en marcha: páralo antes.";
    with_tool(tool) =
        " with {tool}",
        " con {tool}";
    bad_arguments(tool, problems) =
        "{tool} was not called: {problems}.",
        "No se llamó a {tool}: {problems}.";
    unknown_tool(tool, tools) =
        "There is no tool {tool}; the tools are {tools}.",
        "No existe la herramienta {tool}; las herramientas son {tools}.";
    unknown_task =
        "There is no such task here, or its time is up.",
        "Aquí no hay tal tarea, o su plazo ha pasado.";
    bad_argument(name, why) =
        "{name}: {why}",
        "{name}: {why}";
    bad_value(value) =
        "{value} is not a value of it",
        "{value} no es un valor suyo";
    need_vmid =
        "vmid or name is needed",
        "falta vmid o name";
    bad_name(value) =
        "{value} is not a name of a guest",
        "{value} no es un nombre de huésped";
    bad_tag(value) =
        "{value} is not a tag",
        "{value} no es una etiqueta";
    bad_pool(value) =
        "{value} is not a name of a pool",
        "{value} no es un nombre de grupo";
    name_ambiguous(count, name, candidates) =
        "{count} guests are named {name}: {candidates}; give the vmid",
        "hay {count} huéspedes llamados {name}: {candidates}; da el vmid";
    candidate(vmid, node) =
        "{vmid} on {node}",
        "{vmid} en {node}";
    name_unknown(name, who) =
        "no guest named {name} is visible to {who}",
        "ningún huésped llamado {name} es visible para {who}";
    vmid_unknown(vmid, who) =
        "No guest {vmid} is visible to {who}: it does not exist, or VM.Audit on /vms/{vmid} is missing",
        "Ningún huésped {vmid} es visible para {who}: no existe, o falta VM.Audit en /vms/{vmid}";
    name_vmid_differ(vmid, actual, name) =
        "{vmid} is named {actual}, not {name}",
        "{vmid} se llama {actual}, no {name}";
    no_node(given, nodes) =
        "There is no node {given}; the nodes are {nodes}.",
        "No existe el nodo {given}; los nodos son {nodes}.";
    wrong_kind(guest, actual, wanted) =
        "{guest} is a {actual}, not a {wanted}",
        "{guest} es {actual}, no {wanted}";
    wrong_node(guest, given, node) =
        "The guest is {guest}, not on {given}; leave node out or give {node}.",
        "El huésped es {guest}, no en {given}; omite node o da {node}.";
    gone(guest) =
        "{guest} no longer exists: it was removed or moved since it was looked up",
        "{guest} ya no existe: se borró o se movió desde que se consultó";
    bad_cursor =
        "it is not one that a list gave",
        "no es uno que haya dado una lista";
    bad_node(value) =
        "{value} is not a node name (letters, digits and hyphens, at most 63)",
        "{value} no es un nombre de nodo (letras, cifras y guiones, 63 como máximo)";
    wrong_type(value, wanted) =
        "{value} is not {wanted}",
        "{value} no es {wanted}";
    wrong_enum(value, wanted) =
        "{value} is not one of {wanted}",
        "{value} no es uno de {wanted}";
    too_small(value, limit) =
        "{value} is less than {limit}",
        "{value} es menor que {limit}";
    too_great(value, limit) =
        "{value} is more than {limit}",
        "{value} es mayor que {limit}";
    unknown_argument(names) =
        "there is no argument {names}",
        "no existe el argumento {names}";
    meant(name) =
        "did you mean {name}?",
        "¿quería decir {name}?";
    passed_over(tool, names) =
        "{tool} has no argument {names}; it made no difference.",
        "{tool} no tiene el argumento {names}; no se tuvo en cuenta.";
    type_integer =
        "a whole number",
        "un número entero";
    type_boolean =
        "true or false",
        "true o false";
    type_string =
        "a text",
        "un texto";
}
