// nnsight's traces of several prompts: the sites are those of a prompt, or of the batch, not of the list of prompts.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), |t: TinyNet| {
        t.invoke(input());
        t.layer1.output.save()
    });
}
