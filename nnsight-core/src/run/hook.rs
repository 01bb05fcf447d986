//! The hook: what `#[inspectable]` puts around every `EXPR.forward(..)`.

use crate::error::{Error, Result, panic_message};
use crate::ops::real::to_device;
#[cfg(feature = "cost")]
use crate::plan::cost::recording::Note;
use crate::run::attached_runs::AttachedRun;
use crate::run::machine::Machine;
use crate::run::machine::Visit;
use crate::run::stop::Stop;
use crate::tensor::carrier::Carrier;
use crate::tensor::erased::Erased;
use crate::tensor::tap;
use crate::tensor::tap::TapId;
use crate::tree::handle::End;
use crate::tree::{ModuleId, Tree};
use burn::backend::DispatchTensor;
use burn::tensor::Device;
use std::any::TypeId;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

thread_local! {
    /// Whether a trace runs on this thread: all that an untraced forward ever looks at.
    static ACTIVE: Cell<bool> = const { Cell::new(false) };
    /// The trace that runs on this thread.
    static MACHINE: RefCell<Option<Box<Machine>>> = const { RefCell::new(None) };
}

/// The field behind `self.field.forward(..)`.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    parent: (usize, TypeId),
    name: &'static str,
    lifetime: std::marker::PhantomData<&'a ()>,
}

impl<'a> Field<'a> {
    /// Field `name` of `parent`.
    #[inline(always)]
    pub fn new<P: 'static>(parent: &'a P, name: &'static str) -> Self {
        let parent = (std::ptr::from_ref(parent) as usize, TypeId::of::<P>());
        Field {
            parent,
            name,
            lifetime: std::marker::PhantomData,
        }
    }

    fn find(self, tree: &Tree) -> Option<ModuleId> {
        tree.at_field(tree.at_key(self.parent)?, self.name)
    }
}

/// Calls a module's forward. When no trace is active this is the call itself, behind one thread-local
/// load and a branch that is always taken.
#[inline(always)]
pub fn call<M: 'static, A: Carrier, R: Carrier>(
    module: &M,
    field: Option<Field<'_>>,
    args: A,
    run: impl FnOnce(A) -> R,
) -> R {
    if cfg!(not(feature = "hooks")) || !ACTIVE.get() {
        return run(args);
    }
    traced(module, field, args, run)
}

#[cold]
#[inline(never)]
fn traced<M: 'static, A: Carrier, R: Carrier>(
    module: &M,
    field: Option<Field<'_>>,
    args: A,
    run: impl FnOnce(A) -> R,
) -> R {
    #[cfg(feature = "cost")]
    let run = |args| {
        note(Note::Enter);
        let result = run(args);
        note(Note::Leave);
        result
    };
    let Some(visit) = enter(module, field) else {
        return run(args);
    };
    let args = match visit.border() {
        Some(device) => moved(args, device),
        None => args,
    };
    let mut replacement = None;
    let args = if visit.reads_first(End::Input) && read(&args, &visit, End::Input) {
        args
    } else if visit.wants_input() {
        edit(args, |tensors, has_effect| {
            visit_end(&visit, End::Input, tensors);
            let replaced =
                |machine: &mut Machine| machine.replacement(&visit, tensors, has_effect, R::TENSORS);
            replacement = with_machine(|machine| Ok(replaced(machine)));
        })
    } else {
        args
    };
    let replacement = replacement.and_then(|tensors| R::from_tensors(&mut tensors.into_iter()).ok());
    let result = match replacement {
        Some(result) => {
            with_machine(|machine| {
                machine.skip(&visit);
                Ok(())
            });
            result
        }
        None => run(args),
    };
    let result = match visit.wants_output() {
        true if visit.reads_first(End::Output) && read(&result, &visit, End::Output) => result,
        true => edit(result, |tensors, _| visit_end(&visit, End::Output, tensors)),
        false => result,
    };
    match visit.back() {
        Some(device) => moved(result, device),
        None => result,
    }
}

