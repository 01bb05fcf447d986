//! What a tape keeps, and what the backward pass over it computes.
//!
//! A capture device has no tape, so a rehearsal with gradients is recorded without one and replayed here, operation by
//! operation: on Burn's own autodiff over the device, from where a tap or a parameter is tracked.

use super::recording::{Note, Recording, Step, last_uses};
use crate::error::{Error, Result};
use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::NoCheckpointing};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::ir::{
    ActivationOperationIr as Activation, BaseOperationIr as Base, FloatOperationIr as Float,
    ModuleOperationIr as Module, NumericOperationIr as Numeric, OperationIr, TensorId, TensorIr,
    TensorStatus,
};
use burn::backend::ops::{BoolTensorOps, FloatTensorOps, IntTensorOps};
use burn::backend::tensor::{BoolTensor, Device as DeviceOf, FloatTensor, IntTensor};
use burn::backend::{AutodiffBackend, Backend, Capture, DispatchDevice};
use burn::tensor::{Device, FloatDType};
use std::collections::{HashMap, HashSet};
use std::mem::take;
use std::sync::{Arc, Mutex, PoisonError};

type Taped = Autodiff<Capture, NoCheckpointing>;

/// A tensor of the replay.
#[derive(Clone)]
enum Value {
    Plain(FloatTensor<Capture>),
    /// On the tape.
    Taped(FloatTensor<Taped>),
    Int(IntTensor<Capture>),
    Bool(BoolTensor<Capture>),
}

impl Value {
    /// Not on the tape.
    fn plain(self) -> Value {
        match self {
            Value::Taped(tensor) => Value::Plain(Taped::inner(tensor)),
            value => value,
        }
    }

    fn taped(self) -> Option<FloatTensor<Taped>> {
        match self {
            Value::Plain(tensor) => Some(Taped::from_inner(tensor)),
            Value::Taped(tensor) => Some(tensor),
            Value::Int(_) | Value::Bool(_) => None,
        }
    }
}

/// The same recording, with a tape and its backward passes.
///
/// # Errors
/// [`Error::CostUnknown`] for an operation on the tape that is not known here.
pub(crate) fn with_tape(recording: &Recording, device: &Device) -> Result<Recording> {
    let DispatchDevice::Capture(own) = device.as_dispatch() else {
        return Err(unknown("it is not recorded"));
    };
    let own = *own;
    let mut outcome = Ok(());
    let captured = device.capture_scope(|scope| {
        outcome = Replay::new(recording, own).run(&recording.steps);
        scope.complete([], [])
    });
    outcome?;
    let captured = captured.map_err(|error| unknown(&error.to_string()))?;
    Ok(Recording::new(captured))
}

fn unknown(why: &str) -> Error {
    Error::CostUnknown { why: why.to_owned() }
}

/// `Base(Unfold`, say.
fn name(operation: &OperationIr) -> String {
    let said = format!("{operation:?}");
    said.split([' ', '{']).next().unwrap_or_default().to_owned()
}

struct Replay {
    device: DeviceOf<Capture>,
    values: HashMap<TensorId, Value>,
    last: HashMap<TensorId, usize>,
    /// What modules that are running still hold.
    frames: Vec<Vec<TensorId>>,
    /// Parameters whose gradients are wanted.
    leaves: Vec<FloatTensor<Taped>>,
    /// Taps whose gradients are used, with the tensor that stands for them.
    used: HashSet<u32>,
    /// The gradients that have come by.
    gradients: Taken,
    of_leaves: Vec<Option<FloatTensor<Capture>>>,
    /// What the next tensor is that is made.
    next: Option<FloatTensor<Capture>>,
}

type Taken = Arc<Mutex<HashMap<u32, FloatTensor<Capture>>>>;

