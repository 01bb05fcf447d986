//! A model with a bit of everything that a graph can name, and what becomes of a file on it.

use crate::support::*;
use nnsight::driving::Planned;
use nnsight::graph::{Graph, Limits};
use nnsight::{Forward, Invokes};
use std::marker::PhantomData;

pub mod net {
    use crate::support::*;
    use burn::nn::Linear;

    axes! { Batch; Features = 2; Hidden = 3; Classes = 2; }

    /// Two tensors out of one.
    #[derive(Module, Debug, Inspectable)]
    #[inspect((Batch, Hidden) -> ((Batch, Hidden), (Batch, Hidden)))]
    pub struct Split {
        probe: Probe<(Batch, Hidden)>,
    }

    #[inspectable]
    impl Split {
        pub fn forward(&self, x: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
            let x = self.probe.forward(x);
            (x.clone(), x * 2.0)
        }
    }

    #[derive(Module, Debug, Inspectable)]
    #[inspect((Batch, Features) -> (Batch, Classes))]
    pub struct Zoo {
        #[inspect((Batch, Features) -> (Batch, Hidden))]
        pub layer1: Linear,
        pub split: Split,
        #[inspect((Batch, Hidden) -> (Batch, Classes))]
        pub layer2: Linear,
    }

    #[inspectable]
    impl Zoo {
        pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
            let (a, b) = self.split.forward(self.layer1.forward(x));
            self.layer2.forward(a + b)
        }
    }

    /// What is attached.
    #[derive(Module, Debug, Inspectable)]
    #[inspect((Batch, Hidden) -> (Batch, Hidden))]
    pub struct Sae {
        #[inspect((Batch, Hidden) -> (Batch, Hidden))]
        pub encoder: Linear,
    }

    #[inspectable]
    impl Sae {
        pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
            self.encoder.forward(x)
        }
    }

    pub fn zoo() -> Zoo {
        Zoo {
            layer1: linear([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]),
            split: Split { probe: Probe::new() },
            layer2: linear([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]]),
        }
    }

    pub fn sae() -> Sae {
        Sae {
            encoder: linear([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
        }
    }
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    NotParsed,
    Refused,
    Planned,
    Failed,
    /// A module panicked, and that is an error.
    Panicked,
    Run,
}

/// Small enough that no file that keeps to them takes long.
pub const LIMITS: Limits = Limits {
    bytes: 1 << 20,
    nodes: 2_000,
    depth: 500,
    saves: 500,
    losses: 4,
    constants: 100,
    constant_bytes: 1 << 16,
    elements: 1 << 14,
    work: 1 << 20,
    order: 1 << 20,
    steps: 100,
    invokes: 8,
};

/// Reads a file, checks it against the zoo, and runs it if `run` says so.
pub fn outcome(text: &[u8], run: bool) -> Outcome {
    thread_local! {
        static MODEL: NnSight<net::Zoo> = {
            let model = NnSight::new(net::zoo()).attach("sae", net::sae());
            model.expect("the name is free").0
        };
    }
    outcome_of(&MODEL.with(NnSight::clone), &[input()], text, run)
}

/// The same of another model and its inputs, which are given again where a graph has more invokes.
pub fn outcome_of<M: Inspectable + Forward<Args: Clone + Carrier<Rest: Send + 'static>>>(
    model: &NnSight<M>,
    inputs: &[M::Args],
    text: &[u8],
    run: bool,
) -> Outcome {
    let Ok(graph) = Graph::read(text, &LIMITS) else {
        return Outcome::NotParsed;
    };
    let add = |t: &Invokes<M>| {
        for input in inputs.iter().cycle().take(graph.invokes.len()) {
            t.invoke(input.clone());
        }
    };
    let planned = match (&graph.steps, graph.invokes.len()) {
        (Some(steps), _) => model
            .plan_driven::<_, Error>(
                Some(*steps),
                || graph.replay_within(&LIMITS),
                || {
                    Ok(Planned {
                        windows: graph.invokes.clone(),
                        rehearse: Box::new(|_, _| Ok(())),
                    })
                },
            )
            .map(drop),
        (None, 0) => model
            .plan(inputs[0].clone(), |_| graph.replay_within(&LIMITS))
            .map(drop),
        (None, _) => model
            .plan_body(PhantomData, |t| {
                add(&t);
                graph.replay_within(&LIMITS)
            })
            .map(drop),
    };
    if planned.is_err() {
        return Outcome::Refused;
    }
    if !run || graph.steps.is_some() {
        return Outcome::Planned;
    }
    let found = match graph.invokes.len() {
        0 => model.trace(inputs[0].clone(), |_| graph.replay_within(&LIMITS)),
        _ => model.trace_body(PhantomData, |t| {
            add(&t);
            graph.replay_within(&LIMITS)
        }),
    };
    match found {
        Ok(found) => {
            for (_, tensor) in found.iter() {
                drop(tensor.to_data());
            }
            Outcome::Run
        }
        Err(Error::ModelPanicked { .. }) => Outcome::Panicked,
        Err(_) => Outcome::Failed,
    }
}
