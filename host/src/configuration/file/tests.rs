use super::*;
use crate::error::Explain as _;

fn problem(text: &str) -> String {
    match parse::<ConfigurationFile>(text, "crhost.toml") {
        Ok(_) => panic!("{text} was read"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_mistake_is_told_with_its_line_and_the_key_that_was_meant_and_without_the_value() {
    let secret = "hunter2";
    for (text, expected) in [
        ("", "crhost.toml:1: the key `version` is missing"),
        ("version = 2", "crhost.toml:1: version 2 of the format is not known, expected 1"),
        (
            "version = 1\n[registry.prod]\nuri = 'ghcr.io'",
            "crhost.toml:2: unknown key `registry`; did you mean `registries`?",
        ),
        (
            "version = 1\n[registries.prod]\nflavor = 'github'\nuir = 'ghcr.io'",
            "crhost.toml:4: unknown key `uir`; did you mean `uri`?",
        ),
        (
            "version = 1\n[connectors.ci]\ntype = 'docker'\npasword = 'hunter2'",
            "crhost.toml:4: unknown key `pasword`, expected one of `type`, `auth-method`, `flavor`, `allow-implicit`, \
             `allow-commands`, `id-token-from`, `fields`",
        ),
        (
            "version = 1\n[connectors.ci]\ntype = 'docker'\nfields = 'hunter2'",
            "crhost.toml:4: a value is of another kind, expected a map",
        ),
    ] {
        let found = problem(text);
        assert_eq!(found, expected);
        assert!(!found.contains(secret));
    }
}

#[test]
fn files_are_put_together_and_a_name_is_in_one_of_them_only() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
    std::fs::create_dir(directory.path().join("team")).unwrap();
    write(
        "crhost.toml",
        "version = 1\ninclude = ['team/a.toml']\n[registries.a]\nflavor = 'default'\nuri = 'a.example'",
    );
    write("team/a.toml", "version = 1\ninclude = ['b.toml']\n[registries.b]\nflavor = 'default'\nuri = 'b.example'");
    write("team/b.toml", "version = 1\n[policies.p]\nsource = 'p.wasm'");
    let path = directory.path().join("crhost.toml");
    let whole = Evaluated::read(&path).unwrap();
    assert_eq!(whole.file.registries.keys().collect::<Vec<_>>(), ["a", "b"]);
    // A path is relative to the file that it stands in.
    assert_eq!(whole.path_of("policy", "p", "p.wasm"), directory.path().join("team/p.wasm"));
    assert!(whole.at("registry", "b").ends_with("team/a.toml: registry `b`"));
    write("team/b.toml", "version = 1\n[registries.a]\nflavor = 'default'\nuri = 'c.example'");
    let twice = Evaluated::read(&path).err().unwrap().to_string();
    assert!(twice.contains("registry `a` is in `") && twice.ends_with("crhost.toml`, too"), "{twice}");
    write("team/b.toml", "version = 1\ninclude = ['a.toml']");
    let circle = Evaluated::read(&path).err().unwrap();
    assert!(circle.hint().is_some() && circle.to_string().contains("included twice"), "{circle}");
    std::fs::remove_file(directory.path().join("team/b.toml")).unwrap();
    std::fs::create_dir(directory.path().join("team/b.toml")).unwrap();
    let other = Evaluated::read(&path).err().unwrap().to_string();
    assert!(other.contains("no regular file"), "{other}");
}

#[test]
fn a_path_that_climbs_is_shown_as_what_it_leads_to() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().canonicalize().unwrap();
    std::fs::create_dir(root.join("team")).unwrap();
    let climbing = |path: &str| absolute_text(&root.join("team").join(path));
    assert_eq!(climbing("../token"), root.join("token").display().to_string());
    assert_eq!(climbing("../../../../../../../../etc/shadow"), "/etc/shadow");
    assert!(climbing("absent/../token").ends_with("absent/../token"));
    assert_eq!(climbing("..data/token"), root.join("team/..data/token").display().to_string());
}
