//! The policy `approved-bases`: images that are built on one of these bases only.
//!
//! A base is known by the lowest layers of an image, which an option names by their diff ids, or by what the image says
//! of itself in `org.opencontainers.image.base.name`. The layers prove it; the name is the word of whatever built it.

mod base;

use crhost_flavor::policy::{Decision, Description, Evidence, ImageEvidence, OptionSpec, Policy, Subject, pattern};

struct ApprovedBases;

/// The most that a message shows of a list, so that the line can be read.
const SHOWN: usize = 5;

impl Policy for ApprovedBases {
    fn describe() -> Description {
        Description::new(
            "approved-bases",
            env!("CARGO_PKG_VERSION"),
            "Images that are built on one of these bases only",
        )
        .option(OptionSpec::text(
            "bases",
            "Names of bases, with commas between them, e.g. `python:3.*, gcr.io/distroless/*`, as images say",
        ))
        .option(OptionSpec::text(
            "layers",
            "Lowest layers of bases, with commas between bases: diff ids, with `+` between those of one base",
        ))
        .option(OptionSpec::flag("warn", "Warn of another base, and let it pass").default("false"))
    }

    fn admit(subject: Subject, evidence: Evidence) -> Decision {
        if !subject.writes() {
            return Decision::Allow;
        }
        let options = subject.options();
        let (bases, layers) = (options.get("bases").unwrap_or_default(), options.get("layers").unwrap_or_default());
        let images = evidence.images.iter().filter(|image| image.is_runnable());
        let decision = Decision::deny_all(images.filter_map(|image| objection(image, bases, layers)));
        if options.flag("warn") == Some(true) { decision.softened() } else { decision }
    }
}

/// Why an image is not on an approved base; none if it is.
fn objection(image: &ImageEvidence, bases: &str, layers: &str) -> Option<String> {
    let has_layers = pattern::list(layers).any(|stack| begins_with(image, stack));
    let has_name = image.base.as_ref().is_some_and(|base| pattern::list(bases).any(|one| base::is_approved(one, base)));
    if has_layers || has_name {
        return None;
    }
    let expected = match (bases.is_empty(), layers.is_empty()) {
        (true, true) => "and no base is approved: the options `bases` and `layers` are not set".to_owned(),
        (true, false) => "expected one of the bases whose layers are approved".to_owned(),
        (false, _) => format!("expected one of {}", shown(bases)),
    };
    Some(format!("{} {}, {expected}", image.label(), found(image)))
}

/// Whether the lowest layers of an image are these, by their diff ids.
fn begins_with(image: &ImageEvidence, stack: &str) -> bool {
    let mut layers = image.layers.iter();
    stack.split('+').all(|diff_id| layers.next().is_some_and(|layer| layer.diff_id.as_deref() == Some(diff_id)))
}

/// What is known of an image's base.
fn found(image: &ImageEvidence) -> String {
    if let Some(name) = image.base.as_ref().and_then(|base| base.name.as_ref()) {
        return format!("says that its base is `{name}`");
    }
    match image.layers.first().and_then(|layer| layer.diff_id.as_ref()) {
        Some(lowest) => {
            format!("does not say its base (`org.opencontainers.image.base.name`), its lowest layer is `{lowest}`")
        }
        None => "does not say its base (`org.opencontainers.image.base.name`)".to_owned(),
    }
}

fn shown(bases: &str) -> String {
    let all: Vec<&str> = pattern::list(bases).collect();
    let more = all.len().saturating_sub(SHOWN);
    let first = all.iter().take(SHOWN).map(|base| format!("`{base}`")).collect::<Vec<_>>().join(", ");
    if more == 0 { first } else { format!("{first} and {more} more") }
}

crhost_flavor::export_policy!(ApprovedBases);

#[cfg(test)]
mod tests {
    use super::*;
    use crhost_flavor::policy::{Action, BaseImage, Layer};

    fn image(base: Option<&str>, diff_ids: &[&str]) -> ImageEvidence {
        let layer =
            |diff_id: &&str| Layer { media_type: None, digest: None, size: None, diff_id: Some((*diff_id).to_owned()) };
        ImageEvidence {
            base: base.map(BaseImage::named),
            layers: diff_ids.iter().map(layer).collect(),
            ..ImageEvidence::default()
        }
    }

    fn decided(image: ImageEvidence, bases: &str, layers: &str) -> Decision {
        let subject =
            Subject::new(Action::Push, "ghcr.io/acme/train:v3").option("bases", bases).option("layers", layers);
        ApprovedBases::admit(subject, Evidence::of(image))
    }

    #[test]
    fn an_image_passes_by_the_name_of_its_base_or_by_its_lowest_layers() {
        assert_eq!(decided(image(Some("python:3.12"), &[]), "python", ""), Decision::Allow);
        assert_eq!(
            decided(image(None, &["sha256:a", "sha256:b", "sha256:c"]), "", "sha256:x, sha256:a+sha256:b"),
            Decision::Allow
        );
        assert_eq!(decided(image(Some("debian"), &["sha256:a"]), "python", "sha256:a"), Decision::Allow);
    }

    #[test]
    fn a_denial_says_what_was_found_and_what_was_expected() {
        let other = decided(image(Some("debian:12"), &["sha256:a"]), "python:3.*", "");
        assert_eq!(other, Decision::deny("the image says that its base is `debian:12`, expected one of `python:3.*`"));
        let silent = decided(image(None, &["sha256:a"]), "", "sha256:b");
        assert_eq!(
            silent,
            Decision::deny(
                "the image does not say its base (`org.opencontainers.image.base.name`), its lowest layer is \
                 `sha256:a`, expected one of the bases whose layers are approved"
            )
        );
    }

    #[test]
    fn layers_count_only_from_the_lowest_on_and_all_of_them() {
        let denied =
            |diff_ids: &[&str], layers: &str| matches!(decided(image(None, diff_ids), "", layers), Decision::Deny(_));
        assert!(denied(&["sha256:x", "sha256:a"], "sha256:a"));
        assert!(denied(&["sha256:a"], "sha256:a+sha256:b"));
        assert!(denied(&[], "sha256:a"));
    }

    #[test]
    fn nothing_is_approved_until_an_option_says_so() {
        let Decision::Deny(messages) = decided(image(Some("python"), &[]), "", "") else { panic!("it passed") };
        assert!(messages[0].contains("no base is approved"), "{messages:?}");
    }

    #[test]
    fn every_image_of_an_index_counts_and_its_attestations_do_not() {
        let arm = ImageEvidence { platform: Some("linux/arm64".to_owned()), ..image(Some("debian"), &[]) };
        let mut evidence = Evidence::of(image(Some("python"), &[]));
        let statement = Layer {
            media_type: Some("application/vnd.in-toto+json".to_owned()),
            digest: None,
            size: None,
            diff_id: None,
        };
        evidence.images.push(ImageEvidence { layers: vec![statement], ..ImageEvidence::default() });
        evidence.images.push(arm);
        let subject = Subject::new(Action::Copy, "ghcr.io/acme/train:v3").option("bases", "python");
        let Decision::Deny(messages) = ApprovedBases::admit(subject, evidence) else { panic!("it passed") };
        assert_eq!(messages, ["`linux/arm64` says that its base is `debian`, expected one of `python`"]);
    }

    #[test]
    fn what_is_deleted_needs_no_base() {
        let subject = Subject::new(Action::Delete, "ghcr.io/acme/train:v3");
        assert_eq!(ApprovedBases::admit(subject, Evidence::of(image(None, &[]))), Decision::Allow);
    }
}
