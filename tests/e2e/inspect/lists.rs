//! `crhost repos` and `crhost tags`.

use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};

use super::scripted::{registry, say};
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::programs::crhost::Home;
use crate::support::programs::process::tool;
use crate::support::programs::registry::Registry;
use crate::support::programs::serve::Serve;

/// A registry with some repositories, and tags in one of them.
fn filled() -> Serve {
    let serve = Serve::start();
    for repository in ["acme/train", "acme/serve", "other/tool"] {
        serve.tag(repository, "v1", &serve.image(repository, "a"));
    }
    let image = serve.image("acme/train", "b");
    for tag in ["v10", "v9", "1.2.0", "1.10.0", "latest"] {
        serve.tag("acme/train", tag, &image);
    }
    serve
}

#[test]
fn repositories_are_those_at_and_below_the_path_of_the_registry() {
    let serve = filled();
    let (home, host) = (&serve.home, &serve.host);
    let all = home.ok(&["repos", host]);
    assert_eq!(all.stdout, format!("{host}/acme/serve\n{host}/acme/train\n{host}/other/tool\n"));
    home.register("acme", &format!("{host}/acme"));
    let own = home.ok(&["repos", "acme"]);
    assert_eq!(own.stdout, format!("{host}/acme/serve\n{host}/acme/train\n"));
    let filtered = home.ok(&["repos", host, "--include", "acme/*", "--exclude", "*/train", "-o", "name"]);
    assert_eq!(filtered.stdout, format!("{host}/acme/serve\n"));
    assert_eq!(home.ok(&["repos", host, "-o", "json"]).json()["repositories"].as_array().unwrap().len(), 3);
    let none = home.ok(&["repos", host, "--include", "nothing"]);
    assert_eq!(none.stdout, "");
}

#[test]
fn the_tags_of_a_layout_are_the_names_of_its_images() {
    let home = Home::new();
    let (one, two) = (Image::small(here!(), architecture()), Image::small(here!(), architecture()));
    image_files::layout(&home.path("layout"), &[("v10", &one), ("v9", &one), ("ghcr.io/acme/train:1.2", &two)]);
    let tags = home.ok(&["tags", "oci:layout"]).stdout;
    assert_eq!(tags, "v10\nv9\n1.2\n");
    assert_eq!(home.ok(&["tags", "oci:layout", "--include", "v*", "--sort", "natural"]).stdout, "v9\nv10\n");
    let listed = home.ok(&["tags", "oci:layout", "--digests", "-o", "json"]).json();
    let digest = home.ok(&["digest", "oci:layout:v9"]).stdout;
    assert_eq!(listed["tags"][1], json!({"name": "oci:layout:v9", "tag": "v9", "digest": digest.trim()}));
    assert_eq!(listed["tags"][2]["name"], "oci:layout:ghcr.io/acme/train:1.2");
    // The name of the list leads to the image.
    home.ok(&["inspect", listed["tags"][2]["name"].as_str().unwrap()]);
    home.fails(2, &["tags", "oci:layout:v9"]).says("names an image, expected a repository or `oci:DIRECTORY`");
    home.fails(2, &["tags", "docker-archive:x.tar"]).says("names an image");
    home.fails(3, &["tags", "oci:nowhere"]);
}

#[test]
fn an_image_that_was_pulled_has_one_tag_in_a_layout_and_a_repository_without_tags_none() {
    let serve = Serve::start();
    let home = &serve.home;
    home.register("dev", &serve.host);
    image_files::layout(&home.path("layout"), &[("v1", &Image::small(here!(), architecture()))]);
    home.ok(&["push", "oci:layout:v1", "--to", "dev", "--as", "train:v1"]);
    for _ in 0..2 {
        home.ok(&["pull", "dev/train:v1", "oci:pulled"]);
    }
    assert_eq!(home.ok(&["tags", "oci:pulled"]).stdout, "v1\n");
    let filtered = home.ok(&["tags", "dev/train", "--include", "x*"]);
    assert!(filtered.stdout.is_empty() && filtered.stderr.contains("has no such tag"), "{filtered}");
    home.ok(&["delete", "--yes", "--untag", "dev/train:v1"]);
    let empty = home.ok(&["tags", "dev/train"]);
    assert!(empty.stdout.is_empty() && empty.stderr.contains("has no tags"), "{empty}");
}

