use super::*;
use crate::image::ReferenceError;

#[derive(Clone, Copy, Default)]
struct Case {
    source: Option<&'static str>,
    to: Option<&'static str>,
    named: Option<&'static str>,
    current: Option<&'static str>,
    /// The name inside a file.
    inside: Option<&'static str>,
}

fn run(case: &Case) -> Result<String, RegistryError> {
    let mut registries = [
        RegistryRecord::example("hub", "docker.io/acme"),
        RegistryRecord::example("gh", "ghcr.io/acme"),
        RegistryRecord::example("gh-ml", "ghcr.io/acme/ml"),
        RegistryRecord::example("ml", "ml.example/acme"),
    ];
    if let Some(registry) = registries.last_mut() {
        registry.options.insert(DEFAULT_REPOSITORY.to_owned(), "team/train".to_owned());
    }
    let name = |text: Option<&str>| text.map(|text| text.parse::<Name>().unwrap());
    let (to, current) = (name(case.to), name(case.current));
    let named = case.named.map(|text| text.parse().unwrap());
    let selector = Selector {
        to: to.as_ref(),
        named: named.as_ref(),
        source: case.source,
        unnamed: case.inside.map(|name| Unnamed { location: "a.tar", name: Some(name) }),
        current: current.as_ref(),
    };
    select(&registries, selector).map(|target| format!("{} {}", target.registry.name, target.image))
}

#[test]
fn an_image_finds_its_registry_and_its_name() {
    let none = Case::default();
    for (case, target) in [
        (Case { source: Some("docker.io/acme/train:v3"), ..none }, "hub docker.io/acme/train:v3"),
        (Case { source: Some("acme/train"), ..none }, "hub docker.io/acme/train:latest"),
        (Case { source: Some("ghcr.io/acme/ml/train:v3"), ..none }, "gh-ml ghcr.io/acme/ml/train:v3"),
        (Case { source: Some("ghcr.io/acme/mlx/train:v3"), ..none }, "gh ghcr.io/acme/mlx/train:v3"),
        (Case { source: Some("train:v3"), to: Some("hub"), ..none }, "hub docker.io/acme/train:v3"),
        (Case { source: Some("team/train:v3"), to: Some("gh"), ..none }, "gh ghcr.io/acme/team/train:v3"),
        (Case { source: Some("ghcr.io/acme/train:v3"), to: Some("gh"), ..none }, "gh ghcr.io/acme/train:v3"),
        (Case { source: Some("train:v3"), current: Some("gh"), ..none }, "gh ghcr.io/acme/train:v3"),
        (Case { source: Some("acme/train:v3"), current: Some("gh"), ..none }, "gh ghcr.io/acme/acme/train:v3"),
        (Case { source: Some("acme/train:v3"), current: Some("hub"), ..none }, "hub docker.io/acme/train:v3"),
        (Case { source: Some("quay.io/x/y:v1"), to: Some("gh"), named: Some("y"), ..none }, "gh ghcr.io/acme/y:v1"),
        (Case { to: Some("gh"), named: Some("y:v2"), ..none }, "gh ghcr.io/acme/y:v2"),
        (Case { named: Some("y:v2"), current: Some("hub"), ..none }, "hub docker.io/acme/y:v2"),
        // A whole name is taken as it is, and finds its registry.
        (Case { to: Some("gh"), named: Some("ghcr.io/acme/y:v2"), ..none }, "gh ghcr.io/acme/y:v2"),
        (Case { to: Some("gh"), named: Some("ghcr.io/acme/y"), source: Some("x:v1"), ..none }, "gh ghcr.io/acme/y:v1"),
        (Case { named: Some("ghcr.io/acme/ml/y"), current: Some("hub"), ..none }, "gh-ml ghcr.io/acme/ml/y:latest"),
        (Case { named: Some("ghcr.io/acme/y"), source: Some("quay.io/x:v1"), ..none }, "gh ghcr.io/acme/y:v1"),
    ] {
        assert_eq!(run(&case).unwrap(), target);
    }
}

