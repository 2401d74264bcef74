//! A connector of type `gcp`, and the principal that it stands for.

use crhost_flavor::text::excerpt;
use crhost_flavor::{Connector, Failure, Options};

use crate::credentials::{self, Kind};
use crate::describe;
use crate::external::{External, OfProvider};
use crate::federation;
use crate::file::File;
pub(crate) use crate::given::missing;
use crate::impersonation::Target;
use crate::names::Project;
use crate::principal::{Base, Principal};
use crate::subject::GivenKeys;

/// The principal of a connector, read from its fields; sends nothing.
pub(crate) fn principal(connector: &Connector) -> Result<Principal<'_>, Failure> {
    let token = connector.secret(describe::SUBJECT_TOKEN);
    let (printed, aws) = (connector.secret(describe::EXECUTABLE_RESPONSE), GivenKeys::of(connector)?);
    let provider = OfProvider { token, printed, aws };
    let none = OfProvider::default();
    let file = |field: &str| connector.secret(field).map(File::new).ok_or_else(|| missing(field));
    let principal = match connector.method.as_str() {
        describe::SERVICE_ACCOUNT | describe::IMPERSONATION => {
            credentials::read(file(describe::SERVICE_ACCOUNT_JSON)?, none, &[Kind::ServiceAccount])?
        }
        describe::USER_ACCOUNT => credentials::read(file(describe::USER_ACCOUNT_JSON)?, none, &[Kind::User])?,
        describe::EXTERNAL_ACCOUNT => {
            credentials::read(file(describe::EXTERNAL_ACCOUNT_JSON)?, provider, &[Kind::External])?
        }
        describe::WORKLOAD_IDENTITY => {
            let subject = token.ok_or_else(|| missing(describe::SUBJECT_TOKEN))?;
            let external = External::of_provider(&federation::provider(connector)?, subject);
            Principal { base: Base::External(external), target: None }
        }
        describe::OAUTH2_TOKEN => {
            let token = connector.secret(describe::TOKEN).ok_or_else(|| missing(describe::TOKEN))?;
            Principal { base: Base::Token(token), target: None }
        }
        describe::IMPLICIT => match connector.secret(describe::APPLICATION_CREDENTIALS) {
            Some(json) => {
                let kinds = [Kind::ServiceAccount, Kind::User, Kind::External, Kind::Impersonated];
                credentials::read(File::new(json), provider, &kinds)?
            }
            None => Principal { base: Base::Machine, target: None },
        },
        other => {
            return Err(Failure::unsupported(format!("flavor `gcp` has no auth method `{other}`"))
                .hint("`crhost flavor describe gcp` shows those that it has"));
        }
    };
    Ok(match connector.text(describe::TARGET_PRINCIPAL) {
        Some(email) => {
            let target = Target::new(email, connector.text(describe::DURATION_SECONDS))?;
            Principal { target: Some(target), ..principal }
        }
        None if connector.method == describe::IMPERSONATION => return Err(missing(describe::TARGET_PRINCIPAL)),
        None => principal,
    })
}

/// The project of calls without a registry: the option's, the connector's, or that of its key.
pub(crate) fn project(connector: &Connector, principal: &Principal<'_>, options: &Options) -> Result<Project, Failure> {
    let named = options.get(describe::PROJECT).or(connector.text(describe::PROJECT_ID)).or(principal.project());
    let named = named.ok_or_else(|| {
        Failure::invalid_input("neither the options nor the connector name a project")
            .hint("store it with `--project-id=my-project`, or give the option `project`")
    })?;
    Project::parse(named).ok_or_else(|| {
        Failure::invalid_input(format!("`{}` is not the id of a project", excerpt(named, 80)))
            .hint("`gcloud projects list` shows the ids")
    })
}
