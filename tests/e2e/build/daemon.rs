//! Builds by the real Docker daemon: BuildKit and the classic builder.

use std::fs;
use std::process::Command;

use super::{NO_CACHE, SCRATCH, home_with_context, write};
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::daemon::ensure_daemon;
use crate::support::programs::process;
use crate::support::programs::registry::{PASSWORD, Registry, USER};

#[test]
fn each_builder_of_the_daemon_builds_and_the_push_is_crhosts() {
    ensure_daemon();
    let registry = Registry::with_password();
    for (switch, builder) in [("1", "BuildKit"), ("0", "classic builder")] {
        let mut home = home_with_context(SCRATCH, &[("train.py", "print()"), ("sub/data", builder)]);
        // Docker's own login: the push uses it, and the builder has none.
        home.docker_login(registry.host(), USER, PASSWORD);
        home.set("DOCKER_BUILDKIT", switch);
        home.register("prod", &format!("{}/team", registry.host()));
        let name = format!("built-{switch}:v3");
        let build = ["build", "context", NO_CACHE, "-t", &name, "--to", "prod", "--build-arg", "STAGE=test"];
        let pushed = home.ok(&build);
        assert!(pushed.stderr.contains(builder), "{pushed}");
        assert!(pushed.stdout.starts_with(&format!("{}/team/built-{switch}@sha256:", registry.host())), "{pushed}");
        let config = skopeo::config(registry.access(), &format!("{}/team/{name}", registry.host()));
        assert_eq!(config["config"]["Labels"]["stage"], "test", "{config}");
        process::tool("docker", ["rmi", "--no-prune", &name]).ok();
    }
}

#[test]
fn without_a_registry_the_image_stays_in_the_daemon_under_all_of_its_names() {
    ensure_daemon();
    let home = home_with_context(SCRATCH, &[]);
    let arguments = ["build", "context", "-t", "built-names:a", "-t", "built-names:b b", "-o", "json"];
    let built = home.ok(&[&arguments[..], &["--label", "x=y", "--iidfile", "id"]].concat());
    let json = built.json();
    assert_eq!(json["names"], serde_json::json!(["built-names:a", "built-names:bb"]));
    assert!(built.stderr.contains("is no tag"), "{built}");
    for name in ["built-names:a", "built-names:bb"] {
        let id = process::tool("docker", ["inspect", "--format", "{{.Id}} {{.Config.Labels.x}}", name]).ok().stdout;
        assert_eq!(id.trim(), format!("{} y", json["id"].as_str().unwrap()));
        process::tool("docker", ["rmi", "--no-prune", name]).ok();
    }
    assert_eq!(fs::read_to_string(home.path("id")).unwrap(), json["id"].as_str().unwrap());
}

#[test]
fn a_dockerfile_elsewhere_and_one_on_standard_input_are_built_with_the_context() {
    ensure_daemon();
    let registry = Registry::open();
    for switch in ["1", "0"] {
        let mut home = home_with_context("FROM nothing-of-this-name\n", &[("a", "a"), ("b", "b")]);
        home.set("DOCKER_BUILDKIT", switch);
        write(&home, "elsewhere/Other", "FROM scratch\nCOPY a /\n");
        let to = ["--to", registry.host()];
        let file = [&["build", "context", NO_CACHE, "-f", "elsewhere/Other", "-t", "other:1"][..], &to].concat();
        home.ok(&file);
        assert_eq!(skopeo::contents(registry.access(), &format!("{}/other:1", registry.host())).0, ["a"]);
        let mut command =
            home.command(&[&["build", "context", NO_CACHE, "-f", "-", "-t", "other:2"][..], &to].concat());
        let input = fs::File::open(write(&home, "input", "FROM scratch\nCOPY b /\n")).unwrap();
        let ended = command.stdin(input).output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        assert_eq!(skopeo::contents(registry.access(), &format!("{}/other:2", registry.host())).0, ["b"]);
        let _ = process::tool("docker", ["rmi", "--no-prune", "other:1", "other:2"]);
    }
}