impl Replay {
    fn new(recording: &Recording, device: DeviceOf<Capture>) -> Self {
        let last = last_uses(&recording.steps);
        let mut used = HashSet::new();
        for pair in recording.steps.windows(2) {
            if let [Step::Note(Note::Gradient(tap), _), Step::Operation(made)] = pair
                && made.outputs().any(|out| last.contains_key(&out.id))
            {
                used.insert(*tap);
            }
        }
        let mut replay = Replay {
            device,
            values: HashMap::new(),
            last,
            frames: Vec::new(),
            leaves: Vec::new(),
            used,
            gradients: Arc::default(),
            of_leaves: Vec::new(),
            next: None,
        };
        // What the recording does not make are parameters.
        let mut made = HashSet::new();
        for step in &recording.steps {
            let read: Vec<&TensorIr> = match step {
                Step::Operation(operation) => operation.inputs().collect(),
                Step::Note(_, tensors) => tensors.iter().collect(),
            };
            for tensor in read {
                if made.insert(tensor.id) {
                    let zeros = replay.zeros(tensor);
                    replay.values.insert(tensor.id, zeros);
                }
            }
            if let Step::Operation(operation) = step {
                made.extend(operation.outputs().map(|out| out.id));
            }
        }
        replay.note(Note::Begin, &[]);
        replay
    }

    fn run(mut self, steps: &[Step]) -> Result<()> {
        for (at, step) in steps.iter().enumerate() {
            match step {
                Step::Operation(operation) => self.operation(operation)?,
                Step::Note(note, tensors) => self.noted(*note, tensors),
            }
            self.let_go(at, step);
        }
        self.note(Note::End, &[]);
        Ok(())
    }

    /// Handles of variables end with their modules.
    fn let_go(&mut self, at: usize, step: &Step) {
        let tensors: Vec<TensorId> = match step {
            Step::Operation(operation) => operation.inputs().map(|tensor| tensor.id).collect(),
            Step::Note(_, tensors) => tensors.iter().map(|tensor| tensor.id).collect(),
        };
        let over = tensors.into_iter().filter(|id| self.last.get(id) == Some(&at));
        match self.frames.last_mut() {
            Some(frame) => frame.extend(over),
            None => drop(over),
        }
    }

    fn leave(&mut self) {
        for id in self.frames.pop().unwrap_or_default() {
            self.values.remove(&id);
        }
    }

    fn noted(&mut self, note: Note, tensors: &[TensorIr]) {
        match note {
            Note::Enter => self.frames.push(Vec::new()),
            Note::Leave => self.leave(),
            Note::Passed => {
                while !self.frames.is_empty() {
                    self.leave();
                }
            }
            Note::Leaves => {
                self.leaves.clear();
                for tensor in tensors {
                    let leaf = self.get(tensor).and_then(Value::taped);
                    let leaf = leaf.map(|leaf| Taped::float_set_require_grad(leaf, true));
                    if let Some(leaf) = leaf {
                        self.leaves.push(leaf.clone());
                        self.values.insert(tensor.id, Value::Taped(leaf));
                    }
                }
                return;
            }
            Note::Tap(tap) => {
                for tensor in tensors {
                    self.tap(tap, tensor);
                }
                return;
            }
            Note::Loss => return self.backward(tensors),
            Note::Gradient(tap) => {
                let mut gradients = self.gradients.lock().unwrap_or_else(PoisonError::into_inner);
                self.next = gradients.remove(&tap);
                return;
            }
            Note::LeafGradient(leaf) => {
                self.next = self.of_leaves.get_mut(leaf as usize).and_then(Option::take);
                return;
            }
            _ => {}
        }
        self.note(note, tensors);
    }

    /// Notes the same in this recording.
    fn note(&mut self, note: Note, tensors: &[TensorIr]) {
        drop(Capture::int_from_data(note.data(tensors.len()), &self.device));
        for tensor in tensors {
            match self.values.get(&tensor.id).cloned().map(Value::plain) {
                Some(Value::Plain(tensor)) => drop(Capture::float_flip(tensor, &[0])),
                Some(Value::Int(tensor)) => drop(Capture::int_flip(tensor, &[0])),
                Some(Value::Bool(tensor)) => drop(Capture::bool_flip(tensor, &[0])),
                // As many as were announced.
                Some(Value::Taped(_)) | None => {
                    let device = self.device;
                    let none = Capture::float_zeros([1].into(), &device, FloatDType::F32);
                    drop(Capture::float_flip(none, &[0]));
                }
            }
        }
    }

