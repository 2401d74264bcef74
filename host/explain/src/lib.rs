//! `#[derive(Explain)]`: implements `crate::error::Explain` for an enum of errors from attributes beside its variants.
//!
//! On the enum:
//!
//! - `#[explain(kind = Network)]`: the kind of each variant that names none, a name of `crate::error::Kind`
//! - `#[explain(hint = "…")]`: the hint of each variant that names none
//!
//! On a variant:
//!
//! - `#[explain(kind = Usage)]`: its kind
//! - `#[explain(hint = "{name} is not {0}")]`: its hint, a format string as `#[error]` has it, where
//!   `{name}` or `{0}` is a field
//! - `#[explain(hint = known(name, _0))]`: its hint, a `String` or an `Option<String>`; a field is bound by its name,
//!   or as `_0`, by reference
//! - `#[explain(transparent)]`: kind and hint are those of its only field; `kind` or `hint` beside it replaces
//!   one of them
//!
//! A variant without any hint has none. Whatever else an attribute holds is an error of compilation.

mod attributes;
mod expand;

use proc_macro::TokenStream;

/// Implements `crate::error::Explain`; the crate's page says how.
#[proc_macro_derive(Explain, attributes(explain))]
pub fn derive_explain(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    expand::explain(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}
