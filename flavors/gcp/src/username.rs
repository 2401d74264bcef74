//! The auth method `docker/password` on Google's hosts, where the user name is the kind of the password.

use crhost_flavor::Failure;
use crhost_flavor::text::excerpt;

/// Refuses a user name that no host of Google's accepts.
pub(crate) fn check(username: &str) -> Result<(), Failure> {
    let known = ["oauth2accesstoken", "_json_key", "_json_key_base64", "_token"].contains(&username);
    let of_helper = username.starts_with("_dcgcr_") && username.ends_with("_token");
    if known || of_helper {
        return Ok(());
    }
    Err(Failure::invalid_input(format!(
        "Google knows no user `{}`, expected `oauth2accesstoken`, `_json_key` or `_json_key_base64`",
        excerpt(username, 80)
    ))
    .hint("with a key file, the auth method `service-account` of the type `gcp` does it all"))
}
