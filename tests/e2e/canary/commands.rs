//! Programs whose output fills fields: each that a built-in flavor declares prints a secret, services repeat it in
//! their refusals, and nothing of it is in what crhost wrote.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use super::flavors::{IMAGE, parrot, text};
use crate::support::judges::needle::Needle;
use crate::support::programs::crhost::{Home, built_in};
use crate::support::programs::process::Finished;
use crate::support::programs::registration::{Connector, RegistrySpec};

#[test]
fn no_output_of_a_program_is_ever_shown_or_kept() {
    let (mut home, _) = Home::with_image();
    home.set("CRHOST_LOG", "trace");
    let programs = home.path("programs");
    fs::create_dir(&programs).unwrap();
    home.prepend_path(&programs);
    let (parrot, mut said, mut secrets) = (parrot(), Vec::<Finished>::new(), Vec::<Needle>::new());
    let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    for flavor in built_in() {
        let described = home.ok(&["flavor", "describe", &flavor, "-o", "json"]).json();
        let description = &described["description"];
        for (number, method) in list(description, "authMethods").iter().enumerate() {
            let fields = list(method, "fields");
            let command = |field: &Value| {
                let sources = list(field, "sources");
                sources.iter().find_map(|source| source["command"]["name"].as_str().map(str::to_owned))
            };
            let Some((field, program)) = fields.iter().find_map(|field| Some((field, command(field)?))) else {
                continue;
            };
            let (kind, name) = (method["connectorType"].as_str().unwrap(), method["name"].as_str().unwrap());
            let (id, secret) = (format!("{flavor}-{number}"), format!("cAnary~{flavor}/{number}+printed&=Zx9Q7tKv"));
            let printed = match field["kind"].as_str().unwrap() {
                "secret" => secret.clone(),
                _ => json!({"Version": 1, "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": secret,
                    "SessionToken": secret})
                .to_string(),
            };
            // It says it where it should not, too.
            let script = format!("#!/bin/sh\necho '{printed}'\necho 'token {secret}' >&2\n");
            fs::write(programs.join(&program), script).unwrap();
            fs::set_permissions(programs.join(&program), fs::Permissions::from_mode(0o755)).unwrap();
            let mut connector =
                Connector::new(&id, kind, name).more(&["--allow-implicit", "--allow-command", &program]);
            for field in fields.iter().filter(|field| field["kind"] == "text" && field["required"] == Value::Bool(true))
            {
                let field = field["name"].as_str().unwrap();
                connector = connector.field(field, text(field));
            }
            said.push(connector.register(&home));
            secrets.push(Needle::new(&secret));
            let mut registry = RegistrySpec::new(&id, &flavor, "localhost:9/acme/images").connector(&id);
            for option in list(description, "options").iter().filter(|option| option["kind"] == "url") {
                registry = registry.option(option["name"].as_str().unwrap(), &parrot.url());
            }
            if flavor == "aws" {
                registry = registry.option("region", "eu-west-1");
            }
            said.push(registry.allow_secret_host(&parrot.url()).run(&home));
            for arguments in [
                &["push", "oci:layout:v1", "--to", &id, "--as", IMAGE, "-vv"][..],
                &["push", "oci:layout:v1", "--to", &id, "--as", IMAGE, "-o", "json"],
                &["registry", "verify", &id, "-vv"],
                &["connector", "verify", &id, "-vv"],
                &["connector", "describe", &id, "-o", "json"],
            ] {
                said.push(home.run(arguments));
            }
            // One that fails, with a token in its words.
            let token = format!("ghs_16C7e42F292c6912E7710c838347Ae178B4a{}", secrets.len());
            fs::write(programs.join(&program), format!("#!/bin/sh\necho 'token {token} ended' >&2\nexit 1\n")).unwrap();
            secrets.push(Needle::new(&token));
            said.push(home.run(&["push", "oci:layout:v1", "--to", &id, "--as", IMAGE, "-vv"]));
        }
    }
    assert!(secrets.len() > 10, "only {} programs are known", secrets.len());
    assert!(parrot.requests().len() > 5, "the services heard {} requests", parrot.requests().len());
    for secret in &secrets {
        for finished in &said {
            secret.assert_not_in(&finished.bytes, "standard output");
            secret.assert_not_in(finished.stderr.as_bytes(), "standard error");
        }
        secret.assert_not_below(&home.path("crhost"));
    }
}
