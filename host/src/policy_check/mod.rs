//! Asks policies about an image in a registry, and changes nothing there: a copy or a deletion of it would be told the
//! same.

use crate::distribution::{self, FoundManifest, ManifestName};
use crate::error::Explain;
use crate::image::Reference;
use crate::policy::{Action, Evidence, Gate, PolicyError, Removal, Ruling, Subject, evidence_of};
use crate::registry::{Destination, RemoteName, Target};
use crate::session::{Intent, Services, Session, SessionError};
use crate::text::Escaped;

/// Why policies can't be asked.
#[derive(Debug, thiserror::Error, Explain)]
pub(crate) enum CheckError {
    /// The registry can't be opened, or does not answer as asked.
    #[error(transparent)]
    #[explain(transparent)]
    Session(#[from] SessionError),
    /// A policy that is demanded is missing, or there is too much evidence.
    #[error(transparent)]
    #[explain(transparent)]
    Policy(#[from] PolicyError),
    /// There is no such image.
    #[error("the registry has no image `{0}`")]
    #[explain(kind = NotFound, hint = "check its name, and the tag or digest")]
    NoImage(Escaped),
}

/// What would be done with an image in a registry.
pub(crate) struct Question<'a> {
    /// The image.
    pub(crate) image: &'a RemoteName,
    /// The name that a copy of it would have.
    pub(crate) copy: Option<&'a RemoteName>,
    /// What would be done.
    pub(crate) action: Action,
    /// The registry for names without a host, in the place of the stored one.
    pub(crate) in_use: Option<&'a Destination>,
}

/// Reads an image's manifests and configurations, and asks the policies. Gives the whole name that they were asked
/// about, and what each of them says.
///
/// # Errors
/// When a registry can't be found or read, or has no such image.
pub(crate) async fn check(
    services: &Services<'_>,
    question: Question<'_>,
) -> Result<(String, Vec<Ruling>), CheckError> {
    let Question { image, copy, action, in_use } = question;
    let source = services.locate(image, in_use, Intent::Pull).await?;
    let target = match copy {
        Some(copy) => services.locate(copy, in_use, Intent::Push).await?,
        None => source.clone(),
    };
    let gate = Gate::open(&services.catalog, services.environment, action, &target.registry, &target.image)?;
    let name = target.image.to_string();
    if !gate.is_guarded() {
        return Ok((name, Vec::new()));
    }
    let mut session = services.open(source.clone(), Intent::Pull, false).await?;
    let repository = session.repository.clone();
    let read = read(&repository, &source.image);
    let (found, evidence) = match session.renewing(read).await {
        Ok(Some(read)) => read,
        Ok(None) => return Err(CheckError::NoImage(Escaped::new(&source.image.to_string(), 300))),
        Err(error) => return Err(explained(&session, error)),
    };
    let subject = Subject::new(action, &target.image).digest(&found.digest).media_type(&found.media_type);
    let evidence = with_action(evidence, action, &source, &subject);
    Ok((name, gate.rule(subject, &evidence).await?))
}

fn explained(session: &Session<'_>, error: distribution::Error) -> CheckError {
    session.explain(error).into()
}

fn with_action(evidence: Evidence, action: Action, source: &Target, subject: &Subject) -> Evidence {
    match action {
        Action::Push => evidence,
        Action::Copy => evidence.from(&source.image),
        Action::Delete => evidence.removing(Removal {
            reference: subject.reference.clone(),
            digest: subject.digest.clone(),
            tags: subject.tags.clone(),
            media_type: subject.media_type.clone(),
        }),
    }
}

/// The manifest of an image, or an index, with the evidence of it.
async fn read(
    repository: &distribution::RepositoryClient,
    image: &Reference,
) -> Result<Option<(FoundManifest, Evidence)>, distribution::Error> {
    let name = match (image.digest(), image.tag()) {
        (Some(digest), _) => ManifestName::Digest(digest),
        (None, Some(tag)) => ManifestName::Tag(tag),
        (None, None) => return Ok(None),
    };
    let Some(found) = repository.manifest(name).await? else { return Ok(None) };
    let evidence = evidence_of(repository, &found).await?;
    Ok(Some((found, evidence)))
}
