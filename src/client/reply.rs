//! What came back: the envelope `{"data": …, "total": …}`, decoded leniently.

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    Error, Words, error,
    transport::{Answer, Request},
};

/// The reply to a call that PVE accepted.
#[derive(Clone)]
pub struct Reply {
    body: Bytes,
    total: Option<u64>,
    what: String,
}

impl fmt::Debug for Reply {
    /// Without the data, which may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("what", &self.what).field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

/// An answer that nobody has looked into yet.
pub struct Unread {
    pub(super) request: Request,
    pub(super) answer: Answer,
}

impl fmt::Debug for Unread {
    /// Without the data, which may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unread").field("what", &self.request.what()).finish_non_exhaustive()
    }
}

impl Unread {
    /// Has the body read once, as text, where the answer is one that has data and is text throughout; `read` gets also how
    /// many values there may be. Gives the text and what was made of it.
    ///
    /// # Errors
    /// The answer as it was, for [`Unread::read`].
    #[allow(clippy::result_large_err, reason = "it is the answer itself, which is read the long way at once")]
    pub fn once<T>(mut self, read: impl FnOnce(&str, usize) -> Option<T>) -> Result<(String, T), Self> {
        if !(200..300).contains(&self.answer.status) {
            return Err(self);
        }
        match String::from_utf8(std::mem::take(&mut self.answer.body).into()) {
            Ok(text) => match read(&text, self.request.room().values) {
                Some(made) => Ok((text, made)),
                None => {
                    self.answer.body = text.into();
                    Err(self)
                }
            },
            Err(e) => {
                self.answer.body = e.into_bytes().into();
                Err(self)
            }
        }
    }

    /// Reads it: the long way.
    ///
    /// # Errors
    /// As [`super::Client::send`].
    pub fn read(self) -> Result<Reply, Error> {
        Reply::read(&self.request, self.answer)
    }
}

#[derive(Deserialize)]
struct Envelope<T> {
    data: T,
}

/// At most so many values are in a text of JSON: each comes after a bracket or a comma. Nothing is kept.
fn values(json: &[u8]) -> usize {
    let (mut count, mut within, mut escaped) = (0, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if within => escaped = true,
            b'"' => within = !within,
            b'[' | b'{' | b',' if !within => count += 1,
            _ => {}
        }
    }
    count
}

