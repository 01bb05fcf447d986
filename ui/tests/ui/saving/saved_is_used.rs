// What is saved is a tensor when the trace is over, not in it.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        let saved = m.layer1.output.save();
        let total = saved.sum();
        m.output.save()
    });
}
