//! `crhost flavor test`: a component that is a file, against the rules for flavors.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use super::{call, source};
use crate::error::Kind;
use crate::flavor_call::Component;
use crate::flavor_test::{self, Finding, Outcome, Rule, Tried};

/// The end of the help.
pub(super) const HELP: &str = "\
Nothing is registered or stored, and nothing is sent: what answers requests is made up, or recorded. Each request of \
a call is answered in every way in which services fail.

`crhost help flavor-rules` has the reason for each rule.

Examples:
  A build, with what its description tells:
    crhost flavor test target/wasm32-wasip2/release/myreg.wasm
  With calls that crhost recorded, as in CI:
    crhost flavor test myreg.wasm --fixtures fixtures -o json";

/// The arguments.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The component, a `.wasm` file, or the name of a flavor that there is
    file: PathBuf,
    /// Recorded calls: a directory that `--record` of `crhost flavor call` wrote, or one that has several
    #[arg(long, value_name = "DIR")]
    fixtures: Option<PathBuf>,
}

/// What a test found.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Report {
    /// The flavor's name.
    name: String,
    /// Its version.
    version: String,
    /// The digest of the file.
    digest: String,
    /// Whether no rule was broken.
    passed: bool,
    /// What came of each rule.
    rules: Vec<RuleReport>,
}

/// What came of a rule.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RuleReport {
    /// The rule.
    rule: Rule,
    /// What it demands.
    statement: &'static str,
    /// The command that prints its reason, below the rule's name.
    reference: &'static str,
    /// What came of it.
    outcome: Outcome,
    /// The cases that it was tried in.
    cases: usize,
    /// The first cases in which it was broken.
    findings: Vec<Finding>,
    /// How many more cases broke it.
    more: usize,
}

/// Runs the command.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { file, fixtures } = arguments;
    let runtime = context.runtime()?;
    let (bytes, maker) = source::read(context, &file)?;
    let component = call::load(&runtime, &file, &bytes).await?;
    source::warn_of_taken_name(component.guest().name(), &bytes);
    let calls = fixtures.map(|directory| flavor_test::recorded(&directory, &component)).transpose()?;
    let mut recorded = Vec::new();
    for call in calls.unwrap_or_default() {
        // As `crhost flavor call` reads them.
        let (mut fields, issued) = call::values(context, &component, Vec::new(), call.input()).await?;
        // A test is the same on every machine: none is asked for an id token.
        fields.extend(issued.into_keys().map(|name| (name, "id-token".into())));
        recorded.push((call, fields));
    }
    let tried = flavor_test::test(&component, recorded, maker, &context.environment).await?;
    let report = Report::new(&component, tried);
    match context.is_json() {
        true => output::print_json(&report),
        false => report.show(),
    }
    match report.failed() {
        0 => Ok(()),
        failed => {
            let message = format!("flavor `{}` breaks {failed} of {} rules", report.name, report.rules.len());
            let hint = "`crhost help flavor-rules` says why each rule is there, and how flavors keep it";
            Err(Failure::new(Kind::Flavor, message, hint))
        }
    }
}

impl Report {
    fn new(component: &Component, tried: Vec<Tried>) -> Self {
        let of_rule = |Tried { rule, outcome, cases, findings, more }: Tried| {
            let (statement, reference) = (rule.statement(), rule.reference());
            RuleReport { rule, statement, reference, outcome, cases, findings, more }
        };
        let rules: Vec<RuleReport> = tried.into_iter().map(of_rule).collect();
        Self {
            name: component.guest().name().to_owned(),
            version: component.version().to_string(),
            digest: component.facts().digest.to_string(),
            passed: rules.iter().all(|rule| rule.outcome != Outcome::Failed),
            rules,
        }
    }

    /// How many rules were broken.
    fn failed(&self) -> usize {
        self.rules.iter().filter(|rule| rule.outcome == Outcome::Failed).count()
    }

    /// Shows it to people: a line for each rule, and below a broken one what was found.
    fn show(&self) {
        for RuleReport { rule, outcome, cases, findings, more, reference, statement } in &self.rules {
            let beside = match (outcome, cases) {
                (Outcome::Untried, _) => rule.untried().to_owned(),
                (_, 1) => "1 case".to_owned(),
                (_, cases) => format!("{cases} cases"),
            };
            let mut lines = vec![format!("{outcome:8} {rule:20} {beside}")];
            if *outcome == Outcome::Failed {
                lines.push(format!("         {statement}"));
                for Finding { case, problem } in findings {
                    lines.push(format!("         - {case}: {problem}"));
                }
                if *more > 0 {
                    lines.push(format!("         - and in {more} more cases"));
                }
                lines.push(format!("         see `{reference}`"));
            }
            output::print_lines(lines);
        }
        let (failed, untried) =
            (self.failed(), self.rules.iter().filter(|rule| rule.outcome == Outcome::Untried).count());
        let passed = self.rules.len() - failed - untried;
        output::say_line(&format!(
            "flavor `{}` {}: {passed} passed, {failed} failed, {untried} untried",
            self.name, self.version
        ));
    }
}
