//! Boundaries as the types that the core knows.

use super::{Boundary, Port};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

impl Boundary {
    /// Where it was written.
    pub fn span(&self) -> Span {
        match self {
            Boundary::Port(port) => port.span,
            Boundary::Tuple(span, _) | Boundary::Named(span, _) => *span,
            Boundary::Type(ty) => ty.span(),
        }
    }

    /// The type that implements `Boundary`.
    pub fn ty(&self) -> TokenStream {
        self.map(&|port| port.of(quote!(Port)), &|ty| quote!(#ty))
    }

    /// The type of its sites.
    pub fn sites(&self) -> TokenStream {
        self.map(
            &|port| port.of(quote!(Site)),
            &|ty| quote!(<#ty as ::nnsight::Boundary>::Sites),
        )
    }

    /// The type of values that fit.
    pub fn values(&self) -> TokenStream {
        self.map(
            &|port| port.of(quote!(Value)),
            &|ty| quote!(<#ty as ::nnsight::Boundary>::Values),
        )
    }

    /// The type of real tensors that fit.
    pub fn tensors(&self) -> TokenStream {
        let ty = self.ty();
        quote_spanned!(self.span()=> <#ty as ::nnsight::Boundary>::Tensors)
    }

    fn map(
        &self,
        of_port: &dyn Fn(&Port) -> TokenStream,
        of_type: &dyn Fn(&syn::Type) -> TokenStream,
    ) -> TokenStream {
        let several = |parts: &mut dyn Iterator<Item = &Boundary>| {
            let parts = parts.map(|part| part.map(of_port, of_type));
            quote!((#(#parts,)*))
        };
        match self {
            Boundary::Port(port) => of_port(port),
            Boundary::Tuple(_, parts) => several(&mut parts.iter()),
            Boundary::Named(_, parts) => several(&mut parts.iter().map(|(_, part)| part)),
            Boundary::Type(ty) => of_type(ty),
        }
    }
}

impl Port {
    /// `::nnsight::Port<(Batch, Seq), Int>`, or `Site` or `Value` in the place of `Port`.
    fn of(&self, name: TokenStream) -> TokenStream {
        let Port { span, axes, kind } = self;
        let kind = kind
            .as_ref()
            .map(|kind| quote!(, ::nnsight::__private::burn::tensor::#kind));
        // A single axis wants its comma; more look better without.
        let shape = match &axes[..] {
            [axis] => quote_spanned!(*span=> (#axis,)),
            axes => quote_spanned!(*span=> (#(#axes),*)),
        };
        quote_spanned!(*span=> ::nnsight::#name<#shape #kind>)
    }
}
