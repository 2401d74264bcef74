//! Regions of Oracle Cloud Infrastructure, by their three letters: those of `oci.regions_definitions` in the SDK for
//! Python 2.189 (<https://docs.oracle.com/en-us/iaas/Content/General/Concepts/regions.htm>).

/// Whether a region's key is known. New regions come every year: an unknown one is a warning.
pub(crate) fn is_known(key: &str) -> bool {
    by_key(key).is_some()
}

/// The name of a region, and the domain of its realm.
pub(crate) fn by_key(key: &str) -> Option<(&'static str, &'static str)> {
    REGIONS.lines().find_map(|line| {
        let (name, domain) = line.strip_prefix(key)?.strip_prefix(' ')?.split_once(' ')?;
        Some((name, domain))
    })
}

/// The regions of all realms: key, name, and the realm's domain.
const REGIONS: &str = include_str!("regions.txt");

/// Domains of the realms, below which `ocir.<region>.oci.` stands (`oci.regions_definitions.REALMS`).
pub(crate) const REALMS: [&str; 19] = [
    "oraclecloud.com",
    "oraclegovcloud.com",
    "oraclegovcloud.uk",
    "oraclecloud8.com",
    "oraclecloud9.com",
    "oraclecloud10.com",
    "oraclecloud14.com",
    "oraclecloud15.com",
    "oraclecloud.eu",
    "oraclecloud20.com",
    "oraclecloud21.com",
    "oraclecloud23.com",
    "oraclecloud24.com",
    "oraclecloud26.com",
    "oraclecloud29.com",
    "oraclecloud35.com",
    "oraclecloud42.com",
    "oraclecloud51.com",
    "oraclecloud52.com",
];
