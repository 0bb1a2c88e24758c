//! What these tools say, English and Spanish side by side.

use super::reach::{Closed, Reach};
use crate::{
    spec::{Endpoint, Risk},
    tools::{
        call::{Problem, ToolResult},
        guest::Guest,
        lang::Lang,
        policy::Rule,
        tool::Call,
    },
};

/// Sentences about one call.
pub(super) trait Say {
    /// The language of the caller.
    fn lang(&self) -> Lang;

    /// The answer to arguments that are wrong; nothing was sent.
    fn wrong(&self, sentence: &str) -> ToolResult;

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

    fn wrong(&self, sentence: &str) -> ToolResult {
        let nothing = self.either(" Nothing was sent.".to_owned(), " No se envió nada.".to_owned());
        ToolResult::problem(Problem::Arguments, format!("{sentence}{nothing}"))
    }
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
pub(super) fn closed(say: &impl Say, endpoint: &Endpoint, why: Closed) -> String {
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
        Closed::Scope(_) => say.either(
            format!("{at} has the risk {}, which is reached with PROXMOX_MCP_API=all alone.", endpoint.risk),
            format!("{at} tiene el riesgo {}, al que solo se llega con PROXMOX_MCP_API=all.", endpoint.risk),
        ),
    }
}

/// What consent the risk of a method asks for, in words.
pub(super) fn consent(say: &impl Say, risk: Risk, many: bool) -> String {
    let asks = matches!(risk, Risk::Destroy | Risk::Execute | Risk::Admin) || many;
    match (risk, asks) {
        (Risk::Read, _) => say.either("changes nothing".to_owned(), "no cambia nada".to_owned()),
        (_, true) => say.either("needs the user's consent".to_owned(), "necesita el acuerdo del usuario".to_owned()),
        (_, false) => say.either("needs no consent".to_owned(), "no necesita acuerdo".to_owned()),
    }
}

/// What a risk class means for what is lost.
pub(super) fn loss(say: &impl Say, risk: Risk) -> Option<String> {
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
