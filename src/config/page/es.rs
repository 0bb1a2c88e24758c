//! Spanish.

use super::{Definition, Group, Labels};

pub(super) static WORDS: Labels = Labels {
    head: HEAD,
    columns: "variable | valor por omisión | significado",
    example: "Ejemplo",
    option: "Opción",
    environment_only: " Solo se lee del entorno.",
    title,
    words,
    meaning,
};

const fn title(group: Group) -> &'static str {
    match group {
        Group::Connection => "Conexión",
        Group::Login => "Autenticación",
        Group::Trust => "Confianza",
        Group::Limits => "Límites",
        Group::Rules => "Reglas",
        Group::Server => "Servidor",
    }
}

const fn words(group: Group) -> &'static str {
    match group {
        Group::Connection => "Dónde está el clúster.",
        Group::Login => {
            "Un token, o un usuario con contraseña. El token es la mejor opción: no pide segundo factor, no hay que \
             renovarlo y puede tener exactamente los privilegios que necesita."
        }
        Group::Trust => {
            "Sin ninguna de estas variables, el certificado debe venir de una autoridad en la que el sistema confíe. PVE \
             crea sus propios certificados si no se le han dado otros, así que casi todos los servidores necesitan una de \
             ellas; cuando se rechaza un certificado, el mensaje lo muestra y dice con qué valor se aceptaría."
        }
        Group::Limits => "Los valores por omisión convienen a un servidor PVE tal como se instala.",
        Group::Rules => {
            "Las reglas se miran antes de cambiar nada: las de herramientas, nodos e identificadores antes de enviar nada, las \
             de pools y etiquetas cuando se conoce el huésped. Una llamada denegada dice qué regla la denegó. Una regla es \
             `tool:NAME`, `node:NAME`, `vmid:ID`, `vmid:FROM-TO`, `pool:NAME`, `tag:NAME` o `api:PATH`. Lo que coincide con una regla de denegación \
             se deniega; donde hay reglas de permiso sobre una misma cosa, una de ellas debe coincidir. Las etiquetas se comparan \
             sin distinguir mayúsculas, como hace PVE si no se le dice otra cosa; los nodos, los pools y las herramientas, letra \
             por letra. Un pool incluye los que hay dentro de él. `api:DELETE /storage/*` trata de métodos de la API, los llame la herramienta que \
             sea: un verbo o ninguno, y una ruta en la que `*` es una parte y un `*` final todo lo que hay debajo; una herramienta que \
             pudiera llegar a llamar a un método denegado queda cerrada. Lo que ningún huésped puede tener (una etiqueta con un espacio, una herramienta que no existe) se \
             rechaza; de un nodo, un pool o un método que no está se avisa al arrancar, y también lo dice `proxmox-mcp doctor`. La línea de \
             órdenes tiene opciones para la mayoría de estas variables."
        }
        Group::Server => "Lo que hace el propio programa.",
    }
}

/// The translation of each meaning; empty, which a test refuses, where there is none yet.
fn meaning(d: &Definition) -> &'static str {
    TEXTS.iter().find(|(name, _)| *name == d.name).map_or("", |(_, text)| text)
}

