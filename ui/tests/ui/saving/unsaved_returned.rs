// A value that was not saved is returned: nnsight gives an object without a value.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {

        m.output
    });
}