    fn tap(&mut self, tap: u32, tensor: &TensorIr) {
        let value = self.values.remove(&tensor.id);
        let tensor_of = |value| match value {
            Value::Plain(tensor) => Some(Taped::float_set_require_grad(Taped::from_inner(tensor), true)),
            value => value.taped(),
        };
        let Some(tracked) = value.and_then(tensor_of) else {
            return;
        };
        let state = (
            self.used.contains(&tap).then_some(tap),
            Arc::clone(&self.gradients),
        );
        let (primitive, guard) = tracked.into_parts();
        let tapped = match Backward::<Capture, 1>::prepare::<NoCheckpointing>(Tapped, [guard])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prepared) => prepared.finish(state, primitive),
            OpsKind::UnTracked(prepared) => prepared.finish(primitive),
        };
        self.values.insert(tensor.id, Value::Taped(tapped));
    }

    fn backward(&mut self, loss: &[TensorIr]) {
        let loss = loss.first().and_then(|loss| self.values.remove(&loss.id));
        // The machine has let go of all but what it keeps, which is on no tape any more.
        let kept: Vec<TensorId> = self.values.keys().copied().collect();
        for id in kept {
            if let Some(value) = self.values.remove(&id) {
                self.values.insert(id, value.plain());
            }
        }
        let leaves = take(&mut self.leaves);
        self.note(Note::Backward, &[]);
        if let Some(Value::Taped(loss)) = loss {
            let gradients = Taped::backward(loss);
            self.of_leaves = leaves.iter().map(|leaf| Taped::grad(leaf, &gradients)).collect();
        }
        self.note(Note::BackwardOver, &[]);
    }

    /// A handle to a tensor: the tensor itself where it is the last.
    fn get(&mut self, tensor: &TensorIr) -> Option<Value> {
        match tensor.status {
            TensorStatus::ReadWrite => self.values.remove(&tensor.id),
            _ => self.values.get(&tensor.id).cloned(),
        }
    }

    fn zeros(&self, tensor: &TensorIr) -> Value {
        let (shape, dtype, device) = (tensor.shape.clone(), tensor.dtype, &self.device);
        if dtype.is_bool() {
            Value::Bool(Capture::bool_zeros(shape, device, dtype.into()))
        } else if dtype.is_float() {
            Value::Plain(Capture::float_zeros(shape, device, dtype.into()))
        } else {
            Value::Int(Capture::int_zeros(shape, device, dtype.into()))
        }
    }

    fn operation(&mut self, operation: &OperationIr) -> Result<()> {
        let (mut floats, mut ints, mut bools, mut is_taped) = (Vec::new(), Vec::new(), Vec::new(), false);
        for input in operation.inputs() {
            match self.get(input) {
                Some(Value::Int(tensor)) => ints.push(tensor),
                Some(Value::Bool(tensor)) => bools.push(tensor),
                Some(value) => {
                    is_taped |= matches!(value, Value::Taped(_));
                    floats.push(value);
                }
                None => return Err(unknown("a tensor is used that is gone")),
            }
        }
        let outs: Vec<&TensorIr> = operation.outputs().collect();
        if let ([out], Some(next)) = (&outs[..], self.next.take()) {
            self.values.insert(out.id, Value::Plain(next));
            return Ok(());
        }
        let value = match &outs[..] {
            [out] if out.dtype.is_float() && is_taped => {
                let floats = floats.into_iter().filter_map(Value::taped).collect();
                let value = float::<Taped>(operation, floats, ints, bools).map(Value::Taped);
                Some(value.ok_or_else(|| unknown(&format!("the gradient of {}", name(operation))))?)
            }
            [out] if out.dtype.is_float() => {
                let plain = |value| match value {
                    Value::Plain(tensor) => Some(tensor),
                    _ => None,
                };
                let floats = floats.into_iter().filter_map(plain).collect();
                float::<Capture>(operation, floats, ints, bools).map(Value::Plain)
            }
            [out] if out.dtype.is_bool() => bools.pop().and_then(|tensor| bool_view(operation, tensor)),
            [_] => ints.pop().and_then(|tensor| int_view(operation, tensor)),
            _ => None,
        };
        match (value, &outs[..]) {
            (Some(value), [out]) => {
                self.values.insert(out.id, value);
            }
            (_, outs) => {
                for out in outs {
                    let zeros = self.zeros(out);
                    self.values.insert(out.id, zeros);
                }
            }
        }
        Ok(())
    }
}

