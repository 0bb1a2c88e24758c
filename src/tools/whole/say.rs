//! What these tools say, English and Spanish side by side.

use super::reach::{Closed, Reach};
use crate::{
    spec::{Endpoint, Risk},
    tools::{
        call::{Problem, ToolResult},
        guest::Guest,
        policy::Rule,
        property::MASK,
        say::Lang,
        tool::Call,
    },
};

/// Sentences about one call.
pub(in crate::tools) trait Say {
    /// The language of the caller.
    fn lang(&self) -> Lang;

    /// The answer to arguments that are wrong; nothing was sent.
    fn wrong(&self, sentence: &str) -> ToolResult {
        let nothing = self.either(" Nothing was sent.".to_owned(), " No se envió nada.".to_owned());
        ToolResult::problem(Problem::Arguments, format!("{sentence}{nothing}"))
    }

    /// One of two sentences.
    fn either(&self, english: String, spanish: String) -> String {
        match self.lang() {
            Lang::En => english,
            Lang::Es => spanish,
        }
    }
}

impl Say for Call<'_> {
    fn lang(&self) -> Lang {
        self.ctx.lang
    }
}

impl Say for Lang {
    fn lang(&self) -> Lang {
        *self
    }
}

/// That the token lacks a privilege.
pub(super) fn lacks(say: &impl Say, lack: &str) -> String {
    say.either(format!("The token lacks {lack}."), format!("Al token le falta {lack}."))
}

/// That secrets are hidden.
pub(super) fn masked(say: &impl Say) -> String {
    say.either(format!("Secrets are shown as {MASK}."), format!("Los secretos se muestran como {MASK}."))
}

/// That a cursor is none.
pub(super) fn bad_cursor(say: &impl Say, cursor: &str) -> String {
    let cursor = crate::foreign::line(cursor, 40);
    say.either(
        format!("{cursor:?} is no cursor: give the one from the last reply."),
        format!("{cursor:?} no es un cursor: use el de la última respuesta."),
    )
}

/// That no guest has a name.
pub(super) fn no_such_name(say: &impl Say, name: &str) -> String {
    let name = crate::foreign::line(name, 60);
    say.either(
        format!("There is no guest named {name}, or the token may not see it. Nothing was sent."),
        format!("No hay ningún huésped llamado {name}, o el token no puede verlo. No se envió nada."),
    )
}

/// That several guests have a name.
pub(super) fn several(say: &impl Say, name: &str, ids: &str) -> String {
    let name = crate::foreign::line(name, 60);
    say.either(
        format!("Several guests are named {name}: {ids}; give the id."),
        format!("Varios huéspedes se llaman {name}: {ids}; indique el id."),
    )
}

/// That the guests of a call to one node are on several.
pub(super) fn several_nodes(say: &impl Say, places: &str) -> String {
    say.either(
        format!("node is missing, and the guests are on several nodes: {places}. Call once for each node."),
        format!("Falta node, y los huéspedes están en varios nodos: {places}. Llame una vez por nodo."),
    )
}

/// The risk of a method with the consent that it asks for, and the least that its options can make of it.
pub(super) fn risk(say: &impl Say, endpoint: &Endpoint) -> String {
    let (most, least, many) = (endpoint.risk, super::risk::least(endpoint), super::risk::asks_always(endpoint));
    let asks = consent(say, most, many);
    if least == most {
        return format!("{most} ({asks})");
    }
    let without = if many { String::new() } else { format!(" ({})", consent(say, least, many)) };
    say.either(
        format!("{most} ({asks}), or by its arguments {least}{without}"),
        format!("{most} ({asks}), o según sus argumentos {least}{without}"),
    )
}

/// That there is no such method, with those that are most like it.
pub(super) fn unknown(say: &impl Say, id: &str, alike: &[String]) -> String {
    let (id, alike) = (crate::foreign::line(id, 80), alike.join(", "));
    say.either(
        format!("There is no method {id:?}. The ids most like it: {alike}."),
        format!("No existe el método {id:?}. Los ids más parecidos: {alike}."),
    )
}

/// That an argument says one thing and the path another.
pub(super) fn twice(say: &impl Say, name: &str) -> String {
    say.either(
        format!("{name} is one thing in the path and another among the arguments; give it once."),
        format!("{name} es una cosa en la ruta y otra en los argumentos; indíquelo una vez."),
    )
}

/// That the guest is missing.
pub(super) fn no_guest(say: &impl Say) -> String {
    say.either(
        "vmid is missing: give the guest's id or its name.".to_owned(),
        "Falta vmid: indique el id o el nombre del huésped.".to_owned(),
    )
}

/// That a text is no node.
pub(super) fn bad_node(say: &impl Say, node: &str) -> String {
    let node = crate::foreign::line(node, 60);
    say.either(format!("{node:?} is not a node name."), format!("{node:?} no es un nombre de nodo."))
}

/// That the node is missing, and which there are.
pub(super) fn no_node(say: &impl Say, nodes: &str) -> String {
    say.either(format!("node is missing; the nodes are {nodes}."), format!("Falta node; los nodos son {nodes}."))
}

