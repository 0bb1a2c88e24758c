//! Consent to a call whose risk asks for it: what would be done, to what, and what is there now.

use std::time::Duration;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{
    given::{plain, word},
    now,
    say::{self, Say},
    secret,
    target::About,
};
use crate::{
    foreign,
    spec::{Call as Request, Endpoint, Risk},
    tools::{
        call::{Consent, Problem, Question, Reply, ToolResult},
        consent::{self, CodeError},
        outcome::Outcome,
        property::MASK,
        seal::{NoRandom, Purpose},
        tool::Call,
    },
};

/// Most characters of what is there now in a plan.
const NOW_MAX: usize = 1_500;

/// What is to be agreed to.
pub(super) struct Plan {
    /// What it is done to: a guest's id, or the path.
    pub subject: String,
    /// The name of it, which a person at a terminal types.
    word: String,
    /// In words.
    lines: Vec<String>,
    /// What agreement is bound to.
    bound: String,
}

/// What consent has led to.
pub(super) enum Agreed {
    /// Carry it out; with when the code was made, if it came with one.
    Yes(Option<Duration>),
    /// The user has just said yes, and may have thought about it for minutes.
    Asked,
    /// The call ends here.
    Over(Reply),
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
        let subject = match (&about.guest, endpoint.method) {
            (Some(guest), _) => guest.vmid.to_string(),
            (None, _) => request.path().to_owned(),
        };
        let word = match &about.guest {
            Some(guest) => guest.name.clone().unwrap_or_else(|| guest.vmid.to_string()),
            None => request.path().rsplit('/').next().unwrap_or_default().to_owned(),
        };
        let mut hash = Sha256::new();
        let parts = [endpoint.at(), request.path().to_owned(), Value::Object(about.arguments.clone()).to_string()];
        let caller = call.ctx.identity().unwrap_or_default().to_owned();
        for part in parts.iter().chain([&now.whole.unwrap_or_default(), &guests.join(","), &caller]) {
            hash.update(u64::try_from(part.len()).unwrap_or_default().to_be_bytes());
            hash.update(part.as_bytes());
        }
        let bound = hash.finalize().iter().fold(String::from("api "), |text, byte| format!("{text}{byte:02x}"));
        Self { subject, word, lines, bound }
    }

    /// Obtains consent.
    pub(super) async fn agree(&self, call: &Call<'_>) -> Result<Agreed, ToolResult> {
        let caller = call.ctx.identity().unwrap_or_default();
        let spent = call.tools.spent();
        if let Some(code) = word(&call.given, "confirm") {
            return match consent::check(call.tools.key(), Purpose::Code, code, &self.bound) {
                Ok(made) => Ok(Agreed::Yes(Some(made))),
                Err(CodeError::Expired) => self.offer(call, Some(call.texts.code_expired())),
                Err(CodeError::Wrong) => self.offer(call, Some(call.texts.code_wrong())),
            };
        }
        match &call.ctx.consent {
            Consent::Code | Consent::Typed(_) => self.offer(call, None),
            Consent::Ask(ask) => match ask.ask(self.question(call)?).await {
                Ok(true) => Ok(Agreed::Asked),
                Ok(false) => {
                    spent.decline(&self.subject, caller);
                    Err(not_agreed(declined(call)))
                }
                Err(reason) => Err(not_agreed(call.either(
                    format!("Nothing was sent: the user could not be asked ({reason})."),
                    format!("No se envió nada: no se pudo preguntar al usuario ({reason})."),
                ))),
            },
            Consent::Repeat(Some(answered)) if !answered.agreed => {
                spent.decline(&self.subject, caller);
                Err(not_agreed(declined(call)))
            }
            Consent::Repeat(answered) => {
                let open = |state: &str| consent::check(call.tools.key(), Purpose::Question, state, &self.bound).ok();
                let made = answered.as_ref().and_then(|answered| open(&answered.state));
                match made.filter(|made| !spent.is_spent(&self.subject, caller, *made)) {
                    Some(made) => Ok(Agreed::Yes(Some(made))),
                    None => Ok(Agreed::Over(Reply::Question(self.question(call)?))),
                }
            }
        }
    }

    /// That what is there is no longer what was agreed to, if so: what is done is what was shown.
    ///
    /// # Errors
    /// The answer, if so.
    pub(super) fn unchanged_since(&self, shown: &Self, call: &Call<'_>) -> Result<(), ToolResult> {
        if self.bound == shown.bound {
            return Ok(());
        }
        Err(not_agreed(call.either(
            "Nothing was sent: what is there has changed since it was shown.".to_owned(),
            "No se envió nada: lo que hay ha cambiado desde que se mostró.".to_owned(),
        )))
    }

    /// The plan with its code, as a result that is no success.
    fn offer(&self, call: &Call<'_>, first: Option<&str>) -> Result<Agreed, ToolResult> {
        let code = consent::code(call.tools.key(), Purpose::Code, &self.bound).map_err(|e| unsealed(call, e))?;
        let how = match &call.ctx.consent {
            Consent::Typed(command) => call.either(
                format!("Nothing was sent yet. To do it, type within 5 minutes: {command} confirm={code}"),
                format!("Aún no se ha enviado nada. Para hacerlo, escriba antes de 5 minutos: {command} confirm={code}"),
            ),
            _ => call.either(
                format!("Nothing was sent yet. Ask the user. If they agree, call callApi again within 5 minutes with the same arguments and confirm={code}."),
                format!("Aún no se ha enviado nada. Pregunta al usuario. Si acepta, llama de nuevo a callApi antes de 5 minutos con los mismos argumentos y confirm={code}."),
            ),
        };
        let lines: Vec<&str> =
            first.into_iter().chain(self.lines.iter().map(String::as_str)).chain([how.as_str()]).collect();
        let text = lines.join("\n");
        let mut facts = Map::new();
        facts.insert("outcome".to_owned(), Outcome::Confirm.as_str().into());
        facts.insert("confirm".to_owned(), code.into());
        facts.insert("detail".to_owned(), text.clone().into());
        Ok(Agreed::Over(Reply::Result(ToolResult { text, structured: Some(facts), problem: Some(Problem::Consent) })))
    }

    fn question(&self, call: &Call<'_>) -> Result<Question, ToolResult> {
        let mut plan = self.lines.join("\n");
        foreign::text(&mut plan);
        let shown = foreign::line(&self.word, foreign::NAME).into_owned();
        Ok(Question {
            plan,
            title: call.either("Do it".to_owned(), "Hacerlo".to_owned()),
            field: call.either("Yes, do exactly this".to_owned(), "Sí, hacer exactamente esto".to_owned()),
            prompt: call.either(format!("To agree, type {shown}: "), format!("Para aceptar, escriba {shown}: ")),
            word: self.word.clone(),
            state: consent::code(call.tools.key(), Purpose::Question, &self.bound).map_err(|e| unsealed(call, e))?,
        })
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

fn unsealed(call: &Call<'_>, e: NoRandom) -> ToolResult {
    ToolResult::problem(
        Problem::Failed,
        call.either(
            format!("No code could be made: {e}. Nothing was sent."),
            format!("No se pudo crear un código: {e}. No se envió nada."),
        ),
    )
}

fn declined(call: &Call<'_>) -> String {
    call.either(
        "Nothing was sent: the user did not agree.".to_owned(),
        "No se envió nada: el usuario no aceptó.".to_owned(),
    )
}

/// That there is no agreement.
pub(super) fn not_agreed(text: String) -> ToolResult {
    let facts = Map::from_iter([
        ("outcome".to_owned(), Outcome::Declined.as_str().into()),
        ("detail".to_owned(), text.clone().into()),
    ]);
    ToolResult { text, structured: Some(facts), problem: Some(Problem::Consent) }
}
