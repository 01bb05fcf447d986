// A field named like an accessor would hide it.
use burn::nn::Linear;
use nnsight::prelude::*;

axes! {
    Batch;
    Features = 5;
    Hidden = 10;
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Hidden))]
struct Net {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    output: Linear,
}

#[inspectable]
impl Net {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.output.forward(x)
    }
}

fn main() {}
