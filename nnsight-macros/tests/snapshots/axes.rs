/// The axis `Batch`, whose size comes with the input.
pub struct Batch;
#[automatically_derived]
impl ::core::marker::Copy for Batch {}
#[automatically_derived]
impl ::core::clone::Clone for Batch {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl ::core::fmt::Debug for Batch {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.write_str("Batch")
    }
}
#[automatically_derived]
impl ::nnsight::Axis for Batch {
    const NAME: &'static str = "Batch";
    const EXTENT: ::nnsight::Extent = ::nnsight::Extent::Bound;
    const HERE: Self = Batch;
}
/// The axis `Features`, of size `5`.
pub struct Features;
#[automatically_derived]
impl ::core::marker::Copy for Features {}
#[automatically_derived]
impl ::core::clone::Clone for Features {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl ::core::fmt::Debug for Features {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.write_str("Features")
    }
}
#[automatically_derived]
impl ::nnsight::Axis for Features {
    const NAME: &'static str = "Features";
    const EXTENT: ::nnsight::Extent = ::nnsight::Extent::Fixed(5);
    const HERE: Self = Features;
}
/// The residual stream.
pub struct Hidden<C: Gpt2Config = Small> {
    __marker: ::core::marker::PhantomData<fn() -> (C,)>,
}
#[allow(clippy::new_without_default)]
impl<C: Gpt2Config> Hidden<C> {
    /// The axis as a value.
    #[allow(dead_code)]
    pub const fn new() -> Self {
        Self {
            __marker: ::core::marker::PhantomData,
        }
    }
}
/// The axis [`Hidden`](struct@Hidden) as a value, of the default size.
#[allow(non_upper_case_globals, dead_code)]
pub const Hidden: Hidden = Hidden::new();
#[automatically_derived]
impl<C: Gpt2Config> ::core::marker::Copy for Hidden<C> {}
#[automatically_derived]
impl<C: Gpt2Config> ::core::clone::Clone for Hidden<C> {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl<C: Gpt2Config> ::core::fmt::Debug for Hidden<C> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.write_str("Hidden")
    }
}
#[automatically_derived]
impl<C: Gpt2Config> ::nnsight::Axis for Hidden<C> {
    const NAME: &'static str = "Hidden";
    const EXTENT: ::nnsight::Extent = ::nnsight::Extent::Fixed(C::HIDDEN);
    const HERE: Self = Self::new();
}
/// The axis `Mlp`, of size `4 * C::HIDDEN`.
pub(crate) struct Mlp<C: Gpt2Config> {
    __marker: ::core::marker::PhantomData<fn() -> (C,)>,
}
#[allow(clippy::new_without_default)]
impl<C: Gpt2Config> Mlp<C> {
    /// The axis as a value.
    #[allow(dead_code)]
    pub const fn new() -> Self {
        Self {
            __marker: ::core::marker::PhantomData,
        }
    }
}
#[automatically_derived]
impl<C: Gpt2Config> ::core::marker::Copy for Mlp<C> {}
#[automatically_derived]
impl<C: Gpt2Config> ::core::clone::Clone for Mlp<C> {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl<C: Gpt2Config> ::core::fmt::Debug for Mlp<C> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.write_str("Mlp")
    }
}
#[automatically_derived]
impl<C: Gpt2Config> ::nnsight::Axis for Mlp<C> {
    const NAME: &'static str = "Mlp";
    const EXTENT: ::nnsight::Extent = ::nnsight::Extent::Fixed(4 * C::HIDDEN);
    const HERE: Self = Self::new();
}
