//! What every error of the library can say about itself: its kind, and what the person can do next.

use std::sync::Arc;

/// The kinds of failure that a caller can act on; each has one exit code of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// Anything that no other kind describes.
    General,
    /// The request itself is wrong: an argument, a reference, a URI.
    Usage,
    /// Something named does not exist.
    NotFound,
    /// Credentials are missing, wrong or not allowed to do this.
    Auth,
    /// A name is taken, or something is in use.
    Conflict,
    /// The network or the other side did not answer; trying again may help.
    Network,
    /// A flavor failed, or is no flavor.
    Flavor,
    /// Bytes are not what their digest says.
    Verification,
    /// A policy is against it, or gave no decision.
    Policy,
    /// The person stopped it.
    Interrupted,
}

impl Kind {
    /// The exit code of a process that ends with this failure.
    #[must_use]
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::General => 1,
            Self::Usage => 2,
            Self::NotFound => 3,
            Self::Auth => 4,
            Self::Conflict => 5,
            Self::Network => 6,
            Self::Flavor => 7,
            Self::Verification => 8,
            Self::Policy => 9,
            // 128 and the number of SIGINT, as shells count.
            Self::Interrupted => 130,
        }
    }
}

use crate::text::{Escaped, Printable};

/// Words of crhost's own.
impl Printable for Kind {}

/// Implements [`Explain`] for an enum, from attributes beside its variants.
pub(crate) use crhost_explain::Explain;

/// An error that can be shown to a person: its `Display` is one line without a full stop, and this trait adds the rest.
pub(crate) trait Explain: std::error::Error + Printable {
    /// What sort of failure this is.
    fn kind(&self) -> Kind;

    /// The next step, where there is one.
    fn hint(&self) -> Option<Escaped> {
        None
    }
}

/// A boxed error explains itself as the error in the box does.
impl<E: Explain> Explain for Box<E> {
    fn kind(&self) -> Kind {
        (**self).kind()
    }

    fn hint(&self) -> Option<Escaped> {
        (**self).hint()
    }
}

/// As does a shared one.
impl<E: Explain> Explain for Arc<E> {
    fn kind(&self) -> Kind {
        (**self).kind()
    }

    fn hint(&self) -> Option<Escaped> {
        (**self).hint()
    }
}

#[cfg(test)]
mod tests {
    use super::{Explain, Kind};

    #[derive(Debug, thiserror::Error, Explain)]
    #[explain(kind = General)]
    enum Inner {
        #[error("plain")]
        Plain,
        #[error("`{name}` is taken")]
        #[explain(kind = Conflict, hint = "remove it: `crhost registry remove {name}`, {{0}} stays")]
        Taken { name: &'static str },
        #[error("{0} of {1}")]
        #[explain(kind = Network, hint = "{1} is more than {0}")]
        Pair(u8, u8),
        #[error("none of {known:?}")]
        #[explain(kind = NotFound, hint = known.first().map(|first| format!("there is `{first}`")))]
        Missing { known: Vec<&'static str> },
    }

    #[derive(Debug, thiserror::Error, Explain)]
    enum Outer {
        #[error(transparent)]
        #[explain(transparent)]
        Inner(#[from] Box<Inner>),
        #[error("{reason}")]
        #[explain(transparent, hint = "another hint")]
        Wrapped { reason: Inner },
    }

    #[test]
    fn an_error_says_its_kind_and_hint_as_its_attributes_have_them() {
        let explained = |error: Inner| (error.kind(), error.hint());
        assert_eq!(explained(Inner::Plain), (Kind::General, None));
        let hint = "remove it: `crhost registry remove prod`, {0} stays".into();
        assert_eq!(explained(Inner::Taken { name: "prod" }), (Kind::Conflict, Some(hint)));
        assert_eq!(explained(Inner::Pair(1, 2)), (Kind::Network, Some("2 is more than 1".into())));
        let near = Some("there is `a`".into());
        assert_eq!(explained(Inner::Missing { known: vec!["a"] }), (Kind::NotFound, near));
        assert_eq!(explained(Inner::Missing { known: vec![] }), (Kind::NotFound, None));
    }

    #[test]
    fn a_transparent_variant_says_what_its_field_says_unless_it_has_words_of_its_own() {
        let inner = Outer::from(Box::new(Inner::Pair(1, 2)));
        assert_eq!((inner.kind(), inner.hint()), (Kind::Network, Some("2 is more than 1".into())));
        let wrapped = Outer::Wrapped { reason: Inner::Pair(1, 2) };
        assert_eq!((wrapped.kind(), wrapped.hint()), (Kind::Network, Some("another hint".into())));
    }
}
