//! Linear layers, laid out and multiplied as a CPU likes it.

use burn::module::Param;
use burn::nn;
use burn::prelude::*;
use burn::tensor::module;

/// `x * weight + bias`, with the parameters, names and records of [`burn::nn::Linear`], of which it can be made.
///
/// Two things differ, both for speed:
///
/// * The memory of a weight that widens is laid out (out, in), as in PyTorch, though its shape is (in, out): drawn
///   and loaded weights are put so. What a CPU's kernel reads together then lies nearer together, and a product of
///   64 rows takes down to half the time. A weight that narrows lies so already.
/// * The positions of all prompts are the rows of one product. Burn's own makes a product for each prompt where
///   they are long, and would copy a weight that is laid out (out, in) each time.
#[derive(Module, Debug)]
pub struct Linear {
    /// (in, out)
    pub weight: Param<Tensor<2>>,
    /// (out)
    pub bias: Option<Param<Tensor<1>>>,
}

impl Linear {
    /// The product for each row.
    ///
    /// # Shapes
    ///
    /// (.., in) to (.., out)
    ///
    /// # Panics
    ///
    /// If the last axis is not as long as the weight's first.
    pub fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        let weight = self.weight.val();
        let [inputs, outputs] = weight.dims();
        let mut sizes = x.dims();
        let rows = sizes[..D - 1].iter().product();
        let rows = x.reshape([rows, inputs]);
        sizes[D - 1] = outputs;
        module::linear(rows, weight, self.bias.as_ref().map(Param::val)).reshape(sizes)
    }
}

impl From<nn::Linear> for Linear {
    /// Nothing is drawn for it: a lazy parameter stays lazy.
    fn from(nn::Linear { weight, bias }: nn::Linear) -> Self {
        Self {
            weight: weight
                .init_mapper(with_short_strides)
                .load_mapper(with_short_strides),
            bias,
        }
    }
}

nnsight_core::leaf! {
    Linear as LinearSites, None: [const D: usize] Tensor<D> => Tensor<D>, |layer, x| layer.forward(x);
}

/// The same matrix, its memory contiguous along the shorter axis.
fn with_short_strides(matrix: Tensor<2>) -> Tensor<2> {
    let [rows, columns] = matrix.dims();
    if columns < rows {
        return matrix;
    }
    // What has one axis is contiguous: a reshape to that is a copy, where one is needed.
    let flat: Tensor<1> = matrix.transpose().reshape([rows * columns]);
    flat.reshape([columns, rows]).transpose()
}
