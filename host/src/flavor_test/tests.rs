//! The built-in flavors keep the rules that are there for everybody.

use std::path::Path;
use std::sync::Arc;

use super::findings::{Outcome, Tried};
use super::rule::Rule;
use crate::environment::Environment;
use crate::flavor::builtin::BUILTIN;
use crate::flavor::{Maker, Observer, Runtime};
use crate::flavor_call::Component;

/// Flavors that sign in somewhere else before a push: their real answers are recorded, in `flavors/NAME/fixtures`.
const RECORDED: [&str; 7] = ["aws", "azure", "dockerhub", "gcp", "gitlab", "harbor", "transit"];

/// What came of every rule for a built-in flavor, also by its recorded calls.
async fn tried(runtime: &Runtime, name: &str, component: &[u8]) -> Vec<Tried> {
    let observer = Arc::new(Observer::default());
    let component = Component::load(runtime, Path::new(name), component, &observer).await.unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../flavors").join(name).join("fixtures");
    assert_eq!(fixtures.is_dir(), RECORDED.contains(&name), "`{name}`");
    let calls = if fixtures.is_dir() { super::recorded(&fixtures, &component).unwrap() } else { Vec::new() };
    // Their fields are placeholders and texts, and name no sources.
    let fields = |call: &super::Recorded| {
        let fields = call.input().fields.iter();
        fields.map(|(name, text)| (name.clone(), text.clone().into())).collect()
    };
    let calls = calls.into_iter().map(|call| (call.clone(), fields(&call))).collect();
    super::test(&component, calls, Maker::User, &Environment::default()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_built_in_flavor_keeps_every_rule() {
    let runtime = Runtime::new(None).unwrap();
    let mut broken = Vec::new();
    for built_in in BUILTIN {
        for Tried { rule, findings, .. } in tried(&runtime, built_in.name, built_in.component).await {
            let shown = findings.iter().map(|it| format!("{} {rule}: {}: {}", built_in.name, it.case, it.problem));
            broken.extend(shown);
        }
    }
    assert!(broken.is_empty(), "{} findings:\n{}", broken.len(), broken.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flavor_with_an_api_is_tried_with_faults() {
    let runtime = Runtime::new(None).unwrap();
    let harbor = BUILTIN.iter().find(|built_in| built_in.name == "harbor").unwrap();
    let tried = tried(&runtime, harbor.name, harbor.component).await;
    let of = |rule: Rule| tried.iter().find(|tried| tried.rule == rule).unwrap();
    for rule in [Rule::FailuresTold, Rule::RetryAfter, Rule::PrepareRepeatable, Rule::HostKept, Rule::SecretsKept] {
        assert_eq!(of(rule).outcome, Outcome::Passed, "{rule}");
        assert!(of(rule).cases > 1, "{rule}");
    }
    assert_eq!(of(Rule::FixturesReplayed).outcome, Outcome::Passed);
    assert_eq!(of(Rule::FixturesReplayed).cases, 6);
}
