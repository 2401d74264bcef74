//! The credentials that the fake of Google knows, as files.

use serde_json::{Value, json};

use super::google::Google;
use super::keys::Key;

/// The service account that it knows, and the id of its key.
pub(super) const EMAIL: &str = "pusher@my-project.iam.gserviceaccount.com";
pub(super) const KEY_ID: &str = "0123456789abcdef0123456789abcdef01234567";
/// One whose tokens the first may get.
pub(super) const TARGET: &str = "deployer@my-project.iam.gserviceaccount.com";
/// A user, and an identity of another provider.
pub(super) const CLIENT_ID: &str = "764086051850.apps.googleusercontent.com";
pub(super) const CLIENT_SECRET: &str = "GOCSPX-secret/of+the=client";
pub(super) const REFRESH_TOKEN: &str = "1//0g/Xr7+Kq=3vZ~pW9";
pub(super) const SUBJECT_TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJzeXN0ZW0ifQ.subject+token/signature=";
pub(super) const AUDIENCE: &str =
    "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/providers/forge";

impl Google {
    /// The key file of the service account.
    pub(super) fn key_file(&self) -> Value {
        json!({
            "type": "service_account",
            "project_id": "my-project",
            "private_key_id": KEY_ID,
            "private_key": Key::known().pem,
            "client_email": EMAIL,
            "client_id": "112233445566778899000",
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": format!("{}/token", self.url()),
            "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
            "client_x509_cert_url": "https://www.googleapis.com/robot/v1/metadata/x509/pusher",
            "universe_domain": "googleapis.com",
        })
    }

    /// What gcloud writes when a user signs in.
    pub(super) fn user_file() -> Value {
        json!({
            "type": "authorized_user",
            "account": "",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "refresh_token": REFRESH_TOKEN,
            "universe_domain": "googleapis.com",
        })
    }

    /// The configuration of an identity of another provider, whose token is in a file.
    pub(super) fn external_file(&self, token: &str) -> Value {
        json!({
            "type": "external_account",
            "audience": AUDIENCE,
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": format!("{}/v1/token", self.url()),
            "service_account_impersonation_url":
                format!("{}/v1/projects/-/serviceAccounts/{TARGET}:generateAccessToken", self.url()),
            "credential_source": {"file": token, "format": {"type": "text"}},
        })
    }
}