/// A step of the tape that keeps the gradient, if somebody wants it.
#[derive(Debug)]
struct Tapped;

impl Backward<Capture, 1> for Tapped {
    type State = (Option<u32>, Taken);

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Capture>(&ops.node);
        let [Some(parent)] = ops.parents else { return };
        let (tap, taken) = ops.state;
        if let Some(tap) = tap {
            let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
            taken.insert(tap, gradient.clone());
        }
        gradients.register::<Capture>(parent.id, gradient);
    }
}

fn bool_view(operation: &OperationIr, tensor: BoolTensor<Capture>) -> Option<Value> {
    let OperationIr::BaseBool(base) = operation else {
        return None;
    };
    Some(Value::Bool(match base {
        Base::Reshape(shape) => Capture::bool_reshape(tensor, shape.out.shape.clone()),
        Base::Expand(shape) => Capture::bool_expand(tensor, shape.out.shape.clone()),
        Base::SwapDims(swap) => Capture::bool_swap_dims(tensor, swap.dim1, swap.dim2),
        Base::Slice(slice) => Capture::bool_slice(tensor, &slice.ranges),
        _ => return None,
    }))
}

fn int_view(operation: &OperationIr, tensor: IntTensor<Capture>) -> Option<Value> {
    let OperationIr::BaseInt(base) = operation else {
        return None;
    };
    Some(Value::Int(match base {
        Base::Reshape(shape) => Capture::int_reshape(tensor, shape.out.shape.clone()),
        Base::Expand(shape) => Capture::int_expand(tensor, shape.out.shape.clone()),
        Base::SwapDims(swap) => Capture::int_swap_dims(tensor, swap.dim1, swap.dim2),
        Base::Slice(slice) => Capture::int_slice(tensor, &slice.ranges),
        _ => return None,
    }))
}

