//! The tiny network that most tests trace, on any device: two layers with weights written out by hand.

use burn::module::{Module, Param};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
use nnsight::{Inspectable, NnSight, axes, inspectable};

axes! {
    Batch;
    Features = 2;
    Hidden = 3;
    Classes = 2;
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Classes))]
pub struct TinyNet {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    pub layer1: Linear,
    #[inspect((Batch, Hidden) -> (Batch, Classes))]
    pub layer2: Linear,
}

#[inspectable]
impl TinyNet {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.layer2.forward(self.layer1.forward(x))
    }
}

impl TinyNet {
    pub fn pinned(layer1: Linear, layer2: Linear) -> NnSight<TinyNet> {
        NnSight::new(TinyNet { layer1, layer2 })
    }
}

/// A linear layer without bias, by its weight `[in, out]`.
pub fn linear<const I: usize, const O: usize>(weight: [[f32; O]; I], device: &Device) -> Linear {
    let mut layer = LinearConfig::new(I, O).with_bias(false).init(device);
    layer.weight = Param::from_tensor(Tensor::from_floats(weight, device));
    layer
}

/// `layer1(x) = [x0, x1, x0 + x1]`, `layer2(h) = [h0 + h2, h1 - h2]`.
pub fn tiny_net_on(device: &Device) -> NnSight<TinyNet> {
    let layer1 = linear([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]], device);
    let layer2 = linear([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]], device);
    TinyNet::pinned(layer1, layer2)
}

/// Two rows: `layer1` gives `[[1, 2, 3], [3, 4, 7]]`, the net `[[4, -1], [10, -3]]`.
pub fn input_on(device: &Device) -> Tensor<2> {
    Tensor::from_floats([[1.0, 2.0], [3.0, 4.0]], device)
}

/// All elements, row by row.
pub fn rows<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec::<f32>().expect("a float tensor")
}
