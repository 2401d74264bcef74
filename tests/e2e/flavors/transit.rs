//! The flavor `transit` is a key and no registry; `server::key_services` has what it is for.

use crate::support::programs::crhost::Home;
use crate::support::programs::registration::{Connector, RegistrySpec};

#[test]
fn a_key_of_transit_takes_no_push() {
    let (mut home, _) = Home::with_image();
    home.set("BAO_TOKEN", "t");
    Connector::new("me", "transit", "token").field("token", "@env:BAO_TOKEN").register(&home);
    RegistrySpec::new("bao", "transit", "bao.example.com:8200/transit/crhost").connector("me").register(&home);
    let refused = home.fails(2, &["push", "oci:layout:v1", "--to", "bao"]);
    assert!(
        refused.error().contains("no registry") && refused.hint().contains("CRHOST_KEY_FILE"),
        "{}",
        refused.error()
    );
    home.fails(2, &["registry", "register", "x", "--flavor=transit", "--uri=bao.example.com:8200"])
        .says("/transit/crhost");
}
