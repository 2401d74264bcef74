//! What a failed request means for the caller: whether it is worth repeating, and what it leaves open.

use http::StatusCode;

use super::error::Error;
use super::retry::Retry;

impl Error {
    /// What may help against this failure.
    #[must_use]
    pub(crate) fn retry(&self) -> Retry {
        match self {
            Self::Unreachable { .. } | Self::Proxy { .. } | Self::Interrupted { .. } | Self::Silent { .. } => {
                Retry::Later(None)
            }
            // The next request renews credentials by itself.
            Self::TokenExpired { .. } => Retry::Later(None),
            Self::UploadLost { .. } => Retry::Restart,
            Self::Moved { .. } => Retry::Elsewhere,
            Self::Status(error) => error.retry(),
            _ => Retry::No,
        }
    }

    /// Whether a question that failed like this has had an answer, though one that leaves it open: the registry doesn't
    /// want to say, or points to another server which doesn't. The question was an optimisation or a second look then;
    /// what follows is the real test. A registry that can't be reached has said nothing.
    #[must_use]
    pub(crate) fn leaves_open(&self) -> bool {
        match self {
            Self::Unreachable { server, .. } | Self::Interrupted { server, .. } | Self::Silent { server, .. } => {
                !server.is_registry()
            }
            Self::Tls { server, .. } | Self::ClientCertificate { server, .. } => !server.is_registry(),
            Self::Proxy { .. }
            | Self::PlainHttp { .. }
            | Self::NotARegistry { .. }
            | Self::Certificate(_)
            | Self::Setup(_) => false,
            // Clear answers.
            Self::NotStored { .. } | Self::OtherDigest { .. } | Self::OtherContent { .. } => false,
            _ => true,
        }
    }

    /// Whether asking the same question again may help: a server that the registry points to is not waited for.
    #[must_use]
    pub(crate) fn is_worth_asking_again(&self) -> bool {
        let is_elsewhere = match self {
            Self::Unreachable { server, .. } | Self::Interrupted { server, .. } | Self::Silent { server, .. } => {
                !server.is_registry()
            }
            Self::Status(error) => !error.server.is_registry(),
            _ => false,
        };
        self.retry().is_possible() && !is_elsewhere
    }

    /// Whether the registry, or a proxy before it, takes no request of that size.
    #[must_use]
    pub(crate) fn is_too_large(&self) -> bool {
        matches!(self, Self::Status(error) if error.status == StatusCode::PAYLOAD_TOO_LARGE)
    }

    /// Whether a blob that was refused like this in one request may pass in chunks: it is too large for one, or the
    /// registry takes content by PATCH alone, and says so in one of several ways.
    #[must_use]
    pub(crate) fn may_pass_in_chunks(&self) -> bool {
        let Self::Status(error) = self else { return false };
        let is_form = matches!(error.status.as_u16(), 400 | 405 | 411 | 415 | 501);
        self.is_too_large() || is_form && !error.body.has_other_code_than("UNSUPPORTED")
    }

    /// Whether a server answered that what was asked for does not exist.
    #[must_use]
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::Status(error) if error.status == StatusCode::NOT_FOUND)
    }

    /// Whether a part of a blob that is there is refused, and the whole may be had: the registry, or the store behind
    /// it, takes no ranges, or calls this one unsatisfiable (416).
    #[must_use]
    pub(crate) fn is_refusal_of_range(&self) -> bool {
        let is_unsatisfiable = matches!(self, Self::Status(error) if error.status == StatusCode::RANGE_NOT_SATISFIABLE);
        is_unsatisfiable || !self.retry().is_possible() && !self.is_not_found()
    }

    /// Whether the registry does not do such a thing at all (405, 501, and the code `UNSUPPORTED`).
    #[must_use]
    pub(crate) fn is_unsupported(&self) -> bool {
        matches!(self, Self::Status(error)
            if matches!(error.status, StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED)
                || error.body.has_code("UNSUPPORTED"))
    }

    /// Whether the server failed (429, 5xx but 501), and says nothing of what it has.
    #[must_use]
    pub(crate) fn is_outage(&self) -> bool {
        let Self::Status(error) = self else { return false };
        error.status == StatusCode::TOO_MANY_REQUESTS
            || error.status.is_server_error() && error.status != StatusCode::NOT_IMPLEMENTED
    }

    /// Whether the registry misses a blob that a manifest names.
    #[must_use]
    pub(crate) fn misses_blob(&self) -> bool {
        matches!(self, Self::Status(error) if error.body.has_code("MANIFEST_BLOB_UNKNOWN"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_status_says_of_the_registry_itself() {
        let having = |is: fn(&Error) -> bool| -> Vec<u16> {
            let statuses = [400, 403, 404, 405, 429, 500, 501, 503];
            let answered = |status: &u16| Error::answered(StatusCode::from_u16(*status).unwrap(), None);
            statuses.into_iter().filter(|status| is(&answered(status))).collect()
        };
        assert_eq!(having(Error::is_outage), [429, 500, 503]);
        assert_eq!(having(Error::is_unsupported), [405, 501]);
        assert!(having(Error::misses_blob).is_empty());
    }
}
