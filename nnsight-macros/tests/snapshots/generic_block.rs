/// The sites of [`Block`]: what a trace names to read it and to change it.
#[allow(dead_code, private_interfaces, clippy::type_complexity)]
struct BlockSites<C: Gpt2Config, const HEADS: usize>
where
    C: Clone,
{
    /// What goes in.
    pub inputs: (
        ::nnsight::Site<(Batch, Seq, Hidden<C>)>,
        ::nnsight::Site<(Batch, Seq), ::nnsight::__private::burn::tensor::Bool>,
    ),
    /// What comes out.
    pub output: (
        <AttnOut<C> as ::nnsight::Boundary>::Sites,
        ::nnsight::Site<(Batch, Seq, Hidden<C>)>,
    ),
    /// Attention probabilities.
    pub pattern: <Probe<(Batch, Head<C>, Seq, Key)> as ::nnsight::Inspectable>::Sites,
    /// The module `heads`.
    pub heads: <Vec<AttnHead<C>> as ::nnsight::Inspectable>::Sites,
    /// The module `proj`.
    pub proj: <Linear as ::nnsight::__private::Declared<
        ::nnsight::Port<(Batch, Seq, Hidden<C>)>,
        ::nnsight::Port<(Batch, Seq, Mlp<C>)>,
    >>::Sites,
    __at: ::nnsight::Handle,
    __marker: ::core::marker::PhantomData<fn() -> (C,)>,
}
#[automatically_derived]
impl<C: Gpt2Config, const HEADS: usize> ::core::clone::Clone for BlockSites<C, HEADS>
where
    C: Clone,
{
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl<C: Gpt2Config, const HEADS: usize> ::core::marker::Copy for BlockSites<C, HEADS>
where
    C: Clone,
{}
#[automatically_derived]
impl<C: Gpt2Config, const HEADS: usize> ::nnsight::SiteTree for BlockSites<C, HEADS>
where
    C: Clone,
{
    const SITES: Self = BlockSites {
        inputs: <(
            ::nnsight::Port<(Batch, Seq, Hidden<C>)>,
            ::nnsight::Port<(Batch, Seq), ::nnsight::__private::burn::tensor::Bool>,
        ) as ::nnsight::Boundary>::SITES,
        output: <(
            AttnOut<C>,
            ::nnsight::Port<(Batch, Seq, Hidden<C>)>,
        ) as ::nnsight::Boundary>::SITES,
        pattern: <<Probe<
            (Batch, Head<C>, Seq, Key),
        > as ::nnsight::Inspectable>::Sites as ::nnsight::SiteTree>::SITES,
        heads: ::nnsight::List::constant(
            ::core::option::Option::Some(Self::__HEADS_LEN),
        ),
        proj: <<Linear as ::nnsight::__private::Declared<
            ::nnsight::Port<(Batch, Seq, Hidden<C>)>,
            ::nnsight::Port<(Batch, Seq, Mlp<C>)>,
        >>::Sites as ::nnsight::SiteTree>::SITES,
        __at: ::nnsight::Handle::NOWHERE,
        __marker: ::core::marker::PhantomData,
    };
    const ORDER: ::nnsight::Order = <Block<C, HEADS> as ::nnsight::Forward>::ORDER;
    const FIELDS: ::nnsight::__private::Fields = &[
        ("pattern", "pattern"),
        ("heads", "heads"),
        ("output", "proj"),
        ("activation", ""),
        ("dropout", ""),
    ];
    fn at(at: ::nnsight::Handle, tree: &::nnsight::Tree) -> Self {
        BlockSites {
            inputs: <(
                ::nnsight::Port<(Batch, Seq, Hidden<C>)>,
                ::nnsight::Port<(Batch, Seq), ::nnsight::__private::burn::tensor::Bool>,
            ) as ::nnsight::Boundary>::sites(at, ::nnsight::End::Input, 0),
            output: <(
                AttnOut<C>,
                ::nnsight::Port<(Batch, Seq, Hidden<C>)>,
            ) as ::nnsight::Boundary>::sites(at, ::nnsight::End::Output, 0),
            pattern: <<Probe<
                (Batch, Head<C>, Seq, Key),
            > as ::nnsight::Inspectable>::Sites as ::nnsight::SiteTree>::at(
                at.child(tree, 0usize),
                tree,
            ),
            heads: <<Vec<
                AttnHead<C>,
            > as ::nnsight::Inspectable>::Sites as ::nnsight::SiteTree>::at(
                at.child(tree, 1usize),
                tree,
            ),
            proj: <<Linear as ::nnsight::__private::Declared<
                ::nnsight::Port<(Batch, Seq, Hidden<C>)>,
                ::nnsight::Port<(Batch, Seq, Mlp<C>)>,
            >>::Sites as ::nnsight::SiteTree>::at(at.child(tree, 2usize), tree),
            __at: at,
            __marker: ::core::marker::PhantomData,
        }
    }
    fn handle(self) -> ::nnsight::Handle {
        self.__at
    }
}
#[allow(dead_code, private_interfaces, clippy::type_complexity)]
impl<C: Gpt2Config, const HEADS: usize> BlockSites<C, HEADS>
where
    C: Clone,
{
    const __HEADS_LEN: usize = HEADS;
    /// The same module at another of its calls in one run, counted from 0.
    pub fn call_idx(self, call: u32) -> Self {
        ::nnsight::__private::at_call(self.__at, call, self)
    }
    /// Runs the module on values. Its sites are not touched by that.
    #[track_caller]
    pub fn call(
        self,
        values: (
            ::nnsight::Value<(Batch, Seq, Hidden<C>)>,
            ::nnsight::Value<(Batch, Seq), ::nnsight::__private::burn::tensor::Bool>,
        ),
    ) -> (
        <AttnOut<C> as ::nnsight::Boundary>::Values,
        ::nnsight::Value<(Batch, Seq, Hidden<C>)>,
    ) {
        ::nnsight::__private::call_module::<
            (
                ::nnsight::Port<(Batch, Seq, Hidden<C>)>,
                ::nnsight::Port<(Batch, Seq), ::nnsight::__private::burn::tensor::Bool>,
            ),
            (AttnOut<C>, ::nnsight::Port<(Batch, Seq, Hidden<C>)>),
        >(self.__at, values)
    }
}
#[automatically_derived]
#[allow(clippy::type_complexity)]
impl<C: Gpt2Config, const HEADS: usize> ::nnsight::Inspectable for Block<C, HEADS>
where
    C: Clone,
{
    type Sites = BlockSites<C, HEADS>;
    fn describe(&self, tree: &mut ::nnsight::TreeBuilder) {
        tree.module::<
                Self,
            >(
            self,
            {
                #[allow(unused_imports)]
                use ::nnsight::__private::HeldUnknown as _;
                ::nnsight::Effect::None
                    .max(<::nnsight::__private::Held<Activation>>::EFFECT)
                    .max(<::nnsight::__private::Held<f64>>::EFFECT)
            },
        );
        tree.order(
            <Self::Sites as ::nnsight::SiteTree>::ORDER,
            <Self::Sites as ::nnsight::SiteTree>::FIELDS,
        );
        tree.boundary::<
                (
                    ::nnsight::Port<(Batch, Seq, Hidden<C>)>,
                    ::nnsight::Port<
                        (Batch, Seq),
                        ::nnsight::__private::burn::tensor::Bool,
                    >,
                ),
                (AttnOut<C>, ::nnsight::Port<(Batch, Seq, Hidden<C>)>),
            >();
        tree.same_size(<Key as ::nnsight::Axis>::META, <Seq as ::nnsight::Axis>::META);
        ::nnsight::__private::shaped::<Probe<(Batch, Head<C>, Seq, Key)>>(&self.pattern);
        tree.child(
            "pattern",
            |tree| <Probe<
                (Batch, Head<C>, Seq, Key),
            > as ::nnsight::Inspectable>::describe(&self.pattern, tree),
        );
        ::nnsight::__private::shaped::<Vec<AttnHead<C>>>(&self.heads);
        tree.child(
            "heads",
            |tree| <Vec<
                AttnHead<C>,
            > as ::nnsight::Inspectable>::describe(&self.heads, tree),
        );
        tree.declared_len(<BlockSites<C, HEADS>>::__HEADS_LEN);
        tree.child(
            "proj",
            |tree| {
                tree.renamed_from("output");
                <Linear as ::nnsight::__private::Declared<
                    ::nnsight::Port<(Batch, Seq, Hidden<C>)>,
                    ::nnsight::Port<(Batch, Seq, Mlp<C>)>,
                >>::describe(&self.output, tree);
            },
        );
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
                    <Block<C, HEADS> as ::nnsight::Forward>::forward_args(self, args),
                    &mut out,
                );
                ::core::result::Result::Ok(out)
            }
            [0, path @ ..] => {
                <Probe<
                    (Batch, Head<C>, Seq, Key),
                > as ::nnsight::Inspectable>::call_at(&self.pattern, path, tensors)
            }
            [1, path @ ..] => {
                <Vec<
                    AttnHead<C>,
                > as ::nnsight::Inspectable>::call_at(&self.heads, path, tensors)
            }
            [2, path @ ..] => {
                <Linear as ::nnsight::__private::Fits<
                    ::nnsight::Port<(Batch, Seq, Hidden<C>)>,
                    ::nnsight::Port<(Batch, Seq, Mlp<C>)>,
                >>::call_at(&self.output, path, tensors)
            }
            _ => ::core::result::Result::Err(::nnsight::Error::NotCallable),
        }
    }
}
#[automatically_derived]
impl<C: Gpt2Config, const HEADS: usize> ::nnsight::__private::Shaped for Block<C, HEADS>
where
    C: Clone,
{}
#[automatically_derived]
#[allow(clippy::type_complexity)]
impl<C: Gpt2Config, const HEADS: usize> ::nnsight::__private::DeclaredBoundary
for Block<C, HEADS>
where
    C: Clone,
{
    type Input = (
        ::nnsight::Port<(Batch, Seq, Hidden<C>)>,
        ::nnsight::Port<(Batch, Seq), ::nnsight::__private::burn::tensor::Bool>,
    );
    type Output = (AttnOut<C>, ::nnsight::Port<(Batch, Seq, Hidden<C>)>);
}
