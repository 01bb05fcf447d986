//! What a plan costs, by a rehearsal: the model on Burn's capture device, its parameters of the same sizes and without
//! numbers.

use super::NnSight;
use crate::error::{Error, Result, panic_message};
use crate::graph::node::{Constant, NodeKind};
use crate::model::attach::Attachments;
use crate::model::capture::{Borrowed, OnCapture};
use crate::model::driving::Rehearse;
use crate::model::edits::Edits;
use crate::model::instance::Instances;
use crate::model::pinned::Pinned;
use crate::plan::cost::bytes::cost;
use crate::plan::cost::recording::{Note, Recording};
use crate::plan::cost::replay::with_tape;
use crate::plan::{Plan, Rehearsal as OfPlan};
use crate::run::machine::{Given, Machine};
use crate::run::passes;
use crate::run::rehearsal::Rehearsal;
use crate::shapes::kind::KindTag;
use crate::tensor::carrier::Carrier;
use crate::tensor::erased::{Erased, kind_of};
use crate::tree::module::{Forward, Inspectable};
use burn::tensor::{DType, Device};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

/// An input without its numbers.
struct Input<M: Forward> {
    tensors: Vec<(Vec<usize>, DType, KindTag)>,
    rest: Mutex<<M::Args as Carrier>::Rest>,
}

impl<M: Forward> Input<M> {
    fn new(args: M::Args) -> Result<Self> {
        let mut tensors = Vec::new();
        let rest = args.take_tensors(&mut tensors);
        let known = tensors
            .iter()
            .map(|tensor| Some((tensor.dims().all_known()?, tensor.dtype(), tensor.kind())));
        Ok(Input {
            tensors: known.collect::<Option<_>>().ok_or(Error::TooFewTensors)?,
            rest: Mutex::new(rest),
        })
    }

    /// The input once more, of tensors of the rehearsal.
    fn again(&self, device: &Device) -> Result<M::Args> {
        let rehearsal = Rehearsal::new(device);
        let unknown = |why: &str| Error::CostUnknown { why: why.to_owned() };
        let rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        if M::Args::has_effect(&rest) {
            return Err(unknown("running the model changes its input, a cache for one"));
        }
        let rest =
            M::Args::copy_rest(&rest).ok_or_else(|| unknown("a part of the input cannot be copied"))?;
        let rest = M::Args::rest_to_device(rest, device);
        let tensors = self.tensors.iter();
        let tensors: Vec<Erased> = tensors
            .map(|(sizes, dtype, kind)| rehearsal.tensor(sizes, *dtype, *kind))
            .collect();
        rehearsal.note(Note::Held, &tensors);
        M::Args::put_tensors(rest, &mut tensors.into_iter())
    }
}

/// A plan's way to find out what it costs, on an input that is given.
pub(super) fn on_input<M>(net: &NnSight<M>, has_effects: bool, args: M::Args) -> Result<OfPlan>
where
    M: Inspectable + Forward,
    <M::Args as Carrier>::Rest: Send + 'static,
{
    let input = Input::<M>::new(args)?;
    let rehearse: Rehearse<M> = Box::new(move |device, forward| {
        drop(forward(input.again(device)?));
        Ok(())
    });
    Ok(driven(net, has_effects, rehearse))
}

/// A plan's way to find out what it costs, whose forward passes are run by `rehearse`.
pub(super) fn driven<M>(net: &NnSight<M>, has_effects: bool, rehearse: Rehearse<M>) -> OfPlan
where
    M: Inspectable + Forward,
{
    // A model need not be shared between threads, but it may go from one to another.
    let model = Mutex::new(M::clone(net.model()));
    let attached = net.pinned.attached.clone();
    Arc::new(move |plan| {
        let model = M::clone(&model.lock().unwrap_or_else(PoisonError::into_inner));
        let record = || recorded(plan, model, &attached, has_effects, &rehearse);
        let recording = catch_unwind(AssertUnwindSafe(record)).unwrap_or_else(|panic| {
            Err(Error::CostUnknown {
                why: format!("the model looks at numbers: {}", panic_message(panic.as_ref())),
            })
        })?;
        Ok(cost(&recording))
    })
}

/// Rehearses a plan.
fn recorded<M>(
    plan: &Plan,
    model: M,
    attached: &Attachments,
    has_effects: bool,
    rehearse: &Rehearse<M>,
) -> Result<Recording>
where
    M: Inspectable + Forward,
{
    let borrowed = Borrowed::take();
    let device = borrowed.device();
    let mut outcome = Err(Error::PanicCaught);
    let captured = device.capture_scope(|scope| {
        outcome = run(plan, model, attached, has_effects, rehearse, &device);
        scope.complete([], [])
    });
    outcome?;
    let captured = captured.map_err(|error| Error::CostUnknown {
        why: error.to_string(),
    })?;
    let recording = Recording::new(captured);
    match plan.losses().is_empty() {
        true => Ok(recording),
        false => with_tape(&recording, &device),
    }
}

fn run<M>(
    plan: &Plan,
    model: M,
    attached: &Attachments,
    has_effects: bool,
    rehearse: &Rehearse<M>,
    device: &Device,
) -> Result<()>
where
    M: Inspectable + Forward,
{
    let mut on_capture = OnCapture::new(device, plan.floats);
    let model = on_capture.put(model);
    let attached = attached.on(&mut on_capture);
    let net = NnSight {
        pinned: Pinned::new(Arc::new(model), attached, None),
        instances: Arc::new(Instances::default()),
        edits: Edits::default(),
        strict: false,
        executor: None,
    };
    let rehearsal = Rehearsal::new(device);
    rehearsal.note(Note::Begin, &[]);
    let constants = plan.graph.constants.iter().map(|constant| {
        let (sizes, dtype) = match constant {
            Constant::Tensor(tensor) => (tensor.dims().all_known(), tensor.dtype()),
            Constant::Data(data) => (Some(data.shape().to_vec()), data.dtype()),
        };
        let sizes = sizes.ok_or(Error::TooFewTensors)?;
        Ok(rehearsal.tensor(&sizes, dtype, kind_of(dtype)))
    });
    let constants: Vec<Erased> = constants.collect::<Result<_>>()?;
    rehearsal.note(Note::Held, &constants);
    let given: Given = (constants.into_iter().map(Constant::Tensor).collect(), Vec::new());
    let pass = |plan: Arc<Plan>, given: Given| {
        let own = Some(Rehearsal::new(device));
        let machine = net.pass_unwatched(plan, given, has_effects, own, |forward| rehearse(device, forward));
        rehearsal.note(Note::Passed, &[]);
        machine
    };
    let machines = match plan.losses().len() {
        0 | 1 => vec![pass(Arc::new(plan.without_rehearsal()), given)?],
        _ => passes::run(plan, given, pass)?,
    };
    for machine in &machines {
        rehearsal.note(Note::Result, &results(plan, machine));
    }
    drop(machines);
    rehearsal.note(Note::End, &[]);
    Ok(())
}

/// What a run gives back.
fn results(plan: &Plan, machine: &Machine) -> Vec<Erased> {
    let needed = plan.ids().filter(|id| plan.needed[id.index()]);
    let mut results = Vec::new();
    for id in needed {
        let kind = &plan.graph.nodes[id.index()].kind;
        if kind.is_save() {
            results.extend(machine.saved_again(id));
        }
        if let (NodeKind::ParameterGradients { .. }, Some(gradients)) = (kind, machine.parameters(id)) {
            results.extend(gradients.iter().map(|(.., gradient)| gradient.clone()));
        }
    }
    results
}
