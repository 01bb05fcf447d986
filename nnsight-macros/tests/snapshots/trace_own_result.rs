fn main() {
    let result = net
        .trace(
            input,
            |m: <TinyNet as ::nnsight::Inspectable>::Sites| {
                let by: f32 = number.parse()?;
                Ok::<
                    _,
                    ParseFloatError,
                >((::nnsight::__private::Read::read(m.layer1.output) * by).save())
            },
        );
}
