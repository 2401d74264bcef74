//! Answers made of arbitrary bytes: whatever is lifted keeps the promises of the model.

use arbitrary::{Arbitrary, Result, Unstructured};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use wasmtime::Store;
use wasmtime::component::Resource;

use super::bindings::crhost::flavor::types;
use super::bindings::exports::crhost::flavor::flavor as wit;
use super::{credential, description, lift};
use crate::flavor::abi::answer::Outcome;
use crate::flavor::limits;
use crate::flavor::model::FlavorCredential;
use crate::flavor::sandbox::SandboxState;
use crate::text::printable;

/// Lifts one answer of each kind.
pub(in crate::flavor) fn fuzz_lifting(store: &mut Store<SandboxState>, input: &[u8]) {
    // An input that ends early is filled up with zeros; there is always an answer.
    let mut bytes = Unstructured::new(input);
    if let Ok(Ok(description)) = any_description(&mut bytes).map(description::description) {
        assert_shown(&serde_json::to_value(description).unwrap_or_default());
    }
    for _ in 0..2 {
        match accepted(&mut bytes).map(|answer| lift::outcome(answer, lift::accepted_uri)) {
            Ok(Outcome::Value(accepted)) => {
                let again = accepted.uri.to_string().parse().ok();
                assert_eq!(again.as_ref(), Some(&accepted.uri), "a URI is its own canonical form");
                accepted.warnings.iter().for_each(|warning| assert_text(warning));
            }
            Ok(Outcome::Refused(failure)) => {
                [Some(failure.message), failure.hint].iter().flatten().for_each(|text| assert_text(text));
            }
            Ok(Outcome::Broken(_)) | Err(_) => {}
        }
    }
    if let Ok(Ok(prepared)) = prepared(&mut bytes).map(lift::prepared) {
        prepared.notes.iter().for_each(|note| assert_text(note));
        assert!(prepared.profile.chunk.is_none_or(|size| limits::CHUNK_BYTES.contains(&size)));
    }
    let credential = any_credential(&mut bytes).map(|given| credential::credential(store.data_mut(), given));
    if let Ok(Outcome::Value(FlavorCredential::Basic { username, password, .. })) = credential {
        for text in [username.as_str(), password.expose_secret()] {
            assert!(text.len() <= limits::CREDENTIAL_BYTES && !text.chars().any(char::is_control));
        }
        assert!(!username.contains(':'));
    }
}

/// Every text in it may be shown as it is.
fn assert_shown(value: &Value) {
    match value {
        Value::String(text) => assert_text(text),
        Value::Array(list) => list.iter().for_each(assert_shown),
        Value::Object(members) => members.values().for_each(assert_shown),
        _ => {}
    }
}

fn assert_text(text: &str) {
    assert_eq!(printable(text, usize::MAX), text.trim(), "a text is shown as it is");
}

fn failure(bytes: &mut Unstructured<'_>) -> Result<types::Failure> {
    let kinds = [types::FailureKind::InvalidInput, types::FailureKind::Denied, types::FailureKind::Other];
    Ok(types::Failure {
        kind: *bytes.choose(&kinds)?,
        message: Arbitrary::arbitrary(bytes)?,
        hint: Arbitrary::arbitrary(bytes)?,
        retry_after: Arbitrary::arbitrary(bytes)?,
    })
}

fn accepted(bytes: &mut Unstructured<'_>) -> Result<std::result::Result<wit::AcceptedUri, types::Failure>> {
    if bytes.arbitrary()? {
        return Ok(Err(failure(bytes)?));
    }
    Ok(Ok(wit::AcceptedUri { uri: Arbitrary::arbitrary(bytes)?, warnings: Arbitrary::arbitrary(bytes)? }))
}

fn prepared(bytes: &mut Unstructured<'_>) -> Result<wit::Prepared> {
    let upload = if bytes.arbitrary()? { wit::Upload::Monolithic } else { wit::Upload::Chunked(bytes.arbitrary()?) };
    let profile = wit::UploadProfile {
        upload,
        mount: bytes.arbitrary()?,
        zstd: bytes.arbitrary()?,
        largest_request: Arbitrary::arbitrary(bytes)?,
        largest_layer: Arbitrary::arbitrary(bytes)?,
        range: bytes.arbitrary()?,
        referrers: wit::Referrers::Api,
        deletion: wit::Deletion::ByTag,
    };
    Ok(wit::Prepared { profile, notes: Arbitrary::arbitrary(bytes)? })
}

fn any_credential(bytes: &mut Unstructured<'_>) -> Result<wit::Credential> {
    // The runtime refuses handles that the guest does not hold before they come here; here they must not be found.
    let password = if bytes.arbitrary()? {
        wit::Password::Plain(Arbitrary::arbitrary(bytes)?)
    } else {
        wit::Password::Secret(Resource::new_own(bytes.arbitrary()?))
    };
    let username = Arbitrary::arbitrary(bytes)?;
    Ok(wit::Credential::Basic(wit::Basic {
        username,
        password,
        expires_at: Arbitrary::arbitrary(bytes)?,
        whole_registry: bytes.arbitrary()?,
    }))
}

