//! The implementation that the attributes stand for.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Data, DeriveInput, Error, Expr, ExprLit, Fields, Ident, Lit, LitStr, Result, Variant};

use crate::attributes::Attributes;

/// The implementation of `crate::error::Explain` for an enum.
///
/// # Errors
/// A type that is no enum, an attribute of another form, or a variant without a kind.
pub(crate) fn explain(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "`Explain` is derived for enums"));
    };
    let defaults = Attributes::read(&input.attrs)?;
    let (mut kinds, mut hints) = (Vec::new(), Vec::new());
    for variant in &data.variants {
        let own = Attributes::read(&variant.attrs)?;
        let name = &variant.ident;
        let pattern = pattern(variant);
        let kind = kind(variant, &own, &defaults)?;
        let hint = hint(variant, &own, &defaults)?;
        kinds.push(quote! { Self::#name #pattern => #kind, });
        hints.push(quote! { Self::#name #pattern => #hint, });
    }
    let name = &input.ident;
    let (generics, arguments, conditions) = input.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        #[allow(unused_variables, reason = "not every arm uses every field that its pattern binds")]
        impl #generics crate::error::Explain for #name #arguments #conditions {
            fn kind(&self) -> crate::error::Kind {
                match self { #(#kinds)* }
            }

            fn hint(&self) -> ::core::option::Option<crate::text::Escaped> {
                match self { #(#hints)* }
            }
        }
    })
}

/// A pattern that binds every field: `{ name }`, or `(_0, _1)`.
fn pattern(variant: &Variant) -> TokenStream {
    match &variant.fields {
        Fields::Unit => TokenStream::new(),
        Fields::Named(fields) => {
            let names = fields.named.iter().filter_map(|field| field.ident.as_ref());
            quote! { { #(#names),* } }
        }
        Fields::Unnamed(fields) => {
            let names = (0..fields.unnamed.len()).map(|index| format_ident!("_{index}"));
            quote! { ( #(#names),* ) }
        }
    }
}

fn kind(variant: &Variant, own: &Attributes, defaults: &Attributes) -> Result<TokenStream> {
    if let Some(kind) = &own.kind {
        return Ok(quote! { crate::error::Kind::#kind });
    }
    if own.transparent {
        let inner = only_field(variant)?;
        return Ok(quote! { crate::error::Explain::kind(#inner) });
    }
    match &defaults.kind {
        Some(kind) => Ok(quote! { crate::error::Kind::#kind }),
        None => Err(Error::new_spanned(variant, "this variant needs `#[explain(kind = …)]`, or its enum does")),
    }
}

fn hint(variant: &Variant, own: &Attributes, defaults: &Attributes) -> Result<TokenStream> {
    if own.hint.is_none() && own.transparent {
        let inner = only_field(variant)?;
        return Ok(quote! { crate::error::Explain::hint(#inner) });
    }
    Ok(match own.hint.as_ref().or(defaults.hint.as_ref()) {
        None => quote! { ::core::option::Option::None },
        Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => {
            let text = name_positions(text);
            quote! { ::core::option::Option::Some(crate::text::Escaped::of(::std::format_args!(#text))) }
        }
        Some(expression) => quote! {{
            let hint: ::core::option::Option<::std::string::String> = ::core::convert::Into::into(#expression);
            hint.map(crate::text::Escaped::from)
        }},
    })
}

fn only_field(variant: &Variant) -> Result<Ident> {
    let mut fields = variant.fields.iter();
    match (fields.next(), fields.next()) {
        (Some(field), None) => Ok(field.ident.clone().unwrap_or_else(|| Ident::new("_0", Span::call_site()))),
        _ => Err(Error::new_spanned(variant, "a transparent variant has one field")),
    }
}

/// `{0}` becomes `{_0}`, the name that the pattern gives to that field; `{{` stays.
fn name_positions(text: &LitStr) -> LitStr {
    let mut named = String::new();
    let value = text.value();
    let mut characters = value.chars().peekable();
    while let Some(character) = characters.next() {
        named.push(character);
        if character != '{' {
            continue;
        }
        match characters.peek() {
            Some('{') => named.extend(characters.next()),
            Some(digit) if digit.is_ascii_digit() => named.push('_'),
            _ => {}
        }
    }
    LitStr::new(&named, text.span())
}
