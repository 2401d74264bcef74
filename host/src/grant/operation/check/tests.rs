use super::super::place::SecretForm;
use super::*;

fn operation(secrets: &[Place]) -> Operation {
    let placement = |(at, place): (usize, &Place)| Placement {
        field: format!("field-{at}"),
        member: None,
        form: SecretForm::Itself,
        place: place.clone(),
    };
    Operation {
        name: "read".to_owned(),
        summary: String::new(),
        methods: vec![Method::Post],
        hosts: vec!["https://api.example.com".parse().unwrap()],
        endpoints: Vec::new(),
        paths: vec!["/token".parse().unwrap()],
        query: Vec::new(),
        headers: Vec::new(),
        body: Vec::new(),
        secrets: secrets.iter().enumerate().map(placement).collect(),
    }
}

fn bearer() -> Place {
    Place::Header { name: "authorization".to_owned(), prefix: "Bearer ".to_owned() }
}

fn free(name: &str) -> Vec<Parameter> {
    vec![Parameter { name: name.to_owned(), values: Vec::new() }]
}

#[test]
fn an_operation_with_secrets_leaves_nothing_open() {
    assert_eq!(operation(&[bearer()]).check(), Ok(()));
    let open = Operation { paths: vec!["/v1/**".parse().unwrap()], ..operation(&[bearer()]) };
    assert_eq!(open.check(), Err(OperationError::Open));
    let open = Operation { query: free("*"), ..operation(&[bearer()]) };
    assert_eq!(open.check(), Err(OperationError::Open));
    assert_eq!(Operation { query: free("*"), ..operation(&[]) }.check(), Ok(()));
}

#[test]
fn no_parameter_beside_a_secret_can_carry_another_identity() {
    for name in [
        "access_token",
        "private_token",
        "X-Amz-Security-Token",
        "X-Amz-Credential",
        "api-key",
        "apikey",
        "key",
        "sig",
        "session",
        "client_secret",
        "password",
        "oauth",
    ] {
        let with = Operation { query: free(name), ..operation(&[bearer()]) };
        assert_eq!(with.check(), Err(OperationError::Identity(name.into())), "{name}");
        let with = Operation { body: free(name), ..operation(&[bearer()]) };
        assert!(with.check().is_err(), "{name}");
    }
    for name in [
        "page",
        "per_page",
        "RoleSessionName",
        "pageToken",
        "nextToken",
        "$skiptoken",
        "scope",
        "client_id",
        "grant_type",
        "subject_token_type",
        "x-signature-nonce",
    ] {
        assert_eq!(Operation { body: free(name), ..operation(&[bearer()]) }.check(), Ok(()), "{name}");
    }
}

#[test]
fn nothing_is_uploaded_and_no_registry_gets_a_secret_as_data() {
    let upload = Operation { paths: vec!["/v2/*/blobs/uploads/".parse().unwrap()], ..operation(&[bearer()]) };
    assert_eq!(upload.check(), Err(OperationError::Upload));
    assert_eq!(Operation { methods: vec![Method::Get], ..upload }.check(), Ok(()));
    let paths = vec!["/v2/namespaces/*/repositories".parse().unwrap()];
    let check = |methods| Operation { methods, paths: paths.clone(), ..operation(&[bearer()]) }.check();
    assert_eq!(check(vec![Method::Get, Method::Post]), Ok(()));
    assert_eq!(check(vec![Method::Post, Method::Put]), Err(OperationError::Upload));
    let registry =
        |place: Place| Operation { hosts: vec!["https://{registry}".parse().unwrap()], ..operation(&[place]) };
    assert_eq!(registry(bearer()).check(), Ok(()));
    assert_eq!(registry(Place::FormField("password".to_owned())).check(), Ok(()));
    for place in [Place::FormField("note".to_owned()), Place::JsonMember("password".to_owned())] {
        assert!(matches!(registry(place).check(), Err(OperationError::AtRegistry(_))));
    }
}

#[test]
fn a_secret_has_one_place() {
    let mut twice = operation(&[bearer(), Place::FormField("password".to_owned())]);
    assert_eq!(twice.check(), Ok(()));
    twice.secrets[1].field = twice.secrets[0].field.clone();
    assert_eq!(twice.check(), Err(OperationError::Twice("field-0".into())));
}

#[test]
fn only_places_that_standards_define_are_ordinary() {
    assert!(operation(&[bearer(), Place::BasicPassword, Place::FormField("assertion".to_owned())]).is_ordinary());
    for place in [
        Place::Header { name: "private-token".to_owned(), prefix: String::new() },
        Place::Header { name: "authorization".to_owned(), prefix: "Whatever ".to_owned() },
        Place::FormField("note".to_owned()),
        Place::JsonMember("password".to_owned()),
    ] {
        assert!(!operation(&[place]).is_ordinary());
    }
}

#[test]
fn headers_of_the_connection_and_cookies_are_not_declared() {
    for name in ["host", "cookie", "proxy-authorization", "Accept", "sec-fetch-site", "x-http-method-override"] {
        assert!(Operation { headers: free(name), ..operation(&[]) }.check().is_err(), "{name}");
    }
}
