// A misspelt name in a path that is also checked for its index: one mistake, one error.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        m.layer7.output[.., 3] = 0.0;
        m.output.save()
    });
}
