fn main() {
    let result = match net
        .trace(
            input,
            |
                m: <TinyNet as ::nnsight::Inspectable>::Sites,
            | -> ::core::result::Result<
                _,
                ::nnsight::__private::Stop<
                    _,
                    ::nnsight::__private::Stop<_, ::core::convert::Infallible>,
                >,
            > {
                ::core::result::Result::Ok({
                    let by: f32 = match number.parse() {
                        asked => {
                            match ::nnsight::__private::question(asked) {
                                ::core::result::Result::Ok(value) => value,
                                ::core::result::Result::Err(residual) => {
                                    return ::core::result::Result::Err(
                                        ::nnsight::__private::Stop::Here(residual),
                                    );
                                }
                            }
                        }
                    };
                    let all = numbers
                        .iter()
                        .map(|number| Ok(number.parse::<f32>()?))
                        .collect::<Vec<_>>();
                    if all.is_empty() {
                        return ::core::result::Result::Ok(
                            ::nnsight::__private::Read::read(m.input).save(),
                        );
                    }
                    (::nnsight::__private::Read::read(m.layer1.output)
                        .at((
                            ..,
                            match at {
                                asked => {
                                    match ::nnsight::__private::question(asked) {
                                        ::core::result::Result::Ok(value) => value,
                                        ::core::result::Result::Err(residual) => {
                                            return ::core::result::Result::Err(
                                                ::nnsight::__private::Stop::Later(
                                                    ::nnsight::__private::Stop::Here(residual),
                                                ),
                                            );
                                        }
                                    }
                                }
                            },
                        )) * by)
                        .save()
                })
            },
        )
    {
        ::core::result::Result::Ok(::core::result::Result::Ok(kept)) => {
            ::core::result::Result::Ok(kept)
        }
        ::core::result::Result::Ok(
            ::core::result::Result::Err(
                ::nnsight::__private::Stop::Here(__nnsight_residual),
            ),
        ) => match __nnsight_residual? {}
        ::core::result::Result::Ok(
            ::core::result::Result::Err(
                ::nnsight::__private::Stop::Later(
                    ::nnsight::__private::Stop::Here(__nnsight_residual),
                ),
            ),
        ) => match __nnsight_residual? {}
        ::core::result::Result::Err(error) => ::core::result::Result::Err(error),
    };
}
