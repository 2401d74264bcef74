//! A day of a team: its file comes from git, three machines without a secret push to three kinds of registries, one
//! person takes a right away, and the audit tells all of it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use super::scene::{AUDIENCE, ISSUER_NAME, ask, rows, runner};
use crate::support::fakes::github_oidc::GithubOidc;
use crate::support::fakes::token_server::TokenServer;
use crate::support::images::image::{Image, architecture};
use crate::support::images::noise::here;
use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::git::git;
use crate::support::programs::moto::Moto;
use crate::support::programs::postgres::Postgres;
use crate::support::programs::process::Server;
use crate::support::programs::registry::{PASSWORD, Registry, USER};
use crate::support::programs::serve::Serve;

/// What AWS lets the server's user do.
const PUSHER: &str = "ecr:GetAuthorizationToken,ecr:DescribeRepositories,ecr:DescribeRepositoryCreationTemplates,sts:*";

/// A rule by which jobs of the repository push to a registry.
fn rule(registry: &str, more: &str) -> String {
    format!(
        "[[rule]]\nname = 'train-{registry}'\nissuer = '{ISSUER_NAME}'\nclaims = {{ repository = 'acme/train' }}\n\
         allow = ['push']\nregistries = '{registry}'\nrepositories = 'team/*'\n{more}"
    )
}

/// The rules, in the place of the old ones.
fn write_rules(admin: &Home, issuer: &GithubOidc, rules: &[String]) {
    let issuer = format!(
        "[[issuer]]\nname = '{ISSUER_NAME}'\nurl = '{}'\naudience = '{AUDIENCE}'\n{}",
        issuer.url(),
        rules.concat()
    );
    fs::write(admin.path("rules.new"), issuer).unwrap();
    fs::rename(admin.path("rules.new"), admin.path("rules.toml")).unwrap();
}

/// The team's file: where secrets are, and no secret.
fn file(moto: &Moto, ecr: &Registry, tokens: &Registry, dev: &Serve) -> String {
    let (endpoint, id) = (moto.endpoint(), moto.id());
    format!(
        "version = 1\n\
         [connectors.aws]\ntype = 'aws'\nauth-method = 'secret-key'\nfields = {{ aws-access-key-id = '{id}', \
         aws-secret-access-key = '@env:TEAM_AWS' }}\n\
         [connectors.login]\ntype = 'docker'\nauth-method = 'password'\nfields = {{ username = '{USER}', \
         password = '@env:TEAM_PASSWORD' }}\n\
         [registries.ecr]\nflavor = 'aws'\nuri = '{}'\nconnector = 'aws'\nallow-secret-hosts = ['{endpoint}']\n\
         options = {{ region = 'eu-west-1', ecr-endpoint = '{endpoint}', sts-endpoint = '{endpoint}' }}\n\
         [registries.prod]\nflavor = 'default'\nuri = '{}'\nconnector = 'login'\n\
         [registries.dev]\nflavor = 'default'\nuri = '{}'\n",
        ecr.host(),
        tokens.host(),
        dev.host
    )
}

