//! What a method gives: data, or a failure in PVE's words.

use serde_json::{Map, Value, json};

use super::{
    http::{Body, Forwarded, Response},
    release::Release,
    rng::Rng,
};

/// What a method gives.
#[derive(Debug, Default)]
pub(super) struct Reply {
    pub(super) data: Value,
    /// Number of all entries, of which `data` is a page; 0 is not told.
    pub(super) total: Option<usize>,
}

impl From<Value> for Reply {
    fn from(data: Value) -> Self {
        Self { data, total: None }
    }
}

/// Why a method gives nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// A status and a text; the text's first line is the reason phrase.
    Plain(u16, String),
    /// Parameters that were refused, each with the reason.
    Params(Vec<(String, String)>),
    /// The same under another status and text.
    Errors(u16, String, Vec<(String, String)>),
    /// 401 with the reason phrase as the only information.
    Unauthorized(String),
    /// Another host did not answer: 595 to 599, without a body.
    Gateway(u16, String),
}

/// What nearly everything in the demo returns.
pub(super) type Outcome<T = Reply> = Result<T, Failure>;

impl Failure {
    /// Status 500, as nearly everything that goes wrong.
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self::Plain(500, text.into() + "\n")
    }

    /// One refused parameter.
    pub(super) fn param(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Params(vec![(name.into(), text.into())])
    }

    /// A permission check that failed: `(/vms/100, VM.Audit)`, or no detail at all.
    pub(super) fn forbidden(detail: &str) -> Self {
        let detail = if detail.is_empty() { String::new() } else { format!(" ({detail})") };
        Self::Plain(403, format!("Permission check failed{detail}\n"))
    }

    /// The text of it.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Plain(_, text) | Self::Unauthorized(text) | Self::Gateway(_, text) => text,
            Self::Params(_) => "Parameter verification failed.\n",
            Self::Errors(_, text, _) => text,
        }
    }

    const fn status(&self) -> u16 {
        match self {
            Self::Plain(status, _) | Self::Gateway(status, _) | Self::Errors(status, ..) => *status,
            Self::Params(_) => 400,
            Self::Unauthorized(_) => 401,
        }
    }
}

/// Makes the answer to a call of the `json` or the `extjs` format.
pub(super) fn respond(
    outcome: &Outcome,
    extjs: bool,
    forwarded: Forwarded,
    release: &Release,
    rng: &mut Rng,
) -> Response {
    let json = |status: u16, reason: &str, map: Map<String, Value>, rng: &mut Rng| Response {
        forwarded: if status < 400 { forwarded } else { Forwarded::No },
        body: Body::Json(rng.json(&Value::Object(map))),
        ..Response::bare(status, reason)
    };
    let failure = match outcome {
        Ok(reply) => {
            let mut map = Map::from_iter([("data".to_owned(), reply.data.clone())]);
            if let Some(total) = reply.total.filter(|n| *n > 0) {
                map.insert("total".to_owned(), total.into());
            }
            if extjs {
                map.insert("success".to_owned(), 1.into());
            }
            return json(200, "OK", map, rng);
        }
        Err(Failure::Unauthorized(text)) => return Response::bare(401, text.as_str()),
        Err(Failure::Gateway(status, text)) => return Response::bare(*status, text.as_str()),
        Err(failure) => failure,
    };
    let mut map = Map::from_iter([("data".to_owned(), Value::Null)]);
    if let Failure::Params(errors) | Failure::Errors(_, _, errors) = failure {
        let errors = errors.iter().map(|(name, text)| (name.clone(), json!(text)));
        map.insert("errors".to_owned(), Value::Object(errors.collect()));
    }
    if extjs {
        // Exceptions carry their status as a string, deaths as a number.
        let status = failure.status();
        map.insert("status".to_owned(), if status == 500 { json!(500) } else { json!(status.to_string()) });
        map.insert("success".to_owned(), 0.into());
        map.insert("message".to_owned(), failure.text().into());
        return json(200, "OK", map, rng);
    }
    if !release.text_in_reason_only() {
        map.insert("message".to_owned(), failure.text().into());
    }
    json(failure.status(), failure.text().lines().next().unwrap_or_default(), map, rng)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(outcome: &Outcome, extjs: bool, release: &str) -> (u16, String, Value) {
        let release = Release::new(release);
        let response = respond(outcome, extjs, Forwarded::No, &release, &mut Rng::new(1));
        let Body::Json(text) = &response.body else { panic!("{response:?}") };
        (response.status, response.reason.clone(), serde_json::from_str(text).unwrap())
    }

    #[test]
    fn errors_are_told_as_each_release_tells_them() {
        let failed = Err(Failure::new("VM 100 not running"));
        let (status, reason, json) = body(&failed, false, "9.2.11");
        assert_eq!((status, reason.as_str()), (500, "VM 100 not running"));
        assert_eq!(json, json!({"data": null, "message": "VM 100 not running\n"}));
        assert_eq!(body(&failed, false, "8.3.0").2, json!({"data": null}));
        let (status, _, json) = body(&failed, true, "9.2.11");
        assert_eq!(status, 200);
        assert_eq!(json, json!({"data": null, "message": "VM 100 not running\n", "status": 500, "success": 0}));
    }

    #[test]
    fn refused_parameters_are_named() {
        let (status, reason, json) = body(&Err(Failure::param("vmid", "no")), false, "7.4-3");
        assert_eq!((status, reason.as_str()), (400, "Parameter verification failed."));
        assert_eq!(json, json!({"data": null, "errors": {"vmid": "no"}}));
    }
}
