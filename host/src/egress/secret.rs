//! A secret on its way into a request, with its origin: where it may go depends on that.

use std::sync::Arc;

use zeroize::Zeroizing;

/// A secret of a connector: a field, or a member of a field's object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// The field.
    pub(crate) field: String,
    /// The member's own name, in whatever depth; none for the field's whole value.
    pub(crate) member: Option<String>,
}

/// The origin of a secret value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It is a secret of the connector.
    Itself(Source),
    /// It was computed from secrets.
    Derived {
        /// The secret that was the key; none for a digest, which no key protects.
        key: Option<Source>,
        /// Secrets in the messages.
        messages: Vec<Source>,
    },
    /// It is text with secrets in it, each of which is itself or a signature.
    Joined(Vec<Origin>),
}

impl Origin {
    /// The secrets that it holds or was made of.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &Source> {
        self.pieces().iter().flat_map(|piece| {
            let (key, messages) = match piece {
                Self::Itself(source) => (Some(source), [].as_slice()),
                Self::Derived { key, messages } => (key.as_ref(), messages.as_slice()),
                // None is joined itself.
                Self::Joined(_) => (None, [].as_slice()),
            };
            key.into_iter().chain(messages)
        })
    }

    /// The secrets that stand in it, of which none is joined: itself, or those that were joined.
    pub(crate) fn pieces(&self) -> &[Self] {
        match self {
            Self::Joined(pieces) => pieces,
            one => std::slice::from_ref(one),
        }
    }
}

/// A secret that a request may hold: the bytes that are sent, and their origin. Without `Debug`, as every type that
/// holds a secret. A clone shares both.
#[derive(Clone)]
pub(crate) struct EgressSecret {
    value: Arc<Zeroizing<Vec<u8>>>,
    origin: Arc<Origin>,
}

impl EgressSecret {
    /// A secret.
    #[must_use]
    pub(crate) fn new(value: Arc<Zeroizing<Vec<u8>>>, origin: Arc<Origin>) -> Self {
        Self { value, origin }
    }

    /// The bytes that are sent.
    pub(crate) fn value(&self) -> &[u8] {
        &self.value
    }

    /// The bytes that are sent, shared.
    pub(super) fn shared(&self) -> Arc<Zeroizing<Vec<u8>>> {
        Arc::clone(&self.value)
    }

    /// The origin.
    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }
}
