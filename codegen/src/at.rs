//! Where in the schema something was found: `POST /nodes/{node}/qemu › parameters.scsi[n].format.ssd`.

use std::fmt;

/// A place in the schema. It borrows its parent, so that walking down costs nothing until a problem prints it.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    up: Option<&'a At<'a>>,
    step: Part<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Part<'a> {
    File,
    Endpoint(&'a str, &'a str),
    Key(&'a str),
    Index(usize),
}

impl<'a> At<'a> {
    /// The file as a whole.
    pub const FILE: At<'static> = At { up: None, step: Part::File };

    /// An endpoint.
    pub const fn endpoint(method: &'a str, path: &'a str) -> Self {
        Self { up: None, step: Part::Endpoint(method, path) }
    }

    /// What lies under `key` here.
    pub const fn key(&'a self, key: &'a str) -> At<'a> {
        At { up: Some(self), step: Part::Key(key) }
    }

    /// An element of the list here.
    pub const fn index(&'a self, index: usize) -> At<'a> {
        At { up: Some(self), step: Part::Index(index) }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(up) = self.up {
            up.write(f)?;
        }
        let first = self.up.is_none_or(|up| matches!(up.step, Part::File));
        let below = self.up.is_some_and(|up| matches!(up.step, Part::Endpoint(..)));
        let separator = if below { " › " } else { "." };
        match self.step {
            Part::File => Ok(()),
            Part::Endpoint(method, path) => write!(f, "{method} {path}"),
            Part::Key(key) if first => f.write_str(key),
            Part::Key(key) => write!(f, "{separator}{key}"),
            Part::Index(index) => write!(f, "[{index}]"),
        }
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)
    }
}

#[cfg(test)]
mod tests {
    use super::At;

    #[test]
    fn a_place_reads_from_the_endpoint_down() {
        let endpoint = At::endpoint("POST", "/nodes/{node}/qemu");
        let parameters = endpoint.key("parameters");
        let family = parameters.key("scsi[n]");
        let index = family.index(2);
        assert_eq!(endpoint.to_string(), "POST /nodes/{node}/qemu");
        assert_eq!(index.key("ssd").to_string(), "POST /nodes/{node}/qemu › parameters.scsi[n][2].ssd");
        assert_eq!(At::FILE.key("snapshot").index(0).to_string(), "snapshot[0]");
    }
}
