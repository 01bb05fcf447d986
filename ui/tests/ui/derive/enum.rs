// An enum has no fields to walk.
use burn::nn::Linear;
use nnsight::prelude::*;

axes! {
    Batch;
    Features = 5;
    Hidden = 10;
}

#[derive(Module, Debug, Inspectable)]
enum Net {
    One(Linear),
}

fn main() {}
