//! JSON output is as its schemas in `docs/reference/schema` say, and has no member that they do not name.

use std::fs;

use serde_json::{Value, json};

use crate::support::images::image::Image;
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::programs::crhost::{Home, repository};
use crate::support::programs::registry::{PASSWORD, Registry, USER};

/// Expects that a value is as a schema says.
#[track_caller]
pub(crate) fn assert_is(value: &Value, name: &str) {
    let file = repository().join("docs/reference/schema").join(format!("{name}.json"));
    let mut schema: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    close(&mut schema);
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    compiler.add_resource("schema.json", schema).unwrap();
    let index = compiler.compile("schema.json", &mut schemas).unwrap();
    if let Err(fault) = schemas.validate(value, index) {
        panic!("{value:#}\nis not as {}:\n{fault:#}", file.display());
    }
}

/// Schemas allow further members, for versions to come; here each has to be named. Parts of an object, as an
/// alternative of `oneOf` is, stay open: they do not know the members of the other parts.
fn close(schema: &mut Value) {
    let Some(members) = schema.as_object_mut() else { return };
    for (name, below) in members.iter_mut() {
        match name.as_str() {
            "properties" | "$defs" => below.as_object_mut().unwrap().values_mut().for_each(close),
            "items" | "additionalProperties" => close(below),
            "oneOf" | "anyOf" => below.as_array_mut().unwrap().iter_mut().for_each(close_below),
            _ => {}
        }
    }
    let is_object = members.get("type").is_some_and(|kind| kind == "object") || members.contains_key("properties");
    if is_object && !members.contains_key("additionalProperties") {
        members.insert("unevaluatedProperties".to_owned(), json!(false));
    }
}

/// Closes what is below a part of an object, and not the part.
fn close_below(part: &mut Value) {
    close(part);
    if let Some(members) = part.as_object_mut() {
        members.remove("unevaluatedProperties");
    }
}

#[test]
fn a_member_that_no_schema_names_is_found() {
    let error = json!({ "error": { "code": "usage", "message": "m", "hint": null, "exitCode": 2 } });
    assert_is(&error, "error");
    let mut more = error;
    more["error"]["more"] = json!(1);
    std::panic::catch_unwind(|| assert_is(&more, "error")).unwrap_err();
}

#[test]
fn what_a_push_prints_is_as_its_schemas_say() {
    let (registry, home) = (Registry::open(), Home::new());
    home.register("local", registry.host());
    image_files::layout(&home.path("layout"), &[("v1", &Image::new(here!()))]);
    let push = ["push", "oci:layout:v1", "--to", "local", "--as", "train", "-o", "json"];
    assert_is(&home.ok(&[&push[..], &["--dry-run"]].concat()).json(), "push");
    let files = ["--progress", "json", "--metadata-file", "metadata.json"];
    // Again, for the events of layers that are there and of an image that is unchanged.
    for _ in 0..2 {
        let pushed = home.ok(&[&push[..], &files].concat());
        assert_is(&pushed.json(), "push");
        let lines: Vec<Value> = pushed.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(!lines.is_empty(), "{pushed}");
        lines.iter().for_each(|line| assert_is(line, "push-event"));
        assert_is(&serde_json::from_slice(&fs::read(home.path("metadata.json")).unwrap()).unwrap(), "push-metadata");
    }
    let failed = home.run(&["push", "oci:layout:v2", "--to", "local", "--as", "train", "-o", "json"]);
    assert_is(&serde_json::from_str(&failed.stderr).unwrap(), "error");
}

#[test]
fn what_commands_about_registries_print_is_as_their_schemas_say() {
    let (registry, home) = (Registry::open(), Home::new());
    let json = |arguments: &[&str]| home.ok(&[arguments, &["-o", "json"]].concat()).json();
    let register = ["registry", "register", "local", "--flavor=default", "--uri", registry.host()];
    assert_is(&json(&register), "registry-change");
    assert_is(&json(&["registry", "update", "local", "--insecure"]), "registry-change");
    assert_is(&json(&["registry", "describe", "local"]), "registry");
    assert_is(&json(&["registry", "rename", "local", "other"]), "registry");
    assert_is(&json(&["registry", "list"]), "registries");
    assert_is(&json(&["registry", "verify", "other"]), "registry-verification");
}

#[test]
fn what_commands_about_connectors_print_is_as_their_schemas_say() {
    let home = Home::new();
    let json = |arguments: &[&str]| home.ok(&[arguments, &["-o", "json"]].concat()).json();
    let types = json(&["connector", "list-types"]);
    assert_is(&types, "connector-types");
    for listed in types["types"].as_array().unwrap() {
        assert_is(&json(&["connector", "describe-type", listed["type"].as_str().unwrap()]), "connector-type");
    }
    let register = ["connector", "register", "quay", "--type=quay", "--auth-method=robot", "--no-verify"];
    assert_is(&json(&[&register[..], &["--username=acme+robot", "--token=hunter2"]].concat()), "connector-change");
    assert_is(&json(&["connector", "describe", "quay"]), "connector");
    assert_is(&json(&["connector", "list"]), "connectors");
    assert_is(&json(&["connector", "update", "quay", "--name=other"]), "connector-change");
}

#[test]
fn what_commands_about_flavors_and_the_key_print_is_as_their_schemas_say() {
    let home = Home::new();
    let json = |arguments: &[&str]| home.ok(&[arguments, &["-o", "json"]].concat()).json();
    let flavors = json(&["flavor", "list"]);
    assert_is(&flavors, "flavors");
    for flavor in flavors["flavors"].as_array().unwrap() {
        assert_is(&json(&["flavor", "describe", flavor["name"].as_str().unwrap()]), "flavor");
    }
    let connector = ["connector", "register", "quay", "--type=quay", "--auth-method=robot", "--no-verify"];
    home.ok(&[&connector[..], &["--username=acme+robot", "--token=hunter2"]].concat());
    assert_is(&json(&["key", "describe"]), "key");
    assert_is(&json(&["key", "rotate"]), "key");
}

#[test]
fn what_commands_about_other_clients_print_is_as_their_schemas_say() {
    let (registry, mut home) = (Registry::with_password(), Home::new());
    home.set("PASSWORD", PASSWORD);
    let connector = ["connector", "register", "me", "--type=docker", "--auth-method=password", "--no-verify"];
    home.ok(&[&connector[..], &["--username", USER, "--password=@env:PASSWORD"]].concat());
    let register = ["registry", "register", "prod", "--flavor=default", "--connector=me", "--uri", registry.host()];
    home.ok(&register);
    let json = |arguments: &[&str]| home.ok(&[arguments, &["-o", "json"]].concat()).json();
    assert_is(&json(&["auth", "status", "--push"]), "auth-status");
    assert_is(&json(&["auth", "token", "prod"]), "auth-token");
    assert_is(&json(&["doctor", "--push"]), "doctor");
    // With a problem and its code, and on standard output all the same.
    assert_is(&home.run(&["doctor", "localhost:1", "-o", "json"]).json(), "doctor");
    assert_is(&json(&["login", "prod"]), "login");
    assert_is(&json(&["logout", "prod"]), "login");
    let directory = home.path("bin");
    assert_is(&json(&["docker", "install", "--directory", directory.to_str().unwrap()]), "clients");
    assert_is(&json(&["docker", "uninstall"]), "clients");
}
