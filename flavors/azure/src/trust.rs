//! The trust in a machine's id tokens: which field takes one, and the federated credential of an application
//! (<https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust>).

use crhost_flavor::id_tokens::{Claims, IdToken, Instruction, ensure_method, quoted};
use crhost_flavor::{Connector, Failure};
use serde_json::json;

use crate::describe::TYPE;
use crate::names::{CLIENT_ID, FEDERATED_TOKEN, WORKLOAD_IDENTITY};

/// The audience that Microsoft Entra recommends, in its public cloud.
const AUDIENCE: &str = "api://AzureADTokenExchange";

/// The field that takes an id token.
pub(crate) fn id_token() -> IdToken {
    IdToken::new(TYPE, WORKLOAD_IDENTITY, FEDERATED_TOKEN, AUDIENCE)
}

/// The federated credential of the connector's application.
pub(crate) fn explain(connector: &Connector, claims: &Claims) -> Result<Vec<Instruction>, Failure> {
    ensure_method(connector, WORKLOAD_IDENTITY)?;
    let client = connector.required_text(CLIENT_ID)?;
    let argument = quoted(client);
    let credential = json!({
        "name": "crhost",
        "issuer": claims.issuer,
        "subject": claims.subject,
        "audiences": [claims.audience],
    });
    Ok(vec![
        Instruction::json("the file `credential.json`", &credential),
        Instruction::new(
            format!("the federated credential of the application `{client}`, from that file"),
            format!("az ad app federated-credential create --id {argument} --parameters credential.json"),
        ),
        Instruction::new(
            "leave to push to the registry REGISTRY",
            format!(
                "az role assignment create --assignee {argument} --role AcrPush \\\n  \
                 --scope $(az acr show --name REGISTRY --query id --output tsv)"
            ),
        ),
    ])
}

#[cfg(test)]
mod tests {
    use crhost_flavor::testing;
    use serde_json::Value;

    use super::*;

    #[test]
    fn an_application_trusts_one_subject() {
        let claims = Claims::new("https://token.actions.githubusercontent.com", "repo:acme/train:ref:x", AUDIENCE);
        let explained = explain(&testing::connector(WORKLOAD_IDENTITY, &[(CLIENT_ID, "c-1")]), &claims).unwrap();
        let credential: Value = serde_json::from_str(&explained[0].text).unwrap();
        assert_eq!(credential["subject"], "repo:acme/train:ref:x");
        assert_eq!(credential["audiences"], json!([AUDIENCE]));
        assert!(explained[1].text.contains("--id c-1"));
        assert!(explain(&testing::connector("service-principal", &[]), &claims).is_err());
        assert!(explain(&testing::connector(WORKLOAD_IDENTITY, &[]), &claims).is_err());
    }
}
