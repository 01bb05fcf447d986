//! How many arithmetic operations an operation is.

use burn::backend::ir::{
    ActivationOperationIr as Activation, BaseOperationIr as Base, FloatOperationIr as Float,
    IntOperationIr as Int, MatmulOpIr, ModuleOperationIr as Module, NumericOperationIr as Numeric,
    OperationIr, TensorIr,
};

fn elements(tensor: &TensorIr) -> u64 {
    let sizes = tensor.shape.iter();
    sizes.fold(1, |all: u64, &size| all.saturating_mul(size as u64))
}

/// The size of an axis, counted from the last.
fn from_last(tensor: &TensorIr, axis: usize) -> u64 {
    tensor.shape.iter().rev().nth(axis).map_or(1, |&size| size as u64)
}

/// A sum of `inner` products for each element.
fn sums(out: &TensorIr, inner: u64) -> u64 {
    elements(out).saturating_mul(inner).saturating_mul(2)
}

fn product(product: &MatmulOpIr) -> u64 {
    sums(&product.out, from_last(&product.lhs, 0))
}

/// What one recorded operation counts.
pub(crate) fn count(operation: &OperationIr) -> u64 {
    match operation {
        OperationIr::Float(_, Float::Matmul(matmul)) | OperationIr::Int(Int::Matmul(matmul)) => {
            product(matmul)
        }
        OperationIr::BaseFloat(base) | OperationIr::BaseInt(base) | OperationIr::BaseBool(base) => {
            of_base(base)
        }
        OperationIr::NumericFloat(_, numeric) | OperationIr::NumericInt(_, numeric) => of_numeric(numeric),
        OperationIr::Float(_, Float::IntoInt(_) | Float::Random(_))
        | OperationIr::Int(Int::IntoFloat(_))
        | OperationIr::Init(_)
        | OperationIr::Drop(_) => 0,
        OperationIr::Module(module) => of_module(module),
        OperationIr::Activation(activation) => of_activation(activation),
        _ => largest(operation),
    }
}

/// One for each element of the largest tensor.
fn largest(operation: &OperationIr) -> u64 {
    let tensors = operation.inputs().chain(operation.outputs());
    tensors.map(elements).max().unwrap_or(0)
}

/// What moves numbers about computes nothing.
fn of_base(base: &Base) -> u64 {
    match base {
        Base::MaskWhere(mask) => elements(&mask.out),
        Base::MaskFill(mask) => elements(&mask.out),
        Base::Equal(binary) | Base::NotEqual(binary) => elements(&binary.out),
        Base::EqualElem(scalar) | Base::NotEqualElem(scalar) => elements(&scalar.out),
        Base::SelectAssign(assign) => elements(&assign.value),
        Base::Scatter(scatter) => elements(&scatter.value),
        Base::ScatterNd(scatter) => elements(&scatter.values),
        Base::All(reduce) | Base::Any(reduce) => elements(&reduce.input),
        Base::AllDim(reduce) | Base::AnyDim(reduce) => elements(&reduce.input),
        _ => 0,
    }
}

