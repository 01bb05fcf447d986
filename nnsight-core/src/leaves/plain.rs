//! Modules that take one tensor, or a few, and give one.

use super::{declared, runs};
use burn::nn::activation::*;
use burn::nn::conv::{
    Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d, DeformConv2d,
};
use burn::nn::interpolate::{Interpolate1d, Interpolate2d};
use burn::nn::loss::{BinaryCrossEntropyLoss, CrossEntropyLoss, HuberLoss, MseLoss, Reduction};
use burn::nn::norm::Normalization;
use burn::nn::pool::{
    AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d, AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d,
};
use burn::nn::transformer::PositionWiseFeedForward;
use burn::nn::*;
use burn::tensor::{Int, Tensor};

/// Modules that work at any rank and keep it.
macro_rules! any_rank {
    ($($sites:ident, $effect:ident: $($module:ident)+;)+) => {$(
        runs! {$(
            $module: [const D: usize] Tensor<D> => Tensor<D>, |module, input| module.forward(input);
        )+}
        declared!($sites, $effect: $($module),+);
    )+};
}
any_rank! {
    LinearSites, None: Linear;
    LayerNormSites, None: LayerNorm;
    RmsNormSites, None: RmsNorm;
    LeafSites, InTraining: Normalization BatchNorm Dropout GaussianNoise PositionWiseFeedForward RRelu;
    LeafSites, None:
    Activation GroupNorm InstanceNorm LocalResponseNorm Identity RotaryEncoding
    Celu Elu Gelu GLU HardShrink HardSigmoid HardSwish Hardtanh LeakyRelu LogSigmoid Mish PRelu Relu Relu6
    Selu Shrink Sigmoid SiLU SoftShrink Softplus Softsign SwiGlu Tanh Tanhshrink Threshold ThresholdedRelu;
}

/// Modules of fixed ranks.
macro_rules! fixed_rank {
    ($($module:ident: $input:literal => $output:literal;)+) => {
        runs! {$(
            $module: [] Tensor<$input> => Tensor<$output>, |module, input| module.forward(input);
        )+}
        declared!(LeafSites, None: $($module),+);
    };
}
fixed_rank! {
    Conv1d: 3 => 3;
    Conv2d: 4 => 4;
    Conv3d: 5 => 5;
    ConvTranspose1d: 3 => 3;
    ConvTranspose2d: 4 => 4;
    ConvTranspose3d: 5 => 5;
    AvgPool1d: 3 => 3;
    AvgPool2d: 4 => 4;
    MaxPool1d: 3 => 3;
    MaxPool2d: 4 => 4;
    AdaptiveAvgPool1d: 3 => 3;
    AdaptiveAvgPool2d: 4 => 4;
    AdaptiveAvgPool3d: 5 => 5;
    Interpolate1d: 3 => 3;
    Interpolate2d: 4 => 4;
    PixelShuffle: 4 => 4;
    PixelUnshuffle: 4 => 4;
    Fold4d: 3 => 4;
    Unfold4d: 4 => 3;
    PositionalEncoding: 3 => 3;
}

runs! {
    Embedding: [] Tensor<2, Int> => Tensor<3>, |module, ids| module.forward(ids);
}
declared!(EmbeddingSites, None: Embedding);

runs! {
    CrossEntropyLoss: [] (Tensor<2>, Tensor<1, Int>) => Tensor<1>, |module, (logits, targets)| module.forward(logits, targets);
    BinaryCrossEntropyLoss: [const D: usize] (Tensor<D>, Tensor<D, Int>) => Tensor<1>,
        |module, (logits, targets)| module.forward(logits, targets);
    MseLoss: [const D: usize] (Tensor<D>, Tensor<D>) => Tensor<1>,
        |module, (predictions, targets)| module.forward(predictions, targets, Reduction::Auto);
    HuberLoss: [const D: usize] (Tensor<D>, Tensor<D>) => Tensor<1>,
        |module, (predictions, targets)| module.forward(predictions, targets, Reduction::Auto);
}
declared!(LeafSitesMany, None: CrossEntropyLoss, BinaryCrossEntropyLoss, MseLoss, HuberLoss);

runs! {
    PairwiseDistance: [] (Tensor<2>, Tensor<2>) => Tensor<1>, |module, (a, b)| module.forward(a, b);
    CosineSimilarity: [] (Tensor<2>, Tensor<2>) => Tensor<1>, |module, (a, b)| module.forward(a, b);
    DeformConv2d: [] (Tensor<4>, Tensor<4>) => Tensor<4>, |module, (x, offset)| module.forward(x, offset, None);
}
declared!(LeafSitesMany, None: PairwiseDistance, CosineSimilarity, DeformConv2d);
