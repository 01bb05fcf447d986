// Two axes of one name.
use nnsight::prelude::*;

axes! {
    Batch;
    Hidden = 10;
    Batch = 3;
}

fn main() {}