fn any_description(bytes: &mut Unstructured<'_>) -> Result<wit::Description> {
    let list = |bytes: &mut Unstructured<'_>| -> Result<usize> { bytes.int_in_range(0..=3) };
    Ok(wit::Description {
        name: text(bytes, "acme")?,
        version: text(bytes, "1.0.0")?,
        summary: Arbitrary::arbitrary(bytes)?,
        documentation: Arbitrary::arbitrary(bytes)?,
        uri_examples: vec![text(bytes, "registry.example.com/acme")?],
        options: (0..list(bytes)?).map(|_| option(bytes)).collect::<Result<_>>()?,
        auth_methods: (0..list(bytes)?).map(|_| auth_method(bytes)).collect::<Result<_>>()?,
        operations: (0..list(bytes)?).map(|_| operation(bytes, false)).collect::<Result<_>>()?,
    })
}

/// A text that is valid half of the time, so that the checks after it run too.
fn text(bytes: &mut Unstructured<'_>, good: &str) -> Result<String> {
    if bytes.arbitrary()? { Ok(good.to_owned()) } else { Arbitrary::arbitrary(bytes) }
}

fn option(bytes: &mut Unstructured<'_>) -> Result<wit::OptionSpec> {
    Ok(wit::OptionSpec {
        name: text(bytes, "create-repository")?,
        summary: Arbitrary::arbitrary(bytes)?,
        kind: match bytes.int_in_range(0..=4)? {
            0 => wit::OptionKind::Text,
            1 => wit::OptionKind::Flag,
            2 => wit::OptionKind::Choice(Arbitrary::arbitrary(bytes)?),
            3 => wit::OptionKind::Url,
            _ => wit::OptionKind::Size,
        },
        default: Arbitrary::arbitrary(bytes)?,
        required: bytes.arbitrary()?,
    })
}

fn auth_method(bytes: &mut Unstructured<'_>) -> Result<wit::AuthMethod> {
    Ok(wit::AuthMethod {
        connector_type: text(bytes, "acme")?,
        name: text(bytes, "password")?,
        summary: Arbitrary::arbitrary(bytes)?,
        fields: vec![field(bytes)?],
        implicit: bytes.arbitrary()?,
        operations: vec![operation(bytes, true)?],
        registry_password: if bytes.arbitrary()? { Some(text(bytes, "token")?) } else { None },
    })
}

fn operation(bytes: &mut Unstructured<'_>, with_secrets: bool) -> Result<wit::Operation> {
    let parameter = |bytes: &mut Unstructured<'_>| -> Result<wit::Parameter> {
        Ok(wit::Parameter { name: text(bytes, "page")?, values: Arbitrary::arbitrary(bytes)? })
    };
    let place = match bytes.int_in_range(0..=3)? {
        0 => wit::Place::Header((text(bytes, "authorization")?, text(bytes, "Bearer ")?)),
        1 => wit::Place::BasicPassword,
        2 => wit::Place::FormField(text(bytes, "password")?),
        _ => wit::Place::JsonMember(text(bytes, "secret")?),
    };
    let placement = wit::Placement {
        field: text(bytes, "token")?,
        member: Arbitrary::arbitrary(bytes)?,
        form: wit::SecretForm::Itself,
        place,
    };
    Ok(wit::Operation {
        name: text(bytes, "sign-in")?,
        summary: Arbitrary::arbitrary(bytes)?,
        methods: vec![super::bindings::crhost::flavor::http::Method::Post],
        hosts: vec![text(bytes, "https://auth.example.com")?],
        endpoints: Vec::new(),
        paths: vec![text(bytes, "/v1/*")?],
        query: vec![parameter(bytes)?],
        headers: Vec::new(),
        body: vec![parameter(bytes)?],
        secrets: if with_secrets { vec![placement] } else { Vec::new() },
    })
}

fn field(bytes: &mut Unstructured<'_>) -> Result<wit::Field> {
    let kinds = [wit::FieldKind::Text, wit::FieldKind::Secret, wit::FieldKind::SecretJson, wit::FieldKind::SecretIni];
    Ok(wit::Field {
        name: text(bytes, "token")?,
        summary: Arbitrary::arbitrary(bytes)?,
        kind: *bytes.choose(&kinds)?,
        required: bytes.arbitrary()?,
        sources: (0..bytes.int_in_range(0..=3)?).map(|_| source(bytes)).collect::<Result<_>>()?,
        public_members: Arbitrary::arbitrary(bytes)?,
    })
}

fn source(bytes: &mut Unstructured<'_>) -> Result<wit::Source> {
    Ok(match bytes.int_in_range(0..=2)? {
        0 => wit::Source::Env(text(bytes, "ACME_TOKEN")?),
        1 => wit::Source::EnvFile(text(bytes, "ACME_TOKEN_FILE")?),
        _ => wit::Source::File(text(bytes, "~/.acme/token")?),
    })
}
