//! A team's file: from git to a store, and to runners that have it, their secrets, and nothing else.

use std::fs;

use super::{planned, with_login};
use crate::support::fakes::token_server::TokenServer;
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::git::git;
use crate::support::programs::registry::{PASSWORD, Registry};
use crate::support::programs::serve::Serve;

#[test]
fn a_team_applies_its_file_from_git_and_two_runners_push_with_it_and_secrets_of_their_own() {
    let tokens = TokenServer::start();
    let (prod, dev) = (Registry::with_tokens(&tokens), Serve::start());
    let person = Home::new();
    fs::create_dir(person.path("origin")).unwrap();
    git(&person, "origin", &["init", "--quiet"]);
    let team = format!(
        "version = 1\ninclude = ['dev.toml']\ndefault-registry = 'prod'\n{}\
         [policies.no-latest]\nsource = 'no-latest'\non = ['push']\nfor = ['prod']\n",
        with_login("prod", prod.host())
    );
    fs::write(person.path("origin/crhost.toml"), team).unwrap();
    let dev_file = format!("version = 1\n[registries.dev]\nflavor = 'default'\nuri = '{}'\n", dev.host);
    fs::write(person.path("origin/dev.toml"), dev_file).unwrap();
    git(&person, "origin", &["add", "."]);
    git(&person, "origin", &["commit", "--quiet", "-m", "registries of the team"]);
    git(&person, "", &["clone", "--quiet", "origin", "clone"]);
    // A person has all of it registered.
    person.ok(&["apply", "clone/crhost.toml", "--yes", "--locked"]);
    assert_eq!(planned(&person, &["clone/crhost.toml", "--prune"]), [""; 0]);
    // A runner has a clone, and secrets in its environment.
    let mut digests = Vec::new();
    for number in 0..2 {
        let mut runner = Home::new();
        git(&runner, "", &["clone", "--quiet", person.path("origin").to_str().unwrap(), "clone"]);
        runner.set("CRHOST_CONFIG", "clone/crhost.toml");
        runner.set("TEAM_PASSWORD", PASSWORD);
        let image = Image::small(here!(), architecture());
        image_files::layout(&runner.path("layout"), &[("v1", &image)]);
        let name = format!("acme/train:{number}");
        let pushed = runner.ok(&["push", "oci:layout:v1", "--to", "prod", "--to", "dev", "--as", &name, "-o", "json"]);
        skopeo::assert_same(prod.access(), &format!("{}/{name}", prod.host()), &image);
        let open = skopeo::Access { authorities: None, credentials: None };
        skopeo::assert_same(&open, &format!("{}/{name}", dev.host), &image);
        digests.push(pushed.json());
        // Its policies hold there, too.
        runner.fails(9, &["push", "oci:layout:v1", "--to", "prod", "--as", "acme/train:latest"]).says("no-latest");
        assert!(!runner.path("crhost/crhost.db").exists());
        Needle::new(PASSWORD).assert_not_below(&runner.path("crhost"));
    }
    assert_eq!(tokens.granted().first().map(|token| token.by.clone()), Some("basic".to_owned()));
    assert_eq!(digests.len(), 2);
}
