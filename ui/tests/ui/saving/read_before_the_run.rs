// Reading numbers before the model has run.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        let first = m.output.into_data();
        m.output.save()
    });
}