fn of_numeric(numeric: &Numeric) -> u64 {
    match numeric {
        Numeric::Full(_) | Numeric::IntRandom(_) | Numeric::Pad(_) => 0,
        Numeric::Mean(reduce)
        | Numeric::Sum(reduce)
        | Numeric::Prod(reduce)
        | Numeric::Max(reduce)
        | Numeric::Min(reduce)
        | Numeric::MaxAbs(reduce) => elements(&reduce.input),
        Numeric::MeanDim(reduce)
        | Numeric::SumDim(reduce)
        | Numeric::ProdDim(reduce)
        | Numeric::ArgMax(reduce)
        | Numeric::ArgMin(reduce)
        | Numeric::MaxDim(reduce)
        | Numeric::MinDim(reduce)
        | Numeric::MaxAbsDim(reduce) => elements(&reduce.input),
        Numeric::SumDims(reduce) => elements(&reduce.input),
        Numeric::MaxDimWithIndices(reduce) | Numeric::MinDimWithIndices(reduce) => elements(&reduce.tensor),
        Numeric::ArgTopK(top) | Numeric::TopK(top) => sorting(&top.input, top.axis),
        Numeric::TopKWithIndices(top) => sorting(&top.tensor, top.dim),
        Numeric::Sort(sort) | Numeric::ArgSort(sort) => sorting(&sort.input, sort.dim),
        Numeric::SortWithIndices(sort) => sorting(&sort.input, sort.dim),
        Numeric::Add(binary)
        | Numeric::Sub(binary)
        | Numeric::Mul(binary)
        | Numeric::Div(binary)
        | Numeric::Rem(binary)
        | Numeric::Powi(binary)
        | Numeric::Greater(binary)
        | Numeric::GreaterEqual(binary)
        | Numeric::Lower(binary)
        | Numeric::LowerEqual(binary) => elements(&binary.out),
        Numeric::Clamp(clamp) => elements(&clamp.out),
        Numeric::Abs(unary) | Numeric::Neg(unary) | Numeric::Sign(unary) => elements(&unary.out),
        Numeric::CumSum(along)
        | Numeric::CumProd(along)
        | Numeric::CumMin(along)
        | Numeric::CumMax(along) => elements(&along.out),
        Numeric::AddScalar(scalar)
        | Numeric::SubScalar(scalar)
        | Numeric::MulScalar(scalar)
        | Numeric::DivScalar(scalar)
        | Numeric::RemScalar(scalar)
        | Numeric::PowiScalar(scalar)
        | Numeric::GreaterElem(scalar)
        | Numeric::GreaterEqualElem(scalar)
        | Numeric::LowerElem(scalar)
        | Numeric::LowerEqualElem(scalar)
        | Numeric::ClampMin(scalar)
        | Numeric::ClampMax(scalar) => elements(&scalar.out),
    }
}

/// Each element is compared as often as the axis can be halved.
fn sorting(tensor: &TensorIr, axis: usize) -> u64 {
    let size = tensor.shape.get(axis).copied().unwrap_or(1).max(1);
    let halvings = usize::BITS - (size - 1).leading_zeros();
    elements(tensor).saturating_mul(u64::from(halvings))
}

fn of_activation(activation: &Activation) -> u64 {
    match activation {
        // Greatest, difference, exponential, sum, quotient.
        Activation::Softmax(along) | Activation::LogSoftmax(along) | Activation::Softmin(along) => {
            elements(&along.out).saturating_mul(5)
        }
        activation => largest(&OperationIr::Activation(activation.clone())),
    }
}

fn of_module(module: &Module) -> u64 {
    // A convolution's weight is (out, in of a group, kernel..): each output is a sum over all but the first.
    let kernel = |weight: &TensorIr| {
        elements(weight) / (weight.shape.iter().next().map_or(1, |&out| out as u64)).max(1)
    };
    match module {
        Module::Embedding(_) | Module::Unfold4d(_) => 0,
        Module::EmbeddingBackward(backward) => elements(&backward.out_grad),
        Module::Linear(linear) => {
            let bias = linear.bias.as_ref().map_or(0, |_| elements(&linear.out));
            sums(&linear.out, from_last(&linear.x, 0)).saturating_add(bias)
        }
        Module::LinearXBackward(backward) => sums(&backward.out, from_last(&backward.output_grad, 0)),
        Module::LinearWeightBackward(backward) => {
            let rows = elements(&backward.x) / from_last(&backward.x, 0).max(1);
            sums(&backward.out, rows)
        }
        Module::LinearBiasBackward(backward) => elements(&backward.output_grad),
        // Mean, difference, square, mean, quotient, and the scale.
        Module::LayerNorm(norm) => elements(&norm.out).saturating_mul(6 + u64::from(norm.beta.is_some())),
        Module::Attention(attention) => {
            let [batch, heads, queries, width] = [3, 2, 1, 0].map(|axis| from_last(&attention.query, axis));
            let (keys, values) = (from_last(&attention.key, 1), from_last(&attention.value, 0));
            let scores = batch
                .saturating_mul(heads)
                .saturating_mul(queries)
                .saturating_mul(keys);
            scores.saturating_mul(2 * width + 2 * values + 5)
        }
        Module::Conv1d(conv) => sums(&conv.out, kernel(&conv.weight)),
        Module::Conv2d(conv) => sums(&conv.out, kernel(&conv.weight)),
        Module::Conv3d(conv) => sums(&conv.out, kernel(&conv.weight)),
        Module::ConvTranspose1d(conv) => sums(&conv.x, kernel(&conv.weight)),
        Module::ConvTranspose2d(conv) => sums(&conv.x, kernel(&conv.weight)),
        Module::ConvTranspose3d(conv) => sums(&conv.x, kernel(&conv.weight)),
        module => largest(&OperationIr::Module(module.clone())),
    }
}
