//! Commands as workloads: manifests that are valid, that run with the least rights, and that have what was asked for.

mod deploy;
mod refused;

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use super::assert_valid;
use crate::support::programs::crhost::Home;
use crate::support::programs::peers;
use crate::support::programs::process;

/// The words of a command before its own.
const RENDER: [&str; 4] = ["kubernetes", "render", "--image", "registry.example.com/tools/crhost:0.1.0"];

/// A configuration with one registry.
const CONFIG: &str = "version = 1\n[registries.prod]\nflavor = 'default'\nuri = 'registry.example.com/acme'\n";

const RULES: &str = "\
[[issuer]]
name = 'cluster'
url = 'https://kubernetes.default.svc'
audience = 'https://crhost.team.svc'
keys-file = 'keys.json'

[[rule]]
name = 'builds'
issuer = 'cluster'
claims = { sub = 'system:serviceaccount:team:crhost-push' }
allow = ['push']
registries = 'prod'
repositories = 'acme/**'
";

/// Words of a server without those before `server`.
const SERVER: [&str; 8] = [
    "server",
    "--rules",
    "rules.toml",
    "--key-file=/key/key",
    "--tls-cert",
    "/tls/tls.crt",
    "--tls-key",
    "/tls/tls.key",
];

/// A directory with the files that the commands name.
fn home() -> Home {
    let home = Home::new();
    fs::write(home.path("crhost.toml"), format!("include = ['more/hub.toml']\n{CONFIG}")).unwrap();
    fs::create_dir(home.path("more")).unwrap();
    fs::write(home.path("more/hub.toml"), CONFIG.replace("prod", "hub")).unwrap();
    fs::write(home.path("crhost.lock"), "version = 1\n").unwrap();
    fs::write(
        home.path("mirror.yaml"),
        "version: 1\nmirrors:\n  - { source: hub, target: prod/mirror, repositories: [train] }\n",
    )
    .unwrap();
    fs::write(home.path("rules.toml"), RULES).unwrap();
    fs::write(home.path("keys.json"), "{\"keys\": []}\n").unwrap();
    home
}

/// The manifests of a command, judged, in YAML and in JSON alike.
#[track_caller]
fn manifests(home: &Home, words: &[&str]) -> Vec<Value> {
    let words = [&RENDER[..], words].concat();
    let yaml = home.ok(&words).stdout;
    fs::write(home.path("manifests.yaml"), &yaml).unwrap();
    assert_valid(&home.path("manifests.yaml"));
    let parsed: Vec<Value> = serde_saphyr::from_multiple(&yaml).unwrap();
    let list = home.ok(&[&["-o", "json"][..], &words].concat()).json();
    assert_eq!((&list["kind"], &list["items"]), (&json!("List"), &json!(parsed)));
    parsed
}

#[track_caller]
fn of_kind<'a>(manifests: &'a [Value], kind: &str) -> &'a Value {
    manifests.iter().find(|manifest| manifest["kind"] == kind).unwrap_or_else(|| panic!("no {kind}"))
}

/// The pod of a workload.
fn pod(manifests: &[Value]) -> &Value {
    let with_pod = |manifest: &&Value| ["Job", "CronJob", "Deployment"].contains(&manifest["kind"].as_str().unwrap());
    let spec = &manifests.iter().find(with_pod).unwrap()["spec"];
    spec.pointer("/jobTemplate/spec/template/spec").unwrap_or(&spec["template"]["spec"])
}

/// Expects what the profile *restricted* of Pod Security Standards wants, and a root that can't be written to.
#[track_caller]
fn assert_restricted(pod: &Value) {
    assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
    assert_eq!(pod["securityContext"]["runAsUser"], 65_532);
    assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
    assert_eq!(pod["automountServiceAccountToken"], false);
    let containers = ["containers", "initContainers"].into_iter().filter_map(|kind| pod[kind].as_array()).flatten();
    for container in containers {
        let expected = json!({
            "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]},
        });
        assert_eq!(container["securityContext"], expected);
        assert!(container["resources"]["limits"]["memory"].is_string());
    }
    let volumes = pod["volumes"].as_array().unwrap();
    let kinds = ["emptyDir", "configMap", "secret", "projected", "persistentVolumeClaim"];
    assert!(volumes.iter().all(|volume| kinds.iter().any(|kind| volume.get(kind).is_some())), "{volumes:?}");
}

