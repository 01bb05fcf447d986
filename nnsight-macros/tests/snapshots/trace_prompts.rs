fn main() {
    let result = {
        const _: () = ::nnsight::__private::check::order(
            (
                &[
                    ::nnsight::__private::check::into(
                        &<<Gpt2 as ::nnsight::Inspectable>::Sites as ::nnsight::SiteTree>::SITES,
                        "transformer",
                    ),
                    ::nnsight::__private::check::into(
                        &<<Gpt2 as ::nnsight::Inspectable>::Sites as ::nnsight::SiteTree>::SITES
                            .transformer,
                        "wte",
                    ),
                    ::nnsight::__private::check::end(
                        &<<Gpt2 as ::nnsight::Inspectable>::Sites as ::nnsight::SiteTree>::SITES
                            .transformer
                            .wte,
                    ),
                ],
                ::nnsight::End::Output,
                "blank.transformer.wte.output",
            ),
            (
                &[
                    ::nnsight::__private::check::into(
                        &<<Gpt2 as ::nnsight::Inspectable>::Sites as ::nnsight::SiteTree>::SITES,
                        "transformer",
                    ),
                    ::nnsight::__private::check::into(
                        &<<Gpt2 as ::nnsight::Inspectable>::Sites as ::nnsight::SiteTree>::SITES
                            .transformer,
                        "h",
                    ),
                    ::nnsight::__private::check::item_at(
                        &<<Gpt2 as ::nnsight::Inspectable>::Sites as ::nnsight::SiteTree>::SITES
                            .transformer
                            .h,
                        -1,
                    ),
                    ::nnsight::__private::check::end(
                        &::nnsight::__private::check::item(
                            &<<Gpt2 as ::nnsight::Inspectable>::Sites as ::nnsight::SiteTree>::SITES
                                .transformer
                                .h,
                        ),
                    ),
                ],
                ::nnsight::End::Output,
                "clean.transformer.h[-1].output",
            ),
            2,
        );
        const _: () = ::nnsight::__private::check::layer(
            &<<Gpt2 as ::nnsight::Inspectable>::Sites as ::nnsight::SiteTree>::SITES
                .transformer
                .h,
            -1,
            "clean.transformer.h",
        );
        #[allow(unused_imports)]
        use ::nnsight::__private::Write as _;
        lm.trace_body(
            ::core::marker::PhantomData::<Gpt2>,
            |t| {
                let clean = t.invoke("The Eiffel Tower is in the city of");
                let blank = t.invoke("_ _ _ _ _ _ _ _ _ _");
                blank
                    .transformer
                    .wte
                    .output
                    .set(
                        ::nnsight::__private::Read::read(
                            clean.transformer.h.at(-1).output,
                        ),
                    );
                for block in blank.transformer.h {
                    match block.mlp.output {
                        site => {
                            match (.., -1i64, ..) {
                                index => {
                                    site.set_at(
                                        ::core::clone::Clone::clone(&index),
                                        ::nnsight::__private::Read::read(site)
                                            .at(::core::clone::Clone::clone(&index)) + steer,
                                    )
                                }
                            }
                        }
                    };
                }
                (
                    ::nnsight::__private::Read::read(clean.lm_head.output)
                        .argmax(Vocab)
                        .save(),
                    ::nnsight::__private::Read::read(blank.lm_head.output)
                        .argmax(Vocab)
                        .save(),
                )
            },
        )
    };
}
