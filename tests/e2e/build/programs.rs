//! Builds by programs: the real Buildah and Podman, and fakes of `docker buildx` and `buildctl`.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::failures::{export_script, fake};
use super::{SCRATCH, home_with_context, write};
use crate::support::fakes::digitalocean;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::process;
use crate::support::programs::registration::{self, Connector, RegistrySpec};
use crate::support::programs::registry::{PASSWORD, Registry, USER};
use crate::support::skip::{Capability, skip};

/// The arguments of a build by a BuildKit at an address, and the address.
pub(super) fn remote(registry: &Registry) -> (Vec<String>, &'static str) {
    let address = "tcp://buildkitd.example:1234";
    let arguments = ["build", "context", "-t", "train:v3", "--to", registry.host(), "--builder", address];
    (arguments.map(str::to_owned).to_vec(), address)
}

#[test]
fn buildah_and_podman_build_and_the_push_is_crhosts() {
    let registry = Registry::with_password();
    for builder in ["buildah", "podman"] {
        let mut home = home_with_context(SCRATCH, &[("train.py", builder)]);
        if home.other(builder).arg("--version").output().is_err() {
            return skip(Capability::Podman, &format!("`{builder}` is not installed"));
        }
        storage(&mut home);
        home.docker_login(registry.host(), USER, PASSWORD);
        let arguments = ["build", "context", "-t", "train:v3", "--to", registry.host(), "--builder", builder];
        let pushed =
            home.ok(
                &[&arguments[..], &["--build-arg", "STAGE=test", "--progress", "plain", "--iidfile", "id"]].concat()
            );
        let id = fs::read_to_string(home.path("id")).unwrap();
        assert!(id.starts_with("sha256:") && id.len() == 71, "{id}");
        assert!(pushed.stderr.contains("STEP") && pushed.stderr.contains(&format!("`{builder}`")), "{pushed}");
        let name = format!("docker://{}/train:v3", registry.host());
        let mut skopeo = home.other("skopeo");
        skopeo.args(["inspect", "--config", "--tls-verify=false", "--creds", &format!("{USER}:{PASSWORD}"), &name]);
        let config = process::run(&mut skopeo).ok().json();
        assert_eq!(config["config"]["Labels"]["stage"], "test", "{config}");
    }
}

/// Storage of its own for Buildah and Podman, which works wherever tests run.
fn storage(home: &mut Home) {
    let root = home.path("storage");
    let config =
        format!("[storage]\ndriver = \"vfs\"\ngraphroot = \"{0}/graph\"\nrunroot = \"{0}/run\"\n", root.display());
    let file = super::write(home, "storage.conf", &config);
    home.set("CONTAINERS_STORAGE_CONF", file);
    home.set("STORAGE_DRIVER", "vfs");
    home.set("BUILDAH_ISOLATION", "chroot");
}

#[test]
fn a_builder_gets_no_login_for_the_registry_that_is_pushed_to_and_no_secret_on_its_command_line() {
    let registry = Registry::with_password();
    let mut home = home_with_context("FROM base.example.com/x\nCOPY . /\n", &[]);
    let auth = |user: &str| serde_json::json!({"username": user, "password": "pw-of-the-base"});
    let mut config = serde_json::json!({"auths": {"base.example.com": auth("base"), "other.example.com": auth("o")}});
    config["auths"][registry.host()] = serde_json::json!({"username": USER, "password": PASSWORD});
    home.docker_config(&config);
    home.set("TOKEN", "t0ken-of-the-build");
    let record = home.path("record");
    let export = export_script(&home);
    let script = format!(
        "echo \"$@\" >> {0}/words\ncat $DOCKER_CONFIG/config.json > {0}/config\necho $REGISTRY_AUTH_FILE > {0}/file\n\
         stat -c %a $DOCKER_CONFIG $DOCKER_CONFIG/config.json > {0}/modes\n\
         case \"$1 $2\" in 'buildx version'|'buildx inspect') exit 0;; esac\n{export}",
        record.display()
    );
    fs::create_dir(&record).unwrap();
    let (remote, address) = remote(&registry);
    for (program, builder) in [("docker", "buildx"), ("buildctl", address)] {
        fake(&mut home, program, &script);
        let mut arguments: Vec<&str> = remote.iter().map(String::as_str).collect();
        arguments.truncate(arguments.len() - 1);
        arguments.extend([builder, "--secret", "id=token,env=TOKEN", "--label", "a=b"]);
        home.ok(&arguments);
        let config = fs::read_to_string(record.join("config")).unwrap();
        assert!(config.contains("base.example.com") && !config.contains("other.example.com"), "{config}");
        assert!(!config.contains(registry.host()), "{config}");
        assert_eq!(fs::read_to_string(record.join("modes")).unwrap(), "700\n600\n");
        let words = fs::read_to_string(record.join("words")).unwrap();
        assert!(words.contains("id=token,env=TOKEN") && !words.contains("t0ken-of-the-build"), "{words}");
        assert!(words.contains("type=oci"), "{words}");
        let file = fs::read_to_string(record.join("file")).unwrap();
        assert!(!std::path::Path::new(file.trim()).exists(), "the file of logins is left: {file}");
        pulled_with_password(&home, &registry);
    }
    let words = fs::read_to_string(record.join("words")).unwrap();
    assert!(words.contains(&format!("--addr={address} build")), "{words}");
}

