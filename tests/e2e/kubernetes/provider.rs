//! The kubelet's credential provider: golden requests, and the programs as the kubelet starts them.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use serde_json::{Value, json};

use super::{ecr_api, register_ecr};
use crate::schemas::assert_is;
use crate::support::judges::needle::Needle;
use crate::support::programs::crhost::{Home, program};
use crate::support::programs::moto::Moto;
use crate::support::programs::process;
use crate::support::programs::registration::{self, Connector, RegistrySpec};

const V1: &str = include_str!("requests/v1.json");
const V1_SERVICE_ACCOUNT: &str = include_str!("requests/v1-service-account.json");
const V1BETA1: &str = include_str!("requests/v1beta1.json");
const V1ALPHA1: &str = include_str!("requests/v1alpha1.json");

/// The token in the request with a service account.
const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJwb2QifQ.c2ln";

const PROVIDER: [&str; 2] = ["kubernetes", "credential-provider"];

#[track_caller]
fn answer(home: &Home, request: &str) -> Value {
    let (code, stdout, stderr) = process::with_input(&mut home.command(&PROVIDER), request);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    serde_json::from_str(&stdout).unwrap()
}

#[test]
fn golden_requests_have_golden_answers_with_and_without_a_service_account() {
    let mut home = Home::new();
    registration::with_password(&mut home, "prod", "registry.example.com", ("ann", "s3cret"));
    for (request, version) in [(V1, "v1"), (V1_SERVICE_ACCOUNT, "v1"), (V1BETA1, "v1beta1"), (V1ALPHA1, "v1alpha1")] {
        let (code, stdout, stderr) = process::with_input(&mut home.command(&PROVIDER), request);
        let expected = format!(
            "{{\"apiVersion\":\"credentialprovider.kubelet.k8s.io/{version}\",\"kind\":\"CredentialProviderResponse\",\
             \"cacheKeyType\":\"Registry\",\
             \"auth\":{{\"registry.example.com\":{{\"username\":\"ann\",\"password\":\"s3cret\"}}}}}}\n"
        );
        assert_eq!((code, stdout, stderr.as_str()), (0, expected, ""));
    }
    let unknown = V1.replace("registry.example.com", "other.example.com");
    let nothing = json!({
        "apiVersion": "credentialprovider.kubelet.k8s.io/v1", "kind": "CredentialProviderResponse",
        "cacheKeyType": "Image", "cacheDuration": "0s", "auth": null,
    });
    assert_eq!(answer(&home, &unknown), nothing);
}

#[test]
fn the_kubelet_finds_it_by_its_own_name_and_by_the_words_of_the_configuration() {
    let mut home = Home::new();
    registration::with_password(&mut home, "prod", "registry.example.com", ("ann", "s3cret"));
    let directory = home.path("providers");
    fs::create_dir(&directory).unwrap();
    for name in ["crhost", "crhost-credential-provider"] {
        symlink(program(), directory.join(name)).unwrap();
    }
    let config = home.ok(&["kubernetes", "credential-provider", "config", "prod", "-o", "json"]).json();
    let provider = &config["providers"][0];
    let args: Vec<&str> = provider["args"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap()).collect();
    assert_eq!(provider["env"], json!([{"name": "CRHOST_HOME", "value": home.path("crhost").to_str().unwrap()}]));
    for (name, args) in
        [("crhost", &args[..]), ("crhost-credential-provider", &[]), ("crhost-credential-provider", &args[..])]
    {
        // As a kubelet that systemd has started: without `HOME`, and with the variables of the configuration.
        let mut command = Command::new(directory.join(name));
        command.env_clear().env("CRHOST_HOME", home.path("crhost")).current_dir("/").args(args);
        let (code, stdout, stderr) = process::with_input(&mut command, V1);
        assert!(code == 0 && stderr.is_empty() && stdout.contains("\"ann\""), "{name} {args:?}: {stdout}{stderr}");
    }
    let bin_dir = directory.to_str().unwrap();
    let written = home.path("config.yaml");
    fs::write(&written, home.ok(&["kubernetes", "credential-provider", "config"]).stdout).unwrap();
    let check = [
        "kubernetes",
        "credential-provider",
        "check",
        "--kubelet-config",
        written.to_str().unwrap(),
        "--bin-dir",
        bin_dir,
    ];
    assert!(home.ok(&check).stderr.contains("the kubelet asks crhost"));
    home.register("more", "more.example.com");
    home.fails(2, &check).says("the images of `more`");
    let checked = home.run(&[&check[..], &["-o", "json"]].concat());
    assert_is(&checked.json(), "kubernetes-provider");
    assert_eq!(checked.json()["faults"][0]["message"], "the kubelet does not ask crhost about the images of `more`");
}

