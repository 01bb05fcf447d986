fn main() {
    let result = {
        const _: () = ::core::panic!(
            "m.layer1.output.grad is asked for, but nothing in this trace calls backward(): write `loss.backward();`"
        );
        net.trace(
            input,
            |m: <TinyNet as ::nnsight::Inspectable>::Sites| (
                ::nnsight::__private::Read::read(m.layer1.output.grad()).save(),
                ::nnsight::__private::Read::read(m.layer1.weight.grad()).save(),
            ),
        )
    };
}
