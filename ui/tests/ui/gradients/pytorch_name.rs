// A parameter by its name in PyTorch: Burn calls the weight of a layer normalisation gamma.
use burn::nn::LayerNorm;
use nnsight::prelude::*;

axes! {
    Batch;
    Hidden = 10;
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Hidden) -> (Batch, Hidden))]
struct Net {
    #[inspect((Batch, Hidden) -> (Batch, Hidden))]
    norm: LayerNorm,
}

#[inspectable]
impl Net {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.norm.forward(x)
    }
}

fn experiment(net: &NnSight<Net>, x: Tensor<2>) {
    let _ = trace!(net, x, |m: Net| {
        m.output.sum().backward();
        m.norm.weight.grad.save()
    });
}

fn main() {}