#[test]
fn a_tag_template_adds_a_tag_and_several_repositories_are_several_pushes() {
    ensure_daemon();
    let registry = Registry::open();
    let mut home = home_with_context(SCRATCH, &[]);
    home.set("SOURCE_DATE_EPOCH", "1795953600");
    let to = ["--to", registry.host(), "--tag-template", "{date}-{timestamp}"];
    let names = ["build", "context", "-t", "templates/one:v1", "-t", "templates/two"];
    let built = home.ok(&[&names[..], &to].concat());
    assert_eq!(built.stdout.lines().count(), 2, "{built}");
    for name in ["one:v1", "one:2026_11_29-1795953600", "two:latest"] {
        skopeo::contents(registry.access(), &format!("{}/templates/{name}", registry.host()));
    }
    let _ = process::tool("docker", ["rmi", "--no-prune", "templates/one:v1", "templates/two:latest"]);
    let _ = process::tool("docker", ["rmi", "--no-prune", "templates/one:2026_11_29-1795953600"]);
}

#[test]
fn an_image_with_a_tag_alone_goes_to_the_default_repository_of_its_registry() {
    ensure_daemon();
    let registry = Registry::open();
    let home = home_with_context(SCRATCH, &[]);
    home.register("prod", &format!("{}/team", registry.host()));
    home.fails(2, &["build", "context", "-t", ":v3", "--to", "prod"]).says("default-repository");
    home.fails(2, &["registry", "update", "prod", "--option", "default-repository=A b"]).says("team/train");
    home.ok(&["registry", "update", "prod", "--option", "default-repository=built-default"]);
    let built = home.ok(&["build", "context", "-t", ":v3", "--to", "prod"]);
    assert!(built.stdout.starts_with(&format!("{}/team/built-default@", registry.host())), "{built}");
    skopeo::contents(registry.access(), &format!("{}/team/built-default:v3", registry.host()));
    let _ = process::tool("docker", ["rmi", "--no-prune", "built-default:v3"]);
}

/// An image with a shell, made of this machine's own.
fn shell(home: &Home, name: &str) {
    let root = home.path("root");
    let copy = |from: &str, to: &str| {
        let to = root.join(to.trim_start_matches('/'));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    };
    copy("/bin/sh", "bin/sh");
    copy("/bin/cat", "bin/cat");
    for program in ["/bin/sh", "/bin/cat"] {
        for library in
            process::tool("ldd", [program]).ok().stdout.split_whitespace().filter(|word| word.starts_with('/'))
        {
            copy(library, library);
        }
    }
    let archive = home.path("root.tar");
    process::run(Command::new("tar").arg("-C").arg(&root).arg("-cf").arg(&archive).arg(".")).ok();
    process::run(Command::new("docker").arg("import").arg(&archive).arg(name)).ok();
}

#[test]
fn a_secret_reaches_a_step_of_buildkit_and_what_a_step_writes_is_in_the_error() {
    ensure_daemon();
    let secret = "RUN --mount=type=secret,id=t test \"$(cat /run/secrets/t)\" = hunter2\n";
    let mut home = home_with_context(&format!("FROM built-shell\n{secret}RUN echo one; echo two; exit 3\n"), &[]);
    shell(&home, "built-shell");
    home.set("TOKEN", "hunter2");
    let build = ["build", "context", "--network", "none", "--secret", "id=t,env=TOKEN"];
    let failed = home.run(&build);
    assert_eq!(failed.code, Some(1), "{failed}");
    let error = failed.stderr.lines().find(|line| line.starts_with("error: ")).unwrap();
    assert!(error.contains("RUN echo one; echo two; exit 3") && error.contains("exit code: 3"), "{failed}");
    assert!(error.ends_with("the last of its output: `one`, `two`"), "{failed}");
    home.set("DOCKER_BUILDKIT", "0");
    home.fails(2, &build).says("--secret");
    let _ = process::tool("docker", ["rmi", "--no-prune", "built-shell"]);
}
