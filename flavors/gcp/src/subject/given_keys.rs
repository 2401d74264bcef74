//! Keys of AWS that the user gave to the connector.

use crhost_flavor::text::excerpt;
use crhost_flavor::{Connector, Failure, Secret};

use crate::given::{AWS_ACCESS_KEY_ID, AWS_REGION, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN};

/// Keys of the connector.
#[derive(Clone, Copy)]
pub(crate) struct GivenKeys<'a> {
    pub(super) access_key_id: &'a str,
    pub(super) secret: &'a Secret,
    pub(super) session_token: Option<&'a Secret>,
    pub(super) region: &'a str,
}

impl<'a> GivenKeys<'a> {
    /// Those of a connector, if it has some.
    pub(crate) fn of(connector: &'a Connector) -> Result<Option<Self>, Failure> {
        let (id, region) = (connector.text(AWS_ACCESS_KEY_ID), connector.text(AWS_REGION));
        let secret = connector.secret(AWS_SECRET_ACCESS_KEY);
        let session_token = connector.secret(AWS_SESSION_TOKEN);
        if let Some(region) = region.filter(|region| !is_region(region)) {
            let region = excerpt(region, 80);
            return Err(Failure::invalid_input(format!("`{AWS_REGION}` is `{region}`, expected a region of AWS"))
                .hint("any that the account uses will do, e.g. `us-east-1`"));
        }
        match (id, secret, region) {
            (Some(access_key_id), Some(secret), Some(region)) if is_name(access_key_id) => {
                Ok(Some(Self { access_key_id, secret, session_token, region }))
            }
            (None, None, _) if session_token.is_none() => Ok(None),
            _ => Err(Failure::invalid_input(format!(
                "the connector's keys of AWS are not whole, expected `{AWS_ACCESS_KEY_ID}`, `{AWS_SECRET_ACCESS_KEY}` and \
                 `{AWS_REGION}`, and `{AWS_SESSION_TOKEN}` where they end"
            ))
            .hint("`aws configure export-credentials` prints keys; the region is any, such as `us-east-1`")),
        }
    }
}

/// Whether a text has the form of a region, such as `us-gov-east-1`: it becomes a part of a host's name.
fn is_region(text: &str) -> bool {
    let is_part =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let number = text.rsplit('-').next().unwrap_or_default();
    text.split('-').count() >= 3 && text.split('-').all(is_part) && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text is a name in AWS, such as that of a role or a key.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use crhost_flavor::FieldValue;
    use crhost_flavor::testing::Host;

    use super::*;

    #[test]
    fn keys_that_are_not_whole_are_refused() {
        let host = Host::at(0);
        let of = |fields: &[(&str, &str)]| {
            let value = |name: &str, value: &str| match name {
                AWS_SECRET_ACCESS_KEY | AWS_SESSION_TOKEN => FieldValue::Secret(host.secret(value)),
                _ => FieldValue::Text(value.to_owned()),
            };
            let fields = fields.iter().map(|(name, text)| ((*name).to_owned(), value(name, text))).collect();
            GivenKeys::of(&Connector { method: "external-account".to_owned(), fields }).map(|keys| keys.is_some())
        };
        let whole = [(AWS_ACCESS_KEY_ID, "AKIA"), (AWS_SECRET_ACCESS_KEY, "s"), (AWS_REGION, "us-east-1")];
        assert_eq!(of(&whole), Ok(true));
        assert_eq!(of(&[]), Ok(false));
        assert_eq!(of(&[(AWS_REGION, "us-east-1")]), Ok(false));
        for wrong in [&whole[..2], &whole[1..], &[(AWS_SESSION_TOKEN, "t")]] {
            assert!(of(wrong).unwrap_err().message.contains("not whole"));
        }
        for region in ["eu-west-1.evil.example/", "eu-west-1a", "us", "-a-1", ""] {
            let message = of(&[whole[0], whole[1], (AWS_REGION, region)]).unwrap_err().message;
            assert!(message.contains("expected a region of AWS"), "{message}");
        }
    }
}