#[test]
fn tags_are_filtered_sorted_and_told_with_their_digests() {
    let serve = filled();
    let (home, host) = (&serve.home, &serve.host);
    home.register("dev", host);
    let lines = |arguments: &[&str]| {
        let done = home.ok(&[&["tags", "dev/acme/train"], arguments].concat());
        done.stdout.lines().map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(lines(&[]).len(), 6);
    assert_eq!(lines(&["--sort", "natural"]), ["1.2.0", "1.10.0", "latest", "v1", "v9", "v10"]);
    assert_eq!(lines(&["--semver", ">=1.2", "--sort", "semver"]), ["1.2.0", "1.10.0", "v9", "v10"]);
    assert_eq!(lines(&["--include", "v*", "--exclude", "v1"]), ["v10", "v9"]);
    assert_eq!(lines(&["-o", "name", "--include", "latest"]), [format!("{host}/acme/train:latest")]);
    let digest = home.ok(&["digest", "dev/acme/train:v9"]).stdout;
    assert_eq!(lines(&["--digests", "--include", "v9"]), [format!("v9  {}", digest.trim())]);
    let listed = home.ok(&["tags", "dev/acme/train", "--digests", "-o", "json"]).json();
    assert_eq!(listed["tags"][0]["digest"].as_str().unwrap().len(), 71);
    home.fails(3, &["tags", "dev/acme/nothing"]).says("has no repository");
    home.fails(2, &["tags", "dev/acme/train:v9"]).says("expected a repository");
    home.fails(2, &["tags", "dev/acme/train", "--include", "[a"]).says("is no pattern");
}

#[test]
fn skopeo_lists_the_same_tags() {
    let (registry, home) = (Registry::open(), Home::new());
    let serve = filled();
    drop(serve);
    home.register("local", registry.host());
    crate::support::images::image_files::layout(
        &home.path("layout"),
        &[("v1", &crate::support::images::image::Image::small(7, "amd64"))],
    );
    home.ok(&["push", "oci:layout:v1", "--to", "local", "--as", "a/b:v1", "--tag", "v2", "--tag", "w"]);
    let listed = home.ok(&["tags", "local/a/b"]);
    let image = format!("docker://{}/a/b", registry.host());
    let theirs: Value = tool("skopeo", ["list-tags", "--tls-verify=false", &image]).ok().json();
    let ours: Vec<&str> = listed.stdout.lines().collect();
    assert_eq!(theirs["Tags"], json!(ours));
}

#[test]
fn pages_are_followed_whatever_their_links_look_like() {
    for form in ["relative", "absolute", "unquoted", "bare"] {
        let own: Arc<OnceLock<String>> = Arc::default();
        let host = Arc::clone(&own);
        let fake = registry(move |_, target| {
            let (path, query) = target.split_once('?').unwrap_or((target, ""));
            let pages: &[&[&str]] = match path {
                "/v2/_catalog" => &[&["a/x", "a/y"], &["a/z"]],
                "/v2/a/x/tags/list" => &[&["v1"], &["v2"]],
                _ => return None,
            };
            let at = usize::from(query.contains("last="));
            let body = json!({ "repositories": pages[at], "tags": pages[at] }).to_string();
            let next = format!("{path}?last=q&n=2");
            let link = match form {
                "relative" => format!("<{next}>; rel=\"next\""),
                "unquoted" => format!("<{next}>; rel=next"),
                "bare" => format!("<{next}>"),
                _ => format!("<http://{}{next}>; rel=\"next\"", host.get().unwrap()),
            };
            let headers = [("link", link.as_str())];
            Some(say(200, if at == 0 { &headers } else { &[] }, body))
        });
        own.set(fake.host()).unwrap();
        let (home, host) = (Home::new(), fake.host());
        assert_eq!(home.ok(&["repos", &host]).stdout.lines().count(), 3, "{form}");
        assert_eq!(home.ok(&["tags", &format!("{host}/a/x")]).stdout, "v1\nv2\n", "{form}");
    }
}

#[test]
fn a_list_that_has_no_end_or_leads_elsewhere_is_refused() {
    let cases: [(&str, &str); 2] = [
        ("</v2/a/x/tags/list?n=1000>; rel=\"next\"", "have no end"),
        ("<https://evil.example/v2/a/x/tags/list>; rel=\"next\"", "another server"),
    ];
    for (link, words) in cases {
        let fake = registry(move |_, target| {
            target.contains("/tags/list").then(|| say(200, &[("link", link)], r#"{"tags":["v1"]}"#))
        });
        let home = Home::new();
        home.fails(1, &["tags", &format!("{}/a/x", fake.host())]).says(words);
    }
}

#[test]
fn names_that_a_terminal_would_act_on_are_no_tags() {
    let fake = registry(|_, target| {
        target.contains("/tags/list").then(|| say(200, &[], "{\"tags\":[\"v1\",\"\\u001b[2Jx\",\"a b\",\"v2\"]}"))
    });
    let listed = Home::new().ok(&["tags", &format!("{}/a/x", fake.host())]);
    assert_eq!(listed.stdout, "v1\nv2\n");
}

#[test]
fn a_registry_without_a_catalog_says_so_in_one_line() {
    for (status, code) in [(404, 3), (405, 1), (403, 4), (401, 4)] {
        let fake = registry(move |_, target| {
            let challenge = [("www-authenticate", "Basic realm=\"x\"")];
            let headers: &[(&str, &str)] = if status == 401 { &challenge } else { &[] };
            target.contains("_catalog").then(|| say(status, headers, r#"{"errors":[{"code":"UNSUPPORTED"}]}"#))
        });
        let home = Home::new();
        let refused = home.fails(code, &["repos", &fake.host()]);
        refused.says("does not list its repositories").says("crhost tags");
    }
}
