//! What came back: the envelope `{"data": …, "total": …}`, decoded leniently.

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    Error, error,
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

#[derive(Deserialize)]
struct Envelope<T> {
    data: T,
}

impl Reply {
    /// Reads an answer: an error of PVE becomes ours, a body that is not PVE's is named as such.
    pub(super) fn read(request: &Request, answer: Answer) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Outline {
            #[serde(rename = "data")]
            _data: Option<serde::de::IgnoredAny>,
            #[serde(default, deserialize_with = "crate::pve::unsigned")]
            total: Option<u64>,
        }
        let what = request.what();
        if !(200..300).contains(&answer.status) {
            return Err(error::of_answer(request, &answer));
        }
        match serde_json::from_slice::<Outline>(&answer.body) {
            Ok(outline) => Ok(Self { body: answer.body, total: outline.total, what }),
            Err(e) => Err(error::not_pve(request, &answer, &e)),
        }
    }

    /// `data` as `T`. Null stands for the empty list, or an object without fields, where `T` is one.
    ///
    /// # Errors
    /// [`Error::Decode`] when `data` is of another shape.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, Error> {
        if let Ok(envelope) = serde_json::from_slice::<Envelope<T>>(&self.body) {
            return Ok(envelope.data);
        }
        let data = self.value();
        if data.is_null() {
            let empty = [Value::Null, Value::Array(Vec::new()), Value::Object(serde_json::Map::new())];
            if let Some(value) = empty.into_iter().find_map(|v| serde_json::from_value(v).ok()) {
                return Ok(value);
            }
        }
        serde_json::from_value(data).map_err(|e| Error::Decode { what: self.what.clone(), why: e.to_string() })
    }

    /// `data` as it came.
    pub fn value(&self) -> Value {
        #[derive(Deserialize)]
        struct Loose {
            #[serde(default)]
            data: Value,
        }
        serde_json::from_slice::<Loose>(&self.body).map(|e| e.data).unwrap_or_default()
    }

    /// How many rows there are in all, where PVE gives a page of them.
    pub fn total(&self) -> Option<u64> {
        self.total
    }
}
