impl<C: Gpt2Config, const HEADS: usize> Block<C, HEADS>
where
    C: Clone,
{
    fn forward(
        &self,
        x: Tensor<3>,
        mask: Tensor<2, Bool>,
        cache: &mut Cache,
    ) -> (AttnOut<C>, Tensor<3>) {
        #[allow(unused_imports)]
        use ::nnsight::__private::{
            HookModule as _, HookOnce as _, HookPlain as _, HookThrice as _,
            HookTwice as _,
        };
        let x = ::nnsight::__private::call(
            &self.pattern,
            ::core::option::Option::Some(
                ::nnsight::__private::Field::new(self, "pattern"),
            ),
            x,
            |__0| self.pattern.forward(__0),
        );
        for head in &self.heads {
            x = (&&&&&::nnsight::__private::Hooked(&head))
                .__nnsight_forward(
                    (x, mask.clone(), &mut *cache),
                    |(__0, __1, __2)| head.forward(__0, __1, __2),
                );
        }
        let out = (match (&self.parts().last().ok_or(Missing)?, x) {
            (__module, __args) => {
                (&&&&&::nnsight::__private::Hooked(__module))
                    .__nnsight_forward(__args, |__0| __module.forward(__0))
            }
        })?;
        (out, Linear::forward(&self.output, C::ACT.forward(x)))
    }
}
#[automatically_derived]
impl<C: Gpt2Config, const HEADS: usize> ::nnsight::Forward for Block<C, HEADS>
where
    C: Clone,
{
    type Args = (Tensor<3>, Tensor<2, Bool>, &'static mut Cache);
    type Result = (AttnOut<C>, Tensor<3>);
    const ORDER: ::nnsight::Order = ::nnsight::Order {
        once: &[&["pattern"], &["heads"]],
        perhaps: &[],
        reached: &[&[], &["output"]],
    };
    #[allow(unused_variables)]
    fn forward_args(&self, args: Self::Args) -> Self::Result {
        let (__0, __1, __2) = args;
        Self::forward(self, __0, __1, __2)
    }
}
const _: () = {
    #[allow(
        dead_code,
        non_snake_case,
        clippy::too_many_arguments,
        clippy::type_complexity
    )]
    impl<C: Gpt2Config, const HEADS: usize> Block<C, HEADS>
    where
        C: Clone,
    {
        fn __nnsight_Input(
            __0: Tensor<3>,
            __1: Tensor<2, Bool>,
        ) -> <<Self as ::nnsight::__private::DeclaredBoundary>::Input as ::nnsight::Boundary>::Tensors {
            (__0, __1)
        }
    }
};
