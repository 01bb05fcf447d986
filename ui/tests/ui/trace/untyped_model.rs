// The closure must say which model it traces.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m| m.output.save());
}
