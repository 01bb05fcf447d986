fn main() {
    let result = {
        #[allow(unused_imports)]
        use ::nnsight::__private::Write as _;
        #[deprecated(
            note = "this trace saves nothing: return what you want to keep, as `value.save()`"
        )]
        const fn trace_without_result() {}
        trace_without_result();
        net.trace(
            input,
            |m: <TinyNet as ::nnsight::Inspectable>::Sites| {
                m.layer1.output.set(0.0);
            },
        )
    };
}
