//! What flavors and policies in registries have in common: how they are published.

mod publish;

pub(super) use publish::{Arguments as PublishArguments, send};