#[test]
fn a_push_runs_once_with_a_token_for_the_server_and_no_secret() {
    let home = home();
    let words = ["--server", "https://crhost.team.svc/", "--claim", "build=/build", "-n", "team"];
    let push = ["push", "oci:/build/layout:v1", "--to", "prod", "--as", "train:v1", "-o", "json"];
    let manifests = manifests(&home, &[&words[..], &push].concat());
    let pod = pod(&manifests);
    assert_restricted(pod);
    assert_eq!(pod["containers"][0]["args"], json!(push));
    assert_eq!(
        pod["containers"][0]["env"],
        json!([
            {"name": "CRHOST_SERVER", "value": "https://crhost.team.svc"},
            {"name": "CRHOST_SERVER_TOKEN", "value": "file:/var/run/secrets/crhost/token"},
        ])
    );
    let volume = |name: &str| pod["volumes"].as_array().unwrap().iter().find(|volume| volume["name"] == name).unwrap();
    let token = &volume("token")["projected"]["sources"][0]["serviceAccountToken"];
    assert_eq!(token["audience"], "https://crhost.team.svc");
    assert_eq!(volume("claim-1")["persistentVolumeClaim"], json!({"claimName": "build", "readOnly": true}));
    assert_eq!(of_kind(&manifests, "ServiceAccount")["metadata"]["name"], "crhost-push");
    assert_eq!(pod["serviceAccountName"], "crhost-push");
    assert_eq!(of_kind(&manifests, "NetworkPolicy")["spec"]["ingress"], json!([]));
    let failures = &of_kind(&manifests, "Job")["spec"]["podFailurePolicy"]["rules"][1];
    assert_eq!(failures["onExitCodes"]["values"], json!([2]), "what is wrong with the words is not tried again");
    assert!(manifests.iter().all(|manifest| manifest["metadata"]["namespace"] == "team"));
}

#[test]
fn a_sync_in_parts_has_its_files_and_the_number_of_its_pods() {
    let home = home();
    let sync = ["sync", "mirror.yaml", "--config", "crhost.toml"];
    let manifests = manifests(&home, &[&["--schedule", "0 3 * * *", "--shards", "8"][..], &sync].concat());
    let (map, pod) = (of_kind(&manifests, "ConfigMap"), pod(&manifests));
    let keys: Vec<&String> = map["data"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["crhost.lock", "crhost.toml", "mirror.yaml", "more..hub.toml"]);
    assert_eq!(map["data"]["more..hub.toml"], CONFIG.replace("prod", "hub"));
    let container = &pod["containers"][0];
    assert_eq!(container["workingDir"], "/etc/crhost");
    assert_eq!(container["args"], json!([&sync[..], &["--shard=job/8"]].concat()));
    let files =
        &pod["volumes"].as_array().unwrap().iter().find(|volume| volume["name"] == "files").unwrap()["configMap"];
    let items = files["items"].as_array().unwrap();
    assert!(items.contains(&json!({"key": "more..hub.toml", "path": "more/hub.toml"})), "{items:?}");
    let spec = &of_kind(&manifests, "CronJob")["spec"];
    assert_eq!((&spec["schedule"], &spec["concurrencyPolicy"]), (&json!("0 3 * * *"), &json!("Forbid")));
    let job = &spec["jobTemplate"]["spec"];
    assert_eq!((&job["completionMode"], &job["completions"]), (&json!("Indexed"), &json!(8)));
    assert_restricted(pod);
}

#[test]
fn a_prune_that_deletes_makes_its_plan_first() {
    let home = home();
    let prune = ["prune", "prod", "--keep", "10", "--config", "crhost.toml"];
    let manifests = manifests(&home, &[&["--delete", "--shards", "2"][..], &prune].concat());
    let pod = pod(&manifests);
    assert_restricted(pod);
    let plan = &pod["initContainers"][0];
    let expected = [&prune[..], &["--shard=job/2", "--plan=/var/run/crhost/plan.json"]].concat();
    assert_eq!(plan["args"], json!(expected));
    let apply = &pod["containers"][0];
    assert_eq!(apply["args"], json!(["prune", "--apply", "/var/run/crhost/plan.json", "--yes"]));
    assert_eq!(apply["env"], json!([{"name": "CRHOST_CONFIG", "value": "crhost.toml"}]));
}

