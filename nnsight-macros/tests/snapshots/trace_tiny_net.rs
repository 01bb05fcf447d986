fn main() {
    let result = {
        #[allow(unused_imports)]
        use ::nnsight::__private::Write as _;
        net.trace(
            input,
            |m: <TinyNet as ::nnsight::Inspectable>::Sites| {
                let before = ::nnsight::__private::Read::read(m.layer1.output);
                m.layer1.output.set_at((.., 0i64), 0.0);
                match m.layer2.input {
                    site => site.set(::nnsight::__private::Read::read(site) * 2.0),
                };
                let after = ::nnsight::__private::Read::read(m.layer1.output);
                (before.save(), after.save(), after.argmax(Hidden).save())
            },
        )
    };
}
