//! The plan of a call whose risk asks for consent: what would be done, to what, and what is there now.

use serde_json::Value;

use super::{
    given::plain,
    now,
    say::{self, Say},
    secret,
    target::About,
};
use crate::{
    foreign,
    spec::{Call as Request, Endpoint, Risk},
    tools::{change::Bound, property::MASK, seal::bind, tool::Call},
};

/// Most characters of what is there now in a plan.
const NOW_MAX: usize = 1_500;

/// What is to be agreed to.
pub(super) struct Plan {
    /// In words.
    pub lines: Vec<String>,
    /// What agreement is bound to.
    pub bound: Bound,
}

impl Plan {
    /// Reads what there is now and says what would be done. `guests` are those that a call on many would touch.
    pub(super) async fn read(
        call: &Call<'_>,
        endpoint: &'static Endpoint,
        risk: Risk,
        about: &About,
        request: &Request,
        guests: &[String],
    ) -> Self {
        let now = now::read(call, endpoint, about).await;
        let mut lines = vec![format!("{} {}", endpoint.method, request.path())];
        if endpoint.is_described() {
            lines.push(call.either(endpoint.says(false), endpoint.says(true)));
        }
        if let Some(guest) = &about.guest {
            lines.push(guest.display(call.texts));
        }
        lines.extend(given(call, endpoint, about));
        if !guests.is_empty() {
            let all = guests.join(", ");
            lines.push(call.either(
                format!("Guests that it touches ({}): {all}", guests.len()),
                format!("Huéspedes a los que afecta ({}): {all}", guests.len()),
            ));
        }
        if !now.lost.is_empty() {
            let lost = now.lost.join("; ");
            lines.push(
                call.either(format!("What it takes away or changes: {lost}"), format!("Lo que quita o cambia: {lost}")),
            );
        } else if let Some(whole) = &now.whole {
            let shown = foreign::line(whole, NOW_MAX);
            lines.push(call.either(format!("Now: {shown}"), format!("Ahora: {shown}")));
        }
        lines.extend(say::loss(call, risk));
        let (subject, word) = match &about.guest {
            Some(guest) => {
                let id = guest.vmid.to_string();
                (id.clone(), guest.name.clone().unwrap_or(id))
            }
            None => {
                let path = request.path().to_owned();
                let last = path.rsplit('/').next().unwrap_or_default().to_owned();
                (path, last)
            }
        };
        let to = bind(&[
            call.tool.name,
            &endpoint.at(),
            request.path(),
            &Value::Object(about.arguments.clone()).to_string(),
            &now.whole.unwrap_or_default(),
            &guests.join(","),
            call.caller(),
        ]);
        Self { lines, bound: Bound { subject, word, to } }
    }
}

/// The arguments outside the path, those that are secret hidden.
fn given(call: &Call<'_>, endpoint: &Endpoint, about: &About) -> Option<String> {
    let outside = about.arguments.iter().filter(|(name, _)| !endpoint.param(name).is_some_and(|param| param.in_path));
    let shown = outside.map(|(name, value)| {
        let value = if secret::is_secret_of(endpoint, name) { MASK.to_owned() } else { plain(value) };
        format!("{name}={}", foreign::line(&value, 200))
    });
    let all = shown.collect::<Vec<_>>().join(", ");
    (!all.is_empty()).then(|| call.either(format!("With: {all}"), format!("Con: {all}")))
}
