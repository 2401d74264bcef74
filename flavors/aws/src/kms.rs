//! KMS: keys that wrap the key of a shared store
//! (<https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html>, `API_Decrypt.html`).

use crhost_flavor::key_wrapping::WrappedKey;
use crhost_flavor::{Connector, Failure, FailureKind, Registry, Secret};
use serde_json::{Value, json};

use crate::configured::with_target;
use crate::connector;
use crate::endpoint::{Answer, unreadable};
use crate::names::WRAPPING_KEY;

/// Makes a key and wraps it.
pub(crate) const MAKE: &str = "GenerateDataKey";

/// Unwraps a key.
pub(crate) const UNWRAP: &str = "Decrypt";

/// The length of the key that is made, as KMS names it.
const KEY_SPEC: &str = "AES_256";

/// The member of both answers that is the key, in Base64.
const PLAINTEXT: &str = "Plaintext";

/// What a key is wrapped for: KMS unwraps it for this alone, and CloudTrail shows it.
fn context() -> Value {
    json!({"crhost": "data-key"})
}

/// A new key.
pub(crate) fn make(registry: &Registry, connector: Option<&Connector>) -> Result<WrappedKey, Failure> {
    let body = |id: &str| json!({"KeyId": id, "KeySpec": KEY_SPEC, "EncryptionContext": context()});
    let (answer, key) = call(registry, connector, MAKE, body)?;
    let text = |member: &str| answer.get(member).and_then(Value::as_str).map(str::to_owned);
    match (text("CiphertextBlob"), text("KeyId"), key) {
        (Some(wrapped), Some(by), Some(key)) => Ok(WrappedKey { key, wrapped, by }),
        _ => Err(unreadable("KMS", MAKE)),
    }
}

/// A key that was wrapped.
pub(crate) fn unwrap(registry: &Registry, connector: Option<&Connector>, wrapped: &str) -> Result<Secret, Failure> {
    // With the key's name, KMS refuses what another one of its keys wrapped.
    let body = |id: &str| json!({"KeyId": id, "CiphertextBlob": wrapped, "EncryptionContext": context()});
    call(registry, connector, UNWRAP, body)?.1.ok_or_else(|| unreadable("KMS", UNWRAP))
}

/// Calls an operation about the key of the options: the answer, and the key in it.
fn call(
    registry: &Registry,
    connector: Option<&Connector>,
    operation: &'static str,
    body: impl Fn(&str) -> Value,
) -> Result<(Value, Option<Secret>), Failure> {
    let options = registry.options();
    let id = options.get(WRAPPING_KEY).ok_or_else(|| {
        Failure::invalid_input(format!("no option `{WRAPPING_KEY}` says which key of KMS is meant"))
            .hint(format!("write e.g. `options = {{ {WRAPPING_KEY} = \"alias/crhost\" }}`"))
    })?;
    let connector = connector.ok_or_else(|| {
        Failure::unauthenticated("KMS takes the keys of a connector, and there is none")
            .hint("name one of type `aws` in the file: `connector = \"NAME\"`")
    })?;
    with_target(registry, connector, |target, options| {
        let keys = connector::keys(connector, options, &target.sts)?;
        let kms = target.kms(options)?;
        let (answer, secret) = kms.json_with_secret(&keys, operation, &body(id), PLAINTEXT)?;
        match answer {
            Answer::Done(response) => Ok((response.json(), secret)),
            Answer::Refused(refusal, failure) => Err(refused(&refusal.code, id, failure)),
        }
    })
}

