use crhost_flavor::FailureKind;

use super::*;

/// What is accepted, its canonical form, and how many warnings it comes with.
const ACCEPTED: &[(&str, &str, usize)] = &[
    // Artifact Registry: a region, the three multi-regions, shorter and longer paths.
    ("us-docker.pkg.dev/my-project/my-repo", "us-docker.pkg.dev/my-project/my-repo", 0),
    ("europe-docker.pkg.dev/my-project/my-repo", "europe-docker.pkg.dev/my-project/my-repo", 0),
    ("asia-docker.pkg.dev/my-project/my-repo", "asia-docker.pkg.dev/my-project/my-repo", 0),
    ("europe-west1-docker.pkg.dev/my-project/my-repo/", "europe-west1-docker.pkg.dev/my-project/my-repo", 0),
    ("us-west8-docker.pkg.dev/my-project/my-repo", "us-west8-docker.pkg.dev/my-project/my-repo", 0),
    ("docker.us-west8.rep.pkg.dev/my-project/my-repo", "docker.us-west8.rep.pkg.dev/my-project/my-repo", 0),
    ("us-east9-docker.pkg.dev/my-project/my-repo", "us-east9-docker.pkg.dev/my-project/my-repo", 1),
    ("us-docker.pkg.dev/my-project/my-repo/team_a/x", "us-docker.pkg.dev/my-project/my-repo/team_a/x", 0),
    ("us-docker.pkg.dev/my-project/gcr.io", "us-docker.pkg.dev/my-project/gcr.io", 0),
    ("us-docker.pkg.dev/my-project", "us-docker.pkg.dev/my-project", 1),
    ("us-docker.pkg.dev", "us-docker.pkg.dev", 1),
    ("US-Docker.PKG.dev/my-project/my-repo", "us-docker.pkg.dev/my-project/my-repo", 0),
    ("us-docker.pkg.dev:443/my-project/my-repo", "us-docker.pkg.dev/my-project/my-repo", 0),
    // Regional endpoints.
    ("docker.us-east4.rep.pkg.dev/my-project/my-repo", "docker.us-east4.rep.pkg.dev/my-project/my-repo", 0),
    ("docker.me-central2.rep.pkg.dev/my-project", "docker.me-central2.rep.pkg.dev/my-project", 1),
    // The four hosts of Container Registry, also as ZenML's documentation has them.
    ("gcr.io/my-project", "gcr.io/my-project", 0),
    ("us.gcr.io/my-project/team", "us.gcr.io/my-project/team", 0),
    ("eu.gcr.io/my-project", "eu.gcr.io/my-project", 0),
    ("asia.gcr.io/my-project", "asia.gcr.io/my-project", 0),
    ("gcr.io", "gcr.io", 1),
    ("gcr.io/p///", "gcr.io/p", 1),
    ("gcr.io/zenml-core", "gcr.io/zenml-core", 0),
    ("GCR.io/my-project", "gcr.io/my-project", 0),
    // Projects of a domain, in both spellings.
    ("gcr.io/example.com/my-project", "gcr.io/example.com/my-project", 0),
    ("gcr.io/example.com:my-project", "gcr.io/example.com/my-project", 0),
    ("gcr.io/example.com:my-project/team", "gcr.io/example.com/my-project/team", 0),
    ("us-docker.pkg.dev/example.com/my-project/my-repo", "us-docker.pkg.dev/example.com/my-project/my-repo", 0),
    ("us-docker.pkg.dev/example.com:my-project/my-repo", "us-docker.pkg.dev/example.com/my-project/my-repo", 0),
    ("us-docker.pkg.dev/example.com/my-project", "us-docker.pkg.dev/example.com/my-project", 1),
    // Hosts that lead to Google: a company's own, a test's.
    ("registry.example.com/my-project/my-repo", "registry.example.com/my-project/my-repo", 1),
    ("gcr.example.com", "gcr.example.com", 1),
    ("localhost:5000/my-project/my-repo", "localhost:5000/my-project/my-repo", 1),
    ("my_registry.example.com", "my_registry.example.com", 2),
    ("selfhosted_harbor.com/x", "selfhosted_harbor.com/x", 2),
    ("192.168.1.100:9000/x", "192.168.1.100:9000/x", 1),
    ("localhost:5000", "localhost:5000", 1),
];

