//! `crhost kubernetes pull-secret`, once.

use std::fs;

use serde_json::{Value, json};

use super::cluster::{Cluster, TOKEN};
use super::{accounts, assert_valid, ecr_api, register_ecr};
use crate::schemas::assert_is;
use crate::support::fakes::digitalocean;
use crate::support::judges::needle::Needle;
use crate::support::programs::crhost::Home;
use crate::support::programs::registration;

#[test]
fn a_secret_of_several_registries_is_valid_and_says_when_it_ends() {
    let api = ecr_api(43_200, |_| false);
    let mut home = Home::new();
    register_ecr(&mut home, &api.url());
    registration::with_password(&mut home, "acme", "ghcr.io/acme", ("ann", "of-acme"));
    registration::with_password(&mut home, "ml", "ghcr.io/acme/ml", ("mel", "of-ml"));
    registration::with_password(&mut home, "Hub_1", "docker.io/acme", ("hubber", "of-hub"));
    let pull_secret = ["kubernetes", "pull-secret", "ecr", "acme", "ml", "Hub_1", "ecr"];
    let named = ["--namespace", "team", "--name", "pull"];
    let yaml = home.ok(&[&pull_secret[..], &named].concat());
    fs::write(home.path("secret.yaml"), &yaml.stdout).unwrap();
    assert_valid(&home.path("secret.yaml"));
    let json = home.ok(&[&pull_secret[..], &named, &["-o", "json"]].concat());
    fs::write(home.path("secret.json"), &json.stdout).unwrap();
    assert_valid(&home.path("secret.json"));
    let read: Value = serde_saphyr::from_str(&yaml.stdout).unwrap();
    let ended = |secret: &Value| secret["metadata"]["annotations"]["crhost/expires-at"].as_str().unwrap().to_owned();
    assert!(ended(&read).ends_with('Z') && ended(&json.json()).ends_with('Z'), "{yaml}");
    for (secret, token) in [(read, "token-1"), (json.json(), "token-2")] {
        assert_eq!(secret["kind"], "Secret");
        assert_eq!(secret["type"], "kubernetes.io/dockerconfigjson");
        assert_eq!((&secret["metadata"]["name"], &secret["metadata"]["namespace"]), (&"pull".into(), &"team".into()));
        assert_eq!(secret["metadata"]["labels"], json!({"app.kubernetes.io/managed-by": "crhost"}));
        let accounts = accounts(&secret);
        let users = |key: &str| accounts[key]["password"].as_str().unwrap();
        assert_eq!(users(super::ECR), token);
        assert_eq!(users("ghcr.io/acme"), "of-acme");
        assert_eq!(users("ghcr.io/acme/ml"), "of-ml");
        assert_eq!(users("https://index.docker.io/v1/"), "of-hub");
        assert_eq!(accounts.as_object().unwrap().len(), 4);
    }
    // What has no end is warned of, and what has one is not.
    for registry in ["`acme`", "`ml`", "`Hub_1`"] {
        assert!(yaml.stderr.contains(&format!("no end of the credentials of {registry}")), "{yaml}");
    }
    assert!(!yaml.stderr.contains("of `ecr`"), "{yaml}");
}

#[test]
fn a_secret_of_one_registry_has_its_name_and_no_namespace_of_its_own() {
    let mut home = Home::new();
    registration::with_password(&mut home, "My_Prod", "registry.example.com/team", ("ann", "s3cret"));
    let secret: Value = serde_saphyr::from_str(&home.ok(&["kubernetes", "pull-secret", "My_Prod"]).stdout).unwrap();
    assert_eq!(secret["metadata"]["name"], "crhost-my-prod");
    assert!(secret["metadata"].get("namespace").is_none());
    let auth = "YW5uOnMzY3JldA==";
    let account = json!({"registry.example.com": {"username": "ann", "password": "s3cret", "auth": auth}});
    assert_eq!(accounts(&secret), account);
    let name = home.ok(&["kubernetes", "pull-secret", "My_Prod", "-o", "name"]);
    assert_eq!(name.stdout, "crhost-my-prod\n", "the name alone, and no password");
}

#[test]
fn what_kubernetes_would_refuse_is_refused_before_anything_is_asked() {
    let api = ecr_api(43_200, |_| false);
    let mut home = Home::new();
    register_ecr(&mut home, &api.url());
    for (arguments, words) in [
        (&["ecr", "--name", "A_b"][..], "`A_b`"),
        (&["ecr", "--namespace", "a.b"], "`a.b`"),
        (&["ecr", "--context", "x"], "--apply"),
        (&[], "REGISTRY"),
    ] {
        let arguments: Vec<&str> = ["kubernetes", "pull-secret"].iter().chain(arguments).copied().collect();
        home.fails(2, &arguments).says(words);
    }
    home.fails(3, &["kubernetes", "pull-secret", "ecr", "nosuch"]).says("`nosuch`");
    home.set("PATH", "/nowhere");
    home.fails(3, &["kubernetes", "pull-secret", "ecr", "--apply"]).says("`kubectl` is not on the `PATH`");
    assert_eq!(api.lines(), [""; 0]);
    home.register("open", "open.example.com");
    home.fails(4, &["kubernetes", "pull-secret", "open"]).says("no credentials for registry `open`");
}

