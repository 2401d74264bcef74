//! Blobs that the repositories of a push have, or can mount. A blob of another registry would have to be downloaded and
//! sent, which costs more than to compress the layer; but what another registry says about a blob that these
//! repositories have, too, is as good as what they say.

use super::claims::Claim;
use super::destined::Destined;
use crate::distribution::{Error, Mount, RepositoryClient};

use crate::retrying::{concurrently, has_blob};

/// The claims whose blobs are in all of the repositories, or were mounted, if that is allowed.
pub(super) async fn usable(claims: Vec<Claim>, destined: &[Destined<'_>], may_change: bool) -> Vec<Claim> {
    let asked = claims.into_iter().enumerate().map(|(number, claim)| async move {
        let mut is_there = !destined.is_empty();
        for to in destined {
            is_there = is_there && is_in(&claim, *to, may_change).await;
        }
        Ok::<_, std::convert::Infallible>(is_there.then_some((number, claim)))
    });
    let Ok(answered) = concurrently(asked).await;
    let mut usable: Vec<(usize, Claim)> = answered.into_iter().flatten().collect();
    usable.sort_by_key(|(number, _)| *number);
    usable.into_iter().map(|(_, claim)| claim).collect()
}

async fn is_in(claim: &Claim, to: Destined<'_>, may_change: bool) -> bool {
    if has_blob(to.repository, &claim.blob).await.unwrap_or(false) {
        return true;
    }
    let (own, Claim { blob, host, repository: from, .. }) = (to.repository, claim);
    let may_mount = to.mounts && may_change && own.host() == host && own.repository() != from;
    if !may_mount {
        tracing::debug!("blob `{}` of `{host}/{from}` is not in `{}`", blob.digest, own.repository());
        return false;
    }
    match mount(own, claim).await {
        Ok(is_mounted) => is_mounted,
        Err(error) => {
            tracing::debug!("blob `{}` is not mounted from `{from}`: {error}", blob.digest);
            false
        }
    }
}

/// Mounts a blob from the repository of the image that names it.
async fn mount(into: &RepositoryClient, claim: &Claim) -> Result<bool, Error> {
    match into.mount_blob(&claim.blob.digest, &claim.repository).await? {
        Mount::Mounted => {
            into.confirm_blob(&claim.blob.digest, claim.blob.size).await?;
            Ok(true)
        }
        Mount::Upload(upload) => {
            upload.cancel().await;
            Ok(false)
        }
    }
}