#[test]
fn an_answer_ends_before_the_credentials_and_is_kept_by_crhost_too() {
    let api = ecr_api(43_200, |_| false);
    let mut home = Home::new();
    register_ecr(&mut home, &api.url());
    let request = V1.replace("registry.example.com", super::ECR);
    let first = answer(&home, &request);
    assert!(first["cacheDuration"].as_str().unwrap().starts_with("11h5"), "{first}");
    // Nothing could be compiled or loaded, and nobody is asked.
    fs::remove_dir_all(home.path("crhost/cache")).unwrap();
    assert_eq!(answer(&home, &request)["auth"], first["auth"]);
    assert!(!home.path("crhost/cache").exists());
    assert_eq!(api.lines().len(), 1);
    Needle::new("token-1").assert_not_below(&home.path("crhost"));
}

#[test]
fn a_failure_is_exit_code_1_with_a_line_for_the_kubelet_s_log() {
    let api = ecr_api(43_200, |_| true);
    let mut home = Home::new();
    register_ecr(&mut home, &api.url());
    for (request, words) in [
        (V1.replace("k8s.io/v1", "k8s.io/v2"), "`credentialprovider.kubelet.k8s.io/v2`"),
        (V1.replace("Request\"", "Query\""), "`CredentialProviderQuery`"),
        (V1.replace("registry.example.com/team/train", ""), "no image"),
        ("no json".to_owned(), "no request of the kubelet"),
        (String::new(), "no request of the kubelet"),
        (V1.replace("registry.example.com", super::ECR), "not now"),
    ] {
        let (code, stdout, stderr) = process::with_input(&mut home.command(&PROVIDER), &request);
        assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
        assert!(stderr.starts_with("error: ") && stderr.contains(words), "{request}: {stderr}");
    }
}

#[test]
fn a_service_account_s_token_goes_nowhere_unless_the_configuration_says_where() {
    let api = ecr_api(43_200, |_| false);
    let mut home = Home::new();
    register_ecr(&mut home, &api.url());
    let request = V1_SERVICE_ACCOUNT.replace("registry.example.com", super::ECR);
    let (code, stdout, stderr) = process::with_input(&mut home.command(&PROVIDER), &request);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let needle = Needle::new(TOKEN);
    needle.assert_not_in(stdout.as_bytes(), "the answer");
    needle.assert_not_below(&home.path("crhost"));
    for request in api.requests() {
        let sent = format!("{}\n{:?}\n{}", request.line, request.headers, request.body);
        needle.assert_not_in(sent.as_bytes(), "a request");
    }
}

#[test]
fn a_pod_s_token_becomes_its_own_role_where_the_configuration_says_so_and_no_other_pod_gets_that() {
    let moto = Moto::start("ecr:GetAuthorizationToken,sts:*", &[]);
    let home = Home::new();
    Connector::new("pods", "aws", "implicit").allow_implicit().register(&home);
    let ecr = RegistrySpec::new("ecr", "aws", super::ECR).connector("pods").option("ecr-endpoint", moto.endpoint());
    ecr.option("sts-endpoint", moto.endpoint()).allow_secret_host(moto.endpoint()).register(&home);
    let accounts = ["--token-audience=sts.amazonaws.com", "--token-file=AWS_WEB_IDENTITY_TOKEN_FILE"];
    let annotation = "--annotation=eks.amazonaws.com/role-arn=AWS_ROLE_ARN";
    let config =
        [&["kubernetes", "credential-provider", "config", "-o", "json"][..], &accounts, &[annotation]].concat();
    let config = home.ok(&config).json();
    let provider = &config["providers"][0];
    assert_eq!(
        provider["tokenAttributes"]["requiredServiceAccountAnnotationKeys"],
        json!(["eks.amazonaws.com/role-arn"])
    );
    let args: Vec<&str> = provider["args"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap()).collect();
    let request = V1_SERVICE_ACCOUNT.replace("registry.example.com", super::ECR).replace("ROLE", moto.fact("role"));
    let (code, stdout, stderr) = process::with_input(&mut home.command(&args), &request);
    assert_eq!(code, 0, "{stderr}");
    let answer: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(answer["auth"][super::ECR]["username"], "AWS", "{answer}");
    // A pod without an account of its own has nothing of it, and neither has the store.
    let (code, stdout, stderr) =
        process::with_input(&mut home.command(&args), &V1.replace("registry.example.com", super::ECR));
    assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
    Needle::new(TOKEN).assert_not_below(&home.path("crhost"));
    Needle::new("auth-token").assert_not_below(&home.path("crhost"));
    // Variables that crhost itself reads can't be set so.
    home.fails(2, &["kubernetes", "credential-provider", "--token-file=PATH"]).says("`PATH`");
}
