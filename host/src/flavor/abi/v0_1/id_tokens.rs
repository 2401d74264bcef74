//! The optional interface `id-tokens`, which 0.1.1 added: found by its name, in the version of the flavor's own.

use wasmtime::component::types as item;
use wasmtime::component::{ComponentType, Lift, Lower};
use wasmtime::{Engine, Store};

use super::bindings::GuestPre;
use super::bindings::crhost::flavor::types;
use super::optional::{Exported, call, extended};
use super::{bounds, lift, lower};
use crate::flavor::abi::answer::{Answer, Outcome};
use crate::flavor::cause::OutputError;
use crate::flavor::limits;
use crate::flavor::model::{ConnectorContext, Description, FieldKind, IdentityClaims, Instruction};
use crate::flavor::sandbox::SandboxState;
use crate::id_token::IdTokenFrom;
use crate::implicit_sources::ImplicitSource;

/// The interface, up to its version.
const INTERFACE: &str = "crhost:flavor/id-tokens@";

/// `id-token`
#[derive(ComponentType, Lift)]
#[component(record)]
struct IdToken {
    /// Connector type and name of the auth method.
    #[component(name = "auth-method")]
    auth_method: (String, String),
    /// The field.
    field: String,
    /// The audience, with placeholders.
    audience: String,
}

/// `claims`
#[derive(Clone, ComponentType, Lower)]
#[component(record)]
struct Claims {
    /// The claim `iss`.
    issuer: String,
    /// The claim `sub`.
    subject: String,
    /// The audience.
    audience: String,
}

/// `instruction`
#[derive(ComponentType, Lift)]
#[component(record)]
struct WitInstruction {
    /// What it is.
    summary: String,
    /// The text.
    text: String,
}

/// The result of `describe-id-tokens`.
type Described = (Vec<IdToken>,);
/// The parameters of `explain-trust`.
type Explain = (types::Connector, Vec<(String, String)>, Claims);
/// Its result.
type Explained = (Result<Vec<WitInstruction>, types::Failure>,);

/// The interface of one flavor, by the full name of its export, if it has it.
pub(super) struct IdTokens(Option<String>);

impl IdTokens {
    /// That of a component.
    ///
    /// # Errors
    /// When one of its functions has another type than the contract's.
    pub(super) fn find(
        engine: &Engine,
        component: &item::Component,
        version: &semver::Version,
    ) -> wasmtime::Result<Self> {
        let Some(exported) = Exported::find(engine, component, INTERFACE, version) else { return Ok(Self(None)) };
        exported.check::<(), Described>("describe-id-tokens")?;
        exported.check::<Explain, Explained>("explain-trust")?;
        Ok(Self(Some(exported.name)))
    }

    /// A description with what this interface declares.
    ///
    /// # Errors
    /// When the guest traps.
    pub(super) async fn describe(
        &self,
        guest: &GuestPre<SandboxState>,
        store: &mut Store<SandboxState>,
        described: Description,
    ) -> Answer<Description> {
        extended((self.0.as_deref(), "describe-id-tokens"), guest, store, described, with_id_tokens).await
    }

    /// What the user has to set up; none without the interface.
    ///
    /// # Errors
    /// When the guest traps.
    pub(super) async fn explain_trust(
        &self,
        guest: &GuestPre<SandboxState>,
        store: &mut Store<SandboxState>,
        context: ConnectorContext<'_>,
        claims: &IdentityClaims,
    ) -> Answer<Option<Vec<Instruction>>> {
        let Some(export) = &self.0 else { return Ok(Outcome::Value(None)) };
        let connector = lower::connector(store, context.connector)?;
        let IdentityClaims { issuer, subject, audience } = claims.clone();
        let parameters: Explain = (connector, context.options.to_vec(), Claims { issuer, subject, audience });
        let (answer,): Explained = call(guest, store, export, "explain-trust", parameters).await?;
        Ok(lift::outcome(answer, |instructions| instructions_of(instructions).map(Some)))
    }
}

/// Texts for the user, cut line by line.
fn instructions_of(instructions: Vec<WitInstruction>) -> Result<Vec<Instruction>, OutputError> {
    let read = |WitInstruction { summary, text }: WitInstruction| {
        let lines: Vec<String> = text.lines().map(bounds::line).collect();
        match lines.len() {
            ..=limits::INSTRUCTION_LINES => Ok(Instruction { summary: bounds::text(&summary), lines }),
            more => Err(OutputError::too_many("lines of an instruction", more, limits::INSTRUCTION_LINES)),
        }
    };
    bounds::bounded("instructions", instructions)?.into_iter().map(read).collect()
}

/// The description with id tokens as the last sources of fields.
fn with_id_tokens(mut to: Description, declared: Vec<IdToken>) -> Result<Description, OutputError> {
    for IdToken { auth_method: (connector_type, name), field, audience } in bounds::bounded("id tokens", declared)? {
        let shown = format!("{connector_type}/{name}");
        let Some(method) = to.auth_method_mut(&connector_type, &name) else {
            return Err(OutputError::expected("auth method", &shown, "expected one that `describe` gives"));
        };
        let is_text =
            |name: &str| method.fields.iter().any(|field| field.name.as_str() == name && field.kind == FieldKind::Text);
        check_audience(&audience, is_text)?;
        let found = method.fields.iter_mut().find(|known| known.name.as_str() == field);
        let Some(found) = found.filter(|known| known.kind == FieldKind::Secret) else {
            return Err(OutputError::expected("field of an id token", &field, "expected one of kind `secret`"));
        };
        if found.sources.iter().any(ImplicitSource::is_id_token) {
            return Err(OutputError::repeated("id tokens", &format!("{shown}/{field}")));
        }
        found.sources.push(ImplicitSource::IdToken { audience, from: IdTokenFrom::Auto });
    }
    Ok(to)
}

/// Checks that an audience can be shown as it is, and that its placeholders are text fields of its method.
fn check_audience(audience: &str, is_text: impl Fn(&str) -> bool) -> Result<(), OutputError> {
    let is_plain = (1..=limits::TEXT_CHARS).contains(&audience.len()) && audience.chars().all(|c| c.is_ascii_graphic());
    if !is_plain {
        let rule = format!("expected 1 to {} visible ASCII characters", limits::TEXT_CHARS);
        return Err(OutputError::expected("audience", audience, rule));
    }
    let unknown = audience.split('{').skip(1).find(|rest| !rest.split_once('}').is_some_and(|(name, _)| is_text(name)));
    match unknown {
        Some(_) => Err(OutputError::expected("audience", audience, "expected text fields of the method in braces")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_is_visible_and_made_of_text_fields() {
        let is_text = |name: &str| name == "provider";
        for audience in ["sts.amazonaws.com", "https://iam.example/{provider}", "api://AzureADTokenExchange"] {
            assert!(check_audience(audience, is_text).is_ok(), "{audience}");
        }
        for audience in ["", "a b", "a\nb", "ä", "{other}", "{provider", "{provider}{x}", &"x".repeat(5_000)] {
            assert!(check_audience(audience, is_text).is_err(), "{audience}");
        }
    }

    #[test]
    fn an_instruction_keeps_its_lines() {
        let given = |text: &str| WitInstruction { summary: "a\nb".to_owned(), text: text.to_owned() };
        let read = instructions_of(vec![given("{\n  \"a\": \u{1b}[31m1\n}\n")]).unwrap();
        assert_eq!(read[0].lines, ["{", r#"  "a": \u{1b}[31m1"#, "}"]);
        assert!(instructions_of(vec![given(&"x\n".repeat(limits::INSTRUCTION_LINES + 1))]).is_err());
    }
}
