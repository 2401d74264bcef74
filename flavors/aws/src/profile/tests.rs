use std::collections::BTreeMap;

use crhost_flavor::FailureKind;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Vectors {
    cases: Vec<Case>,
}

/// A case of `vectors.py`.
#[derive(Deserialize)]
struct Case {
    name: String,
    environment: BTreeMap<String, String>,
    credentials: BTreeMap<String, String>,
    settings: BTreeMap<String, String>,
    flag: Option<String>,
    outcome: String,
}

impl Case {
    fn line<'a>(sections: &'a BTreeMap<String, String>, profile: &str, name: &str) -> Option<&'a str> {
        let mut lines = sections.get(profile)?.lines().filter_map(|line| line.split_once(" = "));
        lines.find(|(key, _)| *key == name).map(|(_, value)| value)
    }
}

impl Settings for Case {
    fn get(&self, profile: &str, name: &str) -> Option<String> {
        let found = Self::line(&self.credentials, profile, name).or_else(|| Self::line(&self.settings, profile, name));
        found.map(str::to_owned)
    }

    fn of_session(&self, session: &str, name: &str) -> Option<String> {
        Self::line(&self.settings, &format!("sso-session {session}"), name).map(str::to_owned)
    }

    fn exists(&self, profile: &str) -> bool {
        self.credentials.contains_key(profile) || self.settings.contains_key(profile)
    }

    fn is_in_credentials(&self, profile: &str) -> bool {
        Self::line(&self.credentials, profile, ACCESS_KEY_ID).is_some()
    }
}

/// A plan as `vectors.py` writes it.
fn shown(plan: &Plan, case: &Case) -> String {
    match plan {
        Plan::Environment => case.environment["AWS_ACCESS_KEY_ID"].clone(),
        Plan::Keys(profile) => case.get(profile, ACCESS_KEY_ID).unwrap(),
        Plan::Role(role, base) => format!("role({} <- {})", role.arn, shown(base, case)),
        Plan::WebIdentity(role, file) => {
            let of_environment = case.environment.get("AWS_WEB_IDENTITY_TOKEN_FILE");
            format!("token({} <- {})", role.arn, file.as_ref().or(of_environment).unwrap())
        }
        Plan::Sso(_) => "sso".to_owned(),
        Plan::Source(source) => source.clone(),
    }
}

fn outcome(case: &Case) -> Result<Option<Plan>, Failure> {
    let variable = |name: &str| case.environment.get(name).cloned();
    let environment = Environment {
        keys: variable("AWS_ACCESS_KEY_ID").is_some(),
        token: variable("AWS_WEB_IDENTITY_TOKEN_FILE").is_some(),
        role: variable("AWS_ROLE_ARN"),
        session_name: None,
    };
    let profile = case.flag.clone().or_else(|| variable("AWS_PROFILE")).unwrap_or_else(|| "default".to_owned());
    plan(case, case.flag.is_none().then_some(&environment), &profile)
}

#[test]
fn keys_come_from_where_botocore_takes_them() {
    let vectors: Vectors = serde_json::from_str(include_str!("vectors.json")).unwrap();
    assert!(vectors.cases.len() > 30);
    for case in &vectors.cases {
        let ours = match outcome(case) {
            Ok(Some(plan)) => shown(&plan, case),
            Ok(None) => "machine".to_owned(),
            // What only AWS's own tools can follow is told in place of other keys.
            Err(failure) if failure.message.contains("`credential_process`") => "custom-process".to_owned(),
            Err(_) => "error".to_owned(),
        };
        assert_eq!(ours, case.outcome, "{}", case.name);
    }
}

fn of(lines: &[(&str, &str)]) -> Result<Option<Plan>, Failure> {
    let settings = lines.iter().map(|(profile, text)| ((*profile).to_owned(), (*text).to_owned())).collect();
    outcome(&Case {
        name: String::new(),
        environment: BTreeMap::new(),
        credentials: BTreeMap::new(),
        settings,
        flag: None,
        outcome: String::new(),
    })
}

#[test]
fn what_leads_nowhere_is_named_with_the_next_step() {
    let role = "role_arn = arn:r";
    for (text, kind, words) in [
        (role.to_owned(), FailureKind::InvalidInput, "`source_profile` or `credential_source`"),
        (format!("{role}\nsource_profile = lost"), FailureKind::Unauthenticated, "`lost`"),
        (format!("{role}\nsource_profile = default"), FailureKind::InvalidInput, "its own source"),
        (format!("{role}\nsource_profile = a\ncredential_source = Environment"), FailureKind::InvalidInput, "both"),
        (format!("{role}\nmfa_serial = arn:mfa\nsource_profile = a"), FailureKind::Unsupported, "MFA device `arn:mfa`"),
        ("sso_account_id = 1".to_owned(), FailureKind::InvalidInput, "has no `sso_start_url`"),
        ("sso_account_id = 1\nsso_session = lost".to_owned(), FailureKind::InvalidInput, "`sso_session` `lost`"),
        ("credential_process = /bin/x".to_owned(), FailureKind::Unsupported, "`credential_process`"),
        ("login_session = arn:u".to_owned(), FailureKind::Unsupported, "`login_session`"),
    ] {
        let failure = of(&[("default", &text), ("a", "aws_access_key_id = AKIA")]).unwrap_err();
        assert_eq!(failure.kind, kind, "{text}");
        assert!(failure.message.contains(words) && failure.hint.is_some(), "{text}: {}", failure.message);
    }
}

#[test]
fn a_chain_of_roles_has_an_end() {
    let text = |source: &str| format!("role_arn = arn:r\nsource_profile = {source}");
    let names = ["default", "b", "c", "d", "e", "f"];
    let chain = |count: usize| {
        let mut lines: Vec<(&str, String)> =
            names.windows(2).map(|pair| (pair[0], text(pair[1]))).take(count).collect();
        let last = names[count];
        lines.push((last, "aws_access_key_id = AKIA".to_owned()));
        let lines: Vec<(&str, &str)> = lines.iter().map(|(name, text)| (*name, text.as_str())).collect();
        of(&lines)
    };
    assert!(chain(5).is_ok());
    let six: Vec<(&str, String)> =
        names.iter().zip(names.iter().skip(1)).map(|(one, next)| (*one, text(next))).collect();
    let mut six: Vec<(&str, &str)> = six.iter().map(|(name, text)| (*name, text.as_str())).collect();
    six.push(("f", "role_arn = arn:r\nsource_profile = g"));
    six.push(("g", "aws_access_key_id = AKIA"));
    let failure = of(&six).unwrap_err();
    assert!(failure.message.contains("5 roles at most"), "{}", failure.message);
}
