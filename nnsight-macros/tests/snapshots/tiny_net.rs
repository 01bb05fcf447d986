/// The sites of [`TinyNet`]: what a trace names to read it and to change it.
#[allow(dead_code, private_interfaces, clippy::type_complexity)]
pub struct TinyNetSites {
    /// What goes in.
    pub input: ::nnsight::Site<(Batch, Features)>,
    /// What comes out.
    pub output: ::nnsight::Site<(Batch, Classes)>,
    /// The module `layer1`.
    pub layer1: <Linear as ::nnsight::__private::Declared<
        ::nnsight::Port<(Batch, Features)>,
        ::nnsight::Port<(Batch, Hidden)>,
    >>::Sites,
    /// The module `layer2`.
    pub layer2: <Linear as ::nnsight::__private::Declared<
        ::nnsight::Port<(Batch, Hidden)>,
        ::nnsight::Port<(Batch, Classes)>,
    >>::Sites,
    __at: ::nnsight::Handle,
}
#[automatically_derived]
impl ::core::clone::Clone for TinyNetSites {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl ::core::marker::Copy for TinyNetSites {}
#[automatically_derived]
impl ::nnsight::SiteTree for TinyNetSites {
    const SITES: Self = TinyNetSites {
        input: <::nnsight::Port<(Batch, Features)> as ::nnsight::Boundary>::SITES,
        output: <::nnsight::Port<(Batch, Classes)> as ::nnsight::Boundary>::SITES,
        layer1: <<Linear as ::nnsight::__private::Declared<
            ::nnsight::Port<(Batch, Features)>,
            ::nnsight::Port<(Batch, Hidden)>,
        >>::Sites as ::nnsight::SiteTree>::SITES,
        layer2: <<Linear as ::nnsight::__private::Declared<
            ::nnsight::Port<(Batch, Hidden)>,
            ::nnsight::Port<(Batch, Classes)>,
        >>::Sites as ::nnsight::SiteTree>::SITES,
        __at: ::nnsight::Handle::NOWHERE,
    };
    const ORDER: ::nnsight::Order = <TinyNet as ::nnsight::Forward>::ORDER;
    const FIELDS: ::nnsight::__private::Fields = &[
        ("layer1", "layer1"),
        ("layer2", "layer2"),
    ];
    fn at(at: ::nnsight::Handle, tree: &::nnsight::Tree) -> Self {
        TinyNetSites {
            input: <::nnsight::Port<
                (Batch, Features),
            > as ::nnsight::Boundary>::sites(at, ::nnsight::End::Input, 0),
            output: <::nnsight::Port<
                (Batch, Classes),
            > as ::nnsight::Boundary>::sites(at, ::nnsight::End::Output, 0),
            layer1: <<Linear as ::nnsight::__private::Declared<
                ::nnsight::Port<(Batch, Features)>,
                ::nnsight::Port<(Batch, Hidden)>,
            >>::Sites as ::nnsight::SiteTree>::at(at.child(tree, 0usize), tree),
            layer2: <<Linear as ::nnsight::__private::Declared<
                ::nnsight::Port<(Batch, Hidden)>,
                ::nnsight::Port<(Batch, Classes)>,
            >>::Sites as ::nnsight::SiteTree>::at(at.child(tree, 1usize), tree),
            __at: at,
        }
    }
    fn handle(self) -> ::nnsight::Handle {
        self.__at
    }
}
#[allow(dead_code, private_interfaces, clippy::type_complexity)]
impl TinyNetSites {
    /// The same module at another of its calls in one run, counted from 0.
    pub fn call_idx(self, call: u32) -> Self {
        ::nnsight::__private::at_call(self.__at, call, self)
    }
    /// Runs the module on values. Its sites are not touched by that.
    #[track_caller]
    pub fn call(
        self,
        values: ::nnsight::Value<(Batch, Features)>,
    ) -> ::nnsight::Value<(Batch, Classes)> {
        ::nnsight::__private::call_module::<
            ::nnsight::Port<(Batch, Features)>,
            ::nnsight::Port<(Batch, Classes)>,
        >(self.__at, values)
    }
}
#[automatically_derived]
#[allow(clippy::type_complexity)]
impl ::nnsight::Inspectable for TinyNet {
    type Sites = TinyNetSites;
    fn describe(&self, tree: &mut ::nnsight::TreeBuilder) {
        tree.module::<Self>(self, ::nnsight::Effect::None);
        tree.order(
            <Self::Sites as ::nnsight::SiteTree>::ORDER,
            <Self::Sites as ::nnsight::SiteTree>::FIELDS,
        );
        tree.boundary::<
                ::nnsight::Port<(Batch, Features)>,
                ::nnsight::Port<(Batch, Classes)>,
            >();
        tree.child(
            "layer1",
            |tree| <Linear as ::nnsight::__private::Declared<
                ::nnsight::Port<(Batch, Features)>,
                ::nnsight::Port<(Batch, Hidden)>,
            >>::describe(&self.layer1, tree),
        );
        tree.child(
            "layer2",
            |tree| <Linear as ::nnsight::__private::Declared<
                ::nnsight::Port<(Batch, Hidden)>,
                ::nnsight::Port<(Batch, Classes)>,
            >>::describe(&self.layer2, tree),
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
                    <TinyNet as ::nnsight::Forward>::forward_args(self, args),
                    &mut out,
                );
                ::core::result::Result::Ok(out)
            }
            [0, path @ ..] => {
                <Linear as ::nnsight::__private::Fits<
                    ::nnsight::Port<(Batch, Features)>,
                    ::nnsight::Port<(Batch, Hidden)>,
                >>::call_at(&self.layer1, path, tensors)
            }
            [1, path @ ..] => {
                <Linear as ::nnsight::__private::Fits<
                    ::nnsight::Port<(Batch, Hidden)>,
                    ::nnsight::Port<(Batch, Classes)>,
                >>::call_at(&self.layer2, path, tensors)
            }
            _ => ::core::result::Result::Err(::nnsight::Error::NotCallable),
        }
    }
}
#[automatically_derived]
impl ::nnsight::__private::Shaped for TinyNet {}
#[automatically_derived]
#[allow(clippy::type_complexity)]
impl ::nnsight::__private::DeclaredBoundary for TinyNet {
    type Input = ::nnsight::Port<(Batch, Features)>;
    type Output = ::nnsight::Port<(Batch, Classes)>;
}
