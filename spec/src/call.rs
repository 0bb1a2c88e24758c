//! One call of an endpoint: path segments that cannot escape their place, and parameters in wire form.

use std::{borrow::Cow, collections::BTreeMap};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Map;

use crate::{
    Endpoint, Method,
    pve::{Real, Truth, Upid, Whole},
    verify::RefusedParam,
};

/// Characters that stay as they are in a path segment; a UPID needs `:`, `@` and `!`.
const SEGMENT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b':').remove(b'@').remove(b'!');

/// Longest path segment that PVE's own names reach with room to spare.
const SEGMENT_MAX: usize = 512;

/// A call that is ready to be sent: built of typed parameters or of JSON, consumed by the client.
#[derive(Clone, Debug)]
pub struct Call {
    /// The endpoint that is called.
    pub endpoint: &'static Endpoint,
    path: String,
    params: Vec<(Cow<'static, str>, String)>,
}

/// Typed parameters of an endpoint, whose reply has a type too. Made without I/O: whoever sends the call reads the reply.
pub trait Request {
    /// What `data` of the reply becomes.
    type Reply: Answer;

    /// The call, ready to be sent.
    ///
    /// # Errors
    /// When a value cannot stand in the path.
    fn call(&self) -> Result<Call, BadCall>;
}

/// The type of a reply, and the form in which it is read: a number may come as text, a boolean as 0 or 1.
pub trait Answer: Sized {
    /// What is decoded.
    type Wire: DeserializeOwned;

    /// The reply from what was decoded.
    fn of(wire: Self::Wire) -> Self;
}

macro_rules! answers {
    ($($t:ty as $wire:ty = $of:expr;)+) => {$(impl Answer for $t {
        type Wire = $wire;

        fn of(wire: $wire) -> Self {
            ($of)(wire)
        }
    })+};
}
answers! {
    () as IgnoredAny = |_| ();
    bool as Truth = |v: Truth| v.0;
    i64 as Whole = |v: Whole| v.0;
    f64 as Real = |v: Real| v.0;
    String as String = |v| v;
    Option<String> as Option<String> = |v| v;
    serde_json::Value as serde_json::Value = |v| v;
    Map<String, serde_json::Value> as Map<String, serde_json::Value> = |v| v;
}

impl<T: DeserializeOwned> Answer for Vec<T> {
    type Wire = Self;

    fn of(wire: Self) -> Self {
        wire
    }
}

/// Why a call could not be built; nothing was sent.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BadCall {
    /// A value cannot be a path segment.
    #[error("{name}: {value:?} cannot stand in the path {path}: {why}")]
    Segment {
        /// The placeholder.
        name: &'static str,
        /// What was given, shortened.
        value: String,
        /// The path template.
        path: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Parameters that PVE would refuse, with its own words for why.
    #[error("{}", .0.iter().map(|r| format!("{}: {}", r.param, r.text().trim_end())).collect::<Vec<_>>().join("; "))]
    Refused(Vec<RefusedParam>),
}

/// A value on its way to PVE: forms carry text only, booleans as `1` and `0`.
pub trait Value {
    /// The text that PVE expects.
    fn to_wire(&self) -> String;
}

impl Value for bool {
    fn to_wire(&self) -> String {
        if *self { "1" } else { "0" }.to_owned()
    }
}

macro_rules! plain {
    ($($t:ty),+) => {$(impl Value for $t {
        fn to_wire(&self) -> String {
            self.to_string()
        }
    })+};
}
plain!(i64, u64, u32, f64, str, String, crate::pve::Vmid, crate::pve::NodeName, crate::pve::Upid);

impl Value for serde_json::Value {
    /// A text is never quoted; an object or a list is its JSON.
    fn to_wire(&self) -> String {
        match self {
            Self::String(text) => text.clone(),
            Self::Bool(b) => b.to_wire(),
            Self::Null => String::new(),
            other => other.to_string(),
        }
    }
}

impl<T: Value + ?Sized> Value for &T {
    fn to_wire(&self) -> String {
        (**self).to_wire()
    }
}

impl Call {
    /// Starts a call of `endpoint`, with one value for each placeholder of its path, in the path's order.
    ///
    /// # Errors
    /// A value that could be read as more than one segment is refused: a real PVE decodes `%2F` before it
    /// routes, so encoding alone does not confine a value to its place. Only where PVE takes all that is left of the
    /// path for the last placeholder ([`Param::rest`](crate::Param::rest)) may a value have slashes.
    pub fn new(endpoint: &'static Endpoint, segments: &[(&str, String)]) -> Result<Self, BadCall> {
        let mut path = String::with_capacity(endpoint.path.len() + 32);
        for part in endpoint.path.split('/').skip(1) {
            path.push('/');
            let Some(name) = part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) else {
                path.push_str(part);
                continue;
            };
            let value = segments.iter().find(|(n, _)| *n == name).map_or("", |(_, v)| v.as_str());
            Self::check_segment(endpoint, name, value).map_err(|why| BadCall::Segment {
                name,
                value: value.chars().take(60).collect(),
                path: &endpoint.path,
                why,
            })?;
            path.extend(segment(value));
        }
        Ok(Self { endpoint, path, params: Vec::new() })
    }