impl Reply {
    /// Reads an answer: an error of PVE becomes ours, a body that is not PVE's is named as such.
    pub(super) fn read(request: &Request, answer: Answer) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Outline {
            #[serde(rename = "data")]
            _data: serde::de::IgnoredAny,
            #[serde(default, deserialize_with = "crate::pve::unsigned")]
            total: Option<u64>,
        }
        let what = request.what();
        if !(200..300).contains(&answer.status) {
            return Err(error::of_answer(request, &answer));
        }
        let most = request.room().values;
        if values(&answer.body) > most {
            let why = Words::ours(|p| p.many, [("most", most.to_string().into())]);
            return Err(error::no_answer(request, why));
        }
        let body = readable_text(answer.body.clone(), &what);
        match serde_json::from_slice::<Outline>(&body) {
            Ok(outline) => Ok(Self { body, total: outline.total, what }),
            Err(e) => Err(error::not_pve(request, &answer, &e)),
        }
    }

    /// `data` as `T`. Null stands for the empty list, or an object without fields, where `T` is one; of a list, rows
    /// that are of another shape are left out if any is left.
    ///
    /// # Errors
    /// [`Error::Decode`] when `data` is of another shape.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, Error> {
        if let Ok(envelope) = serde_json::from_slice::<Envelope<T>>(&self.body) {
            return Ok(envelope.data);
        }
        let fail = |e: serde_json::Error| Error::Decode { what: self.what.clone(), why: e.to_string().into() };
        let Envelope { data } = serde_json::from_slice::<Envelope<Value>>(&self.body).map_err(fail)?;
        if data.is_null() {
            let empty = [Value::Null, Value::Array(Vec::new()), Value::Object(serde_json::Map::new())];
            if let Some(value) = empty.into_iter().find_map(|v| serde_json::from_value(v).ok()) {
                return Ok(value);
            }
        }
        match (T::deserialize(&data), data) {
            (Ok(value), _) => Ok(value),
            (Err(e), Value::Array(rows)) => self.readable(rows).ok_or_else(|| fail(e)),
            (Err(e), _) => Err(fail(e)),
        }
    }

    /// The rows of a list that are of the expected shape, when some are and some are not: one odd row must not hide
    /// all others. It is said in the log.
    fn readable<T: DeserializeOwned>(&self, rows: Vec<Value>) -> Option<T> {
        let all = rows.len();
        let read = |row: &Value| T::deserialize(Value::Array(vec![row.clone()])).is_ok();
        let good: Vec<Value> = rows.into_iter().filter(read).collect();
        if good.is_empty() {
            return None;
        }
        tracing::warn!(request = %self.what, rows = all, left_out = all - good.len(), "rows of an unknown shape");
        T::deserialize(Value::Array(good)).ok()
    }

    /// `data` as it came.
    ///
    /// # Errors
    /// [`Error::Decode`] with the place when it holds what cannot be held: a number beyond all bounds, or lists within
    /// lists more than a hundred deep.
    pub fn value(&self) -> Result<Value, Error> {
        let read = serde_json::from_slice::<Envelope<Value>>(&self.body);
        read.map(|e| e.data).map_err(|e| Error::Decode { what: self.what.clone(), why: e.to_string().into() })
    }

    /// That `data` is not what it should be: `wanted` says what that is.
    #[cfg(feature = "server")]
    pub(crate) fn unlike(&self, wanted: &str, data: &Value) -> Error {
        let found = match data {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        Error::Decode { what: self.what.clone(), why: format!("{found} where {wanted} belongs").into() }
    }

    /// How many rows there are in all, where PVE gives a page of them.
    pub fn total(&self) -> Option<u64> {
        self.total
    }
}

