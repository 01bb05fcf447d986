// The same, of what a function of the user's makes of values.
include!("../model.rs");

fn largest(h: Value<(Batch, Hidden)>) -> Value<()> {
    h.max()
}

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        if largest(m.layer1.output) >= 3.0 {
            m.layer1.output = 0.0;
        }
        m.output.save()
    });
}
