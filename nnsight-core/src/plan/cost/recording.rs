//! What a rehearsal has recorded: operations in their order, and notes between them.

use burn::backend::capture::CapturedGraph;
use burn::backend::ir::{OperationIr, TensorId, TensorIr};
use burn::tensor::{DType, TensorData};
use std::collections::HashMap;

/// What a note begins with. The recorder takes tensors of numbers, so notes are such tensors.
const NOTE: i64 = 0x6e6e_5369_6768_7421;

/// What is noted between operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// The parameters are there; what follows belongs to the trace.
    Begin,
    /// The tensors are held to the end: inputs and constants.
    Held,
    /// A module is called.
    Enter,
    /// It has returned.
    Leave,
    /// A forward pass is over, and all modules with it.
    Passed,
    /// The trace gives the tensor back.
    Result,
    /// A closure's result.
    Closure,
    /// The gradients of these parameters are wanted.
    Leaves,
    /// The gradient of this tensor comes by a tap.
    Tap(u32),
    /// The backward pass of this tensor runs.
    Loss,
    /// What is made next is the gradient at a tap.
    Gradient(u32),
    /// What is made next is the gradient of a parameter.
    LeafGradient(u32),
    /// The backward pass of the tape begins.
    Backward,
    /// It is over.
    BackwardOver,
    /// What follows is not part of the trace.
    End,
}

impl Note {
    /// A number for each, and the number in it.
    pub(crate) fn code(self) -> [i64; 2] {
        match self {
            Note::Begin => [0, 0],
            Note::Held => [1, 0],
            Note::Enter => [2, 0],
            Note::Leave => [3, 0],
            Note::Passed => [4, 0],
            Note::Result => [5, 0],
            Note::Closure => [6, 0],
            Note::Leaves => [7, 0],
            Note::Tap(tap) => [8, tap.into()],
            Note::Loss => [9, 0],
            Note::Gradient(tap) => [10, tap.into()],
            Note::LeafGradient(leaf) => [11, leaf.into()],
            Note::Backward => [12, 0],
            Note::BackwardOver => [13, 0],
            Note::End => [14, 0],
        }
    }

    fn of_code([code, number]: [i64; 2]) -> Option<Note> {
        let number = number as u32;
        Some(match code {
            0 => Note::Begin,
            1 => Note::Held,
            2 => Note::Enter,
            3 => Note::Leave,
            4 => Note::Passed,
            5 => Note::Result,
            6 => Note::Closure,
            7 => Note::Leaves,
            8 => Note::Tap(number),
            9 => Note::Loss,
            10 => Note::Gradient(number),
            11 => Note::LeafGradient(number),
            12 => Note::Backward,
            13 => Note::BackwardOver,
            14 => Note::End,
            _ => return None,
        })
    }

    /// A note as numbers.
    pub(crate) fn data(self, tensors: usize) -> TensorData {
        let [code, number] = self.code();
        TensorData::from([NOTE, code, number, tensors as i64])
    }

    /// A note, and of how many tensors it is.
    fn of_data(data: &TensorData) -> Option<(Note, usize)> {
        if data.dtype() != DType::I64 || data.num_elements() != 4 {
            return None;
        }
        let numbers: Vec<i64> = data.iter::<i64>().collect();
        match numbers[..] {
            [NOTE, code, number, tensors] => Some((Note::of_code([code, number])?, tensors as usize)),
            _ => None,
        }
    }
}

/// What happens, one after the other.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "most steps are operations")]
pub(crate) enum Step {
    Operation(OperationIr),
    Note(Note, Vec<TensorIr>),
}

/// A rehearsal from its beginning to its end.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) steps: Vec<Step>,
}

impl Recording {
    /// Reads the notes out of what a capture device has recorded.
    pub(crate) fn new(captured: CapturedGraph) -> Self {
        let mut steps = Vec::new();
        let mut operations = captured.graph.operations.into_iter();
        let mut has_begun = false;
        while let Some(operation) = operations.next() {
            let note = match &operation {
                OperationIr::Init(init) => captured.values.get(&init.out.id).and_then(Note::of_data),
                _ => None,
            };
            let Some((note, count)) = note else {
                if has_begun {
                    steps.push(Step::Operation(operation));
                }
                continue;
            };
            // Each tensor that a note is about has an operation of its own.
            let of_tensor = |operation: OperationIr| operation.inputs().next().cloned();
            let tensors = operations.by_ref().take(count).filter_map(of_tensor).collect();
            match note {
                Note::End => break,
                Note::Begin => has_begun = true,
                _ => steps.push(Step::Note(note, tensors)),
            }
        }
        Recording { steps }
    }
}

/// The last step that each tensor is used in.
pub(crate) fn last_uses(steps: &[Step]) -> HashMap<TensorId, usize> {
    let mut last = HashMap::new();
    for (at, step) in steps.iter().enumerate() {
        let mut used = |tensor: &TensorIr| {
            last.insert(tensor.id, at);
        };
        match step {
            Step::Operation(operation) => operation.inputs().for_each(&mut used),
            Step::Note(_, tensors) => tensors.iter().for_each(&mut used),
        }
    }
    last
}
