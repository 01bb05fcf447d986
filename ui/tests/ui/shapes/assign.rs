// A value of another shape written into a site.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.layer2.output = m.layer1.output;
        m.output.save()
    });
}