    /// Adds a parameter.
    pub fn set(&mut self, name: impl Into<Cow<'static, str>>, value: impl Value) {
        self.params.push((name.into(), value.to_wire()));
    }

    /// Adds a field of a parameter struct.
    pub fn put(&mut self, name: &'static str, argument: &impl Argument) {
        argument.add(self, name);
    }

    /// The verb.
    pub fn method(&self) -> Method {
        self.endpoint.method
    }

    /// The path below `/api2/json`, percent-encoded.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The value of a placeholder of the path.
    pub fn segment(&self, name: &str) -> Option<String> {
        let mut parts = self.endpoint.path.split('/').zip(self.path.split('/'));
        let (_, value) =
            parts.find(|(part, _)| part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) == Some(name))?;
        Some(percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned())
    }

    /// The parameters outside the path, in wire form, not yet percent-encoded.
    pub fn params(&self) -> &[(Cow<'static, str>, String)] {
        &self.params
    }
}

/// A field of a parameter struct on its way into a call.
pub trait Argument {
    /// Adds what it holds under `name`; nothing when it holds nothing.
    fn add(&self, call: &mut Call, name: &'static str);
}

macro_rules! single {
    ($($t:ty),+) => {$(impl Argument for $t {
        fn add(&self, call: &mut Call, name: &'static str) {
            call.set(name, self);
        }
    })+};
}
single!(bool, i64, f64, String);

/// A list is one value after the other, nothing is nothing.
impl Argument for serde_json::Value {
    fn add(&self, call: &mut Call, name: &'static str) {
        match self {
            Self::Null => {}
            Self::Array(values) => values.iter().for_each(|value| call.set(name, value)),
            value => call.set(name, value),
        }
    }
}

impl<T: Argument> Argument for Option<T> {
    fn add(&self, call: &mut Call, name: &'static str) {
        if let Some(value) = self {
            value.add(call, name);
        }
    }
}

/// A list: one value after the other under the same name, as PVE reads lists from a form.
impl Argument for Vec<String> {
    fn add(&self, call: &mut Call, name: &'static str) {
        for value in self {
            call.set(name, value);
        }
    }
}

/// An indexed family: `net0`, `net1`, …
impl Argument for BTreeMap<u32, String> {
    fn add(&self, call: &mut Call, name: &'static str) {
        for (index, value) in self {
            call.set(format!("{name}{index}"), value);
        }
    }
}

/// Parameters that the schema does not name; they bring their own names.
impl Argument for BTreeMap<String, String> {
    fn add(&self, call: &mut Call, _: &'static str) {
        for (name, value) in self {
            call.set(name.clone(), value);
        }
    }
}

impl Call {
    /// Whether a value can stand in the place of a placeholder of this endpoint.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn check_segment(endpoint: &Endpoint, name: &str, value: &str) -> Result<(), &'static str> {
        if name == "upid" && Upid::is(value) {
            // The grammar of a task's id knows no slash; what else its user holds is read as it was encoded.
            return Ok(());
        }
        if endpoint.params.iter().any(|param| param.rest && param.name == name) {
            // PVE takes all that is left of the path for this one, and drops empty parts of a path before it does.
            return if value.len() > SEGMENT_MAX { confined(value) } else { value.split('/').try_for_each(confined) };
        }
        confined(value)
    }
}

/// A value as one path segment, percent-encoded.
pub fn segment(value: &str) -> PercentEncode<'_> {
    utf8_percent_encode(value, SEGMENT)
}

/// Says why `value` cannot be one path segment.
fn confined(value: &str) -> Result<(), &'static str> {
    if value.is_empty() {
        return Err("it is empty");
    }
    if value.len() > SEGMENT_MAX {
        return Err("it is too long");
    }
    if value == "." || value == ".." {
        return Err("it would change the path");
    }
    if value.chars().any(|c| c.is_control()) {
        return Err("it contains a control character");
    }
    if value.contains(['/', '\\', '%', '?', '#']) {
        return Err("it contains a character that can change the path");
    }
    Ok(())
}
