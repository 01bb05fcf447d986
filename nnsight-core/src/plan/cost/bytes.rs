//! Which tensors live at the same time.
//!
//! A tensor is freed after its last use, and what lies in the memory of another one needs none of its own: a view, or
//! the result of an operation that writes where its input lay because nobody else looks at that. These are the ways of
//! Burn's CPU backend.

use super::Cost;
use super::layout::Layout;
use super::operations::count;
use super::recording::{Note, Recording, Step, last_uses};
use burn::backend::ir::{
    ActivationOperationIr as Activation, BaseOperationIr as Base, BoolOperationIr as Bool,
    FloatOperationIr as Float, IntOperationIr as Int, ModuleOperationIr as Module,
    NumericOperationIr as Numeric, OperationIr, ScalarIr, TensorId, TensorIr, TensorStatus,
};
use std::collections::{HashMap, HashSet};

/// What a recording costs.
pub(crate) fn cost(recording: &Recording) -> Cost {
    let mut memory = Memory::new(recording);
    let mut cost = Cost::default();
    for (at, step) in recording.steps.iter().enumerate() {
        match step {
            Step::Operation(operation) => {
                let operations = count(operation);
                cost.operations = cost.operations.saturating_add(operations);
                if memory.is_backward {
                    cost.backward_operations = cost.backward_operations.saturating_add(operations);
                }
                memory.run(at, operation);
            }
            Step::Note(note, tensors) => {
                match note {
                    Note::Enter => memory.frames.push(Vec::new()),
                    Note::Leave => memory.leave(),
                    Note::Passed => {
                        while !memory.frames.is_empty() {
                            memory.leave();
                        }
                    }
                    Note::Backward => memory.is_backward = true,
                    Note::BackwardOver => memory.is_backward = false,
                    Note::Result => {
                        let bytes = tensors.iter().map(bytes_of);
                        cost.result_bytes = bytes.fold(cost.result_bytes, u64::saturating_add);
                    }
                    Note::Closure => cost.closures += 1,
                    _ => {}
                }
                if *note == Note::Held {
                    memory.held.extend(tensors.iter().map(|tensor| tensor.id));
                }
                memory.look(at, tensors);
            }
        }
    }
    cost.peak_bytes = memory.peak;
    cost
}

fn bytes_of(tensor: &TensorIr) -> u64 {
    Layout::contiguous(&tensor.shape)
        .elements()
        .saturating_mul(tensor.dtype.size() as u64)
}

