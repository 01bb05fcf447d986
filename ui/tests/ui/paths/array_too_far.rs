// An array says its length by its type: no `len = ..` is needed.
use burn::nn::Linear;
use nnsight::prelude::*;

axes! {
    Batch;
    Width = 4;
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Width) -> (Batch, Width))]
struct Net {
    #[inspect((Batch, Width) -> (Batch, Width))]
    layers: [Linear; 2],
}

#[inspectable]
impl Net {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.layers[1].forward(self.layers[0].forward(x))
    }
}

fn experiment(net: &NnSight<Net>, x: Tensor<2>) {
    let _ = trace!(net, x, |m: Net| m.layers[2].output.save());
}

fn main() {}
