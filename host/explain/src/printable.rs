//! The check that a type holds no raw text.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Data, DeriveInput, Error, Fields, Result, parse_quote};

/// The implementation of `crate::text::Printable`, and a function that doesn't compile unless each field has it too.
///
/// # Errors
/// A union.
pub(crate) fn printable(input: &DeriveInput) -> Result<TokenStream> {
    let fields: Vec<&Fields> = match &input.data {
        Data::Enum(data) => data.variants.iter().map(|variant| &variant.fields).collect(),
        Data::Struct(data) => vec![&data.fields],
        Data::Union(_) => return Err(Error::new_spanned(&input.ident, "`Printable` is derived for structs and enums")),
    };
    let checks = fields.into_iter().flatten().map(|field| {
        let field = &field.ty;
        quote_spanned! { field.span() => check::<#field>(); }
    });
    let mut generics = input.generics.clone();
    generics.type_params_mut().for_each(|parameter| parameter.bounds.push(parse_quote!(Printable)));
    let (parameters, arguments, conditions) = generics.split_for_impl();
    let name = &input.ident;
    Ok(quote! {
        const _: () = {
            use crate::text::Printable;

            #[automatically_derived]
            impl #parameters Printable for #name #arguments #conditions {}

            // Not in the implementation, since a type may hold itself in a box.
            #[allow(dead_code, reason = "its types are checked, it isn't called")]
            fn fields #parameters () #conditions {
                fn check<T: Printable>() {}
                #(#checks)*
            }
        };
    })
}