/// Runs a model's own code, whose panics become errors: most likely they are Burn's, for tensors that nobody could check
/// before. Those of operations and closures of the trace go through.
pub(crate) fn caught<T>(run: impl FnOnce() -> T, error: fn(String) -> Error) -> Result<T> {
    let is_there = || MACHINE.with_borrow(Option::is_some);
    let was_there = is_there();
    catch_unwind(AssertUnwindSafe(run)).map_err(|payload| {
        // A machine that is gone went with what it ran.
        if payload.is::<Stop>() || was_there && !is_there() {
            resume_unwind(payload)
        }
        error(panic_message(payload.as_ref()))
    })
}

/// Calls a model whose panics become errors.
pub(crate) fn call_caught<M: 'static, A: Carrier, R: Carrier>(
    model: &M,
    args: A,
    run: impl FnOnce(A) -> R,
    error: fn(String) -> Error,
) -> R {
    let called = caught(|| call(model, None, args, run), error);
    called.unwrap_or_else(|error| Stop::Failed(error).leave())
}

/// Does what there is to do at one end of a call. Attached modules that become ready meanwhile run with the hooks
/// on, so between two looks at the machine.
fn visit_end(visit: &Visit, end: End, tensors: &mut Vec<Erased>) {
    let mut done = 0;
    while let Some(run) = with_machine(|machine| machine.visit(visit, end, &mut done, tensors)) {
        run_attached(run);
    }
}

/// Runs an attached module, with what there is to do at its own ends and inside.
fn run_attached(run: AttachedRun) {
    let AttachedRun {
        node,
        call,
        mut inputs,
        call_module,
    } = run;
    let visit = with_machine(|machine| Ok(machine.enter_attached(call)));
    visit_end(&visit, End::Input, &mut inputs);
    let mut outputs = match call_module(call.module, inputs) {
        Ok(outputs) => outputs,
        Err(error) => Stop::Failed(error).leave(),
    };
    visit_end(&visit, End::Output, &mut outputs);
    with_machine(|machine| machine.leave_attached(node, outputs).map_err(Stop::Failed));
}

/// Runs the attached modules whose inputs are there.
fn run_pending() {
    while let Some(run) = with_machine(|machine| Ok(machine.next_attached())) {
        run_attached(run);
    }
}

/// Runs what needs no site, on the machine of this thread. Says whether a forward pass is needed at all.
pub(crate) fn start() -> bool {
    with_machine(|machine| machine.start().map_err(Stop::Failed));
    run_pending();
    with_machine(|machine| Ok(machine.goals_left > 0))
}

/// What there is to do at a module that is about to be called: for most there is nothing, and this is all.
fn enter<M: 'static>(module: &M, field: Option<Field<'_>>) -> Option<Visit> {
    MACHINE.with_borrow_mut(|machine| {
        let machine = machine.as_mut()?;
        // Types without a size share addresses: they are found by their field.
        let id = if size_of::<M>() == 0 {
            field?.find(machine.tree())
        } else {
            machine.tree().at_address(module)
        };
        machine.enter(id?)
    })
}

/// Notes that a module is called, or has returned, where nothing is computed.
#[cfg(feature = "cost")]
fn note(note: Note) {
    MACHINE.with_borrow(|machine| {
        let rehearsal = machine.as_ref().and_then(|machine| machine.rehearsal.as_ref());
        rehearsal.inspect(|rehearsal| rehearsal.note(note, &[]));
    });
}

/// What passes the border between two devices.
fn moved<C: Carrier>(carrier: C, device: &Device) -> C {
    let rest = |rest| C::rest_to_device(rest, device);
    with_tensors(carrier, rest, |tensor| to_device(device, tensor))
}

/// A carrier with something done to its rest and to each of its tensors.
pub(crate) fn with_tensors<C: Carrier>(
    carrier: C,
    of_rest: impl FnOnce(C::Rest) -> C::Rest,
    of_tensor: impl FnMut(Erased) -> Erased,
) -> C {
    let mut tensors = Vec::new();
    let rest = of_rest(carrier.take_tensors(&mut tensors));
    let tensors: Vec<Erased> = tensors.into_iter().map(of_tensor).collect();
    match C::put_tensors(rest, &mut tensors.into_iter()) {
        Ok(carrier) => carrier,
        Err(error) => Stop::Failed(error).leave(),
    }
}

