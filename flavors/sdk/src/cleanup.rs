//! Types of clean-ups: lists of what a registry has, and deletions, where the registry's own protocol can't.

pub use crate::bindings::exports::crhost::flavor::cleanup::{
    CleanupOperations, ListedManifest, RepositoryPage, TagPage,
};
use crate::types::Operation;

impl CleanupOperations {
    /// Requests that carry the secrets of an auth method.
    pub fn of_method(
        connector_type: impl Into<String>,
        method: impl Into<String>,
        operations: impl IntoIterator<Item = Operation>,
    ) -> Self {
        let auth_method = Some((connector_type.into(), method.into()));
        Self { auth_method, operations: operations.into_iter().collect() }
    }

    /// Requests without secrets, e.g. with a token that a service issued.
    pub fn without_secrets(operations: impl IntoIterator<Item = Operation>) -> Self {
        Self { auth_method: None, operations: operations.into_iter().collect() }
    }
}

impl ListedManifest {
    /// A manifest with one tag, of which nothing else is known.
    pub fn tagged(tag: impl Into<String>) -> Self {
        Self { digest: None, tags: vec![tag.into()], size: None, pushed_at: None }
    }

    /// A manifest by its digest, without tags.
    pub fn of_digest(digest: impl Into<String>) -> Self {
        Self { digest: Some(digest.into()), tags: Vec::new(), size: None, pushed_at: None }
    }
}
