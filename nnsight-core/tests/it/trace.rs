//! A trace reads and writes.

use crate::support::*;

#[test]
fn an_edit_is_seen_downstream() {
    let (hidden, out) = trace!(tiny_net(), input(), |m: TinyNet| {
        m.layer1.output[.., 2] = 0.0;
        (m.layer1.output.save(), m.output.save())
    })
    .expect("it runs");
    assert_eq!(rows(hidden), [1.0, 2.0, 0.0, 3.0, 4.0, 0.0]);
    assert_eq!(rows(out), [1.0, 2.0, 3.0, 4.0]);
}
