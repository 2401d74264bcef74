//! Regions of Oracle Cloud Infrastructure, by their three letters: those of `oci.regions_definitions` in the SDK for
//! Python 2.190 (<https://docs.oracle.com/en-us/iaas/Content/General/Concepts/regions.htm>).

/// Whether a region's key is known. New regions come every year: an unknown one is a warning.
pub(crate) fn is_known(key: &str) -> bool {
    KEYS.split_ascii_whitespace().any(|known| known == key)
}

/// The keys, in all realms.
const KEYS: &str = "aga ahu ams arn auh avf avz beg bgy bno bog bom brs cdg cwl dac dln doh dtm dtz dus dxb ebb ebl fra \
                    gru hnw hsg hyd iad ibr icn jbp jed jnb jsk kix lej lfi lhr lin ltn luf mad mct mel mrs mty mtz mxp \
                    nja nrq nrt onm ord orf ork pgc phx pia qro rba ric rkt ruh scl shj sin sjc snn str syd tus ukb vap \
                    vcp vll vve wga xsp yny yul yxj yyz zrh";

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
