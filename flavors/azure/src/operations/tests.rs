use crhost_flavor::testing;

use crate::Azure;

#[test]
fn these_are_all_requests_and_the_places_of_all_secrets() {
    const RESOURCES: &str = "https://containerregistry.azure.net|https://management.azure.com\
                             |https://management.chinacloudapi.cn|https://management.usgovcloudapi.net\
                             |https://management.sovcloud-api.fr|https://management.sovcloud-api.de\
                             |https://management.azure.eaglex.ic.gov|https://management.azure.microsoft.scloud";
    let scopes = RESOURCES.split('|').map(|resource| format!("{resource}/.default")).collect::<Vec<_>>().join("|");
    let entra = |authority_host: &str| {
        format!(
            "POST https://login.microsoftonline.com|https://login.chinacloudapi.cn|https://login.microsoftonline.us\
             |https://login.sovcloud-identity.fr|https://login.sovcloud-identity.de\
             |https://login.microsoftonline.eaglex.ic.gov|https://login.microsoftonline.microsoft.scloud\
             |<authority-endpoint>{authority_host} /*/oauth2/v2.0/token body client_id&scope={scopes}\
             &grant_type=client_credentials"
        )
    };
    let sign_in = |authority_host: &str| {
        format!("sign-in: {}; client-secret in the form's `client_secret`", entra(authority_host))
    };
    let federated = format!(
        "federated-sign-in: {}&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer\
         ; federated-token in the form's `client_assertion`",
        entra("|<authority-host>")
    );
    let managed = |version: &str| format!("?api-version={version}&resource={RESOURCES}&client_id header metadata=true");
    let exchange = "exchange: POST https://{registry}|<exchange-endpoint> /oauth2/exchange \
                    body grant_type=access_token&service&tenant";
    let permission = "check-permission: GET https://{registry}|<exchange-endpoint> /oauth2/token ?service&scope\
                      ; password as the password of `authorization: Basic`";
    let expected = [
        format!("azure/service-principal {}", sign_in("")),
        format!("azure/workload-identity {federated}"),
        format!("azure/implicit {}", sign_in("|<authority-host>")),
        format!("azure/implicit {federated}"),
        format!(
            "azure/implicit platform-identity: GET <identity-endpoint> / {}; identity-header in `x-identity-header: …`",
            managed("2019-08-01")
        ),
        format!("azure/access-token {exchange}; token in the form's `access_token`"),
        format!("azure/admin-user {permission}"),
        "azure/admin-user: password is the registry's password".to_owned(),
        format!("docker/password {permission}"),
        "docker/password: password is the registry's password".to_owned(),
        format!("- {exchange}&access_token"),
        "- check-permission: POST https://{registry}|<exchange-endpoint> /oauth2/token \
         body grant_type=refresh_token&service&scope&refresh_token"
            .to_owned(),
        format!(
            "- machine-identity: GET http://169.254.169.254|<imds-endpoint> /metadata/identity/oauth2/token {}",
            managed("2018-02-01")
        ),
        "- list-registries: GET https://management.azure.com|https://management.chinacloudapi.cn\
         |https://management.usgovcloudapi.net|https://management.sovcloud-api.fr|https://management.sovcloud-api.de\
         |https://management.azure.eaglex.ic.gov|https://management.azure.microsoft.scloud\
         |<management-endpoint> /subscriptions\
         |/subscriptions/*/providers/Microsoft.ContainerRegistry/registries ?*"
            .to_owned(),
    ];
    assert_eq!(testing::operations::<Azure>(), expected);
}