#[test]
fn the_credentials_are_for_a_pull_where_the_provider_tells_them_apart() {
    let (home, api) = digitalocean::home();
    home.ok(&["auth", "token", "do"]);
    home.ok(&["kubernetes", "pull-secret", "do"]);
    let asked: Vec<String> = api.lines().into_iter().filter(|line| line.contains("/docker-credentials?")).collect();
    assert_eq!(asked.len(), 2, "those of a push are not handed on: {asked:?}");
    assert!(asked[0].contains("read_write=true") && !asked[1].contains("read_write=true"), "{asked:?}");
}

#[test]
fn kubectl_applies_a_secret_to_the_cluster_that_it_knows() {
    let (api, cluster) = (ecr_api(43_200, |_| false), Cluster::start());
    let mut home = Home::new();
    register_ecr(&mut home, &api.url());
    cluster.configure_kubectl(&mut home);
    let told = home.ok(&["kubernetes", "pull-secret", "ecr", "--apply"]);
    assert!(told.stdout.is_empty() && told.stderr.contains("applied the Secret `crhost-ecr`, good until 20"), "{told}");
    let applied =
        home.ok(&["kubernetes", "pull-secret", "ecr", "--apply", "-n", "team", "--context=fake", "-o", "json"]);
    let applied = applied.json();
    assert_is(&applied, "kubernetes-secret");
    assert_eq!((&applied["name"], &applied["namespace"]), (&"crhost-ecr".into(), &"team".into()));
    assert_eq!(applied["registries"], json!(["ecr"]));
    let applied = cluster.applied();
    for ((line, secret), (namespace, token)) in applied.iter().zip([("mine", "token-1"), ("team", "token-2")]) {
        assert!(line.starts_with(&format!("PATCH /api/v1/namespaces/{namespace}/secrets/crhost-ecr?")), "{line}");
        assert!(line.contains("fieldManager=crhost") && line.contains("force=true"), "{line}");
        assert_eq!(accounts(secret)[super::ECR]["password"], token);
    }
    assert_eq!(applied.len(), 2);
    home.fails(1, &["kubernetes", "pull-secret", "ecr", "--apply", "--context=nosuch"]).says("nosuch");
}

#[test]
fn a_pod_applies_a_secret_to_its_own_cluster() {
    let (api, cluster) = (ecr_api(43_200, |_| false), Cluster::start());
    let mut home = Home::new();
    register_ecr(&mut home, &api.url());
    let _tls = cluster.configure_pod(&mut home);
    let told = home.ok(&["kubernetes", "pull-secret", "ecr", "--apply"]);
    assert!(told.stderr.contains("`crhost-ecr` in namespace `pods`, good until 20"), "{told}");
    home.ok(&["kubernetes", "pull-secret", "ecr", "--apply", "--namespace", "team"]);
    let requests = cluster.requests();
    assert_eq!(requests.len(), 2, "no other request is made: the Role allows none");
    for (request, namespace) in requests.iter().zip(["pods", "team"]) {
        let path = format!("PATCH /api/v1/namespaces/{namespace}/secrets/crhost-ecr?fieldManager=crhost&force=true");
        assert_eq!(request.line, path);
        assert_eq!(request.authorization(), format!("Bearer {TOKEN}"));
        assert_eq!(request.headers["content-type"], "application/apply-patch+yaml");
    }
    Needle::new(TOKEN).assert_not_in(told.stderr.as_bytes(), "standard error");
    // Another's certificate.
    fs::write(home.path("serviceaccount/ca.crt"), crate::support::fakes::certificates::Authority::new().pem()).unwrap();
    home.fails(6, &["kubernetes", "pull-secret", "ecr", "--apply"]).says("can't be reached");
    assert_eq!(cluster.requests().len(), 2);
    fs::write(home.path("serviceaccount/ca.crt"), "").unwrap();
    home.fails(1, &["kubernetes", "pull-secret", "ecr", "--apply"]).says("no certificate");
}

#[test]
fn a_cluster_that_refuses_is_quoted_and_never_the_secret() {
    let words = "secrets \"crhost-ecr\" is forbidden: User \"system:serviceaccount:pods:default\" cannot patch";
    let (api, cluster) = (ecr_api(43_200, |_| false), Cluster::refusing(move |_| Some((403, words))));
    let mut home = Home::new();
    register_ecr(&mut home, &api.url());
    let _tls = cluster.configure_pod(&mut home);
    let refused = home.fails(4, &["kubernetes", "pull-secret", "ecr", "--apply"]).says("cannot patch").says("Role");
    Needle::new("token-1").assert_not_in(refused.stderr.as_bytes(), "standard error");
    cluster.configure_kubectl(&mut home);
    let refused = home.fails(1, &["kubernetes", "pull-secret", "ecr", "--apply"]).says("cannot patch");
    Needle::new("token-2").assert_not_in(refused.stderr.as_bytes(), "standard error");
}
