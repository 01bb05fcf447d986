// A misspelt option of the attribute.
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
    #[inspect(skipp)]
    layer: Linear,
}

#[inspectable]
impl Net {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.layer.forward(x)
    }
}

fn main() {}