#[test]
fn a_builder_gets_the_login_of_a_registered_registry_for_a_pull_of_its_base_image() {
    const ECR: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
    let registry = Registry::open();
    let (mut home, api) = digitalocean::home();
    let from = |image: &str| format!("COPY --from={image} /x /\n");
    let images = ["ghcr.io/acme/ml/x", "ghcr.io/other/x", "library/x", &format!("{ECR}/x")].map(from).concat();
    write(&home, "context/Dockerfile", &format!("FROM registry.example.com/acme/base\n{images}"));
    for (name, uri, user) in
        [("acme", "ghcr.io/acme", "ann"), ("ml", "ghcr.io/acme/ml", "mel"), ("hub", "docker.io/a", "h")]
    {
        registration::with_password(&mut home, name, uri, (user, "s3cret"));
    }
    // One whose flavor can't be reached.
    let keys = Connector::new("keys", "aws", "secret-key").field("aws_access_key_id", "AKIAIOSFODNN7EXAMPLE");
    keys.field("aws_secret_access_key", "not-a-key").register(&home);
    let ecr = RegistrySpec::new("ecr", "aws", ECR).connector("keys").option("ecr-endpoint", "http://127.0.0.1:1");
    ecr.allow_secret_host("http://127.0.0.1:1").register(&home);
    // Other clients ask crhost, and it does not ask itself.
    home.docker_config(&json!({"credsStore": "crhost"}));
    let record = home.path("record");
    let script = format!("cat $DOCKER_CONFIG/config.json > {}\n{}", record.display(), export_script(&home));
    fake(&mut home, "buildctl", &script);
    let build = ["build", "context", "-t", "x:1", "--to", registry.host(), "--builder", "tcp://buildkitd.example:1234"];
    let built = home.ok(&build);
    let config: Value = serde_json::from_str(&fs::read_to_string(&record).unwrap()).unwrap();
    let auth = |login: &str| json!({"auth": STANDARD.encode(login)});
    assert_eq!(config["auths"], json!({"registry.example.com": auth("do:ending"), "ghcr.io": auth("mel:s3cret")}));
    assert!(built.stderr.contains(&format!("warning: there is no login for `{ECR}/x`")), "{built}");
    let asked: Vec<String> = api.lines().into_iter().filter(|line| line.contains("/docker-credentials?")).collect();
    assert!(!asked.is_empty() && asked.iter().all(|line| line.contains("read_write=false")), "{asked:?}");
}

#[test]
fn a_builder_gets_no_login_for_any_of_the_registries_that_are_pushed_to() {
    let (registry, other) = (Registry::with_password(), Registry::with_password());
    let copy = |host: &str| format!("COPY --from={host}/x /x /\n");
    let dockerfile = format!("FROM base.example.com/x\n{}{}", copy(registry.host()), copy(other.host()));
    let mut home = home_with_context(&dockerfile, &[]);
    let login = serde_json::json!({"username": USER, "password": PASSWORD});
    let mut config = serde_json::json!({"auths": {"base.example.com": login}});
    for host in [registry.host(), other.host()] {
        config["auths"][host] = login.clone();
    }
    home.docker_config(&config);
    home.register("prod", &format!("{}/acme", registry.host()));
    home.register("other", &format!("{}/acme", other.host()));
    home.ok(&["registry", "use", "other"]);
    let record = home.path("record");
    let script = format!("cat $DOCKER_CONFIG/config.json > {}\n{}", record.display(), export_script(&home));
    fake(&mut home, "buildctl", &script);
    let build = |home: &Home, names: &[&str]| {
        let arguments = ["build", "context", "--push", "--builder", "tcp://buildkitd.example:1234"];
        home.ok(&[&arguments[..], names].concat());
        let config = fs::read_to_string(&record).unwrap();
        let config: serde_json::Value = serde_json::from_str(&config).unwrap();
        ["base.example.com", registry.host(), other.host()].map(|host| config["auths"].get(host).is_some())
    };
    // It goes before the one that is stored as the one in use.
    for (in_use, tag) in [("prod", "1"), (&format!("{}/acme", registry.host()), "2")] {
        home.set("CRHOST_REGISTRY", in_use);
        assert_eq!(build(&home, &["-t", &format!("train:{tag}")]), [true, false, true], "{in_use}");
        assert!(skopeo::has(registry.access(), &format!("{}/acme/train:{tag}", registry.host())), "{in_use}");
    }
    let elsewhere = format!("{}/acme/train:3", other.host());
    assert_eq!(build(&home, &["-t", "train:3", "-t", &elsewhere]), [true, false, false]);
    home.set("CRHOST_REGISTRY", "");
    let whole = format!("{}/acme/train:4", registry.host());
    assert_eq!(build(&home, &["-t", &whole, "-t", &elsewhere]), [true, false, false]);
    assert_eq!(build(&home, &["-t", "train:5"]), [true, true, false]);
}

#[track_caller]
fn pulled_with_password(home: &Home, registry: &Registry) {
    let mut skopeo = home.other("skopeo");
    let name = format!("docker://{}/train:v3", registry.host());
    skopeo.args(["inspect", "--tls-verify=false", "--creds", &format!("{USER}:{PASSWORD}"), &name]);
    process::run(&mut skopeo).ok();
}

#[test]
fn what_a_builder_can_t_do_is_refused_with_one_that_can() {
    let mut home = home_with_context(SCRATCH, &[]);
    fake(&mut home, "buildctl", "exit 1");
    fake(&mut home, "buildah", "exit 1");
    let platforms = ["build", "context", "-t", "x:1", "--platform", "linux/amd64,linux/arm64"];
    home.fails(2, &[&platforms[..], &["--builder", "buildah"]].concat()).says("buildx");
    let bare = ["build", "context", "--builder", "tcp://b:1", "--build-arg", "TOKEN", "--to", "localhost:1"];
    home.fails(2, &[&bare[..], &["-t", "x:1"]].concat()).says("--secret");
    home.fails(2, &["build", "context", "-t", "x:1", "--builder", "kaniko"]).says("buildctl");
}
