#[automatically_derived]
#[allow(
    unused_variables,
    unused_imports,
    unreachable_code,
    clippy::diverging_sub_expression
)]
impl<C: Gpt2Config> ::nnsight::Carrier for AttnOut<C> {
    type Rest = (
        <Tensor<3> as ::nnsight::Carrier>::Rest,
        <Tensor<4> as ::nnsight::Carrier>::Rest,
        <usize as ::nnsight::Carrier>::Rest,
        Note,
    );
    const TENSORS: ::core::option::Option<usize> = ::nnsight::__private::sum_of(
        &[
            <Tensor<3> as ::nnsight::Carrier>::TENSORS,
            <Tensor<4> as ::nnsight::Carrier>::TENSORS,
            <usize as ::nnsight::Carrier>::TENSORS,
            ::core::option::Option::None,
        ],
    );
    #[allow(unused_imports)]
    fn has_effect((__0, __1, __2, __3): &Self::Rest) -> bool {
        use ::nnsight::__private::HeldUnknown as _;
        false || <Tensor<3> as ::nnsight::Carrier>::has_effect(__0)
            || <Tensor<4> as ::nnsight::Carrier>::has_effect(__1)
            || <usize as ::nnsight::Carrier>::has_effect(__2)
            || (<::nnsight::__private::Held<Note>>::EFFECT != ::nnsight::Effect::None)
    }
    fn take_tensors(
        self,
        tensors: &mut ::std::vec::Vec<::nnsight::Erased>,
    ) -> Self::Rest {
        let Self { context: __0, weights: __1, cache_len: __2, note: __3 } = self;
        (
            <Tensor<3> as ::nnsight::Carrier>::take_tensors(__0, tensors),
            <Tensor<4> as ::nnsight::Carrier>::take_tensors(__1, tensors),
            <usize as ::nnsight::Carrier>::take_tensors(__2, tensors),
            __3,
        )
    }
    fn put_tensors(
        (__0, __1, __2, __3): Self::Rest,
        tensors: &mut ::std::vec::IntoIter<::nnsight::Erased>,
    ) -> ::nnsight::Result<Self> {
        ::core::result::Result::Ok(Self {
            context: <Tensor<3> as ::nnsight::Carrier>::put_tensors(__0, tensors)?,
            weights: <Tensor<4> as ::nnsight::Carrier>::put_tensors(__1, tensors)?,
            cache_len: <usize as ::nnsight::Carrier>::put_tensors(__2, tensors)?,
            note: __3,
        })
    }
    fn from_tensors(
        tensors: &mut ::std::vec::IntoIter<::nnsight::Erased>,
    ) -> ::nnsight::Result<Self> {
        ::core::result::Result::Ok(Self {
            context: <Tensor<3> as ::nnsight::Carrier>::from_tensors(tensors)?,
            weights: <Tensor<4> as ::nnsight::Carrier>::from_tensors(tensors)?,
            cache_len: <usize as ::nnsight::Carrier>::from_tensors(tensors)?,
            note: return ::core::result::Result::Err(::nnsight::Error::NotOfTensors {
                wanted: ::core::any::type_name::<Note>(),
            }),
        })
    }
    fn rest_to_device(
        (__0, __1, __2, __3): Self::Rest,
        device: &::nnsight::__private::burn::tensor::Device,
    ) -> Self::Rest {
        (
            <Tensor<3> as ::nnsight::Carrier>::rest_to_device(__0, device),
            <Tensor<4> as ::nnsight::Carrier>::rest_to_device(__1, device),
            <usize as ::nnsight::Carrier>::rest_to_device(__2, device),
            __3,
        )
    }
    fn copy_rest(
        (__0, __1, __2, __3): &Self::Rest,
    ) -> ::core::option::Option<Self::Rest> {
        use ::nnsight::__private::{CopyCloned as _, CopyNever as _};
        ::core::option::Option::Some((
            <Tensor<3> as ::nnsight::Carrier>::copy_rest(__0)?,
            <Tensor<4> as ::nnsight::Carrier>::copy_rest(__1)?,
            <usize as ::nnsight::Carrier>::copy_rest(__2)?,
            (&&::nnsight::__private::Skipped(__3)).copied()?,
        ))
    }
    fn is_same_rest(a: &Self::Rest, b: &Self::Rest) -> bool {
        use ::nnsight::__private::{SameEqual as _, SameNever as _};
        true && <Tensor<3> as ::nnsight::Carrier>::is_same_rest(&a.0, &b.0)
            && <Tensor<4> as ::nnsight::Carrier>::is_same_rest(&a.1, &b.1)
            && <usize as ::nnsight::Carrier>::is_same_rest(&a.2, &b.2)
            && (&&::nnsight::__private::Skipped(&a.3)).is_same(&b.3)
    }
}
/// The sites of [`AttnOut`].
#[allow(dead_code, private_interfaces, clippy::type_complexity)]
pub struct AttnOutSites<C: Gpt2Config> {
    /// What was read.
    pub context: ::nnsight::Site<(Batch, Seq, Hidden<C>)>,
    /// The part `weights`.
    pub weights: ::nnsight::Site<(Batch, Head<C>, Seq, Key)>,
    __marker: ::core::marker::PhantomData<fn() -> (C,)>,
}
#[automatically_derived]
impl<C: Gpt2Config> ::core::clone::Clone for AttnOutSites<C> {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl<C: Gpt2Config> ::core::marker::Copy for AttnOutSites<C> {}
/// The values of [`AttnOut`].
#[allow(dead_code, private_interfaces, clippy::type_complexity)]
pub struct AttnOutValues<C: Gpt2Config> {
    /// What was read.
    pub context: ::nnsight::Value<(Batch, Seq, Hidden<C>)>,
    /// The part `weights`.
    pub weights: ::nnsight::Value<(Batch, Head<C>, Seq, Key)>,
    __marker: ::core::marker::PhantomData<fn() -> (C,)>,
}
#[automatically_derived]
impl<C: Gpt2Config> ::core::clone::Clone for AttnOutValues<C> {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl<C: Gpt2Config> ::core::marker::Copy for AttnOutValues<C> {}
#[automatically_derived]
#[allow(clippy::type_complexity)]
impl<C: Gpt2Config> ::nnsight::Boundary for AttnOut<C> {
    type Sites = AttnOutSites<C>;
    type Values = AttnOutValues<C>;
    type Tensors = Self;
    type Last = ::nnsight::Entries;
    const PORTS: u8 = 0
        + <::nnsight::Port<(Batch, Seq, Hidden<C>)> as ::nnsight::Boundary>::PORTS
        + <::nnsight::Port<(Batch, Head<C>, Seq, Key)> as ::nnsight::Boundary>::PORTS;
    const SITES: Self::Sites = AttnOutSites {
        context: <::nnsight::Port<
            (Batch, Seq, Hidden<C>),
        > as ::nnsight::Boundary>::SITES,
        weights: <::nnsight::Port<
            (Batch, Head<C>, Seq, Key),
        > as ::nnsight::Boundary>::SITES,
        __marker: ::core::marker::PhantomData,
    };
    fn sites(at: ::nnsight::Handle, end: ::nnsight::End, first: u8) -> Self::Sites {
        let mut next = first;
        let mut take = |ports: u8| {
            next += ports;
            next - ports
        };
        AttnOutSites {
            context: <::nnsight::Port<
                (Batch, Seq, Hidden<C>),
            > as ::nnsight::Boundary>::sites(
                at,
                end,
                take(
                    <::nnsight::Port<
                        (Batch, Seq, Hidden<C>),
                    > as ::nnsight::Boundary>::PORTS,
                ),
            ),
            weights: <::nnsight::Port<
                (Batch, Head<C>, Seq, Key),
            > as ::nnsight::Boundary>::sites(
                at,
                end,
                take(
                    <::nnsight::Port<
                        (Batch, Head<C>, Seq, Key),
                    > as ::nnsight::Boundary>::PORTS,
                ),
            ),
            __marker: ::core::marker::PhantomData,
        }
    }
    fn describe(
        prefix: &str,
        ports: &mut ::std::vec::Vec<::nnsight::boundary::PortMeta>,
    ) {
        <::nnsight::Port<
            (Batch, Seq, Hidden<C>),
        > as ::nnsight::Boundary>::describe(
            &::std::format!("{}.context", prefix),
            ports,
        );
        <::nnsight::Port<
            (Batch, Head<C>, Seq, Key),
        > as ::nnsight::Boundary>::describe(
            &::std::format!("{}.weights", prefix),
            ports,
        );
    }
    fn nodes(values: Self::Values, nodes: &mut ::std::vec::Vec<::nnsight::ValueRef>) {
        <::nnsight::Port<
            (Batch, Seq, Hidden<C>),
        > as ::nnsight::Boundary>::nodes(values.context, nodes);
        <::nnsight::Port<
            (Batch, Head<C>, Seq, Key),
        > as ::nnsight::Boundary>::nodes(values.weights, nodes);
    }
    fn values(
        nodes: &mut dyn ::core::iter::Iterator<Item = ::nnsight::ValueRef>,
    ) -> Self::Values {
        AttnOutValues {
            context: <::nnsight::Port<
                (Batch, Seq, Hidden<C>),
            > as ::nnsight::Boundary>::values(nodes),
            weights: <::nnsight::Port<
                (Batch, Head<C>, Seq, Key),
            > as ::nnsight::Boundary>::values(nodes),
            __marker: ::core::marker::PhantomData,
        }
    }
}
const _: () = {
    #[allow(dead_code, non_snake_case, clippy::type_complexity)]
    impl<C: Gpt2Config> AttnOut<C> {
        fn __nnsight_context(
            tensor: Tensor<3>,
        ) -> <::nnsight::Port<(Batch, Seq, Hidden<C>)> as ::nnsight::Boundary>::Tensors {
            tensor
        }
        fn __nnsight_weights(
            tensor: Tensor<4>,
        ) -> <::nnsight::Port<
            (Batch, Head<C>, Seq, Key),
        > as ::nnsight::Boundary>::Tensors {
            tensor
        }
    }
};
