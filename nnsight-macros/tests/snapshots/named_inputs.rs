/// The sites of [`AttentionInputs`].
#[allow(dead_code, private_interfaces, clippy::type_complexity)]
pub struct AttentionInputsSites {
    /// The part `query`.
    pub query: ::nnsight::Site<(Batch, Seq)>,
    /// The part `key`.
    pub key: ::nnsight::Site<(Batch, Key), ::nnsight::__private::burn::tensor::Bool>,
}
#[automatically_derived]
impl ::core::clone::Clone for AttentionInputsSites {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl ::core::marker::Copy for AttentionInputsSites {}
/// Names the inputs.
#[doc(hidden)]
#[allow(dead_code)]
pub struct AttentionInputs {}
#[automatically_derived]
#[allow(clippy::type_complexity)]
impl ::nnsight::Boundary for AttentionInputs {
    type Sites = AttentionInputsSites;
    type Values = (
        ::nnsight::Value<(Batch, Seq)>,
        ::nnsight::Value<(Batch, Key), ::nnsight::__private::burn::tensor::Bool>,
    );
    type Tensors = (
        <::nnsight::Port<(Batch, Seq)> as ::nnsight::Boundary>::Tensors,
        <::nnsight::Port<
            (Batch, Key),
            ::nnsight::__private::burn::tensor::Bool,
        > as ::nnsight::Boundary>::Tensors,
    );
    type Last = ::nnsight::Entries;
    const PORTS: u8 = 0 + <::nnsight::Port<(Batch, Seq)> as ::nnsight::Boundary>::PORTS
        + <::nnsight::Port<
            (Batch, Key),
            ::nnsight::__private::burn::tensor::Bool,
        > as ::nnsight::Boundary>::PORTS;
    const SITES: Self::Sites = AttentionInputsSites {
        query: <::nnsight::Port<(Batch, Seq)> as ::nnsight::Boundary>::SITES,
        key: <::nnsight::Port<
            (Batch, Key),
            ::nnsight::__private::burn::tensor::Bool,
        > as ::nnsight::Boundary>::SITES,
    };
    fn sites(at: ::nnsight::Handle, end: ::nnsight::End, first: u8) -> Self::Sites {
        let mut next = first;
        let mut take = |ports: u8| {
            next += ports;
            next - ports
        };
        AttentionInputsSites {
            query: <::nnsight::Port<
                (Batch, Seq),
            > as ::nnsight::Boundary>::sites(
                at,
                end,
                take(<::nnsight::Port<(Batch, Seq)> as ::nnsight::Boundary>::PORTS),
            ),
            key: <::nnsight::Port<
                (Batch, Key),
                ::nnsight::__private::burn::tensor::Bool,
            > as ::nnsight::Boundary>::sites(
                at,
                end,
                take(
                    <::nnsight::Port<
                        (Batch, Key),
                        ::nnsight::__private::burn::tensor::Bool,
                    > as ::nnsight::Boundary>::PORTS,
                ),
            ),
        }
    }
    fn describe(
        prefix: &str,
        ports: &mut ::std::vec::Vec<::nnsight::boundary::PortMeta>,
    ) {
        <::nnsight::Port<
            (Batch, Seq),
        > as ::nnsight::Boundary>::describe(&::std::format!("{}.query", prefix), ports);
        <::nnsight::Port<
            (Batch, Key),
            ::nnsight::__private::burn::tensor::Bool,
        > as ::nnsight::Boundary>::describe(&::std::format!("{}.key", prefix), ports);
    }
    fn nodes(values: Self::Values, nodes: &mut ::std::vec::Vec<::nnsight::ValueRef>) {
        <::nnsight::Port<(Batch, Seq)> as ::nnsight::Boundary>::nodes(values.0, nodes);
        <::nnsight::Port<
            (Batch, Key),
            ::nnsight::__private::burn::tensor::Bool,
        > as ::nnsight::Boundary>::nodes(values.1, nodes);
    }
    fn values(
        nodes: &mut dyn ::core::iter::Iterator<Item = ::nnsight::ValueRef>,
    ) -> Self::Values {
        (
            <::nnsight::Port<(Batch, Seq)> as ::nnsight::Boundary>::values(nodes),
            <::nnsight::Port<
                (Batch, Key),
                ::nnsight::__private::burn::tensor::Bool,
            > as ::nnsight::Boundary>::values(nodes),
        )
    }
}
/// The sites of [`Attention`]: what a trace names to read it and to change it.
#[allow(dead_code, private_interfaces, clippy::type_complexity)]
pub struct AttentionSites {
    /// What goes in.
    pub inputs: <AttentionInputs as ::nnsight::Boundary>::Sites,
    /// What comes out.
    pub output: ::nnsight::Site<(Batch,)>,
    __at: ::nnsight::Handle,
}
#[automatically_derived]
impl ::core::clone::Clone for AttentionSites {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl ::core::marker::Copy for AttentionSites {}
#[automatically_derived]
impl ::nnsight::SiteTree for AttentionSites {
    const SITES: Self = AttentionSites {
        inputs: <AttentionInputs as ::nnsight::Boundary>::SITES,
        output: <::nnsight::Port<(Batch,)> as ::nnsight::Boundary>::SITES,
        __at: ::nnsight::Handle::NOWHERE,
    };
    const ORDER: ::nnsight::Order = <Attention as ::nnsight::Forward>::ORDER;
    const FIELDS: ::nnsight::__private::Fields = &[];
    fn at(at: ::nnsight::Handle, _: &::nnsight::Tree) -> Self {
        AttentionSites {
            inputs: <AttentionInputs as ::nnsight::Boundary>::sites(
                at,
                ::nnsight::End::Input,
                0,
            ),
            output: <::nnsight::Port<
                (Batch,),
            > as ::nnsight::Boundary>::sites(at, ::nnsight::End::Output, 0),
            __at: at,
        }
    }
    fn handle(self) -> ::nnsight::Handle {
        self.__at
    }
}
#[allow(dead_code, private_interfaces, clippy::type_complexity)]
impl AttentionSites {
    /// The same module at another of its calls in one run, counted from 0.
    pub fn call_idx(self, call: u32) -> Self {
        ::nnsight::__private::at_call(self.__at, call, self)
    }
    /// Runs the module on values. Its sites are not touched by that.
    #[track_caller]
    pub fn call(
        self,
        values: <AttentionInputs as ::nnsight::Boundary>::Values,
    ) -> ::nnsight::Value<(Batch,)> {
        ::nnsight::__private::call_module::<
            AttentionInputs,
            ::nnsight::Port<(Batch,)>,
        >(self.__at, values)
    }
}
#[automatically_derived]
#[allow(clippy::type_complexity)]
impl ::nnsight::Inspectable for Attention {
    type Sites = AttentionSites;
    fn describe(&self, tree: &mut ::nnsight::TreeBuilder) {
        tree.module::<Self>(self, ::nnsight::Effect::None);
        tree.order(
            <Self::Sites as ::nnsight::SiteTree>::ORDER,
            <Self::Sites as ::nnsight::SiteTree>::FIELDS,
        );
        tree.boundary::<AttentionInputs, ::nnsight::Port<(Batch,)>>();
    }
    fn call_at(
        &self,
        path: &[u32],
        tensors: ::std::vec::Vec<::nnsight::Erased>,
    ) -> ::nnsight::Result<::std::vec::Vec<::nnsight::Erased>> {
        match path {
            [] => {
                let args = ::nnsight::Carrier::from_tensors(&mut tensors.into_iter())?;
                let mut out = ::std::vec::Vec::new();
                ::nnsight::Carrier::take_tensors(
                    <Attention as ::nnsight::Forward>::forward_args(self, args),
                    &mut out,
                );
                ::core::result::Result::Ok(out)
            }
            _ => ::core::result::Result::Err(::nnsight::Error::NotCallable),
        }
    }
}
#[automatically_derived]
impl ::nnsight::__private::Shaped for Attention {}
#[automatically_derived]
#[allow(clippy::type_complexity)]
impl ::nnsight::__private::DeclaredBoundary for Attention {
    type Input = AttentionInputs;
    type Output = ::nnsight::Port<(Batch,)>;
}