/// Where an operation's result lies.
enum Place<'a> {
    /// In the memory of an input.
    View(&'a TensorIr, Layout),
    /// Where one of these lay, if one may be overwritten.
    Over(Vec<&'a TensorIr>),
    /// In memory of its own.
    Own,
}

/// A tensor that lives.
struct Tensor {
    block: usize,
    layout: Layout,
}

/// Memory that tensors share.
#[derive(Default)]
struct Block {
    bytes: u64,
    tensors: u32,
    /// Parameters are apart, and are not written to.
    is_parameter: bool,
}

struct Memory {
    tensors: HashMap<TensorId, Tensor>,
    blocks: Vec<Block>,
    last: HashMap<TensorId, usize>,
    /// What is held to the end.
    held: HashSet<TensorId>,
    /// Modules that are running, with the tensors that they still hold.
    frames: Vec<Vec<TensorId>>,
    is_backward: bool,
    now: u64,
    peak: u64,
}

impl Memory {
    fn new(recording: &Recording) -> Self {
        Memory {
            tensors: HashMap::new(),
            blocks: Vec::new(),
            last: last_uses(&recording.steps),
            held: HashSet::new(),
            frames: Vec::new(),
            is_backward: false,
            now: 0,
            peak: 0,
        }
    }

    /// A tensor that an operation reads. What the recording does not make is a parameter.
    fn read(&mut self, tensor: &TensorIr) -> &Tensor {
        let blocks = &mut self.blocks;
        self.tensors.entry(tensor.id).or_insert_with(|| {
            blocks.push(Block {
                tensors: 1,
                is_parameter: true,
                ..Block::default()
            });
            Tensor {
                block: blocks.len() - 1,
                layout: Layout::contiguous(&tensor.shape),
            }
        })
    }

    /// Whether nobody will look at what an operation writes over.
    fn may_be_overwritten(&self, at: usize, tensor: &TensorIr, sizes: &[usize]) -> bool {
        let Some(own) = self.tensors.get(&tensor.id) else {
            return false;
        };
        let block = &self.blocks[own.block];
        let is_last = self.last.get(&tensor.id) == Some(&at);
        is_last
            && tensor.status == TensorStatus::ReadWrite
            && block.tensors == 1
            && !block.is_parameter
            && tensor.shape[..] == *sizes
            && own.layout.is_whole()
    }

    fn run(&mut self, at: usize, operation: &OperationIr) {
        for input in operation.inputs() {
            self.read(input);
        }
        let is_assignment = matches!(
            operation,
            OperationIr::BaseFloat(Base::SliceAssign(_))
                | OperationIr::BaseInt(Base::SliceAssign(_))
                | OperationIr::BaseBool(Base::SliceAssign(_))
        );
        let copies: u64 = made_contiguous(operation)
            .into_iter()
            .filter(|tensor| {
                let layout = &self.read(tensor).layout;
                !(layout.is_contiguous() || is_assignment && layout.is_one_number())
            })
            .map(bytes_of)
            .fold(0, u64::saturating_add);
        let copies = match is_made_twice(operation) {
            true => operation
                .outputs()
                .map(bytes_of)
                .fold(copies, u64::saturating_add),
            false => copies,
        };
        let place = self.place(operation);
        for out in operation.outputs() {
            let (block, layout) = match &place {
                Place::View(input, layout) => (self.read(input).block, layout.clone()),
                Place::Over(inputs) => {
                    let over = inputs
                        .iter()
                        .filter(|input| operation.inputs().filter(|other| other.id == input.id).count() == 1)
                        .find(|input| self.may_be_overwritten(at, input, &out.shape))
                        .map(|input| self.tensors[&input.id].block);
                    let block = over.unwrap_or_else(|| self.allocate(bytes_of(out)));
                    (block, Layout::contiguous(&out.shape))
                }
                Place::Own => (self.allocate(bytes_of(out)), Layout::contiguous(&out.shape)),
            };
            self.blocks[block].tensors += 1;
            self.tensors.insert(out.id, Tensor { block, layout });
        }
        self.peak = self.peak.max(self.now.saturating_add(copies));
        let inputs: Vec<TensorIr> = operation.inputs().cloned().collect();
        self.look(at, &inputs);
        let unused = operation.outputs().filter(|out| !self.last.contains_key(&out.id));
        for id in unused.map(|out| out.id).collect::<Vec<_>>() {
            self.free(id);
        }
    }

    /// Frees what has been used for the last time.
    fn look(&mut self, at: usize, tensors: &[TensorIr]) {
        for tensor in tensors {
            if self.last.get(&tensor.id) != Some(&at) {
                continue;
            }
            let is_taken = tensor.status == TensorStatus::ReadWrite;
            match self.frames.last_mut() {
                // The tape lets go of what a step has used.
                _ if is_taken || self.is_backward => self.free(tensor.id),
                // Its handle is a variable of the module's, most likely.
                Some(frame) => frame.push(tensor.id),
                None => {}
            }
        }
    }

    fn leave(&mut self) {
        for id in self.frames.pop().unwrap_or_default() {
            self.free(id);
        }
    }

    fn allocate(&mut self, bytes: u64) -> usize {
        self.blocks.push(Block {
            bytes,
            ..Block::default()
        });
        self.now = self.now.saturating_add(bytes);
        self.peak = self.peak.max(self.now);
        self.blocks.len() - 1
    }

    fn free(&mut self, id: TensorId) {
        if self.held.contains(&id) {
            return;
        }
        let Some(tensor) = self.tensors.remove(&id) else {
            return;
        };
        let block = &mut self.blocks[tensor.block];
        block.tensors = block.tensors.saturating_sub(1);
        if block.tensors == 0 {
            self.now = self.now.saturating_sub(std::mem::take(&mut block.bytes));
        }
    }

    /// Where the result lies, of an operation whose inputs live.
    fn place<'a>(&mut self, operation: &'a OperationIr) -> Place<'a> {
        match operation {
            OperationIr::BaseFloat(base) | OperationIr::BaseInt(base) | OperationIr::BaseBool(base) => {
                self.place_of_base(base)
            }
            OperationIr::NumericFloat(_, numeric) | OperationIr::NumericInt(_, numeric) => {
                place_of_numeric(numeric)
            }
            OperationIr::Float(_, float) => place_of_float(float),
            OperationIr::Int(int) => place_of_int(int),
            OperationIr::Bool(Bool::Not(unary)) => Place::Over(vec![&unary.input]),
            OperationIr::Bool(Bool::And(binary) | Bool::Or(binary) | Bool::Xor(binary)) => {
                Place::Over(vec![&binary.lhs, &binary.rhs])
            }
            OperationIr::Activation(activation) => place_of_activation(activation),
            _ => Place::Own,
        }
    }

    fn place_of_base<'a>(&mut self, base: &'a Base) -> Place<'a> {
        match base {
            Base::Reshape(shape) => match self.read(&shape.input).layout.reshaped(&shape.out.shape) {
                Some(layout) => Place::View(&shape.input, layout),
                None => Place::Own,
            },
            Base::SwapDims(swap) => {
                let layout = self.read(&swap.input).layout.swapped(swap.dim1, swap.dim2);
                Place::View(&swap.input, layout)
            }
            Base::Permute(permute) => {
                let layout = self.read(&permute.input).layout.permuted(&permute.axes);
                Place::View(&permute.input, layout)
            }
            Base::Flip(flip) => {
                let layout = self.read(&flip.input).layout.flipped(&flip.axes);
                Place::View(&flip.input, layout)
            }
            Base::Expand(shape) => {
                let layout = self.read(&shape.input).layout.expanded(&shape.out.shape);
                Place::View(&shape.input, layout)
            }
            Base::Slice(slice) => {
                let layout = self
                    .read(&slice.tensor)
                    .layout
                    .sliced(&slice.ranges, &slice.out.shape);
                Place::View(&slice.tensor, layout)
            }
            Base::Cast(cast) if cast.input.dtype == cast.out.dtype => {
                let layout = self.read(&cast.input).layout.clone();
                Place::View(&cast.input, layout)
            }
            Base::Cat(cat) if cat.tensors.len() == 1 => {
                let layout = self.read(&cat.tensors[0]).layout.clone();
                Place::View(&cat.tensors[0], layout)
            }
            Base::SliceAssign(assign) => Place::Over(vec![&assign.tensor]),
            Base::SelectAssign(assign) => Place::Over(vec![&assign.tensor]),
            Base::Scatter(scatter) => Place::Over(vec![&scatter.tensor]),
            Base::MaskFill(mask) => Place::Over(vec![&mask.tensor]),
            Base::MaskWhere(mask) => Place::Over(vec![&mask.tensor, &mask.value]),
            _ => Place::Own,
        }
    }
}

