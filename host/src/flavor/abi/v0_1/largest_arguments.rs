//! The functions that a guest may call with secrets, given the largest arguments that are legal, and larger ones.

use wasmtime::component::Resource;
use wasmtime::{Result, Store};

use super::bindings::crhost::flavor::http::Host as _;
use super::bindings::crhost::flavor::secrets::{Host as _, HostSecret as _};
use super::bindings::crhost::flavor::{http, secrets};
use crate::egress;
use crate::flavor::Runtime;
use crate::flavor::limits;
use crate::flavor::sandbox::SandboxState;
use crate::flavor::secrets::Secret;

/// The largest file that a field takes, in bytes.
const LARGEST: usize = 32 << 10;

/// More arguments than the largest call can lift.
const COUNTLESS: usize = 150_000;

fn store() -> Store<SandboxState> {
    Runtime::new(None).unwrap().closed_store("test")
}

fn hold(state: &mut SandboxState, text: &str) -> Resource<Secret> {
    let secret = Secret::new("key", &text.to_owned().into(), ["region".to_owned()]);
    state.table.push(secret).unwrap()
}

fn again(handle: &Resource<Secret>) -> Resource<Secret> {
    Resource::new_borrow(handle.rep())
}

/// A handle that the guest does not hold: it is a trap to look at it.
fn unknown() -> Resource<Secret> {
    Resource::new_borrow(999_999)
}

fn message(count: usize, handle: impl Fn() -> Resource<Secret>) -> Vec<secrets::Part> {
    (0..count).map(|_| secrets::Part::Secret((handle(), secrets::Encoding::Base64))).collect()
}

fn values(count: usize, handle: impl Fn() -> Resource<Secret>) -> Vec<(String, http::Value)> {
    let value = || http::SecretValue { before: String::new(), secret: handle(), encoding: secrets::Encoding::Raw };
    (0..count).map(|number| (number.to_string(), http::Value::Secret(value()))).collect()
}

fn refusal<T>(answer: Result<std::result::Result<T, String>>) -> String {
    answer.unwrap().err().unwrap()
}

#[test]
fn a_message_of_the_most_parts_is_hashed() {
    let mut store = store();
    let state = store.data_mut();
    let key = hold(state, &"k".repeat(LARGEST));
    let parts = || message(limits::MESSAGE_PARTS, || again(&key));
    assert!(state.sha256(parts()).unwrap().is_ok());
    assert!(state.hmac_sha256(again(&key), vec![0; limits::LIFTED_BYTES], parts()).unwrap().is_ok());
}

#[test]
fn a_message_of_more_parts_is_refused_before_any_is_looked_at() {
    let mut store = store();
    let state = store.data_mut();
    let key = hold(state, &"k".repeat(LARGEST));
    for count in [limits::MESSAGE_PARTS + 1, COUNTLESS] {
        let expected = format!("the message has {count} parts, expected at most {}", limits::MESSAGE_PARTS);
        assert_eq!(refusal(state.sha256(message(count, unknown))), expected);
        assert_eq!(refusal(state.hmac_sha256(again(&key), Vec::new(), message(count, unknown))), expected);
        assert_eq!(refusal(state.sign_rs256(again(&key), message(count, unknown))), expected);
    }
    // The same handle in a message that is short enough is a trap.
    assert!(state.sha256(message(1, unknown)).is_err());
}

#[tokio::test]
async fn a_request_of_more_fields_is_refused_before_any_is_looked_at() {
    let mut store = store();
    let state = store.data_mut();
    let object = |secrets| http::Body::Json(http::Json { object: "{}".to_owned(), secrets });
    let secret = || http::SecretValue { before: String::new(), secret: unknown(), encoding: secrets::Encoding::Raw };
    let members = |count| (0..count).map(|number: usize| (number.to_string(), secret())).collect::<Vec<_>>();
    for extra in [1, COUNTLESS] {
        let bodies = [
            (values(egress::HEADERS + extra, unknown), http::Body::Empty),
            (Vec::new(), http::Body::Form(values(egress::FIELDS + extra, unknown))),
            (Vec::new(), object(members(egress::FIELDS + extra))),
        ];
        for (headers, body) in bodies {
            let url = "https://registry.example".to_owned();
            let request = http::Request { method: http::Method::Post, url, headers, body };
            let answer = state.send(request).await.unwrap();
            assert!(matches!(answer, Err(http::Error::TooLarge)));
        }
    }
}

#[test]
fn a_file_of_thousands_of_values_is_read_by_member() {
    let mut store = store();
    let state = store.data_mut();
    let values: Vec<_> = (0..2_300).map(|number| format!("\"k{number}\":\"v{number}\"")).collect();
    let file = hold(state, &format!("{{{},\"region\":[{}]}}", values.join(","), vec!["1"; 2_000].join(",")));
    let last = state.member(again(&file), "k2299".to_owned()).unwrap().unwrap();
    assert_eq!(state.table.get(&last).unwrap().value(), b"v2299");
    assert_eq!(state.public_member(again(&file), "region".to_owned()).unwrap().unwrap().len(), 4_001);
    assert!(state.member(again(&file), "k".repeat(limits::LIFTED_BYTES)).unwrap().is_none());
}

#[test]
fn a_file_of_the_greatest_depth_has_no_members() {
    let mut store = store();
    let state = store.data_mut();
    let deep = format!("{{\"region\":{}", "[".repeat(LARGEST));
    let file = hold(state, &deep);
    assert!(state.member(again(&file), "region".to_owned()).unwrap().is_none());
    assert!(state.public_member(again(&file), "region".to_owned()).unwrap().is_none());
}

#[test]
fn the_largest_file_that_is_no_key_does_not_sign() {
    let mut store = store();
    let state = store.data_mut();
    let begin = "-----BEGIN PRIVATE KEY-----\n";
    for text in [begin.repeat(LARGEST / begin.len()), "-".repeat(LARGEST), format!("{begin}{}", "A".repeat(LARGEST))] {
        let key = hold(state, &text);
        let parts = message(limits::MESSAGE_PARTS, || again(&key));
        assert!(refusal(state.sign_rs256(key, parts)).starts_with("the secret is no"));
    }
}

#[test]
fn a_guest_holds_so_many_secrets_and_no_more() {
    let mut store = store();
    let state = store.data_mut();
    let file = hold(state, r#"{"k":"v"}"#);
    let held = (1..).take_while(|_| state.member(again(&file), "k".to_owned()).is_ok()).count();
    assert!(held < limits::HANDLES);
    assert!(state.sha256(Vec::new()).is_err());
}