/// The failure that a refusal of KMS is.
fn refused(code: &str, id: &str, failure: Failure) -> Failure {
    let (kind, message, hint) = match code {
        "NotFoundException" => (FailureKind::NotFound, "does not exist", "`aws kms list-aliases` shows those that do"),
        "InvalidCiphertextException" | "IncorrectKeyException" => {
            (FailureKind::InvalidInput, "did not wrap it", "name the key that did, in its region")
        }
        "DisabledException" | "KMSInvalidStateException" => {
            (FailureKind::Denied, "can't be used as it is", "enable it, or cancel its deletion")
        }
        "KeyUnavailableException" | "DependencyTimeoutException" | "KMSInternalException" => {
            return Failure { kind: FailureKind::Unavailable, ..failure };
        }
        _ => return failure,
    };
    Failure::new(kind, format!("the key `{id}` of KMS {message}: {}", failure.message)).hint(hint)
}

#[cfg(test)]
mod tests {
    use crhost_flavor::Flavor as _;
    use crhost_flavor::http::Method;
    use crhost_flavor::testing::{Host, answer, connector, registry};

    use super::*;
    use crate::Aws;

    const URI: &str = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
    const KMS: &str = "https://kms.eu-central-1.amazonaws.com/";

    fn keys(host: &Host) -> Connector {
        let fields = [("aws-access-key-id", "AKIAIOSFODNN7EXAMPLE")];
        connector("secret-key", &fields).with_secret("aws-secret-access-key", host.secret("s3cret"))
    }

    #[test]
    fn a_key_is_made_and_unwrapped_for_crhost_alone_and_the_flavor_holds_a_handle() {
        let made = r#"{"CiphertextBlob": "Y2lwaGVy", "Plaintext": "aHVudGVyMg==", "KeyId": "arn:aws:kms:x:key/1"}"#;
        let host = Host::at(1_795_176_000).holding::<Aws>().answers(Method::Post, KMS, answer(200, made)).answers(
            Method::Post,
            KMS,
            answer(200, r#"{"Plaintext": "aHVudGVyMg==", "KeyId": "k"}"#),
        );
        let registry = || registry(URI, &[("wrapping-key", "alias/crhost")]);
        let WrappedKey { key, wrapped, by } = Aws::make_key(registry(), Some(keys(&host))).unwrap();
        assert_eq!(
            (host.revealed(&key).as_str(), wrapped.as_str(), by.as_str()),
            ("hunter2", "Y2lwaGVy", "arn:aws:kms:x:key/1")
        );
        let key = Aws::unwrap_key(registry(), Some(keys(&host)), wrapped).unwrap();
        assert_eq!(host.revealed(&key), "hunter2");
        let sent = host.sent();
        assert_eq!(sent[0].header("x-amz-target"), Some("TrentService.GenerateDataKey"));
        assert_eq!(
            sent[0].text(),
            r#"{"EncryptionContext":{"crhost":"data-key"},"KeyId":"alias/crhost","KeySpec":"AES_256"}"#
        );
        assert!(sent[1].text().contains(r#""CiphertextBlob":"Y2lwaGVy""#) && sent[1].text().contains("alias/crhost"));
    }

    #[test]
    fn each_refusal_of_kms_is_told() {
        for (code, status, kind) in [
            ("NotFoundException", 400, FailureKind::NotFound),
            ("InvalidCiphertextException", 400, FailureKind::InvalidInput),
            ("IncorrectKeyException", 400, FailureKind::InvalidInput),
            ("DisabledException", 400, FailureKind::Denied),
            ("AccessDeniedException", 400, FailureKind::Denied),
            ("KeyUnavailableException", 500, FailureKind::Unavailable),
        ] {
            let refusal = answer(status, &format!(r#"{{"__type": "{code}", "message": "no"}}"#));
            let host = Host::at(1_795_176_000).answers(Method::Post, KMS, refusal);
            let registry = registry(URI, &[("wrapping-key", "alias/crhost")]);
            let failure = Aws::unwrap_key(registry, Some(keys(&host)), "w".to_owned()).err().unwrap();
            assert_eq!(failure.kind, kind, "{code}: {failure:?}");
        }
        let host = Host::at(1_795_176_000);
        let failure = Aws::make_key(registry(URI, &[]), Some(keys(&host))).err().unwrap();
        assert!(failure.message.contains("wrapping-key"), "{failure:?}");
    }
}
