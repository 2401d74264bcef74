//! The JSON schemas of all that crhost prints as JSON.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;

use super::pages::{check_file, check_section, table};
use crate::cli::event_stream::{MessageEvent, Timed};
use crate::cli::failure::{ErrorEvent, ErrorOutput};
use crate::cli::log_lines::LogLine;
use crate::cli::message::Message;
use crate::cli::output::Versioned;
use crate::cli::progress::{OfRegistry, TickEvent};
use crate::cli::push::{Metadata, PushedImages, Pushes, ResultsEvent};
use crate::cli::removed::Removed;
use crate::cli::result_event::ResultEvent;
use crate::cli::serve::Serving;
use crate::cli::server::{Explanation, ServingLogins};
use crate::cli::{
    apply, audit, auth, build, connector, docker, doctor, edit, flavor, inspect, key, kubernetes, login, plugin,
    policy, prune, registry, supply_chain, version,
};
use crate::edit::{Annotated, Created, Tagged};
use crate::inspect::{Description, Difference, Entry};
use crate::prune::Plan;
use crate::push::{Event, Report};

/// A line of `--progress json`.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the schema of the type is all that is needed")]
enum EventLine {
    /// An event of the push.
    Push(Timed<OfRegistry<'static, Event>>),
    /// An event that comes once per second.
    Tick(Timed<OfRegistry<'static, TickEvent>>),
    /// A line that is otherwise text.
    Message(Timed<MessageEvent<'static>>),
    /// The last event of a push that succeeded.
    Result(Timed<ResultEvent<'static, Report>>),
    /// The last event of a push to several registries.
    Results(Timed<ResultsEvent<'static>>),
    /// The last event of a push of several images that came to its end.
    Images(Timed<ResultEvent<'static, PushedImages<'static>>>),
    /// The last event of a pull that succeeded.
    Pulled(Timed<ResultEvent<'static, crate::pull::Report>>),
    /// The last event of a copy that came to its end.
    Copied(Timed<ResultEvent<'static, crate::copy::Report>>),
    /// The last event of a sync that came to its end.
    Synced(Timed<ResultEvent<'static, crate::sync::Report>>),
    /// The last event of a push that failed or was interrupted.
    Error(Timed<ErrorEvent<'static>>),
}

/// The result of `crhost build`.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the schema of the type is all that is needed")]
enum BuildResult {
    /// What was pushed, as `crhost push` prints it; an object for each name in another repository.
    Pushed(Report),
    /// What was built, without a push.
    Kept(build::Built),
}

/// A document: its file, what prints it, and its schema.
pub(super) type Document = (&'static str, &'static str, fn() -> Value);

pub(super) const DOCUMENTS: &[Document] = &[
    ("push", "`crhost push -o json`", schema::<Versioned<'static, Report>>),
    (
        "pushes",
        "`crhost push -o json --to A --to B`, to several registries",
        schema::<Versioned<'static, Pushes<'static>>>,
    ),
    (
        "pushed-images",
        "`crhost push -o json --all` and `--all-tags`",
        schema::<Versioned<'static, PushedImages<'static>>>,
    ),
    ("pull", "`crhost pull -o json`", schema::<Versioned<'static, crate::pull::Report>>),
    ("copy", "`crhost copy -o json`", schema::<Versioned<'static, crate::copy::Report>>),
    ("sync", "`crhost sync -o json`", schema::<Versioned<'static, crate::sync::Report>>),
    ("apply", "`crhost apply`", schema::<Versioned<'static, apply::Applied<'static>>>),
    ("build", "`crhost build -o json`", schema::<Versioned<'static, BuildResult>>),
    ("attached", "`crhost attach`", schema::<Versioned<'static, supply_chain::AttachedShown>>),
    ("referrers", "`crhost referrers`", schema::<Versioned<'static, supply_chain::ReferrersShown>>),
    ("signed", "`crhost sign`", schema::<Versioned<'static, supply_chain::SignedShown>>),
    ("verified", "`crhost verify`", schema::<Versioned<'static, supply_chain::VerifiedShown>>),
    ("key-pair", "`crhost generate-key-pair`", schema::<Versioned<'static, supply_chain::GeneratedShown>>),
    ("prune", "`crhost prune` without `--apply`", schema::<Versioned<'static, Plan>>),
    ("prune-plan", "`crhost prune --plan FILE`, into the file", schema::<Plan>),
    ("prune-result", "`crhost prune --apply FILE`", schema::<Versioned<'static, prune::Report<'static>>>),
    (
        "push-event",
        "`crhost push --progress json`, `crhost pull --progress json`, `crhost copy --progress json` and \
         `crhost sync --progress json`, a line for each event, on standard error",
        schema::<EventLine>,
    ),
    ("push-metadata", "`crhost push --metadata-file FILE`, into the file", schema::<Metadata>),
    ("repositories", "`crhost repos`", schema::<Versioned<'static, inspect::Repositories>>),
    ("tags", "`crhost tags`", schema::<Versioned<'static, inspect::Tags>>),
    ("inspect", "`crhost inspect`", schema::<Versioned<'static, Description>>),
    ("digest", "`crhost digest`", schema::<Versioned<'static, inspect::Digests>>),
    ("document", "`crhost config` and `crhost manifest`", schema::<Versioned<'static, inspect::Document>>),
    ("file", "`crhost ls-files`, a line for each file", schema::<Versioned<'static, Entry>>),
    ("diff", "`crhost diff`", schema::<Versioned<'static, Difference>>),
    ("tag", "`crhost tag`", schema::<Versioned<'static, Tagged>>),
    ("delete", "`crhost delete`", schema::<Versioned<'static, edit::Deletions>>),
    ("index", "`crhost index create`, `add` and `remove`", schema::<Versioned<'static, Created>>),
    ("annotate", "`crhost annotate`", schema::<Versioned<'static, Annotated>>),
    (
        "registry",
        "`crhost registry describe`, `disconnect`, `rename`, `copy` and `use`",
        schema::<Versioned<'static, registry::Shown>>,
    ),
    (
        "registry-change",
        "`crhost registry register`, `update` and `connect`",
        schema::<Versioned<'static, registry::Admitted>>,
    ),
    ("registry-none", "`crhost registry use --none`", schema::<Versioned<'static, registry::NoneInUse>>),
    ("registries", "`crhost registry list`", schema::<Versioned<'static, registry::List>>),
    ("registry-verification", "`crhost registry verify`", schema::<Versioned<'static, registry::Report>>),
    ("connector", "`crhost connector describe`", schema::<Versioned<'static, connector::Shown>>),
    ("connector-change", "`crhost connector register` and `update`", schema::<Versioned<'static, connector::Changed>>),
    ("connectors", "`crhost connector list`", schema::<Versioned<'static, connector::List>>),
    ("connector-trust", "`crhost connector explain`", schema::<Versioned<'static, connector::Trust>>),
    ("connector-verification", "`crhost connector verify`", schema::<Versioned<'static, connector::Verified<'static>>>),
    ("connector-resources", "`crhost connector list-resources`", schema::<Versioned<'static, connector::Resources>>),
    ("connector-types", "`crhost connector list-types`", schema::<Versioned<'static, connector::TypeList>>),
    ("connector-type", "`crhost connector describe-type`", schema::<Versioned<'static, connector::ShownType<'static>>>),
    (
        "flavor",
        "`crhost flavor describe`, `register`, `grant` and `rollback`",
        schema::<Versioned<'static, flavor::Described<'static>>>,
    ),
    ("flavor-precompiled", "`crhost flavor precompile`", schema::<Versioned<'static, flavor::Precompiled>>),
    ("flavor-call", "`crhost flavor call`", schema::<Versioned<'static, flavor::Called<'static>>>),
    ("flavor-test", "`crhost flavor test`", schema::<Versioned<'static, flavor::Report>>),
    ("flavor-file", "`crhost flavor inspect`", schema::<Versioned<'static, flavor::Inspected>>),
    ("flavor-wit", "`crhost flavor wit`", schema::<Versioned<'static, flavor::Contract>>),
    ("flavor-project", "`crhost flavor new`", schema::<Versioned<'static, flavor::Project>>),
    ("flavors", "`crhost flavor list`", schema::<Versioned<'static, flavor::List>>),
    (
        "component-published",
        "`crhost flavor publish` and `crhost policy publish`",
        schema::<Versioned<'static, crate::components::Published>>,
    ),
    ("flavor-updates", "`crhost flavor update`", schema::<Versioned<'static, flavor::Updates>>),
    ("flavor-search", "`crhost flavor search`", schema::<Versioned<'static, flavor::Found>>),
    ("flavor-keys", "`crhost flavor trust add` and `list`", schema::<Versioned<'static, flavor::Demands>>),
    (
        "policy",
        "`crhost policy describe`, `register`, `update`, `enable` and `disable`",
        schema::<Versioned<'static, policy::Described<'static>>>,
    ),
    ("policies", "`crhost policy list`", schema::<Versioned<'static, policy::List>>),
    ("policy-check", "`crhost policy check`", schema::<Versioned<'static, policy::Checked>>),
    ("clients", "`crhost docker install` and `uninstall`", schema::<Versioned<'static, docker::Helpers>>),
    ("login", "`crhost login` and `logout`", schema::<Versioned<'static, login::Shown>>),
    ("auth-status", "`crhost auth status`", schema::<Versioned<'static, auth::List>>),
    ("auth-token", "`crhost auth token`", schema::<Versioned<'static, auth::Token<'static>>>),
    ("doctor", "`crhost doctor`", schema::<Versioned<'static, doctor::Report>>),
    (
        "kubernetes-secret",
        "`crhost kubernetes pull-secret --apply`, a line for each time where it watches",
        schema::<Versioned<'static, kubernetes::Applied>>,
    ),
    (
        "kubernetes-provider",
        "`crhost kubernetes credential-provider check`",
        schema::<Versioned<'static, kubernetes::Checked>>,
    ),
    ("key", "`crhost key describe`, `rotate` and `rewrap`", schema::<Versioned<'static, key::Shown>>),
    (
        "removed",
        "`crhost registry remove`, `crhost connector remove`, `crhost flavor remove`, `crhost flavor trust remove` and \
         `crhost policy delete`",
        schema::<Versioned<'static, Removed>>,
    ),
    ("plugins", "`crhost plugin list`", schema::<Versioned<'static, plugin::List>>),
    ("version", "`crhost version`", schema::<Versioned<'static, version::Version>>),
    ("serving", "`crhost serve`, before it serves", schema::<Versioned<'static, Serving>>),
    ("server", "`crhost server`, before it serves", schema::<Versioned<'static, ServingLogins>>),
    ("audit", "`crhost audit`, a line for each row", schema::<Versioned<'static, crate::store::AuditRow>>),
    ("audit-verified", "`crhost audit verify`", schema::<Versioned<'static, audit::Verified>>),
    ("server-explanation", "`crhost server explain`", schema::<Versioned<'static, Explanation>>),
    (
        "message",
        "every command with `-o json` that has a warning or a note, a line each, on standard error",
        schema::<Message<'static>>,
    ),
    ("log-line", "every command with `--log-format json`, a line each, on standard error", schema::<LogLine<'static>>),
    ("error", "every command that fails with `-o json`, on standard error", schema::<ErrorOutput<'static>>),
];

#[test]
fn the_schemas_are_as_the_types_are() {
    for (name, source, schema) in DOCUMENTS {
        let mut schema = schema();
        schema["description"] = format!("Printed by {source}.").into();
        let text = serde_json::to_string_pretty(&sorted(schema)).unwrap();
        check_file(&format!("schema/{name}.json"), &format!("{text}\n"));
    }
}

#[test]
fn the_page_of_json_names_every_schema() {
    let rows = DOCUMENTS
        .iter()
        .map(|(name, source, _)| vec![(*source).to_owned(), format!("[`{name}.json`](schema/{name}.json)")]);
    check_section("json.md", "JSON", "schemas", &table(&["printed by", "schema"], rows));
}

#[test]
fn the_schema_of_a_syncs_file_is_as_its_types_are() {
    check_input::<crate::sync::MirrorFile>("sync-file");
}

#[test]
fn the_schemas_of_a_configuration_and_its_lock_are_as_their_types_are() {
    check_input::<crate::configuration::ConfigurationFile>("configuration-file");
    check_input::<crate::configuration::Lock>("configuration-lock");
}

/// Expects the schema of a file that users write.
fn check_input<T: JsonSchema>(name: &str) {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<T>();
    schema.remove("title");
    let text = serde_json::to_string_pretty(&sorted(schema.to_value())).unwrap();
    check_file(&format!("schema/{name}.json"), &format!("{text}\n"));
}

/// The schema of a type as it is serialised.
fn schema<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<T>();
    schema.remove("title");
    schema.to_value()
}

/// The same value with the members of its objects in order, whatever map `serde_json` was built with.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            members.sort_by(|one, other| one.0.cmp(&other.0));
            Value::Object(members.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