/// Does what there is to do where the first tensor of what passes a boundary is read and nothing else, if that tensor
/// can be had by itself.
fn read<C: Carrier>(carrier: &C, visit: &Visit, end: End) -> bool {
    let Some(tensor) = carrier.first_tensor() else {
        return false;
    };
    if !visit.keeps_first(end) {
        visit_end(visit, end, &mut vec![tensor]);
        return true;
    }
    // No module and no closure runs meanwhile.
    let kept = MACHINE.with_borrow_mut(|machine| match machine {
        Some(machine) => machine.keep(visit, end, tensor),
        None => Ok(()),
    });
    kept.map(|()| true).unwrap_or_else(|stop| stop.leave())
}

/// Lends the tensors of what passes a boundary, and says whether a call that is given the rest may have an effect.
fn edit<C: Carrier>(carrier: C, visit: impl FnOnce(&mut Vec<Erased>, bool)) -> C {
    let mut tensors = Vec::new();
    let rest = carrier.take_tensors(&mut tensors);
    let has_effect = C::has_effect(&rest);
    visit(&mut tensors, has_effect);
    match C::put_tensors(rest, &mut tensors.into_iter()) {
        Ok(carrier) => carrier,
        Err(error) => Stop::Failed(error).leave(),
    }
}

/// Runs `f` on the thread's machine, with no trace active meanwhile: modules and closures that the plan
/// runs are not part of the forward pass.
fn with_machine<R>(f: impl FnOnce(&mut Machine) -> Result<R, Stop>) -> R {
    let Some(mut machine) = MACHINE.take() else {
        unreachable!("a hook runs only while a machine is installed")
    };
    let result = {
        let _quiet = Quiet::begin();
        f(&mut machine)
    };
    MACHINE.set(Some(machine));
    result.unwrap_or_else(|stop| stop.leave())
}

/// The backward pass has reached a tap. What comes back flows on.
fn on_gradient(tap: TapId, gradient: DispatchTensor) -> DispatchTensor {
    // A tensor that outlived its pass may be part of another tape: then its tap is none of ours.
    let is_ours = MACHINE.with_borrow(|machine| {
        machine
            .as_ref()
            .is_some_and(|machine| machine.pass() == Some(tap.pass))
    });
    if !is_ours {
        return gradient;
    }
    with_machine(|machine| Ok(tap::restore(machine.at_tap(tap.tap, tap::erase(gradient)))))
}

/// Runs `f` on the machine that runs on this thread, between the forward passes of a trace.
///
/// Where none runs, the model is run by itself, and there is nothing to do.
pub(crate) fn with_running(f: impl FnOnce(&mut Machine) -> Result<()>) {
    if MACHINE.with_borrow(Option::is_none) {
        return;
    }
    with_machine(|machine| f(machine).map_err(Stop::Failed));
    run_pending();
}

/// While it lives, hooks do nothing.
struct Quiet(bool);
impl Quiet {
    fn begin() -> Self {
        Quiet(ACTIVE.replace(false))
    }
}
impl Drop for Quiet {
    fn drop(&mut self) {
        // A panic takes the machine with it: a model that catches the panic goes on untraced.
        ACTIVE.set(self.0 && !std::thread::panicking());
    }
}

/// A machine in its place; what was there before comes back when this is dropped, also by a panic.
pub(crate) struct Installed {
    before: Option<Box<Machine>>,
    was_active: bool,
}

impl Installed {
    pub(crate) fn new(mut machine: Machine) -> Self {
        machine.tape.on_gradient = Some(on_gradient);
        let before = MACHINE.replace(Some(Box::new(machine)));
        Installed {
            before,
            was_active: ACTIVE.replace(true),
        }
    }

    /// For the backward pass: modules that are called meanwhile are not part of the forward pass.
    pub(crate) fn for_backward(machine: Machine) -> Self {
        let installed = Installed::new(machine);
        ACTIVE.set(false);
        installed
    }

    /// Takes the machine out, after the forward pass.
    pub(crate) fn finish(self) -> Option<Box<Machine>> {
        MACHINE.take()
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        MACHINE.replace(Option::take(&mut self.before));
        ACTIVE.set(self.was_active);
    }
}
