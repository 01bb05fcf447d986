fn main() {
    let result = {
        const _: () = ::nnsight::__private::check::order(
            (
                &[
                    ::nnsight::__private::check::into(
                        &<<TinyNet as ::nnsight::Inspectable>::Sites as ::nnsight::SiteTree>::SITES,
                        "layer2",
                    ),
                    ::nnsight::__private::check::end(
                        &<<TinyNet as ::nnsight::Inspectable>::Sites as ::nnsight::SiteTree>::SITES
                            .layer2,
                    ),
                ],
                ::nnsight::End::Input,
                "m.layer2.input",
            ),
            (
                &[
                    ::nnsight::__private::check::into(
                        &<<TinyNet as ::nnsight::Inspectable>::Sites as ::nnsight::SiteTree>::SITES,
                        "layer1",
                    ),
                    ::nnsight::__private::check::end(
                        &<<TinyNet as ::nnsight::Inspectable>::Sites as ::nnsight::SiteTree>::SITES
                            .layer1,
                    ),
                ],
                ::nnsight::End::Output,
                "m.layer1.output",
            ),
            1,
        );
        const _: () = ::nnsight::__private::check::index(
            &<<TinyNet as ::nnsight::Inspectable>::Sites as ::nnsight::SiteTree>::SITES
                .output,
            1,
            1,
            "m.output",
        );
        #[allow(unused_imports)]
        use ::nnsight::__private::Write as _;
        net.trace(
            input,
            |m: <TinyNet as ::nnsight::Inspectable>::Sites| {
                let hidden = ::nnsight::__private::Read::read(m.layer1.output) * 2.0;
                m.layer2.input.set(hidden);
                let first = ::nnsight::__private::Read::read(m.output)
                    .at((.., 0i64))
                    .sum()
                    .backward();
                let second = ::nnsight::__private::Read::read(m.output)
                    .at((.., 1i64))
                    .sum()
                    .backward();
                first.grad(hidden).set_at((.., 0i64), 0.0);
                (
                    ::nnsight::__private::Read::read(first.grad(hidden)).save(),
                    ::nnsight::__private::Read::read(
                            second
                                .grad(::nnsight::__private::Read::read(m.layer1.output)),
                        )
                        .save(),
                    ::nnsight::__private::Read::read(
                            second.parameter_grad(m.layer1.weight),
                        )
                        .save(),
                    first.parameter_grads(),
                )
            },
        )
    };
}
