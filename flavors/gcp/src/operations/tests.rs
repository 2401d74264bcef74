use crhost_flavor::testing;

use crate::Gcp;

#[test]
fn these_are_all_requests_and_the_places_of_all_secrets() {
    const TOKEN: &str = "POST https://oauth2.googleapis.com|<token-endpoint>";
    const API: &str = "https://artifactregistry.googleapis.com|https://artifactregistry.*.rep.googleapis.com\
                       |<artifact-registry-endpoint> /v1/projects/*/locations";
    let sign_in = |field: &str| {
        format!(
            "sign-in: {TOKEN} /token body grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer\
             ; signature of {field}/private_key in the form's `assertion`"
        )
    };
    let refresh = |field: &str| {
        format!(
            "refresh: {TOKEN} /token body grant_type=refresh_token&client_id\
             ; {field}/client_secret in the form's `client_secret`; {field}/refresh_token in the form's `refresh_token`"
        )
    };
    let exchange = "exchange: POST https://sts.googleapis.com|<sts-endpoint> /v1/token \
                    body grant_type=urn:ietf:params:oauth:grant-type:token-exchange&audience&scope\
                    &requested_token_type&subject_token_type&options; subject-token in the form's `subject_token`";
    let printed = "; executable-response/id_token in the form's `subject_token`\
                   ; executable-response/saml_response in the form's `subject_token`";
    let by_job = |file: &str| {
        format!(
            "subject-token: GET https://*.actions.githubusercontent.com /*//idtoken/*/*|/*//idtoken/*/*/\
             |/*/idtoken/*/*|/*/_apis/distributedtask/hubs/*/plans/*/jobs/*/idtoken\
             |/*//_apis/distributedtask/hubs/*/plans/*/jobs/*/idtoken ?api-version&audience\
             ; {file}/Authorization in `authorization: …`"
        )
    };
    let owner = format!("token-owner: {TOKEN} /tokeninfo");
    let of_registries = |who: &str, header: &str, secret: &str| {
        [
            format!(
                "{who} check-repository: GET {API}/*/repositories/*|/v1/projects/*/locations/*/operations/*\
                 {header}{secret}"
            ),
            format!("{who} create-repository: POST {API}/*/repositories ?repositoryId{header}{secret}"),
            format!(
                "{who} list-repositories: GET {API}|/v1/projects/*/locations/*/repositories ?pageSize&pageToken\
                 {header}{secret}"
            ),
        ]
    };
    let signature = |field: &str| format!("; signature of {field}/private_key in `authorization: Bearer …`");
    let account = "/computeMetadata/v1/instance/service-accounts/default";
    let mut expected = vec![format!("gcp/service-account {}", sign_in("service-account-json"))];
    expected.extend(of_registries("gcp/service-account", "", &signature("service-account-json")));
    expected.push(format!("gcp/impersonation {}", sign_in("service-account-json")));
    expected.push(format!("gcp/user-account {}", refresh("user-account-json")));
    expected.push(format!("gcp/workload-identity {exchange}"));
    let keys = "; signature of aws-secret-access-key in the form's `subject_token`; aws-session-token in the form's \
                `subject_token`";
    expected.push(format!("gcp/external-account {exchange}{printed}{keys}"));
    expected.push(format!("gcp/external-account {}", by_job("external-account-json")));
    expected.push(format!("gcp/oauth2-token {owner}; token in the form's `access_token`"));
    expected.extend(of_registries("gcp/oauth2-token", "", "; token in `authorization: Bearer …`"));
    expected.push("gcp/oauth2-token: token is the registry's password".to_owned());
    expected.push(format!("gcp/implicit {}", sign_in("application-credentials")));
    expected.push(format!("gcp/implicit {}", refresh("application-credentials")));
    expected.push(format!("gcp/implicit {exchange}{printed}"));
    expected.push(format!("gcp/implicit {}", by_job("application-credentials")));
    expected.extend(of_registries("gcp/implicit", "", &signature("application-credentials")));
    expected.push("docker/password: password is the registry's password".to_owned());
    expected.extend(of_registries("-", " header x-goog-user-project", ""));
    expected.push(format!("- {owner} body access_token"));
    expected.push(
        "- impersonate: POST https://iamcredentials.googleapis.com|<iam-endpoint> \
         /v1/projects/-/serviceAccounts/*:generateAccessToken"
            .to_owned(),
    );
    expected.push(format!(
        "- machine-token: GET http://metadata.google.internal|<metadata-endpoint> {account}/token|{account}/ \
         ?recursive header metadata-flavor=Google"
    ));
    let known = exchange.replacen("exchange", "exchange-known", 1).replace("&options;", "&options&subject_token;");
    expected.extend([
        "- subject-token-azure: GET http://169.254.169.254 /metadata/identity/oauth2/token \
         ?api-version&resource&client_id header metadata=True"
            .to_owned(),
        "- subject-token-aws-session: PUT http://169.254.169.254 /latest/api/token \
         header x-aws-ec2-metadata-token-ttl-seconds"
            .to_owned(),
        "- subject-token-aws: GET http://169.254.169.254 /latest/meta-data/placement/availability-zone\
         |/latest/meta-data/iam/security-credentials|/latest/meta-data/iam/security-credentials/* \
         header x-aws-ec2-metadata-token"
            .to_owned(),
        format!("- {}", known.split(';').next().unwrap()),
    ]);
    assert_eq!(testing::operations::<Gcp>(), expected);
}