fn place_of_numeric(numeric: &Numeric) -> Place<'_> {
    match numeric {
        Numeric::Add(binary)
        | Numeric::Sub(binary)
        | Numeric::Mul(binary)
        | Numeric::Div(binary)
        | Numeric::Rem(binary)
        | Numeric::Powi(binary) => Place::Over(vec![&binary.lhs, &binary.rhs]),
        Numeric::PowiScalar(scalar) if is_two(scalar.rhs) => Place::Own,
        Numeric::AddScalar(scalar)
        | Numeric::SubScalar(scalar)
        | Numeric::MulScalar(scalar)
        | Numeric::DivScalar(scalar)
        | Numeric::RemScalar(scalar)
        | Numeric::PowiScalar(scalar)
        | Numeric::ClampMin(scalar)
        | Numeric::ClampMax(scalar) => Place::Over(vec![&scalar.lhs]),
        Numeric::Abs(unary) | Numeric::Neg(unary) | Numeric::Sign(unary) => Place::Over(vec![&unary.input]),
        Numeric::Clamp(clamp) => Place::Over(vec![&clamp.tensor]),
        _ => Place::Own,
    }
}

/// A square is a product with itself, which needs its factor twice.
fn is_two(scalar: ScalarIr) -> bool {
    scalar.elem::<f64>() == 2.0
}

fn place_of_float(float: &Float) -> Place<'_> {
    match float {
        Float::PowfScalar(scalar) if is_two(scalar.rhs) => Place::Own,
        Float::PowfScalar(scalar) => Place::Over(vec![&scalar.lhs]),
        Float::Powf(binary) | Float::ArcTan2(binary) | Float::Hypot(binary) => {
            Place::Over(vec![&binary.lhs, &binary.rhs])
        }
        Float::Exp(unary)
        | Float::Log(unary)
        | Float::Log1p(unary)
        | Float::Erf(unary)
        | Float::Sqrt(unary)
        | Float::Cos(unary)
        | Float::Cosh(unary)
        | Float::Sin(unary)
        | Float::Sinh(unary)
        | Float::Tan(unary)
        | Float::Tanh(unary)
        | Float::ArcCos(unary)
        | Float::ArcCosh(unary)
        | Float::ArcSin(unary)
        | Float::ArcSinh(unary)
        | Float::ArcTan(unary)
        | Float::ArcTanh(unary)
        | Float::Round(unary)
        | Float::Floor(unary)
        | Float::Ceil(unary)
        | Float::Trunc(unary)
        | Float::Recip(unary) => Place::Over(vec![&unary.input]),
        _ => Place::Own,
    }
}

