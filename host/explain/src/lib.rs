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
//! - `#[explain(hint = known(name, _0))]`: its hint, a `String` or an `Option<String>`, which is escaped; a field is
//!   bound by its name, or as `_0`, by reference
//! - `#[explain(transparent)]`: kind and hint are those of its only field; `kind` or `hint` beside it replaces
//!   one of them
//!
//! A variant without any hint has none. Whatever else an attribute holds is an error of compilation.
//!
//! Every field has to be `crate::text::Printable`: an error with raw text from outside doesn't compile. The derive
//! implements that trait for the enum too; `#[derive(Printable)]` does it alone, for structs and for errors without a
//! kind.

mod attributes;
mod expand;
mod printable;

use proc_macro::TokenStream;

/// Implements `crate::error::Explain`; the crate's page says how.
///
/// ```
/// # mod error {
/// #     pub enum Kind { Usage }
/// #     pub trait Explain: crate::text::Printable {
/// #         fn kind(&self) -> Kind;
/// #         fn hint(&self) -> Option<crate::text::Escaped>;
/// #     }
/// # }
/// # mod text {
/// #     pub trait Printable {}
/// #     impl Printable for u8 {}
/// #     pub struct Escaped(String);
/// #     impl Escaped {
/// #         pub fn of(text: impl std::fmt::Display) -> Self {
/// #             Self(text.to_string())
/// #         }
/// #     }
/// # }
/// #[derive(crhost_explain::Explain)]
/// #[explain(kind = Usage, hint = "not {0}")]
/// enum Wrong {
///     Count(u8),
/// }
/// # fn main() {}
/// ```
///
/// A field that is not `Printable`, such as raw text or an error of a library, is an error of compilation:
///
/// ```compile_fail,E0277
/// # mod error {
/// #     pub enum Kind { Usage }
/// #     pub trait Explain: crate::text::Printable {
/// #         fn kind(&self) -> Kind;
/// #         fn hint(&self) -> Option<crate::text::Escaped>;
/// #     }
/// # }
/// # mod text {
/// #     pub trait Printable {}
/// #     impl Printable for u8 {}
/// #     pub struct Escaped(String);
/// #     impl Escaped {
/// #         pub fn of(text: impl std::fmt::Display) -> Self {
/// #             Self(text.to_string())
/// #         }
/// #     }
/// # }
/// #[derive(crhost_explain::Explain)]
/// #[explain(kind = Usage, hint = "not {0}")]
/// enum Wrong {
///     Count(std::io::Error),
/// }
/// # fn main() {}
/// ```
#[proc_macro_derive(Explain, attributes(explain))]
pub fn derive_explain(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    let both = expand::explain(&input).and_then(|explain| Ok([explain, printable::printable(&input)?]));
    both.map_or_else(syn::Error::into_compile_error, FromIterator::from_iter).into()
}

/// Implements `crate::text::Printable` for a type whose fields all have it.
///
/// ```
/// # mod text {
/// #     pub trait Printable {}
/// #     impl Printable for u8 {}
/// # }
/// #[derive(crhost_explain::Printable)]
/// struct Bounded {
///     count: u8,
/// }
/// # fn main() {}
/// ```
///
/// A field of another type, such as raw text, is an error of compilation:
///
/// ```compile_fail,E0277
/// # mod text {
/// #     pub trait Printable {}
/// #     impl Printable for u8 {}
/// # }
/// #[derive(crhost_explain::Printable)]
/// struct Raw {
///     count: u8,
///     text: String,
/// }
/// # fn main() {}
/// ```
#[proc_macro_derive(Printable)]
pub fn derive_printable(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    printable::printable(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}
