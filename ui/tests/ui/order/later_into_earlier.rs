// A later value written into an earlier site: nnsight deadlocks or reports a value that was never provided.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.layer1.output = m.blocks[0].output;
        m.output.save()
    });
}
