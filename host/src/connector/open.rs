//! A connector that is ready for calls. Id tokens of the machine are issued, and programs are run, for them: a call may
//! come when the token of the one before has ended.

use std::borrow::Cow;

use secrecy::ExposeSecret as _;

use super::command_error::{CommandFault, RunError};
use super::error::ConnectorError;
use super::fields;
use super::ready::{self, Ready};
use super::shape::Shape;
use super::token_error::{IssueError, TokenError};
use crate::environment::Environment;
use crate::flavor::{ConnectorView, FieldValue, Secret, limits};
use crate::id_token::{self, IdTokenFrom};
use crate::implicit_sources::Command;
use crate::store::Name;
use crate::text::{Escaped, Moment};

/// A connector with all values but those that are issued. Without `Debug`: it holds secrets.
pub(crate) struct OpenConnector {
    name: Name,
    kept: ConnectorView,
    made: Made,
    ready: Ready,
    environment: Environment,
}

/// The fields whose values are made for each call.
pub(super) struct Made {
    /// Those that take an id token.
    pub(super) issued: Vec<IssuedField>,
    /// Those that take the output of a program.
    pub(super) run: Vec<RunField>,
}

impl Made {
    fn is_empty(&self) -> bool {
        self.issued.is_empty() && self.run.is_empty()
    }
}

/// A field that takes the output of a program.
pub(super) struct RunField {
    /// The field.
    pub(super) shape: Shape,
    /// The program, with the values of its placeholders.
    pub(super) command: Command,
}

/// A field that takes an id token.
pub(super) struct IssuedField {
    /// Its name.
    pub(super) name: String,
    /// The audience, with the values of its placeholders.
    pub(super) audience: String,
    /// Where the token is from.
    pub(super) from: IdTokenFrom,
    /// Whether a connector without it can't be used.
    pub(super) required: bool,
}

impl OpenConnector {
    pub(super) fn new(name: Name, kept: ConnectorView, made: Made, environment: &Environment) -> Self {
        let environment = if made.is_empty() { Environment::default() } else { environment.clone() };
        Self { name, kept, made, ready: Ready::default(), environment }
    }

    /// The connector without what is made for each call.
    #[must_use]
    pub(crate) fn kept(&self) -> &ConnectorView {
        &self.kept
    }

    /// Whether something of it is made for each call. What flavors make of that is this job's, or this login's, alone,
    /// and is kept for no other.
    #[must_use]
    pub(crate) fn is_issued(&self) -> bool {
        !self.made.is_empty()
    }

    /// The first field that takes an id token: its name, the audience, and where the token is from.
    #[must_use]
    pub(super) fn first_issued(&self) -> Option<(&str, &str, &IdTokenFrom)> {
        let first = self.made.issued.first()?;
        Some((&first.name, &first.audience, &first.from))
    }

    /// Has the next call get everything anew.
    pub(crate) async fn renew(&self) {
        self.ready.clear().await;
    }

    /// The connector for one call, with tokens that no call has used, and values that were printed a moment ago.
    ///
    /// # Errors
    /// When a token that is needed can't be had, or a program that the user allowed gives no value.
    pub(crate) async fn lend(&self) -> Result<Cow<'_, ConnectorView>, ConnectorError> {
        if self.made.is_empty() {
            return Ok(Cow::Borrowed(&self.kept));
        }
        let mut view = self.kept.clone();
        for IssuedField { name, audience, from, required } in &self.made.issued {
            if let Some(unused) = self.ready.unused(name) {
                view.fields.push((name.clone(), FieldValue::Secret(unused)));
                continue;
            }
            match id_token::issue(from, audience, &self.environment).await {
                Ok(issued) => {
                    let secret = Secret::new(name, &issued.token, []);
                    if issued.claims.ends_after(Moment::now().0.saturating_add(ready::LEFT)) {
                        self.ready.keep(name, &secret);
                    }
                    view.fields.push((name.clone(), FieldValue::Secret(secret)));
                }
                Err(error) if !required && error.is_absence() => {
                    tracing::debug!("field `{}` is left out: {error}", Escaped::from(name));
                }
                Err(reason) => {
                    let (connector, field) = (self.name.clone(), name.as_str().into());
                    return Err(
                        Box::new(TokenError::Issue(IssueError { connector, field, reason: Box::new(reason) })).into()
                    );
                }
            }
        }
        for field in &self.made.run {
            let value = self.ready.printed(&field.shape.name, self.printed(field)).await?;
            view.fields.push((field.shape.name.clone(), value));
        }
        Ok(Cow::Owned(view))
    }

    /// What a program prints now, as the value of its field.
    async fn printed(&self, RunField { shape, command }: &RunField) -> Result<FieldValue, ConnectorError> {
        let printed = command.run(&self.environment, limits::CREDENTIAL_BYTES).await;
        let printed = printed.and_then(|value| match fields::fault(shape.kind, value.expose_secret()) {
            None => Ok(shape.of(value)),
            Some(fault) => Err(command.failed(format!("what it printed {fault}"))),
        });
        printed.map_err(|reason| {
            let (connector, field) = (self.name.clone(), shape.name.as_str().into());
            Box::new(CommandFault::Run(RunError { connector, field, reason: Box::new(reason) })).into()
        })
    }
}

/// The value of a text field; none if it has none.
pub(super) fn text_of(fields: &[(String, FieldValue)], name: &str) -> Option<String> {
    fields.iter().find_map(|(known, value)| match value {
        FieldValue::Text(text) if known == name => Some(text.clone()),
        _ => None,
    })
}

/// An audience with the values of text fields in place of `{NAME}`; the name of the first that has no value, otherwise.
pub(super) fn filled_in(audience: &str, fields: &[(String, FieldValue)]) -> Result<String, String> {
    let (mut filled, mut rest) = (String::new(), audience);
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        filled.push_str(before);
        filled.push_str(&text_of(fields, name).ok_or_else(|| name.to_owned())?);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_has_the_values_of_text_fields() {
        let secret = FieldValue::Secret(Secret::new("token", &"x".into(), []));
        let fields =
            [("provider".to_owned(), FieldValue::Text("projects/1/p".to_owned())), ("token".to_owned(), secret)];
        for (audience, filled) in [
            ("sts.amazonaws.com", Ok("sts.amazonaws.com")),
            ("https://iam.example/{provider}", Ok("https://iam.example/projects/1/p")),
            ("{provider}/{provider}", Ok("projects/1/p/projects/1/p")),
            ("a{b", Ok("a{b")),
            ("{other}", Err("other")),
            ("{token}", Err("token")),
        ] {
            let found = filled_in(audience, &fields);
            assert_eq!(found.as_deref().map_err(String::as_str), filled, "{audience}");
        }
    }
}
