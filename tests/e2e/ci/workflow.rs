//! Files of CI systems, run as their runners do it: inputs put in, and each script given to a shell.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::github;
use crate::support::programs::crhost::{Home, repository};
use crate::support::programs::process::{self, Finished};

/// Values by their names.
pub(super) type Values = BTreeMap<String, String>;

/// The end of a job: its last script, and the outputs that it set.
pub(super) struct Job {
    pub(super) last: Finished,
    pub(super) outputs: Values,
}

/// A file below `deploy/ci`.
fn file(path: &str) -> String {
    fs::read_to_string(repository().join("deploy/ci").join(path)).unwrap()
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}"))
}

/// The inputs that are given, and the defaults of the others.
#[track_caller]
fn inputs(described: &Value, given: &[(&str, &str)]) -> Values {
    let described = described.as_object().unwrap();
    for (name, _) in given {
        assert!(described.contains_key(*name), "no input `{name}`");
    }
    let value = |(name, input): (&String, &Value)| {
        let given = given.iter().find(|(given, _)| given == name).map(|(_, value)| (*value).to_owned());
        let value = given.or_else(|| input["default"].as_str().map(str::to_owned));
        (name.clone(), value.unwrap_or_else(|| panic!("input `{name}` is needed")))
    };
    described.iter().map(value).collect()
}

/// Runs the steps of the composite action ("Metadata syntax for GitHub Actions", `runs` for composite actions). The
/// first script that fails is the last.
#[track_caller]
pub(super) fn run_action(home: &mut Home, given: &[(&str, &str)]) -> Job {
    let action = yaml(&file("github/action.yml"));
    assert_eq!(action["runs"]["using"], "composite");
    let inputs = inputs(&action["inputs"], given);
    let mut steps = Values::new();
    let temporary = home.path("runner-temp");
    fs::create_dir_all(&temporary).unwrap();
    for (name, value) in [("GITHUB_ACTIONS", "true"), ("CI", "true"), ("RUNNER_TEMP", temporary.to_str().unwrap())] {
        home.set(name, value);
    }
    let mut last = None;
    for step in action["runs"]["steps"].as_array().unwrap() {
        assert!(step.get("uses").is_none(), "an action of others needs its commit, and a test");
        assert_eq!(step["shell"], "bash");
        let script = step["run"].as_str().unwrap();
        assert!(!script.contains("${{"), "an input would be text of the script");
        let path = home.path("step.sh");
        fs::write(&path, script).unwrap();
        let mut command = home.other("bash");
        command.args(["--noprofile", "--norc", "-eo", "pipefail", path.to_str().unwrap()]);
        for name in ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH"] {
            fs::write(home.path(name), "").unwrap();
            command.env(name, home.path(name));
        }
        for (name, value) in step["env"].as_object().unwrap() {
            command.env(name, evaluate(value.as_str().unwrap(), "inputs.", &inputs));
        }
        let finished = process::run(&mut command);
        for directory in fs::read_to_string(home.path("GITHUB_PATH")).unwrap().lines() {
            home.prepend_path(Path::new(directory));
        }
        if let Some(id) = step["id"].as_str() {
            let outputs = github::outputs(&fs::read_to_string(home.path("GITHUB_OUTPUT")).unwrap());
            steps.extend(outputs.into_iter().map(|(name, value)| (format!("{id}.outputs.{name}"), value)));
        }
        let failed = finished.code != Some(0);
        last = Some(finished);
        if failed {
            break;
        }
    }
    let outputs = action["outputs"].as_object().unwrap();
    let output = |(name, output): (&String, &Value)| {
        (name.clone(), evaluate(output["value"].as_str().unwrap(), "steps.", &steps))
    };
    Job { last: last.unwrap(), outputs: outputs.iter().map(output).collect() }
}

/// The value of an expression that is a name alone; empty where that has none.
fn evaluate(expression: &str, prefix: &str, values: &Values) -> String {
    let name = expression.strip_prefix("${{ ").and_then(|rest| rest.strip_suffix(" }}")).unwrap();
    values.get(name.strip_prefix(prefix).unwrap()).cloned().unwrap_or_default()
}

/// Runs the script of the component's job in a shell ("CI/CD components", "CI/CD inputs"): inputs are put into the
/// text, variables are expanded once, and the lines of the script are run by one shell that ends at the first failure.
#[track_caller]
pub(super) fn run_component(home: &mut Home, shell: &str, given: &[(&str, &str)]) -> Job {
    let template = file("gitlab/templates/push.yml");
    let (head, body) = template.split_once("\n---\n").unwrap();
    let inputs = inputs(&yaml(head)["spec"]["inputs"], given);
    let mut text = body.to_owned();
    for (name, value) in &inputs {
        text = text.replace(&format!("$[[ inputs.{name} ]]"), value);
    }
    assert!(!text.contains("$[["), "an input that is not described");
    let jobs = yaml(&text);
    let job = &jobs[inputs["job"].as_str()];
    // GitLab issues the token under the name that crhost looks for.
    assert_eq!(job["id_tokens"]["CRHOST_ID_TOKEN"]["aud"], inputs["id-token-audience"].as_str());
    let script = job["script"].as_array().unwrap().iter().map(|line| line.as_str().unwrap());
    let script = script.collect::<Vec<_>>().join("\n");
    let unchanged = yaml(body);
    let unchanged = unchanged.as_object().unwrap().values().next().unwrap();
    assert!(!unchanged["script"].to_string().contains("$[["), "an input would be text of the script");
    home.set("GITLAB_CI", "true");
    home.set("CI", "true");
    let mut command = home.other(shell);
    let options: &[&str] = if shell == "bash" { &["-eo", "pipefail", "+o", "noclobber"] } else { &["-e"] };
    command.args(options).args(["-c", "eval \"$1\"", "runner", &script]);
    for (name, value) in job["variables"].as_object().unwrap() {
        command.env(name, value.as_str().unwrap().replace("$CI_COMMIT_TAG", "v7"));
    }
    let last = process::run(&mut command);
    let dotenv = job["artifacts"]["reports"]["dotenv"].as_str().unwrap();
    let dotenv = fs::read_to_string(home.path(dotenv)).unwrap_or_default();
    let outputs = dotenv.lines().filter_map(|line| line.split_once('='));
    Job { last, outputs: outputs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect() }
}