/// A body as text: a name with a byte that is no UTF-8, as a guest can have it in a file written by hand, becomes one with
/// a replacement character, instead of hiding all the others.
fn readable_text(body: Bytes, what: &str) -> Bytes {
    if std::str::from_utf8(&body).is_ok() {
        return body;
    }
    tracing::warn!(request = %what, "the reply is not UTF-8 throughout");
    String::from_utf8_lossy(&body).into_owned().into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, json};

    use super::*;
    use crate::pve;

    impl Unread {
        /// The answer to a read of this path, for tests of what reads it.
        pub(crate) fn of(path: &str, body: impl Into<Bytes>) -> Self {
            let answer = Answer { status: 200, body: body.into(), ..Answer::default() };
            Self { request: Request::get(path, &[]), answer }
        }
    }

    fn read(body: impl Into<Bytes>) -> Result<Reply, Error> {
        let answer = Answer { status: 200, body: body.into(), ..Answer::default() };
        Reply::read(&Request::get("/test", &[]), answer)
    }

    /// A guest as the generated types describe one: all but the id optional, the rest kept.
    #[derive(Debug, Deserialize)]
    struct Guest {
        vmid: pve::Vmid,
        #[serde(default, deserialize_with = "pve::text")]
        name: Option<String>,
        #[serde(default, deserialize_with = "pve::float")]
        cpus: Option<f64>,
        #[serde(default, deserialize_with = "pve::integer")]
        mem: Option<i64>,
        #[serde(default, deserialize_with = "pve::bool_or_int")]
        template: Option<bool>,
        #[serde(flatten)]
        extra: Map<String, Value>,
    }

    #[test]
    fn what_releases_send_differently_is_read_alike() {
        let old = r#"{"data":[{"vmid":"100","cpus":"0.5","mem":"1024","template":"","name":7,"ha":{"state":null}}]}"#;
        let new = r#"{"data":[{"vmid":100,"cpus":0.5,"mem":1.024e3,"template":null,"name":"7","pid":1}],"total":"1"}"#;
        for body in [old, new] {
            let guests: Vec<Guest> = read(body).and_then(|r| r.decode()).expect("a list");
            let guest = &guests[0];
            assert_eq!((guest.vmid.get(), guest.cpus, guest.mem, guest.template), (100, Some(0.5), Some(1024), None));
            assert_eq!((guest.name.as_deref(), guest.extra.len()), (Some("7"), 1));
        }
        assert_eq!(read(new).expect("a reply").total(), Some(1));
    }

    #[test]
    fn null_is_nothing_an_empty_list_or_an_object_without_fields() {
        #[derive(Debug, Deserialize)]
        struct Optional {
            #[serde(default)]
            a: Option<u8>,
        }
        let null = read(r#"{"data":null}"#).expect("a reply");
        assert_eq!(null.decode::<Vec<String>>().expect("an empty list").len(), 0);
        assert_eq!(null.decode::<Optional>().expect("an object").a, None);
        assert_eq!(null.decode::<Option<String>>().expect("nothing"), None);
        null.decode::<()>().expect("nothing");
        let said = null.decode::<u64>().expect_err("no number").to_string();
        assert!(said.contains("GET /test"), "{said}");
    }

    #[test]
    fn an_odd_row_does_not_hide_the_others_and_a_list_of_odd_rows_is_an_error() {
        let names = |body: &'static str| -> Result<Vec<String>, Error> {
            let guests: Vec<Guest> = read(body)?.decode()?;
            Ok(guests.into_iter().filter_map(|guest| guest.name).collect())
        };
        let mixed =
            r#"{"data":[{"vmid":1,"name":"a"},{"vmid":100,"name":"b"},null,{"name":"c"},{"vmid":"101","name":"d"}]}"#;
        assert_eq!(names(mixed).expect("two rows"), ["b", "d"]);
        assert!(names(r#"{"data":[{"name":"a"},7]}"#).is_err());
        assert!(names(r#"{"data":{"name":"a"}}"#).is_err());
    }

    #[test]
    fn debug_output_shows_no_data() {
        let reply = read(r#"{"data":{"cipassword":"geheim"}}"#).expect("a reply");
        assert!(!format!("{reply:?}").contains("geheim"));
    }

    /// Any JSON, four levels deep at most.
    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
            Just(json!("1024")),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            let name = prop_oneof![Just("vmid".to_owned()), Just("mem".to_owned()), "[a-z]{1,6}"];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((name, inner), 0..4).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(reply) = read(body) {
                let _ = (reply.value(), reply.decode::<Vec<Guest>>());
            }
        }

        #[test]
        fn json_cut_anywhere_is_an_error(data in any_json(), cut in any::<prop::sample::Index>()) {
            let body = json!({ "data": data, "total": 3 }).to_string();
            let cut = cut.index(body.len());
            prop_assert!(read(body.as_bytes()[..cut].to_vec()).is_err());
        }

        #[test]
        fn any_field_of_any_type_loses_nothing_of_the_rest(fields in prop::collection::btree_map("[a-z]{1,8}", any_json(), 0..6)) {
            let mut guest: Map<String, Value> = fields.into_iter().collect();
            guest.insert("vmid".to_owned(), json!("100"));
            let unknown = guest.keys().filter(|k| !["vmid", "name", "cpus", "mem", "template"].contains(&k.as_str())).count();
            let body = json!({ "data": [guest, { "vmid": 101, "name": "other" }] }).to_string();
            let guests: Vec<Guest> = read(body).and_then(|r| r.decode()).map_err(|e| TestCaseError::fail(e.to_string()))?;
            prop_assert_eq!((guests.len(), guests[0].extra.len()), (2, unknown));
            prop_assert_eq!(guests[1].name.as_deref(), Some("other"));
        }

        #[test]
        fn numbers_are_read_as_numbers_or_as_text(n in any::<i64>(), f in -1e15f64..1e15) {
            let as_is = json!({ "data": { "vmid": 100, "mem": n, "cpus": f } });
            let as_text = json!({ "data": { "vmid": "100", "mem": n.to_string(), "cpus": f.to_string() } });
            for body in [as_is, as_text] {
                let guest: Guest = read(body.to_string()).and_then(|r| r.decode()).map_err(|e| TestCaseError::fail(e.to_string()))?;
                prop_assert_eq!((guest.mem, guest.cpus), (Some(n), Some(f)));
            }
        }
    }
}