#[test]
fn a_team_applies_its_file_its_machines_push_without_secrets_and_the_audit_tells_who_did_what() {
    let Some(postgres) = Postgres::start() else { return };
    let (moto, ecr) = (Moto::start(PUSHER, &["team/train"]), Registry::with_ecr_token());
    let token_server = TokenServer::start();
    let (prod, dev) = (Registry::with_tokens(&token_server), Serve::start());
    let issuer = GithubOidc::start();
    issuer.be_its_own_issuer();
    // In the morning: the file is reviewed in git, and applied.
    let mut admin = Home::new();
    fs::create_dir(admin.path("origin")).unwrap();
    git(&admin, "origin", &["init", "--quiet"]);
    fs::write(admin.path("origin/crhost.toml"), file(&moto, &ecr, &prod, &dev)).unwrap();
    git(&admin, "origin", &["add", "."]);
    git(&admin, "origin", &["commit", "--quiet", "-m", "registries of the team"]);
    git(&admin, "", &["clone", "--quiet", "origin", "clone"]);
    fs::write(admin.path("key"), b"canary-of-the-keys-of-day-32-byt").unwrap();
    fs::set_permissions(admin.path("key"), fs::Permissions::from_mode(0o600)).unwrap();
    let key = admin.path("key");
    admin.set("CRHOST_DATABASE", postgres.url());
    admin.set("CRHOST_KEY_FILE", key);
    admin.ok(&["apply", "clone/crhost.toml", "--yes", "--locked"]);
    // The server reads the secrets where the file says.
    admin.set("TEAM_AWS", moto.secret());
    admin.set("TEAM_PASSWORD", PASSWORD);
    let long_lived = "long-lived = true\n";
    // moto's tokens ended in 2015, so that no end of them is known.
    let of_ecr = rule("ecr", long_lived);
    let others = [rule("prod", long_lived), rule("dev", "")];
    write_rules(&admin, &issuer, &[&others[..], &[of_ecr]].concat());
    let rules = admin.path("rules.toml").display().to_string();
    let (server, host): (Server, String) = admin.serve_with(&["server", "--rules", &rules, "--listen", "127.0.0.1:0"]);
    // At noon: three machines push.
    let machines: Vec<(&str, Home, Image)> = ["ecr", "prod", "dev"]
        .map(|registry| {
            let image = Image::small(here!(), architecture());
            let home = runner(&issuer, &host, &image);
            (registry, home, image)
        })
        .into();
    let push = |registry| ["push", "oci:layout:v1", "--to", registry, "--as", "team/train"];
    for (registry, home, _) in &machines {
        home.ok(&push(registry));
        for secret in [moto.secret(), PASSWORD] {
            Needle::new(secret).assert_not_below(&home.path("crhost"));
        }
    }
    let open = skopeo::Access { authorities: None, credentials: None };
    for (access, at, (.., image)) in [
        (ecr.access(), ecr.host(), &machines[0]),
        (prod.access(), prod.host(), &machines[1]),
        (&open, dev.host.as_str(), &machines[2]),
    ] {
        skopeo::assert_same(access, &format!("{at}/team/train:v1"), image);
    }
    // In the evening: one person takes the right to one registry away.
    write_rules(&admin, &issuer, &others);
    for (registry, home, _) in &machines {
        match *registry {
            "ecr" => drop(home.fails(3, &push(registry))),
            registry => drop(home.ok(&push(registry))),
        }
    }
    let headers = format!("Authorization: Bearer {}\r\n", issuer.provider().issue(AUDIENCE));
    let wanted = json!({"registry": "ecr", "repository": "team/train", "operation": "push"}).to_string();
    assert_eq!(ask(&host, &headers, &wanted).unwrap().0, 403);
    drop(server);
    // At night: the audit.
    let applied: Vec<Value> =
        rows(&admin, &[]).into_iter().filter(|row| row["via"] == "apply").map(|row| row["action"].clone()).collect();
    for (action, count) in [("connector.register", 2), ("registry.register", 3)] {
        assert_eq!(applied.iter().filter(|one| **one == action).count(), count, "{applied:?}");
    }
    for (registry, rule, logins) in [("ecr", "train-ecr", 1), ("prod", "train-prod", 2)] {
        let given = rows(&admin, &["--action", "login", "--registry", registry, "--outcome", "done"]);
        assert!(given.len() >= logins, "{registry}: {given:?}");
        for row in given {
            assert_eq!((&row["rule"], &row["repository"]), (&json!(rule), &json!("team/train")), "{row}");
            assert_eq!(row["actor"]["claims"]["repository"], "acme/train", "{row}");
        }
    }
    admin.ok(&["audit", "verify"]);
    let dump = postgres.dump();
    for secret in [moto.secret(), PASSWORD] {
        Needle::new(secret).assert_not_in(dump.as_bytes(), "the database");
    }
}
