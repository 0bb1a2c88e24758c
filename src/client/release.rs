//! What the connected host is too old (or too new) for, refused before it is sent: a PVE that does not know a
//! parameter answers 400 and names neither the reason nor the cure.

use std::time::Duration;

use super::{Error, Inner, Words};
use crate::{
    api,
    momentary::Momentary,
    spec::{Call, Endpoint},
};

/// How long the release of a host is remembered: hosts are upgraded under a running client.
const REMEMBER: Duration = Duration::from_secs(3600);

/// A release of PVE: major and minor number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release {
    /// The 9 in `9.2`.
    pub major: u32,
    /// The 2 in `9.2`.
    pub minor: u32,
}

impl Release {
    /// Reads `9.2`, `9.2.11`, `7.4-20`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.trim().split(['.', '-']).map(str::parse);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(major)), Some(Ok(minor))) => Some(Self { major, minor }),
            _ => None,
        }
    }

    /// Whether this release surely lacks what the releases `has` have, of those that are `known`; then the nearest
    /// release that has it.
    pub fn lacks(self, known: &[impl AsRef<str>], has: &[impl AsRef<str>]) -> Option<Self> {
        lacks(known, has, self)
    }
}

impl std::fmt::Display for Release {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The release of one host, once it has been asked; nothing where it says none.
pub(super) type Known = Momentary<Option<Release>>;

/// That of a host that has not been asked.
pub(super) const fn unknown() -> Known {
    Momentary::new(REMEMBER)
}

/// Refuses a call for which the connected host is of the wrong release.
pub(super) async fn gate(inner: &Inner, call: &Call) -> Result<(), Error> {
    if !uneven(inner.settings.releases, call) {
        return Ok(());
    }
    match host(inner).await {
        Some(release) => check(inner.settings.releases, call, release),
        // A host that does not say what it is gets the call and answers for itself.
        None => Ok(()),
    }
}

/// Whether the connected host's release has a parameter of an endpoint.
pub(super) async fn has(inner: &Inner, endpoint: &Endpoint, param: &str) -> bool {
    let Some(param) = endpoint.param(param) else { return false };
    if lacking(&endpoint.releases, &param.releases).next().is_none() {
        return true;
    }
    match host(inner).await {
        // Between a release that lacks it and one that has it nobody knows; PVE refuses what it does not know.
        Some(release) => {
            param.releases.iter().filter_map(|r| Release::parse(r)).any(|has| has <= release)
                && lacks(&endpoint.releases, &param.releases, release).is_none()
        }
        None => false,
    }
}

/// The release of the host that answers, asked once an hour.
pub(super) async fn host(inner: &Inner) -> Option<Release> {
    let known = inner.releases.get(inner.hosts.good())?;
    let asked = known.get(async {
        let version = inner.ask(&api::GetVersion::new()).await?;
        let release = version.version.as_deref().and_then(Release::parse);
        Ok::<_, Error>(release.or_else(|| version.release.as_deref().and_then(Release::parse)))
    });
    asked.await.unwrap_or_else(|error| {
        tracing::debug!(%error, "the host's release could not be read");
        None
    })
}

/// Whether not all known releases have the endpoint and the parameters of a call.
fn uneven(known: &[&str], call: &Call) -> bool {
    let endpoint = call.endpoint;
    let params = call.params().iter().filter_map(|(name, _)| endpoint.param(name));
    lacking(known, &endpoint.releases).next().is_some()
        || params.into_iter().any(|p| lacking(&endpoint.releases, &p.releases).next().is_some())
}

fn check(known: &[&str], call: &Call, host: Release) -> Result<(), Error> {
    let endpoint = call.endpoint;
    let at = format!("{} {}", endpoint.method, endpoint.path);
    let refuse =
        |what: Words, has: Release| Err(Error::TooOld { what, since: has.to_string(), host: host.to_string() });
    if let Some(has) = lacks(known, &endpoint.releases, host) {
        return refuse(Words::ours(|p| p.too_old_endpoint, [("at", at.into())]), has);
    }
    for (name, _) in call.params() {
        let Some(param) = endpoint.param(name) else { continue };
        if let Some(has) = lacks(&endpoint.releases, &param.releases, host) {
            let values = [("name", name.as_ref().into()), ("at", at.into())];
            return refuse(Words::ours(|p| p.too_old_parameter, values), has);
        }
    }
    Ok(())
}

/// The known releases that lack something that `has` lists.
fn lacking(known: &[impl AsRef<str>], has: &[impl AsRef<str>]) -> impl Iterator<Item = Release> {
    let without = |release: &&str| !has.is_empty() && !has.iter().any(|has| has.as_ref() == *release);
    known.iter().map(AsRef::as_ref).filter(without).filter_map(Release::parse)
}

/// Whether `host` surely lacks what the releases `has` have, of those that are `known`; then the nearest release that
/// has it. Between a release that lacks it and one that has it nobody knows, and the host answers for itself.
fn lacks(known: &[impl AsRef<str>], has: &[impl AsRef<str>], host: Release) -> Option<Release> {
    let having = || has.iter().filter_map(|r| Release::parse(r.as_ref()));
    let newer = having().filter(|r| *r > host).min();
    let older = having().filter(|r| *r < host).max();
    if having().any(|r| r == host) {
        return None;
    }
    let without = |r: Release| match (older, newer) {
        (None, Some(newer)) => host <= r && r < newer,
        (Some(older), None) => older < r && r <= host,
        _ => r == host,
    };
    lacking(known, has).any(without).then_some(newer.or(older)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["7.4", "8.4", "9.1", "9.2"];

    fn asked(has: &[&str], host: &str) -> Option<String> {
        lacks(KNOWN, has, Release::parse(host).expect("release")).map(|r| r.to_string())
    }

    #[test]
    fn a_release_is_read_from_all_the_ways_pve_writes_it() {
        for (text, release) in [("9.2", "9.2"), ("9.2.11", "9.2"), ("7.4-20", "7.4"), ("10.0~rc1", "")] {
            assert_eq!(Release::parse(text).map(|r| r.to_string()).unwrap_or_default(), release, "{text}");
        }
    }

    #[test]
    fn a_host_at_or_before_a_release_that_lacks_it_is_too_old() {
        let new = &["8.4", "9.1", "9.2"];
        assert_eq!(asked(new, "7.4").as_deref(), Some("8.4"));
        assert_eq!(asked(new, "7.0").as_deref(), Some("8.4"));
        assert_eq!(asked(&["9.2"], "8.4").as_deref(), Some("9.2"));
    }

    #[test]
    fn a_host_between_the_known_releases_answers_for_itself() {
        assert_eq!(asked(&["8.4", "9.1", "9.2"], "8.1"), None);
        assert_eq!(asked(KNOWN, "6.4"), None);
        assert_eq!(asked(&[] as &[&str], "9.2"), None);
    }

    #[test]
    fn a_host_that_no_longer_has_it_is_told_which_release_had_it() {
        assert_eq!(asked(&["7.4", "8.4"], "9.1").as_deref(), Some("8.4"));
        assert_eq!(asked(&["7.4", "8.4"], "9.9").as_deref(), Some("8.4"));
        assert_eq!(asked(&["7.4", "8.4"], "9.0"), None);
        assert_eq!(asked(&["8.4", "9.2"], "9.1").as_deref(), Some("9.2"));
    }
}