/// What is refused, and words of the hint.
const REFUSED: &[(&str, &str)] = &[
    // Look-alikes.
    ("gcr.io.evil.com/my-project", "`gcr.io/my-project`"),
    ("us-docker.pkg.dev.evil.com/my-project/r", "`us-docker.pkg.dev/my-project/r`"),
    ("us.docker.pkg.dev/my-project/r", "`us-docker.pkg.dev/my-project/r`"),
    ("docker.pkg.dev/my-project/r", "europe-west1-docker.pkg.dev"),
    ("pkg.dev/my-project", "europe-west1-docker.pkg.dev"),
    ("uk.gcr.io/my-project", "`eu.gcr.io/my-project`"),
    ("europe.gcr.io/my-project", "`eu.gcr.io/my-project`"),
    ("grc.io/my-project", "`gcr.io/my-project`"),
    ("eu.grc.io/my-project", "`eu.gcr.io/my-project`"),
    ("gcr.com/my-project", "`gcr.io/my-project`"),
    ("gccr.io/my-project", "`gcr.io/my-project`"),
    ("gcr.oi/my-project", "`gcr.io/my-project`"),
    ("eu.gcr.oi/my-project", "`eu.gcr.io/my-project`"),
    ("us-docker-pkg.dev/my-project/r", "`us-docker.pkg.dev/my-project/r`"),
    ("europe-west1-docker.pkg.de/my-project/r", "`europe-west1-docker.pkg.dev/my-project/r`"),
    ("us-docker.pkg.io/my-project/r", "`us-docker.pkg.dev/my-project/r`"),
    ("artifactregistry.googleapis.com", "europe-west1-docker.pkg.dev"),
    ("artifactregistry.us-east4.rep.googleapis.com", "europe-west1-docker.pkg.dev"),
    // Another universe.
    ("u-france-east1-docker.s3nsregistry.fr/my-project/my-repo", "the flavor `default`"),
    ("artifactregistry.s3nsapis.fr", "the flavor `default`"),
    ("storage.googleapis.com/bucket", "gcr.io/my-project"),
    // Locations that are none.
    ("eu-docker.pkg.dev/my-project/r", "`europe-docker.pkg.dev/my-project/r`"),
    ("us-central1-a-docker.pkg.dev/my-project/r", "`us-central1-docker.pkg.dev/my-project/r`"),
    ("us-west-1-docker.pkg.dev/my-project/r", "`us-west1-docker.pkg.dev/my-project/r`"),
    ("mars-docker.pkg.dev/my-project/r", "gcloud artifacts locations list"),
    ("docker.us.rep.pkg.dev/my-project/r", "`us-docker.pkg.dev/my-project/r`"),
    // Other formats, and hosts that only Google writes to.
    ("us-python.pkg.dev/my-project/r", "`us-docker.pkg.dev/my-project/r`"),
    ("europe-west1-maven.pkg.dev/my-project/r", "`europe-west1-docker.pkg.dev/my-project/r`"),
    ("marketplace.gcr.io/google", "of your own"),
    ("mirror.gcr.io/library", "of your own"),
    ("k8s.gcr.io", "of your own"),
    // Paths.
    ("gcr.io/My-Project", "`my-project`"),
    ("gcr.io/my_project", "gcloud projects list"),
    ("gcr.io/123456789012", "gcloud projects describe 123456789012"),
    ("gcr.io/example.com", "`example.com:my-project`"),
    ("gcr.io/a-project-with-a-name-of-31-chars", "gcloud projects list"),
    ("us-docker.pkg.dev/my-project/my_repo", "`my-repo`"),
    ("us-docker.pkg.dev/my-project/1repo", "gcloud artifacts repositories list"),
    // What is no registry URI at all.
    ("https://gcr.io/my-project///", "`gcr.io/my-project`"),
    ("http://gcr.io/my-project", "`gcr.io/my-project`"),
    ("https://us-docker.pkg.dev/my-project/r", "`us-docker.pkg.dev/my-project/r`"),
    ("gcr.io:5000/my-project", "`gcr.io/my-project`"),
    ("gcr.io/my-project:v1", "`gcr.io/my-project`"),
    ("gcr.io/my-project/train@sha256:0000", "`gcr.io/my-project/train`"),
    ("user:password@gcr.io/my-project", "`gcr.io/my-project`"),
    ("foo", "`gcr.io/foo`"),
    ("foo_bar", "europe-west1-docker.pkg.dev"),
    ("", "europe-west1-docker.pkg.dev"),
    ("my-project", "`gcr.io/my-project`"),
    ("us-central1", "`us-central1-docker.pkg.dev/my-project/my-repository`"),
    ("us-central1/my-project/r", "`us-central1-docker.pkg.dev/my-project/r`"),
    ("projects/my-project/locations/europe/repositories/r", "`europe-docker.pkg.dev/my-project/r`"),
    (
        "//artifactregistry.googleapis.com/projects/my-project/locations/us/repositories/r",
        "`us-docker.pkg.dev/my-project/r`",
    ),
    ("projects/<project>/locations/europe/repositories/r", "europe-west1-docker.pkg.dev"),
    ("https://console.cloud.google.com/artifacts/docker/my-project/us/r?project=x", "`us-docker.pkg.dev/my-project/r`"),
    ("https://console.cloud.google.com/gcr/images/my-project", "`gcr.io/my-project`"),
    // Other registries.
    ("zenml", "`gcr.io/zenml`"),
    ("docker.io/zenml", "`dockerhub`"),
    ("index.docker.io/zenml", "`dockerhub`"),
    ("123456789.dkr.ecr.us-east-1.amazonaws.com", "`aws`"),
    ("public.ecr.aws/a1b2c3d4", "`aws`"),
    ("registry.digitalocean.com/my-registry", "`digitalocean`"),
    ("registry.gitlab.com/acme", "`gitlab`"),
    ("registry.cloudflare.com/0123456789abcdef0123456789abcdef", "`cloudflare`"),
    ("ghcr.io/acme", "`github`"),
    ("us.icr.io/acme", "`ibm`"),
    ("quay.io/acme", "`quay`"),
    ("123456789012.dkr.ecr.us-east-1.amazonaws.com", "`aws`"),
    ("acme.azurecr.io", "`azure`"),
    ("acme.azurecr.us", "`azure`"),
    ("ghcr.io/Acme", "use the flavor `github` for `ghcr.io/acme`"),
];

