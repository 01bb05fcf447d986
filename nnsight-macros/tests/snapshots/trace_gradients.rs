fn main() {
    let result = {
        const _: () = ::nnsight::__private::check::slice(
            &<<TinyNet as ::nnsight::Inspectable>::Sites as ::nnsight::SiteTree>::SITES
                .layer2
                .output,
            1,
            2,
            "m.layer2.output",
        );
        const _: () = ::nnsight::__private::check::slice(
            &<<TinyNet as ::nnsight::Inspectable>::Sites as ::nnsight::SiteTree>::SITES
                .layer2
                .output,
            1,
            4,
            "m.layer2.output",
        );
        net.trace(
            input,
            |m: <TinyNet as ::nnsight::Inspectable>::Sites| {
                m.layer1.output.grad().set(0.0);
                match m.layer2.output.grad() {
                    site => {
                        match (.., 2i64..4i64) {
                            index => {
                                ::core::convert::identity(site)
                                    .set_at(
                                        ::core::clone::Clone::clone(&index),
                                        ::nnsight::__private::Read::read(site)
                                            .at(::core::clone::Clone::clone(&index)) * 2.0,
                                    )
                            }
                        }
                    }
                };
                ::nnsight::__private::Read::read(m.output).sum().backward();
                (
                    ::nnsight::__private::Read::read(m.layer1.output.grad()).save(),
                    ::nnsight::__private::Read::read(m.layer2.output.grad()).save(),
                )
            },
        )
    };
}
