//! Locations of Artifact Registry: regions and three multi-regions.

use crhost_flavor::uri::is_one_slip_from;

/// The multi-regions.
const MULTI: [&str; 3] = ["us", "europe", "asia"];

/// The regions (Google's documentation of repository locations, November 2026; `us-west8`: docker-credential-gcr's
/// list of hosts, July 2026).
const REGIONS: &[&str] = &[
    "africa-south1",
    "asia-east1",
    "asia-east2",
    "asia-northeast1",
    "asia-northeast2",
    "asia-northeast3",
    "asia-south1",
    "asia-south2",
    "asia-southeast1",
    "asia-southeast2",
    "asia-southeast3",
    "australia-southeast1",
    "australia-southeast2",
    "europe-central2",
    "europe-north1",
    "europe-north2",
    "europe-southwest1",
    "europe-west1",
    "europe-west2",
    "europe-west3",
    "europe-west4",
    "europe-west6",
    "europe-west8",
    "europe-west9",
    "europe-west10",
    "europe-west12",
    "me-central1",
    "me-central2",
    "me-west1",
    "northamerica-northeast1",
    "northamerica-northeast2",
    "northamerica-south1",
    "southamerica-east1",
    "southamerica-west1",
    "us-central1",
    "us-east1",
    "us-east4",
    "us-east5",
    "us-south1",
    "us-west1",
    "us-west2",
    "us-west3",
    "us-west4",
    "us-west8",
];

/// The first words of regions' names.
const CONTINENTS: [&str; 8] = ["africa", "asia", "australia", "europe", "me", "northamerica", "southamerica", "us"];
/// The second words of regions' names, before the number.
const DIRECTIONS: [&str; 9] =
    ["central", "north", "south", "east", "west", "northeast", "northwest", "southeast", "southwest"];

/// Whether a text is a location.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum LocationCheck {
    /// It is one that this version knows.
    Known,
    /// It has the form of a region, and may have been opened since.
    Plausible,
    /// It is not a location; with the one that was probably meant.
    Invalid(Option<String>),
}

/// Checks a text in lower case.
pub(crate) fn check(text: &str) -> LocationCheck {
    if is_known(text) {
        LocationCheck::Known
    } else if has_form(text) {
        LocationCheck::Plausible
    } else {
        LocationCheck::Invalid(meant(text))
    }
}

/// Whether it is a region, and not a multi-region.
pub(crate) fn is_region(text: &str) -> bool {
    REGIONS.contains(&text) || has_form(text)
}

fn is_known(text: &str) -> bool {
    MULTI.contains(&text) || REGIONS.contains(&text)
}

/// `continent-direction` and a number.
fn has_form(text: &str) -> bool {
    let name = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = text.len() - name.len();
    let known =
        |(continent, direction): (&str, &str)| CONTINENTS.contains(&continent) && DIRECTIONS.contains(&direction);
    (1..=2).contains(&digits) && name.split_once('-').is_some_and(known)
}

/// The location that was meant by a zone, by a spelling of another cloud, or by a typing error.
fn meant(text: &str) -> Option<String> {
    let bare = |text: &str| text.replace(['-', '_', '.'], "");
    let text = match text.strip_prefix("eu").filter(|rest| !rest.starts_with('r')) {
        Some(rest) => format!("europe{rest}"),
        None => text.to_owned(),
    };
    if let Some((region, zone)) = text.rsplit_once('-')
        && zone.len() == 1
        && REGIONS.contains(&region)
    {
        return Some(region.to_owned());
    }
    let digits = |text: &str| text.trim_start_matches(|c: char| !c.is_ascii_digit()).to_owned();
    // A location of two letters with one of them wrong could be anything.
    let slip = |known: &str| known.len() > 2 && is_one_slip_from(&text, known) && digits(&text) == digits(known);
    let all = || MULTI.iter().chain(REGIONS);
    let found = all().find(|known| bare(known) == bare(&text)).or_else(|| all().find(|known| slip(known)));
    found.map(|known| (*known).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_known_possible_or_meant() {
        let wrong = |meant: &str| LocationCheck::Invalid(Some(meant.to_owned()));
        for (text, verdict) in [
            ("us", LocationCheck::Known),
            ("europe-west12", LocationCheck::Known),
            ("us-west8", LocationCheck::Known),
            ("us-east7", LocationCheck::Plausible),
            ("africa-northwest1", LocationCheck::Plausible),
            ("eu", wrong("europe")),
            ("us-central1-a", wrong("us-central1")),
            ("us-west-1", wrong("us-west1")),
            ("europewest4", wrong("europe-west4")),
            ("europe-wst4", wrong("europe-west4")),
            ("us-cental1", wrong("us-central1")),
            ("eu-west-1", wrong("europe-west1")),
            ("euwest2", wrong("europe-west2")),
            ("eurpoe", wrong("europe")),
            ("uk", LocationCheck::Invalid(None)),
            ("us-west", LocationCheck::Invalid(None)),
            ("us-west100", LocationCheck::Invalid(None)),
            ("", LocationCheck::Invalid(None)),
        ] {
            assert_eq!(check(text), verdict, "{text}");
        }
        assert!(is_region("us-east1") && !is_region("us"));
    }
}
