//! AWS's regions and their partitions (botocore 1.44.5, `partitions.json`).

use crhost_flavor::Failure;
use crhost_flavor::uri::is_one_slip_from;

/// A part of AWS with domains of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Partition {
    /// The prefix of its regions' names; empty for the partition of all other regions.
    prefix: &'static str,
    /// The domain of its services.
    pub(crate) domain: &'static str,
    /// The domains of its registries and of ECR's API with IPv6 (dual stack), if it has any.
    pub(crate) dual_stack: Option<(&'static str, &'static str)>,
}

const fn partition(prefix: &'static str, domain: &'static str) -> Partition {
    Partition { prefix, domain, dual_stack: None }
}

/// All partitions, the one without a prefix last. `us-gov-*` has the domains of the commercial one.
pub(crate) const PARTITIONS: [Partition; 7] = [
    Partition {
        dual_stack: Some(("on.amazonwebservices.com.cn", "api.amazonwebservices.com.cn")),
        ..partition("cn-", "amazonaws.com.cn")
    },
    partition("eusc-", "amazonaws.eu"),
    partition("us-isob-", "sc2s.sgov.gov"),
    partition("us-isof-", "csp.hci.ic.gov"),
    partition("us-iso-", "c2s.ic.gov"),
    partition("eu-isoe-", "cloud.adc-e.uk"),
    Partition { dual_stack: Some(("on.aws", "api.aws")), ..partition("", "amazonaws.com") },
];

/// The regions of November 2026.
pub(crate) const KNOWN: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-isoe-west-1",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "me-west-1",
    "mx-central-1",
    "sa-east-1",
    "sa-west-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-iso-east-1",
    "us-iso-west-1",
    "us-isob-east-1",
    "us-isob-west-1",
    "us-isof-east-1",
    "us-isof-south-1",
    "us-west-1",
    "us-west-2",
];

/// Whether a text is the name of a region.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum RegionCheck {
    /// There is such a region.
    Known,
    /// It has the form of a region, and may have been opened since; with a known one that is a letter away.
    Plausible(Option<&'static str>),
    /// It is not a region; with the one that was probably meant.
    Invalid(Option<&'static str>),
}

/// Accepts the name of a region that exists or may exist; `what` names its place in the message.
pub(crate) fn accept(region: String, what: &str) -> Result<String, Failure> {
    match check(&region) {
        RegionCheck::Known | RegionCheck::Plausible(_) => Ok(region),
        RegionCheck::Invalid(meant) => {
            let failure = Failure::invalid_input(format!("{what} is `{region}`, which is not a region of AWS"));
            Err(failure.hint(match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "write e.g. `eu-west-1`".to_owned(),
            }))
        }
    }
}

/// Checks the name of a region.
pub(crate) fn check(region: &str) -> RegionCheck {
    if KNOWN.contains(&region) {
        return RegionCheck::Known;
    }
    let meant = KNOWN.iter().copied().find(|known| is_slip_of(region, known));
    // A new region may be a letter away from an old one, as `me-west-1` is from `eu-west-1`.
    match meant {
        _ if is_usual(region) => RegionCheck::Plausible(meant),
        None if is_well_formed(region) => RegionCheck::Plausible(None),
        meant => RegionCheck::Invalid(meant),
    }
}

/// The partition of a region.
pub(crate) fn partition_of(region: &str) -> Partition {
    let [.., commercial] = PARTITIONS;
    PARTITIONS.into_iter().find(|partition| region.starts_with(partition.prefix)).unwrap_or(commercial)
}

/// The known region among the labels of a host, also with a typing error.
pub(crate) fn named_in(host: &str) -> Option<&'static str> {
    let mut labels = host.split(['.', '/']);
    labels.find_map(|label| KNOWN.iter().copied().find(|known| *known == label || is_slip_of(label, known)))
}

/// Whether a text has the form of a region: words of two letters or more, and a number, joined by `-`.
fn is_well_formed(region: &str) -> bool {
    let words: Vec<&str> = region.split('-').collect();
    let letters = |word: &&str| word.len() >= 2 && word.bytes().all(|b| b.is_ascii_lowercase());
    match words.as_slice() {
        [names @ .., number] => {
            names.len() >= 2
                && names.iter().all(letters)
                && (1..=2).contains(&number.len())
                && number.bytes().all(|b| b.is_ascii_digit())
        }
        [] => false,
    }
}

/// Whether a text is named as all regions are by now: two letters first, a direction before the number.
fn is_usual(region: &str) -> bool {
    const DIRECTIONS: [&str; 9] =
        ["central", "north", "south", "east", "west", "northeast", "northwest", "southeast", "southwest"];
    let words: Vec<&str> = region.split('-').collect();
    let [area, .., direction, _] = words.as_slice() else { return false };
    area.len() == 2 && DIRECTIONS.contains(direction) && is_well_formed(region)
}

/// Whether a text is a known region with a typing error. The number has to be right, since another one may be a new
/// region. A `-` that was left out is a typing error, too.
fn is_slip_of(text: &str, known: &str) -> bool {
    let number = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let bare = |text: &str| text.replace(['-', '_'], "");
    let (text_bare, known_bare) = (bare(text), bare(known));
    text != known
        && number(text) == number(known)
        && (text_bare == known_bare || is_one_slip_from(&text_bare, &known_bare))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_region_is_well_formed_and_no_slip_of_another() {
        for region in KNOWN {
            assert_eq!(check(region), RegionCheck::Known);
            assert!(is_well_formed(region), "{region}");
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_told_from_a_new_region() {
        for (region, meant) in [
            ("us-esat-1", Some("us-east-1")),
            ("us-eats-1", Some("us-east-1")),
            ("useast-1", Some("us-east-1")),
            ("us-east1", Some("us-east-1")),
            ("eu-wst-1", Some("eu-west-1")),
            ("us-east", None),
            ("us", None),
            ("1-2-3", None),
            ("us-east-1a", Some("us-east-1")),
            ("uss-east-1", Some("us-east-1")),
        ] {
            assert_eq!(check(region), RegionCheck::Invalid(meant), "{region}");
        }
        for (region, meant) in [
            ("eu-west-9", None),
            ("nz-north-1", None),
            ("us-gov-south-1", None),
            ("eusc-fr-west-1", None),
            ("ca-east-1", Some("sa-east-1")),
            ("mx-west-1", Some("me-west-1")),
            ("sa-central-1", Some("ca-central-1")),
        ] {
            assert_eq!(check(region), RegionCheck::Plausible(meant), "{region}");
        }
    }

    #[test]
    fn a_region_s_name_says_its_partition() {
        for (region, domain) in [
            ("us-east-1", "amazonaws.com"),
            ("us-gov-west-1", "amazonaws.com"),
            ("cn-north-1", "amazonaws.com.cn"),
            ("eusc-de-east-1", "amazonaws.eu"),
            ("us-iso-east-1", "c2s.ic.gov"),
            ("us-isob-east-1", "sc2s.sgov.gov"),
            ("us-isof-south-1", "csp.hci.ic.gov"),
            ("eu-isoe-west-1", "cloud.adc-e.uk"),
        ] {
            assert_eq!(partition_of(region).domain, domain);
        }
    }
}
