//! The registry's password, from `GetAuthorizationToken`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crhost_flavor::{Credential, Failure, Password, clock};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::endpoint::unreadable;
use crate::keys::Keys;
use crate::target::Target;

/// Lifetime of a token in seconds, as AWS documents it; a later expiry is not believed.
const LIFETIME: u64 = 12 * 3_600;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    authorization_token: String,
    expires_at: Option<Value>,
}

/// One token from ECR Public, a list of them from ECR.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    More(Vec<Data>),
    One(Data),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    authorization_data: OneOrMore,
}

/// A user name and a password, with the Unix time at which they expire, if that is known.
#[derive(Debug, Eq, PartialEq)]
struct Token {
    user: String,
    password: String,
    expires_at: Option<u64>,
}

/// A fresh credential for the whole registry.
pub(crate) fn get(target: &Target, keys: &Keys<'_>) -> Result<Credential, Failure> {
    const OPERATION: &str = "GetAuthorizationToken";
    // Without `registryIds`, which is deprecated: a token opens all registries that its principal may use (botocore
    // 1.44.8, model `ecr`).
    let response = target.ecr.json(keys, OPERATION, &json!({}))?.done()?;
    let token = read(&response.body, clock::now()).ok_or_else(|| unreadable(target.ecr.service, OPERATION))?;
    let basic = Credential::basic(token.user, Password::Plain(token.password)).for_whole_registry();
    Ok(basic.expires_at(token.expires_at).into())
}

fn read(body: &[u8], now: u64) -> Option<Token> {
    let answer: Answer = serde_json::from_slice(body).ok()?;
    let data = match answer.authorization_data {
        OneOrMore::More(list) => list.into_iter().next()?,
        OneOrMore::One(data) => data,
    };
    let pair = String::from_utf8(STANDARD.decode(data.authorization_token).ok()?).ok()?;
    let (user, password) = pair.split_once(':')?;
    // Seconds with a fraction. A time that has passed is ignored, since the token was just issued.
    let seconds = data.expires_at.and_then(|time| time.as_f64()).filter(|time| time.is_finite() && *time >= 0.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked; a cast saturates")]
    let expires_at = seconds.map(|time| time as u64).filter(|time| *time > now).map(|time| time.min(now + LIFETIME));
    (!user.is_empty() && !password.is_empty()).then(|| Token {
        user: user.to_owned(),
        password: password.to_owned(),
        expires_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-20T12:00:00Z.
    const NOON: u64 = 1_795_176_000;

    fn data(pair: &str, expires_at: &str) -> String {
        format!(r#"{{"authorizationToken":"{}","expiresAt":{expires_at}}}"#, STANDARD.encode(pair))
    }

    #[test]
    fn a_token_is_read_from_a_list_and_alone() {
        let expected = Token { user: "AWS".into(), password: "p:w".into(), expires_at: Some(NOON + 43_000) };
        let data = data("AWS:p:w", "1795219000.123");
        for body in
            [format!(r#"{{"authorizationData":[{data}]}}"#), format!(r#"{{"authorizationData":{data},"more":1}}"#)]
        {
            assert_eq!(read(body.as_bytes(), NOON).as_ref(), Some(&expected), "{body}");
        }
    }

    #[test]
    fn an_end_that_makes_no_sense_is_none_and_one_too_late_comes_sooner() {
        for (time, expected) in [
            ("1420070400", None),
            ("-1", None),
            ("null", None),
            (r#""soon""#, None),
            ("1795176000", None),
            ("1795219000000", Some(NOON + LIFETIME)),
        ] {
            let body = format!(r#"{{"authorizationData":[{}]}}"#, data("AWS:pw", time));
            assert_eq!(read(body.as_bytes(), NOON).unwrap().expires_at, expected, "{time}");
        }
    }

    #[test]
    fn a_token_is_asked_for_without_the_ids_of_registries_which_are_deprecated() {
        let registry = crhost_flavor::testing::registry("123456789012.dkr.ecr.us-east-1.amazonaws.com", &[]);
        let target = Target::of(&registry, || Ok(None)).unwrap();
        let keys = Keys::new("AKIAIOSFODNN7EXAMPLE", "secret".to_owned(), None).unwrap();
        let body = format!(r#"{{"authorizationData":[{}]}}"#, data("AWS:pw", "null"));
        let url = target.ecr.endpoint.url();
        let host = crhost_flavor::testing::Host::at(NOON);
        let host = host.answers(crhost_flavor::http::Method::Post, url, crhost_flavor::testing::answer(200, &body));
        assert!(get(&target, &keys).is_ok());
        assert_eq!(host.sent()[0].text(), "{}");
    }

    #[test]
    fn half_an_answer_is_no_token() {
        let no_pair = format!(r#"{{"authorizationData":[{}]}}"#, data("AWS", "1"));
        let empty = format!(r#"{{"authorizationData":[{}]}}"#, data("AWS:", "1"));
        for body in [
            "",
            "{",
            "{}",
            "[]",
            r#"{"authorizationData":[]}"#,
            r#"{"authorizationData":[{"authorizationToken":"%"}]}"#,
            &no_pair,
            &empty,
        ] {
            assert_eq!(read(body.as_bytes(), NOON), None, "{body}");
        }
    }
}
