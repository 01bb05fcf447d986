// An index outside of its axis inside a loop over layers.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        for i in 0..3 {
            m.blocks[i].output[.., 12] = 0.0;
        }
        m.output.save()
    });
}