const TEXTS: &[(&str, &str)] = &[
    (
        "PROXMOX_HOST",
        "Nombre o dirección de un servidor Proxmox VE. Varios servidores de un mismo clúster se separan con comas: si uno no \
         responde se pregunta al siguiente. Un servidor puede llevar su propio puerto (`pve1:443`, `[2001:db8::1]:8006`).",
    ),
    ("PROXMOX_PORT", "Puerto de los servidores que no llevan el suyo."),
    ("PROXMOX_AUTH_METHOD", "`token` o `password`. Si no se da, lo que esté puesto; el token si están ambos."),
    ("PROXMOX_TOKEN", "Token de la API, `user@realm!id=secret`, como lo muestra la interfaz web de PVE al crearlo."),
    ("PROXMOX_USERNAME", "Usuario con su dominio (realm)."),
    ("PROXMOX_PASSWORD", "Contraseña del usuario."),
    (
        "PROXMOX_TOTP_SECRET",
        "Para un usuario con segundo factor: el secreto en base32 que se da a la aplicación de autenticación.",
    ),
    (
        "PROXMOX_FINGERPRINT",
        "SHA-256 del certificado del servidor, como lo muestra la interfaz web de PVE en *Sistema, Certificados*. Se confía \
         en ese certificado sean cuales sean su emisor, su nombre y sus fechas. Varias huellas, separadas con comas, para \
         varios servidores.",
    ),
    (
        "PROXMOX_CA_FILE",
        "Archivo PEM con la autoridad en la que confiar en lugar de las del sistema; la de un clúster es \
         `/etc/pve/pve-root-ca.pem` en cada uno de sus servidores. También sirve el certificado autofirmado de un servidor.",
    ),
    (
        "PROXMOX_REJECT_UNAUTHORIZED",
        "`false` acepta cualquier certificado: quien pueda desviar el tráfico lee entonces las credenciales. El registro \
         lo recuerda en cada arranque.",
    ),
    ("PROXMOX_CONNECT_TIMEOUT", "Segundos que se espera una conexión, de 1 a 300."),
    (
        "PROXMOX_REQUEST_TIMEOUT",
        "Segundos que se espera una respuesta, de 1 a 3600. Un servidor PVE dice a los 30 segundos que su propio proceso no \
         contesta; un límite más corto lo oculta.",
    ),
    (
        "PROXMOX_MAX_IN_FLIGHT",
        "Peticiones simultáneas a un servidor, de 1 a 64; las demás esperan. Un servidor tiene tres procesos, así que más \
         peticiones solo harían cola allí.",
    ),
    ("PROXMOX_MCP_READ_ONLY", "`true` no permite nada que cambie algo."),
    ("PROXMOX_MCP_DISABLE_DESTRUCTIVE", "`true` no permite nada que pare, reinicie o borre un huésped."),
    ("PROXMOX_MCP_ALLOW", "Reglas de permiso, separadas con comas."),
    ("PROXMOX_MCP_DENY", "Reglas de denegación, separadas con comas."),
    (
        "PROXMOX_MCP_PROTECTED_TAG",
        "Un huésped con esta etiqueta, o con una de varias separadas por comas, nunca se para, reinicia ni borra.",
    ),
    (
        "PROXMOX_MCP_CONFIRM",
        "`auto`: borrar exige consentimiento, con una pregunta si el cliente puede hacerla y, si no, con un plan y un código \
         que devuelve una segunda llamada. `never`: no lo exige, para automatismos cuyo consentimiento está en otra parte.",
    ),
    (
        "PROXMOX_MCP_KEY",
        "Con qué se sellan los códigos de confirmación, los identificadores de tareas y las líneas del registro de auditoría: al \
         menos 32 caracteres, 10 de ellos distintos. Si no se da, el registro no se sella, y para lo demás se deriva del token, de modo que las réplicas que lo comparten coinciden; con una contraseña \
         se guarda una clave aleatoria en `proxmox-mcp/seal.key`, en la carpeta de estado del usuario.",
    ),
    (
        "PROXMOX_MCP_TOOLSETS",
        "Conjuntos de herramientas activados, separados por comas: `guests` (las doce para máquinas virtuales y contenedores), `api` \
         (`searchApi`, `describeApi` y `callApi`, que llegan a toda la API), `tasks` (`listTasks`, `getTask` y `stopTask`), \
         `configure` (`configureGuest`, `resizeDisk` y `moveDisk`), \
         `snapshots` (`listSnapshots`, `createSnapshot`, `rollbackSnapshot` y `deleteSnapshot`) o `all`.",
    ),
    (
        "PROXMOX_MCP_API",
        "A cuánto de la API llega `callApi`: `guests` (toda lectura menos los secretos, y cambios de huéspedes, copias, contenido de almacenes, tareas y \
         pools), `read` (solo lecturas, menos los secretos) o `all` (también administración y ejecución).",
    ),
    ("PROXMOX_MCP_SHOW_ALL", "`true` ofrece también las herramientas que el token no puede usar en ningún huésped."),
    (
        "PROXMOX_MCP_AUDIT_FILE",
        "Anota cada llamada que cambia algo, permitida o denegada, en líneas JSON encadenadas con hashes, que \
         `PROXMOX_MCP_KEY` sella si se ha dado; lo que no se puede anotar no se hace. `proxmox-mcp audit verify FILE` lo \
         comprueba.",
    ),
    (
        "PROXMOX_MCP_CHANGES_PER_MINUTE",
        "Llamadas que cambian algo y se envían en un minuto: para un cliente y, tras la barra, para todos juntos. Un solo número vale \
         para ambos, `none` para cualquier número. Cada proceso del servidor cuenta por sí mismo.",
    ),
    ("PROXMOX_MCP_CHANGES_PER_HOUR", "Lo mismo en una hora."),
    (
        "PROXMOX_MCP_DELETIONS_PER_HOUR",
        "Lo mismo, en una hora, de las que borran algo o que ninguna otra llamada deshace. `0` no permite ninguna.",
    ),
    (
        "PROXMOX_MCP_FREEZE_FILE",
        "Mientras este archivo exista, no se cambia nada: cada servidor que lo mira lo ve antes de enviar un cambio; la lectura sigue. \
         `proxmox-mcp freeze` lo crea y `proxmox-mcp thaw` lo borra. Si no se da, es `proxmox-mcp/frozen` en la carpeta de estado \
         del usuario. Una carpeta, o un archivo que no se puede leer, también congela.",
    ),
    ("PROXMOX_MCP_LANG", "Idioma de los títulos, las descripciones y los textos de las herramientas: `en` o `es`."),
    ("HTTP_PORT", "Puerto de `proxmox-mcp serve`."),
    (
        "PROXMOX_MCP_TOKENS",
        "Archivo de los tokens de acceso que acepta `proxmox-mcp serve` y crea `proxmox-mcp token`. Si no se da, es \
         `proxmox-mcp/tokens.toml` en la carpeta de configuración del usuario, si existe.",
    ),
    ("PROXMOX_MCP_TLS_CERT", "Cadena de certificados de `proxmox-mcp serve`, en PEM; va junto con la clave."),
    ("PROXMOX_MCP_TLS_KEY", "Clave de ese certificado, en PEM."),
    (
        "PROXMOX_LOG",
        "Qué se escribe en la salida de errores: `error`, `warn`, `info`, `debug`, `trace`, o un filtro como \
         `proxmox_mcp=debug`. `proxmox-mcp serve` escribe `info` si no se le dice otra cosa.",
    ),
    ("PROXMOX_LOG_FORMAT", "Cómo se escribe: `text` para personas, o `json`, un objeto por línea, para recolectores."),
];

