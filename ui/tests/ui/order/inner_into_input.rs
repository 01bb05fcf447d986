// A value from inside a module written into the module's input.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.blocks[1].input = m.blocks[1].mix.output;
        m.output.save()
    });
}
