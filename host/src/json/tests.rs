use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::json;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    digest: String,
    size: u64,
    #[serde(default)]
    layers: Vec<Layer>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    #[serde(default)]
    all_platforms: bool,
    #[serde(default, deserialize_with = "json::non_empty")]
    token: Option<String>,
    #[serde(default, deserialize_with = "json::if_valid")]
    seconds: Option<i64>,
    kind: Option<Kind>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Layer {
    size: i32,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Image,
}

fn document() -> Document {
    Document {
        digest: "sha256:1".into(),
        size: 7,
        layers: Vec::new(),
        annotations: BTreeMap::new(),
        all_platforms: false,
        token: None,
        seconds: None,
        kind: None,
    }
}

#[test]
fn absent_null_and_empty_mean_the_same() {
    for rest in [
        "",
        r#","layers":null,"annotations":null,"allPlatforms":null,"token":null,"seconds":null,"kind":null"#,
        r#","layers":[],"annotations":{},"token":"","other":[{"deep":null}]"#,
        r#","token":"  ""#,
    ] {
        assert_eq!(read(format!(r#"{{"digest":"sha256:1","size":7{rest}}}"#).as_bytes()), Ok(document()), "{rest}");
    }
}

#[test]
fn numbers_and_truth_values_may_be_strings() {
    for size in ["7", r#""7""#, "7.0", "0.7e1", r#"" 7 ""#, r#""7.0""#] {
        assert_eq!(read(format!(r#"{{"digest":"sha256:1","size":{size}}}"#).as_bytes()), Ok(document()), "{size}");
    }
    for truth in ["true", r#""true""#, r#""True""#, "1", r#""1""#] {
        let json = format!(r#"{{"digest":"sha256:1","size":7,"allPlatforms":{truth}}}"#);
        assert_eq!(read(json.as_bytes()), Ok(Document { all_platforms: true, ..document() }), "{truth}");
    }
}

#[test]
fn a_string_may_be_a_number() {
    let json = br#"{"digest":5,"size":7,"annotations":{"a":1,"b":true,"c":null}}"#;
    let annotations = [("a", "1"), ("b", "true")].map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    assert_eq!(read(json), Ok(Document { digest: "5".into(), annotations, ..document() }));
}

#[test]
fn a_name_of_another_case_is_found_and_the_exact_one_goes_first() {
    assert_eq!(read(br#"{"Digest":"sha256:1","SIZE":7,"AllPlatforms":false}"#), Ok(document()));
    assert_eq!(read(br#"{"Size":9,"digest":"sha256:1","size":7}"#), Ok(document()));
    assert_eq!(read(br#"{"Size":7,"digest":"sha256:1","size":null}"#), Ok(document()));
}

#[test]
fn of_members_of_one_name_the_last_counts() {
    assert_eq!(read(br#"{"digest":"x","digest":"sha256:1","size":7}"#), Ok(document()));
}

#[test]
fn a_help_that_is_not_understood_is_absent() {
    for seconds in ["[1,2]", "\"soon\"", "{\"a\":{}}", "1.5", "99999999999999999999"] {
        let json = format!("{{\"digest\":\"sha256:1\",\"seconds\":{seconds},\"size\":7}}");
        assert_eq!(read(json.as_bytes()), Ok(document()), "{seconds}");
    }
}

#[test]
fn a_byte_order_mark_and_bytes_that_are_no_utf8_are_no_error() {
    assert_eq!(read(b"\xEF\xBB\xBF{\"digest\":\"sha256:1\",\"size\":7,\"note\":\"\xFF\"}"), Ok(document()));
}

#[test]
fn errors_name_the_place_and_quote_no_value() {
    let cases: [(&[u8], &str); 9] = [
        (b"{", "it is not JSON at line 1, column 1"),
        (b"{\n\"size\": s3cret}", "it is not JSON at line 2, column 9"),
        (b"[]", "expected an object"),
        (br#"{"size":7}"#, "its member `digest` is missing"),
        (br#"{"digest":"x","size":null}"#, "its member `size` is missing"),
        (br#"{"digest":"x","size":"s3cret"}"#, "its member `size` is not a number"),
        (br#"{"digest":"x","size":-7}"#, "its member `size` is not of the form expected"),
        (
            br#"{"digest":"x","size":7,"layers":[{"size":1},{"size":["s3cret"]}]}"#,
            "its member `layers[1].size` is not a number",
        ),
        (br#"{"digest":"x","size":7,"layers":[{}]}"#, "its member `layers[0].size` is missing"),
    ];
    for (json, expected) in cases {
        let error = read::<Document>(json).unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(!format!("{error:?}").contains("s3cret"));
    }
}

#[test]
fn lists_and_whole_values_are_read_alike() {
    assert_eq!(read(b"null"), Ok(Vec::<Layer>::new()));
    assert_eq!(read(br#"[{"Size":"1"},{"size":2}]"#), Ok(vec![Layer { size: 1 }, Layer { size: 2 }]));
    assert_eq!(read(br#""image""#), Ok(Kind::Image));
}

proptest! {
    #[test]
    fn no_text_is_worse_than_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read::<Document>(&bytes);
    }
}
