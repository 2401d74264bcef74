//! The trust in a machine's id tokens: which field takes one, and what lets a role be taken on with it
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html>).

use crhost_flavor::id_tokens::{Claims, IdToken, Instruction, ensure_method, quoted};
use crhost_flavor::{Connector, Failure};
use serde_json::json;

use crate::describe::TYPE;
use crate::names::{WEB_IDENTITY, WEB_IDENTITY_TOKEN};

/// The audience of tokens for STS, as AWS's own action for GitHub and its documentation have it.
const AUDIENCE: &str = "sts.amazonaws.com";

/// The field that takes an id token.
pub(crate) fn id_token() -> IdToken {
    IdToken::new(TYPE, WEB_IDENTITY, WEB_IDENTITY_TOKEN, AUDIENCE)
}

/// The identity provider of the account, and the trust policy of the connector's role.
pub(crate) fn explain(connector: &Connector, claims: &Claims) -> Result<Vec<Instruction>, Failure> {
    ensure_method(connector, WEB_IDENTITY)?;
    let arn = connector.required_text("role-arn")?;
    let (partition, account, role) = parts(arn).ok_or_else(|| {
        Failure::invalid_input(format!("`{arn}` is no ARN of a role"))
            .hint("expected `arn:aws:iam::123456789012:role/push`")
    })?;
    let provider = claims.provider();
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Federated": format!("arn:{partition}:iam::{account}:oidc-provider/{provider}")},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {
                format!("{provider}:aud"): claims.audience,
                format!("{provider}:sub"): claims.subject,
            }},
        }],
    });
    Ok(vec![
        Instruction::new(
            format!("the identity provider, once for account `{account}`"),
            format!(
                "aws iam create-open-id-connect-provider --url {} --client-id-list {}",
                quoted(&claims.issuer),
                quoted(&claims.audience)
            ),
        ),
        Instruction::json(format!("the trust policy of the role `{role}`"), &policy),
    ])
}

/// The partition, the account and the name of a role.
fn parts(arn: &str) -> Option<(&str, &str, &str)> {
    let mut parts = arn.splitn(6, ':');
    let (arn, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
    let role = resource.strip_prefix("role/")?.rsplit('/').next()?;
    let is_role = arn == "arn" && service == "iam" && region.is_empty() && account.len() == 12 && !role.is_empty();
    is_role.then_some((partition, account, role))
}

#[cfg(test)]
mod tests {
    use crhost_flavor::testing;
    use serde_json::Value;

    use super::*;

    const GITHUB: &str = "https://token.actions.githubusercontent.com";

    #[test]
    fn a_role_trusts_one_branch_of_one_repository() {
        let claims = Claims::new(GITHUB, "repo:acme/train:ref:refs/heads/main", AUDIENCE);
        let connector = testing::connector(WEB_IDENTITY, &[("role-arn", "arn:aws-cn:iam::123456789012:role/ci/push")]);
        let explained = explain(&connector, &claims).unwrap();
        assert_eq!(
            explained[0].text,
            format!("aws iam create-open-id-connect-provider --url {GITHUB} --client-id-list sts.amazonaws.com")
        );
        assert_eq!(explained[1].summary, "the trust policy of the role `push`");
        let policy: Value = serde_json::from_str(&explained[1].text).unwrap();
        let statement = &policy["Statement"][0];
        assert_eq!(
            statement["Principal"]["Federated"],
            "arn:aws-cn:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
        );
        assert_eq!(
            statement["Condition"]["StringEquals"],
            json!({
                "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                "token.actions.githubusercontent.com:sub": "repo:acme/train:ref:refs/heads/main",
            })
        );
    }

    #[test]
    fn another_method_and_a_malformed_role_are_told() {
        let claims = Claims::new(GITHUB, "x", AUDIENCE);
        assert!(explain(&testing::connector("secret-key", &[]), &claims).is_err());
        for arn in
            ["push", "arn:aws:iam::1:role/x", "arn:aws:iam::123456789012:user/x", "arn:aws:iam::123456789012:role/"]
        {
            assert!(explain(&testing::connector(WEB_IDENTITY, &[("role-arn", arn)]), &claims).is_err(), "{arn}");
        }
    }
}