#[test]
fn a_server_has_its_rules_its_secrets_by_reference_and_probes() {
    let home = home();
    let secrets = [
        "--secret-env",
        "CRHOST_DATABASE=crhost/database",
        "--secret-dir",
        "crhost=/key",
        "--secret-dir",
        "crhost-tls=/tls",
    ];
    let manifests = manifests(&home, &[&secrets[..], &SERVER].concat());
    let (pod, service) = (pod(&manifests), of_kind(&manifests, "Service"));
    assert_restricted(pod);
    let container = &pod["containers"][0];
    assert_eq!(container["args"], json!([&SERVER[..], &["--listen=0.0.0.0:8443"]].concat()));
    let of_secret =
        json!({"name": "CRHOST_DATABASE", "valueFrom": {"secretKeyRef": {"name": "crhost", "key": "database"}}});
    assert_eq!(container["env"], json!([of_secret]));
    assert_eq!(container["readinessProbe"]["httpGet"], json!({"path": "/readyz", "port": "https", "scheme": "HTTPS"}));
    assert_eq!(container["livenessProbe"]["httpGet"]["path"], "/healthz");
    assert_eq!(
        (&service["spec"]["ports"][0]["port"], &container["ports"][0]["containerPort"]),
        (&json!(443), &json!(8443))
    );
    let data = &of_kind(&manifests, "ConfigMap")["data"];
    assert_eq!((&data["rules.toml"], &data["keys.json"]), (&json!(RULES), &json!("{\"keys\": []}\n")));
    assert_eq!(of_kind(&manifests, "Deployment")["spec"]["replicas"], 2);
    assert_eq!(of_kind(&manifests, "PodDisruptionBudget")["spec"]["maxUnavailable"], 1);
    let names = home.ok(&[&["-o", "name"][..], &RENDER, &secrets, &SERVER].concat()).stdout;
    assert!(names.lines().any(|line| line == "deployment/crhost"), "{names}");
    // The rest of the pod's life is the same behind a proxy.
    let plain = self::manifests(&home, &[&secrets[..2], &["server", "--rules", "rules.toml", "--plain-http"]].concat());
    assert_eq!(of_kind(&plain, "Service")["spec"]["ports"][0]["name"], "http");
}

#[test]
fn odd_values_arrive_as_they_were_given() {
    let home = home();
    let odd = [
        "no",
        "yes",
        "on",
        "Off",
        "y",
        "~",
        "null",
        "true",
        "0o17",
        "017",
        "0x1F",
        "1e3",
        "1_000",
        "12:30:45",
        ".inf",
        "2026-11-30",
        "",
        " ",
        "- a",
        "a: b",
        "a #b",
        "#",
        "*x",
        "&x",
        "!x",
        "%x",
        "@x",
        "`x",
        "{a}",
        "[a]",
        "'",
        "\"",
        "\\n",
        "a\tb",
        "a\nb\n",
        "\n a\n\nb",
        "ü\u{2028}\u{feff}",
        "=",
        "<<",
        ">",
        "|",
        "---",
        "...",
        &"long words ".repeat(30),
    ];
    let variables: Vec<String> = odd.iter().enumerate().map(|(at, value)| format!("V{at}={value}")).collect();
    let mut words: Vec<&str> = variables.iter().flat_map(|variable| ["--env", variable.as_str()]).collect();
    words.extend(["--server", "https://crhost.team.svc", "push", "oci:/build", "--to", "no", "--as", "1e3"]);
    let manifests = manifests(&home, &words);
    let given = |env: &Value| -> Vec<String> {
        let value = |entry: &Value| entry["value"].as_str().unwrap().to_owned();
        env.as_array().unwrap().iter().take(odd.len()).map(value).collect()
    };
    assert_eq!(given(&pod(&manifests)["containers"][0]["env"]), odd);
    // Another reader, of YAML 1.1.
    let mut kubectl = Command::new(peers::program("kubectl"));
    kubectl.env_clear().env("KUBECONFIG", "/dev/null").args(["label", "--local", "--output=json", "--filename"]);
    let read = process::run(kubectl.arg(home.path("manifests.yaml")).arg("read=by-kubectl")).ok().stdout;
    let read: Vec<Value> = serde_json::Deserializer::from_str(&read).into_iter().map(Result::unwrap).collect();
    assert_eq!(given(&pod(&read)["containers"][0]["env"]), odd);
}
