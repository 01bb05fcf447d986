//! The tiny network that the tests trace: two layers with weights written out by hand.

pub use burn::module::Module;
// What `nnsight::prelude` holds, but for the language models, whether a test here needs it or not.
#[allow(unused_imports)]
pub use burn::tensor::{Bool, Device, Float, Int, Tensor};
#[allow(unused_imports)]
pub use nnsight::{
    Attach, Attached, Cache, Carrier, Collect, Error, Inspectable, IntoValue, List, NnSight, Part, Probe,
    Saved, Site, Sites, Value, axes, edit, inspectable, trace,
};

use burn::module::Param;
pub use burn::nn::Linear;
use burn::nn::LinearConfig;

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

/// A linear layer without bias, by its weight `[in, out]`.
pub fn linear<const I: usize, const O: usize>(weight: [[f32; O]; I]) -> Linear {
    let device = Device::flex();
    let mut layer = LinearConfig::new(I, O).with_bias(false).init(&device);
    layer.weight = Param::from_tensor(Tensor::from_floats(weight, &device));
    layer
}

/// `layer1(x) = [x0, x1, x0 + x1]`, `layer2(h) = [h0 + h2, h1 - h2]`.
pub fn tiny_net() -> NnSight<TinyNet> {
    NnSight::new(TinyNet {
        layer1: linear([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]),
        layer2: linear([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]]),
    })
}

/// Two rows: `layer1` gives `[[1, 2, 3], [3, 4, 7]]`, the net `[[4, -1], [10, -3]]`.
pub fn input() -> Tensor<2> {
    Tensor::from_floats([[1.0, 2.0], [3.0, 4.0]], &Device::flex())
}

/// All elements, row by row.
pub fn rows<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec::<f32>().expect("a float tensor")
}