/// That a guest is of the other kind, with the method for that.
pub(super) fn other_kind(say: &impl Say, guest: &Guest, endpoint: &Endpoint) -> String {
    let (here, there) = if endpoint.path.contains("/qemu/") { ("/qemu/", "/lxc/") } else { ("/lxc/", "/qemu/") };
    let path = endpoint.path.replacen(here, there, 1);
    let twin = crate::api::endpoint(endpoint.method, &path).map(Endpoint::function);
    let vmid = guest.vmid;
    let (english, spanish) = if there == "/lxc/" {
        (format!("{vmid} is a container, not a VM"), format!("{vmid} es un contenedor, no una VM"))
    } else {
        (format!("{vmid} is a VM, not a container"), format!("{vmid} es una VM, no un contenedor"))
    };
    match twin {
        Some(twin) => say.either(format!("{english}: that is {twin}."), format!("{spanish}: eso es {twin}.")),
        None => say.either(
            format!("{english}, and for that kind there is no such method."),
            format!("{spanish}, y para ese tipo no existe tal método."),
        ),
    }
}

/// Why a rule on guests denies a call that is about no single one.
pub(super) fn not_about_one(say: &impl Say, rule: &Rule) -> String {
    say.either(
        format!("{rule} (this call is not about one guest, so that the rule could not be held)"),
        format!("{rule} (esta llamada no trata de un solo huésped, así que la regla no podría cumplirse)"),
    )
}

/// Why a method is not reached, and what to do instead.
pub(super) fn closed(say: &impl Say, endpoint: &Endpoint, risk: Risk, why: Closed) -> String {
    let at = endpoint.at();
    match why {
        Closed::Console => say.either(
            format!("{at} opens a console, which is a stream and no answer: use the Proxmox web interface."),
            format!("{at} abre una consola, que es un flujo y no una respuesta: use la interfaz web de Proxmox."),
        ),
        Closed::Upload => say.either(
            format!("{at} takes a file with the request: let the node fetch it (download-url), or use the web interface."),
            format!("{at} recibe un archivo con la petición: haga que el nodo lo descargue (download-url) o use la interfaz web."),
        ),
        Closed::Login => say.either(
            format!("{at} gives a login, which is no tool's to hand out."),
            format!("{at} da acceso a quien la llama; ninguna herramienta lo entrega."),
        ),
        Closed::Scope(Reach::Read) => say.either(
            format!("{at} changes something, and this server reaches reads of the API alone (PROXMOX_MCP_API=read)."),
            format!("{at} cambia algo, y este servidor solo llega a las lecturas de la API (PROXMOX_MCP_API=read)."),
        ),
        Closed::Secret => say.either(
            format!("{at} may give secrets, which are reached with PROXMOX_MCP_API=all alone."),
            format!("{at} puede dar secretos, a los que solo se llega con PROXMOX_MCP_API=all."),
        ),
        Closed::Scope(_) if risk.asks() && risk != Risk::Destroy => say.either(
            format!("{at} has the risk {risk} with these arguments, which is reached with PROXMOX_MCP_API=all alone."),
            format!("{at} tiene el riesgo {risk} con estos argumentos, al que solo se llega con PROXMOX_MCP_API=all."),
        ),
        Closed::Scope(_) => say.either(
            format!("{at} changes more than guests, their backups, storage content, tasks and pools: that is reached with PROXMOX_MCP_API=all alone."),
            format!("{at} cambia más que huéspedes, sus copias, contenido de almacenes, tareas y pools: a eso solo se llega con PROXMOX_MCP_API=all."),
        ),
    }
}

/// What consent the risk of a method asks for, in words.
pub(super) fn consent(say: &impl Say, risk: Risk, many: bool) -> String {
    match (risk, risk.asks() || many) {
        (Risk::Read, _) => say.either("changes nothing".to_owned(), "no cambia nada".to_owned()),
        (_, true) => say.either("needs the user's consent".to_owned(), "necesita el acuerdo del usuario".to_owned()),
        (_, false) => say.either("needs no consent".to_owned(), "no necesita acuerdo".to_owned()),
    }
}

/// What a risk class means for what is lost.
pub(in crate::tools) fn loss(say: &impl Say, risk: Risk) -> Option<String> {
    Some(match risk {
        Risk::Destroy => say.either(
            "What this destroys no other call brings back.".to_owned(),
            "Lo que esto destruye ninguna otra llamada lo recupera.".to_owned(),
        ),
        Risk::Execute => say.either(
            "This runs what the arguments say, inside a guest or on a node.".to_owned(),
            "Esto ejecuta lo que dicen los argumentos, en un huésped o en un nodo.".to_owned(),
        ),
        Risk::Admin => say.either(
            "This changes who may do what, or what nodes and cluster stand on.".to_owned(),
            "Esto cambia quién puede hacer qué, o aquello en que se apoyan los nodos y el clúster.".to_owned(),
        ),
        Risk::Read | Risk::Power | Risk::Change => return None,
    })
}