/// An operation that gives floats, on the inputs that it has, each kind in order.
fn float<B: Backend>(
    operation: &OperationIr,
    floats: Vec<FloatTensor<B>>,
    ints: Vec<IntTensor<B>>,
    bools: Vec<BoolTensor<B>>,
) -> Option<FloatTensor<B>> {
    let (mut floats, mut ints, mut bools) = (floats.into_iter(), ints.into_iter(), bools.into_iter());
    let mut f = || floats.next();
    Some(match operation {
        OperationIr::BaseFloat(base) => match base {
            Base::Reshape(shape) => B::float_reshape(f()?, shape.out.shape.clone()),
            Base::SwapDims(swap) => B::float_swap_dims(f()?, swap.dim1, swap.dim2),
            Base::Permute(permute) => B::float_permute(f()?, &permute.axes),
            Base::Flip(flip) => B::float_flip(f()?, &flip.axes),
            Base::Expand(shape) => B::float_expand(f()?, shape.out.shape.clone()),
            Base::Slice(slice) => B::float_slice(f()?, &slice.ranges),
            Base::SliceAssign(assign) => B::float_slice_assign(f()?, &assign.ranges, f()?),
            Base::Select(select) => B::float_select(f()?, select.dim, ints.next()?),
            Base::Gather(gather) => B::float_gather(gather.dim, f()?, ints.next()?),
            Base::MaskWhere(_) => B::float_mask_where(f()?, bools.next()?, f()?),
            Base::MaskFill(mask) => B::float_mask_fill(f()?, bools.next()?, mask.value.into()),
            Base::RepeatDim(repeat) => B::float_repeat_dim(f()?, repeat.dim, repeat.times),
            Base::Cat(cat) => B::float_cat(floats.collect(), cat.dim),
            Base::Cast(cast) => B::float_cast(f()?, cast.out.dtype.into()),
            _ => return None,
        },
        OperationIr::NumericFloat(_, numeric) => match numeric {
            Numeric::Add(_) => B::float_add(f()?, f()?),
            Numeric::Sub(_) => B::float_sub(f()?, f()?),
            Numeric::Mul(_) => B::float_mul(f()?, f()?),
            Numeric::Div(_) => B::float_div(f()?, f()?),
            Numeric::AddScalar(scalar) => B::float_add_scalar(f()?, scalar.rhs.into()),
            Numeric::SubScalar(scalar) => B::float_sub_scalar(f()?, scalar.rhs.into()),
            Numeric::MulScalar(scalar) => B::float_mul_scalar(f()?, scalar.rhs.into()),
            Numeric::DivScalar(scalar) => B::float_div_scalar(f()?, scalar.rhs.into()),
            Numeric::PowiScalar(scalar) => B::float_powi_scalar(f()?, scalar.rhs.into()),
            Numeric::ClampMin(scalar) => B::float_clamp_min(f()?, scalar.rhs.into()),
            Numeric::ClampMax(scalar) => B::float_clamp_max(f()?, scalar.rhs.into()),
            Numeric::Clamp(clamp) => B::float_clamp(f()?, clamp.min.into(), clamp.max.into()),
            Numeric::Abs(_) => B::float_abs(f()?),
            Numeric::Neg(_) => B::float_neg(f()?),
            Numeric::Sign(_) => B::float_sign(f()?),
            Numeric::Mean(_) => B::float_mean(f()?),
            Numeric::Sum(_) => B::float_sum(f()?),
            Numeric::Max(_) => B::float_max(f()?),
            Numeric::Min(_) => B::float_min(f()?),
            Numeric::MeanDim(reduce) => B::float_mean_dim(f()?, reduce.axis),
            Numeric::SumDim(reduce) => B::float_sum_dim(f()?, reduce.axis),
            Numeric::MaxDim(reduce) => B::float_max_dim(f()?, reduce.axis),
            Numeric::MinDim(reduce) => B::float_min_dim(f()?, reduce.axis),
            Numeric::CumSum(along) => B::float_cumsum(f()?, along.axis),
            _ => return None,
        },
        OperationIr::Float(_, float) => match float {
            Float::Matmul(_) => B::float_matmul(f()?, f()?),
            Float::Exp(_) => B::float_exp(f()?),
            Float::Log(_) => B::float_log(f()?),
            Float::Log1p(_) => B::float_log1p(f()?),
            Float::Erf(_) => B::float_erf(f()?),
            Float::Sqrt(_) => B::float_sqrt(f()?),
            Float::Cos(_) => B::float_cos(f()?),
            Float::Sin(_) => B::float_sin(f()?),
            Float::Tanh(_) => B::float_tanh(f()?),
            Float::Recip(_) => B::float_recip(f()?),
            Float::Powf(_) => B::float_powf(f()?, f()?),
            Float::PowfScalar(scalar) => B::float_powf_scalar(f()?, scalar.rhs.into()),
            _ => return None,
        },
        OperationIr::Activation(activation) => match activation {
            Activation::Relu(_) => B::relu(f()?),
            Activation::LeakyRelu(scalar) => B::leaky_relu(f()?, scalar.rhs.into()),
            Activation::Gelu(_) => B::gelu(f()?),
            Activation::Sigmoid(_) => B::sigmoid(f()?),
            Activation::LogSigmoid(_) => B::log_sigmoid(f()?),
            Activation::Softmax(along) => B::softmax(f()?, along.axis),
            Activation::LogSoftmax(along) => B::log_softmax(f()?, along.axis),
            _ => return None,
        },
        OperationIr::Module(module) => match module {
            Module::Embedding(_) => B::embedding(f()?, ints.next()?),
            Module::Linear(linear) => {
                let (x, weight) = (f()?, f()?);
                let bias = linear.bias.is_some().then(f).flatten();
                B::linear(x, weight, bias)
            }
            Module::LayerNorm(norm) => {
                let (x, gamma) = (f()?, f()?);
                let beta = norm.beta.is_some().then(f).flatten();
                B::layer_norm(x, gamma, beta, norm.epsilon.elem())
            }
            _ => return None,
        },
        _ => return None,
    })
}
