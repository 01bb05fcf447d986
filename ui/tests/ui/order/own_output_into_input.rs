// A module's output written into its own input.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.blocks[1].input = m.blocks[1].output;
        m.output.save()
    });
}
