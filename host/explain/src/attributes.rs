//! What `#[explain(…)]` says.

use syn::{Attribute, Expr, Ident, Result};

/// The attributes of an enum or of one of its variants, read together.
#[derive(Default)]
pub(crate) struct Attributes {
    /// `kind = …`
    pub(crate) kind: Option<Ident>,
    /// `hint = …`
    pub(crate) hint: Option<Expr>,
    /// `transparent`
    pub(crate) transparent: bool,
}

impl Attributes {
    /// Reads all `#[explain(…)]` among `attributes`.
    ///
    /// # Errors
    /// An attribute that has another form.
    pub(crate) fn read(attributes: &[Attribute]) -> Result<Self> {
        let mut read = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("explain")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("kind") {
                    read.kind = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("hint") {
                    read.hint = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("transparent") {
                    read.transparent = true;
                } else {
                    return Err(meta.error("expected `kind = …`, `hint = …` or `transparent`"));
                }
                Ok(())
            })?;
        }
        Ok(read)
    }
}