#[test]
fn a_digest_says_which_image_is_meant_and_moves_no_tag() {
    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let by_digest: &'static str =
        "ghcr.io/acme/train@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let tagged: &'static str =
        "ghcr.io/acme/train:v9@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let short: &'static str = "train@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let none = Case::default();
    for (case, target) in [
        (Case { source: Some(by_digest), ..none }, "ghcr.io/acme/train@"),
        (Case { source: Some(tagged), ..none }, "ghcr.io/acme/train:v9@"),
        (Case { source: Some(short), to: Some("gh"), ..none }, "ghcr.io/acme/train@"),
        (Case { source: Some(by_digest), to: Some("gh"), named: Some("x"), ..none }, "ghcr.io/acme/x@"),
        (Case { source: Some(by_digest), to: Some("gh"), named: Some("x:v1"), ..none }, "ghcr.io/acme/x:v1@"),
    ] {
        assert_eq!(run(&case).unwrap(), format!("gh {target}{DIGEST}"));
    }
    let id = Case { source: Some(DIGEST), to: Some("gh"), ..none };
    assert!(matches!(run(&id), Err(RegistryError::Reference(ReferenceError::Id(_)))));
}

#[test]
fn what_belongs_nowhere_or_elsewhere_is_refused() {
    let none = Case::default();
    assert!(matches!(run(&Case { source: Some("ghcr.io/acme-evil/x"), ..none }), Err(RegistryError::NoOwner { .. })));
    assert!(matches!(
        run(&Case { source: Some("quay.io/x/y"), current: Some("gh"), ..none }),
        Err(RegistryError::NoOwner { .. })
    ));
    assert!(matches!(
        run(&Case { source: Some("quay.io/x/y"), to: Some("gh"), ..none }),
        Err(RegistryError::Elsewhere { .. })
    ));
    for (to, named) in
        [(Some("gh"), "quay.io/x/y:v1"), (Some("gh"), "ghcr.io/other/y"), (Some("hub"), "ghcr.io/acme/y")]
    {
        assert!(matches!(run(&Case { to, named: Some(named), ..none }), Err(RegistryError::Elsewhere { .. })));
    }
    for source in [Some("train:v3"), Some("other/train")] {
        assert!(matches!(run(&Case { source, ..none }), Err(RegistryError::NoneChosen { .. })));
    }
    assert!(matches!(run(&Case { named: Some("quay.io/x/y"), ..none }), Err(RegistryError::NoOwner { .. })));
    assert!(matches!(run(&Case { to: Some("gh"), ..none }), Err(RegistryError::NoName { .. })));
    assert!(matches!(run(&Case { named: Some("y"), ..none }), Err(RegistryError::NoTarget)));
    assert!(matches!(run(&Case { source: Some("x"), to: Some("nope"), ..none }), Err(RegistryError::Store(_))));
}

#[test]
fn a_name_inside_a_file_decides_nothing() {
    let evil = Case { inside: Some("ghcr.io/acme/base/production:v9"), ..Case::default() };
    for case in [
        evil,
        Case { to: Some("gh"), ..evil },
        Case { current: Some("hub"), ..evil },
        Case { inside: Some("train:v3"), current: Some("gh"), ..evil },
    ] {
        assert!(matches!(run(&case), Err(RegistryError::NoName { suggestion: Some(_) })));
    }
    for (case, target) in [
        (Case { to: Some("gh"), named: Some("train"), ..evil }, "gh ghcr.io/acme/train:latest"),
        (Case { source: Some("ghcr.io/acme/train:v3"), ..evil }, "gh ghcr.io/acme/train:v3"),
        (Case { source: Some("train:v3"), to: Some("gh"), named: Some("y"), ..evil }, "gh ghcr.io/acme/y:v3"),
        // What the user gave the registry for this.
        (Case { to: Some("ml"), ..evil }, "ml ml.example/acme/team/train:latest"),
        (Case { current: Some("ml"), ..evil }, "ml ml.example/acme/team/train:latest"),
    ] {
        assert_eq!(run(&case).unwrap(), target);
    }
}

#[test]
fn an_image_that_keeps_its_name_goes_where_that_belongs_or_below_another_registry() {
    for (uri, own, target) in [
        ("ghcr.io/acme", "ghcr.io/acme/train:v3", "ghcr.io/acme/train:v3"),
        ("ghcr.io/mirror", "ghcr.io/acme/train:v3", "ghcr.io/mirror/acme/train:v3"),
        ("ml.example", "ghcr.io/acme/train:v3", "ml.example/acme/train:v3"),
        ("ml.example/acme", "docker.io/library/redis:7", "ml.example/acme/redis:7"),
        ("ml.example/acme", "redis", "ml.example/acme/redis:latest"),
        ("ml.example/acme", "docker.io/bitnami/redis:7", "ml.example/acme/bitnami/redis:7"),
        ("ml.example/acme", "localhost/train:v3", "ml.example/acme/train:v3"),
    ] {
        let registry = RegistryRecord::example("it", uri);
        let named = GivenName::Own(own.parse().unwrap());
        assert_eq!(named_in(&registry, &named).unwrap().to_string(), target, "{own} in {uri}");
    }
}