const HEAD: &str = "# Configuración

<!-- Made from src/config/definitions.rs: BLESS=1 cargo test --lib config -->

Todos los ajustes son variables de entorno. También se lee un archivo `.env` en el directorio de trabajo; una variable del
entorno prevalece sobre su línea en ese archivo. [.env.example](../../.env.example) contiene, para copiarlas, todas las que
pueden estar en él, con explicaciones en inglés.

Un secreto puede quedar fuera del entorno: `PROXMOX_TOKEN_FILE`, `PROXMOX_PASSWORD_FILE`, `PROXMOX_TOTP_SECRET_FILE` y
`PROXMOX_MCP_KEY_FILE` nombran un archivo que no contiene nada más. Con systemd, `LoadCredential=proxmox-token:/path` (y
`proxmox-password`, `proxmox-totp-secret`, `proxmox-mcp-key`) lo hace sin variable alguna. Los secretos nunca se toman de la
línea de órdenes, donde cualquier usuario de la máquina podría leerlos, y nunca aparecen en registros ni en errores.

Antes de contactar con nadie se nombra cada valor erróneo o ausente, todos de una vez. Un valor vacío cuenta como no dado.
También se rechaza un nombre que no es de ninguna variable: en el entorno si empieza por `PROXMOX_MCP_`, en `.env` si empieza por
`PROXMOX_`. Otras variables que empiezan así pueden ser de otro programa; una línea del registro las nombra. A los nombres
que otras herramientas para Proxmox VE dan a las mitades de un token, a la dirección, al usuario y a la verificación se responde
con los que valen aquí.

En `.env`, ponga entre comillas simples un valor con espacios, `#` o `$`: se rechaza un `$` que se leería como el nombre de una
variable, y también un `#` que cortaría una contraseña. Los archivos de secretos y `docker --env-file` no necesitan comillas y las
toman por parte del valor; si un valor las lleva alrededor, se rechaza. `.env` y los archivos de secretos son UTF-8; se pasa por
alto una marca de orden de bytes al principio.

`proxmox-mcp doctor` muestra qué valores rigen y de dónde viene cada uno. Las demás opciones de las órdenes las lista
`--help`; las de `proxmox-mcp serve` están en [API HTTP](http-api.md) y [Despliegue](deployment.md).
";
