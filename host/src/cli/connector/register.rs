//! `crhost connector register`.

use std::collections::BTreeMap;

use secrecy::SecretString;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use super::Storing;
use super::ask::{self, Draft};
use super::show;
use super::value::{self, Given};
use super::words::Words;
use crate::catalog::Catalog;
use crate::connector::{self, Registration};
use crate::error::Kind;
use crate::store::{ConnectorRecord, StoredKind};

pub(super) async fn run(
    context: &Context,
    mut draft: Draft,
    interactive: bool,
    storing: Storing,
    fields: Words,
) -> Result<(), Failure> {
    draft.fields = given(fields).await?;
    let (store, runtime) = (Context::store()?, Context::runtime()?);
    let catalog = Catalog::new(&runtime, &store);
    if interactive {
        draft = ask::run(&catalog, &store, storing.asking.flavor.as_deref(), draft).await?;
    }
    let Draft { name: Some(name), connector_type: Some(connector_type), method, fields, allow_implicit } = draft else {
        // clap and the questions see to that.
        return Err(Failure::new(Kind::Usage, "a name or a type is missing", "give NAME and `--type TYPE`"));
    };
    let (visible, fields) = parted(fields);
    let flavor = storing.asking.flavor.clone();
    let question = (!storing.no_verify).then(|| storing.asking.question());
    let registration = Registration { name, connector_type, method, flavor, fields, allow_implicit, question };
    let kept = connector::register(&store, &catalog, registration).await?;
    warn_of_visible(&kept.connector, &visible);
    show::stored(context, "registered", kept);
    Ok(())
}

/// The values of fields, from where the words say.
pub(super) async fn given(fields: Words) -> Result<BTreeMap<String, Given>, Failure> {
    // On a thread of its own: standard input or a pipe may take its time.
    let given = tokio::task::spawn_blocking(move || value::all(fields)).await;
    Ok(given.map_err(|error| Failure::general(error.to_string()))??)
}

/// The names of fields whose values stood on the command line, and all values.
pub(super) fn parted(given: BTreeMap<String, Given>) -> (Vec<String>, BTreeMap<String, SecretString>) {
    let visible = given.iter().filter(|(_, given)| given.visible).map(|(name, _)| name.clone()).collect();
    (visible, given.into_iter().map(|(name, given)| (name, given.value)).collect())
}

pub(super) fn warn_of_visible(connector: &ConnectorRecord, visible: &[String]) {
    if connector.fields.iter().any(|field| field.kind != StoredKind::Text && visible.contains(&field.name)) {
        output::say("warning", "a secret on the command line can be seen by others, and stays in the shell's history");
        output::say("hint", "`--FIELD=@FILE`, `--FIELD=@env:VARIABLE` and `--FIELD=-` keep it to yourself");
    }
}
