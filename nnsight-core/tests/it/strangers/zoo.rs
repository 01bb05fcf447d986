//! A model with a bit of everything that a graph can name, and what becomes of a file on it.

use crate::support::*;
use nnsight::NamedTensors;
use nnsight::graph::{Graph, Limits};
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
    let Ok(graph) = Graph::read(text, &LIMITS) else {
        return Outcome::NotParsed;
    };
    thread_local! {
        static MODEL: NnSight<net::Zoo> = {
            let model = NnSight::new(net::zoo()).attach("sae", net::sae());
            model.expect("the name is free").0
        };
    }
    let model = MODEL.with(NnSight::clone);
    let planned = match (&graph.steps, graph.invokes.len()) {
        (Some(steps), _) => model
            .plan_driven::<_, Error>(
                Some(*steps),
                || graph.replay_within(&LIMITS),
                || Ok(graph.invokes.clone()),
            )
            .map(drop),
        (None, 0) => model.plan(input(), |_| graph.replay_within(&LIMITS)).map(drop),
        (None, _) => Ok(()),
    };
    if planned.is_err() {
        return Outcome::Refused;
    }
    if !run || graph.steps.is_some() {
        return Outcome::Planned;
    }
    match replayed(&model, &graph) {
        Ok(found) => {
            for (_, tensor) in found.iter() {
                drop(tensor.to_data());
            }
            Outcome::Run
        }
        Err(_) => Outcome::Failed,
    }
}

fn replayed(model: &NnSight<net::Zoo>, graph: &Graph) -> nnsight::Result<NamedTensors> {
    match graph.invokes.len() {
        0 => model.trace(input(), |_| graph.replay_within(&LIMITS)),
        several => model.trace_body(PhantomData, |t| {
            for _ in 0..several {
                t.invoke(input());
            }
            graph.replay_within(&LIMITS)
        }),
    }
}
