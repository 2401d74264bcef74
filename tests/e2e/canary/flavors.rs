//! Every secret field of the built-in flavors, and id tokens of every source: services that repeat all that they are
//! sent in the words of their refusals, everything logged, and nothing of a secret in what crhost wrote.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::support::fakes::api::FakeApi;
use crate::support::fakes::github_oidc::{GithubOidc, REQUEST_TOKEN};
use crate::support::fakes::pod::PodCluster;
use crate::support::fakes::web::Web;
use crate::support::judges::needle::Needle;
use crate::support::programs::crhost::{Home, built_in};
use crate::support::programs::process::Finished;
use crate::support::programs::registration::{Connector, RegistrySpec};

/// A service that refuses, and says why with all that it was sent.
pub(super) fn parrot() -> FakeApi {
    FakeApi::start(|request| {
        let said = format!("{} {:?} {}", request.line, request.headers, request.body);
        let basic = request.authorization().split(' ').next_back().unwrap_or_default().to_owned();
        let words = format!("no: {said} {basic}");
        let error = json!({
            "message": words, "detail": words, "error": words, "error_description": words, "errorMessage": words,
            "error_message": words, "Message": words, "errors": [{"message": words, "code": words}],
            "Response": {"Error": {"Code": "AuthFailure", "Message": words}}, "token": words,
        });
        (if request.line.len() % 2 == 0 { 401 } else { 403 }, vec![("x-said", "no".to_owned())], error)
    })
}

/// A value that fits most text fields.
pub(super) fn text(name: &str) -> &'static str {
    match name {
        "username" => "acme+ci",
        "role-arn" => "arn:aws:iam::123456789012:role/push",
        "aws-access-key-id" => "AKIAIOSFODNN7EXAMPLE",
        "tenant-id" | "client-id" | "connection-id" => "11111111-2222-4333-8444-555555555555",
        "provider" => "projects/1/locations/global/workloadIdentityPools/ci/providers/github",
        "target-principal" => "push@my-project.iam.gserviceaccount.com",
        "region" => "eu-west-1",
        _ => "acme",
    }
}

/// The repository of an image that fits most registries.
pub(super) const IMAGE: &str = "acme/images/train";

#[test]
fn no_secret_field_of_a_flavor_is_ever_shown_or_kept() {
    let (mut home, _) = Home::with_image();
    home.set("CRHOST_LOG", "trace");
    let (parrot, mut said, mut secrets) = (parrot(), Vec::<Finished>::new(), Vec::<Needle>::new());
    let mut heard = 0;
    for flavor in built_in() {
        let described = home.ok(&["flavor", "describe", &flavor, "-o", "json"]).json();
        let description = &described["description"];
        let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
        let endpoints: Vec<String> = list(description, "options")
            .iter()
            .filter(|option| option["kind"] == "url")
            .map(|option| option["name"].as_str().unwrap().to_owned())
            .collect();
        for (number, method) in list(description, "authMethods").iter().enumerate() {
            let (kind, name) = (method["connectorType"].as_str().unwrap(), method["name"].as_str().unwrap());
            let id = format!("{flavor}-{number}");
            let mut connector = Connector::new(&id, kind, name).more(&["--allow-implicit"]);
            for field in list(method, "fields") {
                let field_name = field["name"].as_str().unwrap();
                let secret = format!("cAnary~{flavor}/{number}+{field_name}&=Zx9Q7tKv");
                match field["kind"].as_str().unwrap() {
                    "text" if field["required"] == Value::Bool(true) => {
                        connector = connector.field(field_name, text(field_name));
                    }
                    "secret" => {
                        let variable = format!("CANARY_{}", secrets.len());
                        home.set(&variable, &secret);
                        connector = connector.field(field_name, &format!("@env:{variable}"));
                        secrets.push(Needle::new(&secret));
                    }
                    "secret-json" | "secret-ini" => {
                        let variable = format!("CANARY_{}", secrets.len());
                        let file = json!({"type": "authorized_user", "client_id": "x", "client_secret": secret,
                            "refresh_token": secret, "private_key": secret});
                        let ini = format!(
                            "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = {secret}\n"
                        );
                        home.set(&variable, if field["kind"] == "secret-ini" { ini } else { file.to_string() });
                        connector = connector.field(field_name, &format!("@env:{variable}"));
                        secrets.push(Needle::new(&secret));
                    }
                    _ => {}
                }
            }
            said.push(connector.register(&home));
            let before = parrot.requests().len();
            let mut registry = RegistrySpec::new(&id, &flavor, "localhost:9/acme/images").connector(&id);
            for endpoint in &endpoints {
                registry = registry.option(endpoint, &parrot.url());
            }
            if flavor == "aws" {
                registry = registry.option("region", "eu-west-1");
            }
            let registered = registry.allow_secret_host(&parrot.url()).run(&home);
            let refused = registered.code != Some(0);
            said.push(registered);
            if refused {
                // Its URIs have another form: the connector alone is asked about.
                said.push(home.run(&["connector", "verify", &id, "-vv"]));
                continue;
            }
            for arguments in [
                &["push", "oci:layout:v1", "--to", &id, "--as", IMAGE, "-vv"][..],
                &["push", "oci:layout:v1", "--to", &id, "--as", IMAGE, "-o", "json"],
                &["registry", "verify", &id, "-vv"],
                &["connector", "describe", &id, "-o", "json"],
            ] {
                said.push(home.run(arguments));
            }
            heard += parrot.requests().len() - before;
        }
    }
    assert!(secrets.len() > 40, "only {} secret fields are known", secrets.len());
    assert!(heard > 40, "the services heard {heard} requests");
    for secret in &secrets {
        for finished in &said {
            secret.assert_not_in(&finished.bytes, "standard output");
            secret.assert_not_in(finished.stderr.as_bytes(), "standard error");
        }
        secret.assert_not_below(&home.path("crhost"));
    }
}