fn place_of_int(int: &Int) -> Place<'_> {
    match int {
        Int::BitwiseAnd(binary)
        | Int::BitwiseOr(binary)
        | Int::BitwiseXor(binary)
        | Int::BitwiseLeftShift(binary)
        | Int::BitwiseRightShift(binary) => Place::Over(vec![&binary.lhs, &binary.rhs]),
        _ => Place::Own,
    }
}

fn place_of_activation(activation: &Activation) -> Place<'_> {
    match activation {
        Activation::Relu(unary)
        | Activation::Gelu(unary)
        | Activation::Sigmoid(unary)
        | Activation::LogSigmoid(unary) => Place::Over(vec![&unary.input]),
        Activation::LeakyRelu(scalar) => Place::Over(vec![&scalar.lhs]),
        Activation::HardSigmoid(sigmoid) => Place::Over(vec![&sigmoid.tensor]),
        Activation::ReluBackward(binary)
        | Activation::GeluBackward(binary)
        | Activation::SigmoidBackward(binary)
        | Activation::LogSigmoidBackward(binary)
        | Activation::PRelu(binary) => Place::Over(vec![&binary.lhs, &binary.rhs]),
        Activation::Softmax(_) | Activation::LogSoftmax(_) | Activation::Softmin(_) => Place::Own,
    }
}

/// Whether the result is made as bytes and copied to where numbers may lie, as Burn's CPU backend does with zeros and
/// with what products are summed up in.
fn is_made_twice(operation: &OperationIr) -> bool {
    match operation {
        OperationIr::BaseFloat(base) | OperationIr::BaseInt(base) | OperationIr::BaseBool(base) => {
            matches!(base, Base::Zeros(_) | Base::Empty(_) | Base::RepeatDim(_))
        }
        OperationIr::Float(_, Float::Matmul(_)) | OperationIr::Int(Int::Matmul(_)) => true,
        OperationIr::Module(module) => matches!(
            module,
            Module::Linear(_) | Module::LinearXBackward(_) | Module::LinearWeightBackward(_)
        ),
        _ => false,
    }
}

/// The inputs that an operation copies first if they do not lie row after row.
fn made_contiguous(operation: &OperationIr) -> Vec<&TensorIr> {
    match operation {
        OperationIr::BaseFloat(base) | OperationIr::BaseInt(base) | OperationIr::BaseBool(base) => match base
        {
            Base::Cat(cat) => cat.tensors.iter().collect(),
            Base::Select(select) => vec![&select.tensor, &select.indices],
            Base::Gather(gather) => vec![&gather.tensor, &gather.indices],
            Base::SliceAssign(assign) => vec![&assign.value],
            Base::SelectAssign(assign) => vec![&assign.indices, &assign.value],
            Base::Scatter(scatter) => vec![&scatter.indices, &scatter.value],
            Base::Cast(cast) if cast.input.dtype != cast.out.dtype => vec![&cast.input],
            Base::RepeatDim(repeat) => vec![&repeat.tensor],
            _ => Vec::new(),
        },
        OperationIr::NumericFloat(_, numeric) | OperationIr::NumericInt(_, numeric) => match numeric {
            Numeric::ArgMax(reduce)
            | Numeric::ArgMin(reduce)
            | Numeric::MaxDim(reduce)
            | Numeric::MinDim(reduce) => vec![&reduce.input],
            Numeric::MaxDimWithIndices(reduce) | Numeric::MinDimWithIndices(reduce) => vec![&reduce.tensor],
            _ => Vec::new(),
        },
        OperationIr::Activation(
            Activation::Softmax(along) | Activation::LogSoftmax(along) | Activation::Softmin(along),
        ) => vec![&along.input],
        OperationIr::Module(Module::LayerNorm(norm)) => vec![&norm.input],
        _ => Vec::new(),
    }
}
