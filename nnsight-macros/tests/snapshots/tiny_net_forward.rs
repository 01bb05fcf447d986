impl TinyNet {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        ::nnsight::__private::call(
            &self.layer2,
            ::core::option::Option::Some(
                ::nnsight::__private::Field::new(self, "layer2"),
            ),
            ::nnsight::__private::call(
                &self.layer1,
                ::core::option::Option::Some(
                    ::nnsight::__private::Field::new(self, "layer1"),
                ),
                x,
                |__0| self.layer1.forward(__0),
            ),
            |__0| self.layer2.forward(__0),
        )
    }
}
#[automatically_derived]
impl ::nnsight::Forward for TinyNet {
    type Args = Tensor<2>;
    type Result = Tensor<2>;
    const ORDER: ::nnsight::Order = ::nnsight::Order {
        once: &[&["layer1"], &["layer2"]],
        perhaps: &[],
        reached: &[],
    };
    #[allow(unused_variables)]
    fn forward_args(&self, args: Self::Args) -> Self::Result {
        let __0 = args;
        Self::forward(self, __0)
    }
}
const _: () = {
    #[allow(
        dead_code,
        non_snake_case,
        clippy::too_many_arguments,
        clippy::type_complexity
    )]
    impl TinyNet {
        fn __nnsight_Input(
            __0: Tensor<2>,
        ) -> <<Self as ::nnsight::__private::DeclaredBoundary>::Input as ::nnsight::Boundary>::Tensors {
            __0
        }
        fn __nnsight_Output(
            __0: Tensor<2>,
        ) -> <<Self as ::nnsight::__private::DeclaredBoundary>::Output as ::nnsight::Boundary>::Tensors {
            __0
        }
    }
};