#[test]
fn no_id_token_of_any_source_is_ever_shown_or_kept() {
    let github = GithubOidc::start();
    let provider = github.provider();
    let (mut home, _) = Home::with_image();
    home.set("CRHOST_LOG", "trace");
    github.permit(&mut home);
    let pod = PodCluster::of(&mut home, &github);
    let issue = || provider.issue("cloudsmith");
    home.set("TOKEN_OF_THE_JOB", issue());
    fs::write(home.path("home/token"), issue()).unwrap();
    let programs = home.path("programs");
    fs::create_dir(&programs).unwrap();
    for program in ["buildkite-agent", "circleci", "my-tokens"] {
        fs::write(programs.join(program), format!("#!/bin/sh\necho {}\n", issue())).unwrap();
        fs::set_permissions(programs.join(program), fs::Permissions::from_mode(0o755)).unwrap();
    }
    home.prepend_path(&programs);
    let of_pipelines = provider.clone();
    let pipelines = FakeApi::start(move |_| (200, Vec::new(), json!({"oidcToken": of_pipelines.issue("cloudsmith")})));
    home.set("SYSTEM_OIDCREQUESTURI", format!("{}/oidctoken", pipelines.url()));
    home.set("SYSTEM_ACCESSTOKEN", "cAnary-access~token/of+the=job");
    home.set("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "c-1");
    let of_machine = provider.clone();
    let metadata = Web::serve(axum::Router::new().fallback(move || async move { of_machine.issue("cloudsmith") }));
    home.set("GCE_METADATA_HOST", metadata.host());
    let parrot = parrot();
    let (mut said, mut sources) = (Vec::new(), 0);
    for from in [
        "github",
        "azure-pipelines",
        "circleci",
        "buildkite",
        "google",
        "kubernetes",
        "env:TOKEN_OF_THE_JOB",
        "file:~/token",
        "command:my-tokens",
    ] {
        let id = format!("job-{sources}");
        let job =
            Connector::new(&id, "cloudsmith", "oidc").field("organization", "acme").field("service-account", "ci");
        said.push(job.field("id-token", "@oidc").more(&["--id-token-from", from]).register(&home));
        let registry = RegistrySpec::new(&id, "cloudsmith", "localhost:9/acme/images").connector(&id);
        registry.option("api-endpoint", &parrot.url()).allow_secret_host(&parrot.url()).register(&home);
        let before = parrot.requests().len();
        for arguments in [
            &["push", "oci:layout:v1", "--to", &id, "--as", IMAGE, "-vv"][..],
            &["push", "oci:layout:v1", "--to", &id, "--as", IMAGE, "-o", "json"],
            &["connector", "describe", &id],
            &["connector", "explain", &id],
            &["auth", "status", "-o", "json"],
        ] {
            said.push(home.run(arguments));
        }
        assert!(parrot.requests().len() > before, "{from}: no id token was sent: {}", said.last().unwrap());
        sources += 1;
    }
    let issued = github.issued();
    assert!(issued.len() > 15, "{}", issued.len());
    let others = [REQUEST_TOKEN, "cAnary-access~token/of+the=job", &pod.own];
    for secret in issued.iter().map(String::as_str).chain(others).map(Needle::new) {
        for finished in &said {
            secret.assert_not_in(&finished.bytes, "standard output");
            secret.assert_not_in(finished.stderr.as_bytes(), "standard error");
        }
        secret.assert_not_below(&home.path("crhost"));
    }
    // Where the protocol wants them, and nowhere else; what authorizes to request one, at its platform alone.
    for request in parrot.requests() {
        let head = format!("{} {:?}", request.line, request.headers);
        for secret in issued.iter().map(String::as_str).chain(others).map(Needle::new) {
            secret.assert_not_in(head.as_bytes(), "the head of a request");
        }
        let mut body: Value = serde_json::from_str(&request.body).unwrap();
        assert!(issued.iter().any(|token| body["oidc_token"] == token.as_str()), "{body}");
        body["oidc_token"] = Value::Null;
        assert_eq!(body, json!({"oidc_token": null, "service_slug": "ci"}));
    }
}
