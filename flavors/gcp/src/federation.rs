//! Workload identity federation without a file: the name of the pool's provider, and an id token of the machine
//! (<https://cloud.google.com/iam/docs/workload-identity-federation-with-deployment-pipelines>).

use crhost_flavor::id_tokens::{Claims, IdToken, Instruction, quoted};
use crhost_flavor::text::excerpt;
use crhost_flavor::{Connector, Failure};

use crate::given::{PROVIDER, SUBJECT_TOKEN, TARGET_PRINCIPAL, TYPE, WORKLOAD_IDENTITY, missing};

/// How a provider is named, for hints.
const FORM: &str = "projects/123456789/locations/global/workloadIdentityPools/POOL/providers/PROVIDER";

/// A provider of a pool of workload identities.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Provider {
    project: String,
    pool: String,
    name: String,
}

impl Provider {
    /// Parses the provider's resource name.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let parts: Vec<&str> = text.split('/').collect();
        let is_id =
            |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        match parts.as_slice() {
            ["projects", project, "locations", "global", "workloadIdentityPools", pool, "providers", name]
                if project.bytes().all(|b| b.is_ascii_digit())
                    && [project, pool, name].into_iter().all(|id| is_id(id)) =>
            {
                let [project, pool, name] = [project, pool, name].map(|part| (*part).to_owned());
                Ok(Self { project, pool, name })
            }
            _ => Err(Failure::invalid_input(format!("`{}` is not the name of a provider", excerpt(text, 200)))
                .hint(format!("expected `{FORM}`, with the project's number"))),
        }
    }

    /// The audience of an exchange at Google's Security Token Service.
    pub(crate) fn audience(&self) -> String {
        let Self { project, pool, name } = self;
        format!(
            "//iam.googleapis.com/projects/{project}/locations/global/workloadIdentityPools/{pool}/providers/{name}"
        )
    }

    /// Whom the pool knows a subject as.
    fn principal(&self, subject: &str) -> String {
        let Self { project, pool, .. } = self;
        format!(
            "principal://iam.googleapis.com/projects/{project}/locations/global/workloadIdentityPools/{pool}/subject/{subject}"
        )
    }
}

/// The provider that a connector names.
pub(crate) fn provider(connector: &Connector) -> Result<Provider, Failure> {
    Provider::parse(connector.text(PROVIDER).ok_or_else(|| missing(PROVIDER))?)
}

/// The field that takes an id token: for the provider's own audience, which is what a provider allows unless it says
/// others.
pub(crate) fn id_token() -> IdToken {
    IdToken::new(TYPE, WORKLOAD_IDENTITY, SUBJECT_TOKEN, format!("https://iam.googleapis.com/{{{PROVIDER}}}"))
}

/// The pool, its provider for tokens of one subject, and what that subject may do.
pub(crate) fn explain(connector: &Connector, claims: &Claims) -> Result<Vec<Instruction>, Failure> {
    if connector.method != WORKLOAD_IDENTITY {
        let message = format!("auth method `{}` takes no id token without a file", connector.method);
        return Err(Failure::unsupported(message).hint(format!("`{WORKLOAD_IDENTITY}` does")));
    }
    let provider = provider(connector)?;
    let Provider { project, pool, name } = &provider;
    let Claims { issuer, subject, .. } = claims;
    if [issuer, subject].into_iter().any(|text| text.contains(['\'', '"', '\\'])) {
        return Err(Failure::unsupported("the claims of the token hold quotes"));
    }
    let member = provider.principal(subject);
    let account = connector.text(TARGET_PRINCIPAL);
    let (what, may) = match account {
        Some(account) => (
            format!("leave for these tokens to act as `{account}`"),
            format!(
                "gcloud iam service-accounts add-iam-policy-binding {} \\\n  \
                 --role=roles/iam.workloadIdentityUser \\\n  --member='{member}'",
                quoted(account)
            ),
        ),
        None => (
            "leave for these tokens to push to the repository REPOSITORY".to_owned(),
            format!(
                "gcloud artifacts repositories add-iam-policy-binding REPOSITORY --location=LOCATION \\\n  \
                 --role=roles/artifactregistry.writer \\\n  --member='{member}'"
            ),
        ),
    };
    Ok(vec![
        Instruction::new(
            format!("the pool, once for project `{project}`"),
            format!("gcloud iam workload-identity-pools create {pool} --project={project} --location=global"),
        ),
        Instruction::new(
            format!("its provider `{name}`, for tokens of this subject alone"),
            format!(
                "gcloud iam workload-identity-pools providers create-oidc {name} --project={project} \\\n  \
                 --location=global --workload-identity-pool={pool} --issuer-uri='{issuer}' \\\n  \
                 --attribute-mapping='google.subject=assertion.sub' \\\n  \
                 --attribute-condition=\"assertion.sub == '{subject}'\""
            ),
        ),
        Instruction::new(what, may),
    ])
}

#[cfg(test)]
mod tests {
    use crhost_flavor::testing;

    use super::*;

    const NAME: &str = "projects/123/locations/global/workloadIdentityPools/ci/providers/github";

    #[test]
    fn a_provider_is_named_as_google_names_it() {
        let provider = Provider::parse(NAME).unwrap();
        assert_eq!(provider.audience(), format!("//iam.googleapis.com/{NAME}"));
        for text in [
            "",
            "ci/github",
            "projects/my-project/locations/global/workloadIdentityPools/ci/providers/github",
            "projects/123/locations/global/workloadIdentityPools/ci/providers/",
            "projects/123/locations/global/workloadIdentityPools/c'i/providers/github",
            "//iam.googleapis.com/projects/123/locations/global/workloadIdentityPools/ci/providers/github",
        ] {
            assert!(Provider::parse(text).unwrap_err().hint.unwrap().contains("projects/123456789"), "{text}");
        }
    }

    #[test]
    fn a_subject_is_let_in_and_no_other() {
        let claims = Claims::new("https://gitlab.com", "project_path:acme/train:ref_type:branch:ref:main", "x");
        let explained = explain(&testing::connector(WORKLOAD_IDENTITY, &[(PROVIDER, NAME)]), &claims).unwrap();
        assert!(explained[1].text.contains("assertion.sub == 'project_path:acme/train:ref_type:branch:ref:main'"));
        assert!(explained[2].text.contains("workloadIdentityPools/ci/subject/project_path:acme/train"));
        let fields = [(PROVIDER, NAME), (TARGET_PRINCIPAL, "push@p.iam.gserviceaccount.com")];
        let explained = explain(&testing::connector(WORKLOAD_IDENTITY, &fields), &claims).unwrap();
        assert!(explained[2].text.contains("roles/iam.workloadIdentityUser"));
        let claims = Claims::new("https://a", "it's", "x");
        assert!(explain(&testing::connector(WORKLOAD_IDENTITY, &[(PROVIDER, NAME)]), &claims).is_err());
    }
}
