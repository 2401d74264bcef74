//! Signatures of Oracle's API, version 1
//! (<https://docs.oracle.com/en-us/iaas/Content/API/Concepts/signingrequests.htm>, after
//! draft-cavage-http-signatures-08; in the order of `oci.signer` 2.189).

use crhost_flavor::secrets::{Encoding, Escaping, Part, join};
use crhost_flavor::{Failure, Secret};

/// The scheme of the header `authorization`.
pub(crate) const SCHEME: &str = "Signature ";

/// The value of the header `authorization` behind its scheme, for headers that are signed: names and values, in order.
pub(crate) fn authorization(key: &Secret, key_id: &str, headers: &[(&str, &str)]) -> Result<Secret, Failure> {
    let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    let signature = key.sign_rs256(&[lines.join("\n").into()]).map_err(|reason| {
        Failure::unauthenticated(format!("the private key can't sign: {reason}"))
            .hint("give the PEM file of the API key, without a passphrase")
    })?;
    let before = format!("algorithm=\"rsa-sha256\",headers=\"{}\",keyId=\"{key_id}\",signature=\"", names.join(" "));
    let parts = [before.into(), Part::secret(&signature, Encoding::Base64), "\",version=\"1\"".into()];
    join(&parts, Escaping::None).map_err(Failure::other)
}
