//! The addresses of the machine's metadata, which a flavor's name opens.

use serde_json::json;

use crate::support::programs::crhost::Home;

#[test]
fn a_flavor_s_metadata_addresses_are_opened_by_its_name_and_named() {
    for (flavor, uri, opened) in [
        (
            "aws",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
            &[("http://169.254.169.254", false), ("http://169.254.170.2", true), ("http://169.254.170.23", true)][..],
        ),
        ("azure", "contoso.azurecr.io", &[("http://169.254.169.254", false)]),
        (
            "gcp",
            "europe-west1-docker.pkg.dev/my-project/ml",
            // Of a machine at AWS or in Azure, too, for a file of an external account.
            &[("http://169.254.169.254", false), ("http://metadata.google.internal", false)],
        ),
    ] {
        let home = Home::new();
        let done = home.ok(&["registry", "register", "r", "-f", flavor, "-u", uri, "--allow-metadata", flavor]);
        let described = home.ok(&["registry", "describe", "r", "-o", "json"]).json();
        let mut grants: Vec<(String, bool)> = described["grants"]
            .as_array()
            .unwrap()
            .iter()
            .map(|grant| (grant["pattern"].as_str().unwrap().to_owned(), grant["secrets"].as_bool().unwrap()))
            .collect();
        grants.sort();
        let expected: Vec<(String, bool)> =
            opened.iter().map(|(host, secrets)| ((*host).to_owned(), *secrets)).collect();
        assert_eq!(grants, expected, "{flavor}");
        for (host, secrets) in opened {
            let line = done.stderr.lines().find(|line| line.contains(&format!("`{host}`"))).unwrap_or_default();
            assert_eq!(line.contains("with secrets"), *secrets, "{done}");
        }
    }
}

#[test]
fn metadata_addresses_are_not_opened_by_another_name_or_where_there_are_none() {
    let home = Home::new();
    let register = |flavor: &str, uri: &str, preset: &str| {
        home.fails(2, &["registry", "register", "r", "-f", flavor, "-u", uri, "--allow-metadata", preset])
    };
    register("azure", "contoso.azurecr.io", "aws").says("`--allow-metadata aws`").says("`--allow-metadata azure`");
    register("default", "localhost:5000", "default").says("no address of this machine's metadata");
    assert_eq!(home.ok(&["registry", "list", "-o", "json"]).json()["registries"], json!([]));
}
