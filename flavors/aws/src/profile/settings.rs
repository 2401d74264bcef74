//! The settings of profiles.

/// The settings that are not secret.
pub(crate) const PUBLIC: [&str; 18] = [
    ACCESS_KEY_ID,
    "credential_source",
    "duration_seconds",
    "endpoint_url",
    "external_id",
    "ignore_configured_endpoint_urls",
    "mfa_serial",
    "region",
    "role_arn",
    "role_session_name",
    "services",
    "source_profile",
    "sso_account_id",
    "sso_region",
    "sso_role_name",
    "sso_session",
    "sso_start_url",
    WEB_IDENTITY_FILE,
];

/// The setting with the id of a key.
pub(super) const ACCESS_KEY_ID: &str = "aws_access_key_id";
/// The setting with the path of an identity provider's token.
pub(super) const WEB_IDENTITY_FILE: &str = "web_identity_token_file";

// The settings that are secret.
pub(crate) const SECRET_ACCESS_KEY: &str = "aws_secret_access_key";
pub(crate) const SESSION_TOKEN: &str = "aws_session_token";

/// What profiles say, as far as a plan is made of it.
pub(crate) trait Settings {
    /// A setting of a profile; empty if it is secret. The file of credentials has precedence.
    fn get(&self, profile: &str, name: &str) -> Option<String>;

    /// A setting of a session of IAM Identity Center, which is a section of the file of settings.
    fn of_session(&self, session: &str, name: &str) -> Option<String>;

    /// Whether either file has a profile.
    fn exists(&self, profile: &str) -> bool;

    /// Whether the file of credentials has a key in a profile.
    fn is_in_credentials(&self, profile: &str) -> bool;
}