#[test]
fn every_form_of_a_registry_has_its_canonical_form() {
    for &(text, canonical, warnings) in ACCEPTED {
        let accepted = accept(text).unwrap_or_else(|failure| panic!("{text}: {}", failure.message));
        assert_eq!(
            (accepted.uri.as_str(), accepted.warnings.len()),
            (canonical, warnings),
            "{text}: {:?}",
            accepted.warnings
        );
        let again = accept(canonical).unwrap();
        assert_eq!(again.uri, canonical, "canonical forms are their own");
    }
}

#[test]
fn everything_else_is_refused_with_a_hint() {
    for &(text, hint) in REFUSED {
        let failure = accept(text).map(|accepted| accepted.uri).expect_err(text);
        let said = failure.hint.unwrap_or_default();
        assert!(said.contains(hint), "{text}: {} / {said}", failure.message);
        assert!(!failure.message.contains("password"), "{}", failure.message);
        assert!(!failure.message.ends_with('.') && !failure.message.contains('\n'), "{}", failure.message);
    }
}

#[test]
fn what_only_google_writes_to_and_other_universes_are_of_a_kind_that_is_not_served() {
    assert_eq!(accept("mirror.gcr.io").unwrap_err().kind, FailureKind::Unsupported);
    assert_eq!(accept("u-france-east1-docker.s3nsregistry.fr/p/r").unwrap_err().kind, FailureKind::Unsupported);
    assert_eq!(accept("grc.io").unwrap_err().kind, FailureKind::InvalidInput);
}
