//! The auth method `docker/password` on Google's hosts: who the user is says there what the password is.

use crhost_flavor::Failure;

/// Refuses a user name that opens no host of Google's.
pub(crate) fn check(username: &str) -> Result<(), Failure> {
    let known = ["oauth2accesstoken", "_json_key", "_json_key_base64", "_token"].contains(&username);
    let of_helper = username.starts_with("_dcgcr_") && username.ends_with("_token");
    if known || of_helper {
        return Ok(());
    }
    let shown: String = username.chars().filter(|c| !c.is_control()).take(80).collect();
    Err(Failure::invalid_input(format!(
        "Google knows no user `{shown}`, expected `oauth2accesstoken`, `_json_key` or `_json_key_base64`"
    ))
    .hint("with a key file, the auth method `service-account` of the type `gcp` does it all"))
}
