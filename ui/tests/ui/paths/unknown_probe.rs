// A probe that the block does not have.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.blocks[0].resid_post.output = 0.0;
        m.output.save()
    });
}
