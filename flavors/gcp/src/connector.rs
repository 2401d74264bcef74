//! A connector of type `gcp`: whom it stands for.

use crhost_flavor::{Connector, Failure, Options};

use crate::describe;
use crate::file::{self, File, Kind};
use crate::impersonation::Target;
use crate::names::Project;
use crate::principal::{Base, Principal};

/// Finds it out; nothing is sent for that.
pub(crate) fn principal(connector: &Connector) -> Result<Principal<'_>, Failure> {
    let subject = connector.secret(describe::SUBJECT_TOKEN);
    let file = |field: &str| connector.secret(field).map(File::Field).ok_or_else(|| missing(field));
    let principal = match connector.method.as_str() {
        describe::SERVICE_ACCOUNT | describe::IMPERSONATION => {
            file::read(file(describe::SERVICE_ACCOUNT_JSON)?, None, &[Kind::ServiceAccount])?
        }
        describe::USER_ACCOUNT => file::read(file(describe::USER_ACCOUNT_JSON)?, None, &[Kind::User])?,
        describe::EXTERNAL_ACCOUNT => file::read(file(describe::EXTERNAL_ACCOUNT_JSON)?, subject, &[Kind::External])?,
        describe::OAUTH2_TOKEN => {
            let token = connector.secret(describe::TOKEN).ok_or_else(|| missing(describe::TOKEN))?;
            Principal { base: Base::Token(token), target: None }
        }
        describe::IMPLICIT => match connector.secret(describe::APPLICATION_CREDENTIALS) {
            Some(json) => {
                let kinds = [Kind::ServiceAccount, Kind::User, Kind::External, Kind::Impersonated];
                file::read(File::Field(json), subject, &kinds)?
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

/// The project that is meant where no registry says it: the option's, the connector's, or its key's.
pub(crate) fn project(connector: &Connector, principal: &Principal<'_>, options: &Options) -> Result<Project, Failure> {
    let named = options.get(describe::PROJECT).or(connector.text(describe::PROJECT_ID)).or(principal.project());
    let named = named.ok_or_else(|| {
        Failure::invalid_input("neither the options nor the connector name a project")
            .hint("store it with `--project-id=my-project`, or give the option `project`")
    })?;
    Project::parse(named).ok_or_else(|| {
        let shown: String = named.chars().filter(|c| !c.is_control()).take(80).collect();
        Failure::invalid_input(format!("`{shown}` is not the id of a project"))
            .hint("`gcloud projects list` shows the ids")
    })
}

/// A field without which nothing goes.
pub(crate) fn missing(field: &str) -> Failure {
    Failure::unauthenticated(format!("the connector has no `{field}`")).hint("register it again with all of its fields")
}
