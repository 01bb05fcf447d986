fn main() {
    let result = lm
        .trace(
            prompt,
            |m: <Gpt2<C> as ::nnsight::Inspectable>::Sites| {
                const {
                    ::nnsight::__private::check::index(
                        &::nnsight::__private::check::item(
                                &<<Gpt2<
                                    C,
                                > as ::nnsight::Inspectable>::Sites as ::nnsight::SiteTree>::SITES
                                    .transformer
                                    .h,
                            )
                            .mlp
                            .output,
                        2,
                        3,
                        "m.transformer.h[-1].mlp.output",
                    )
                };
                const {
                    ::nnsight::__private::check::layer(
                        &<<Gpt2<
                            C,
                        > as ::nnsight::Inspectable>::Sites as ::nnsight::SiteTree>::SITES
                            .transformer
                            .h,
                        -1,
                        "m.transformer.h",
                    )
                };
                ::nnsight::__private::Read::read(m.transformer.h.at(-1).mlp.output)
                    .at((.., .., 3i64))
                    .save()
            },
        );
}
