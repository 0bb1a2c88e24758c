//! Which endpoint: a name that costs nothing until something is asked of it.

use std::{fmt, ops::Deref};

use crate::Endpoint;

/// The id of one endpoint: a constant of the generated code, so that an endpoint which vanishes from the schema is a
/// compile error where it is named. What is known of the endpoint is read when it is first looked at.
#[derive(Clone, Copy)]
pub struct Id {
    index: u16,
    at: fn(u16) -> &'static Endpoint,
}

impl Id {
    /// The id of the endpoint with this index in the model that `at` reads.
    pub const fn new(index: u16, at: fn(u16) -> &'static Endpoint) -> Self {
        Self { index, at }
    }

    /// The endpoint.
    pub fn endpoint(self) -> &'static Endpoint {
        (self.at)(self.index)
    }
}

impl Deref for Id {
    type Target = Endpoint;

    fn deref(&self) -> &Endpoint {
        self.endpoint()
    }
}

impl PartialEq for Id {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}

impl Eq for Id {}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.endpoint().at())
    }
}
