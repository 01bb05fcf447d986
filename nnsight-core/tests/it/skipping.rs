//! Skipping changes nothing: a trace gives what one gets by running every module and replacing results afterwards.

use crate::support::*;
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig};
use std::sync::{Arc, Mutex};

axes! { Same = 3; }

fn doubling() -> Linear {
    linear([[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 2.0]])
}

/// What a module has seen, by the sum of its input.
#[derive(Clone, Debug, Default)]
struct Seen(Arc<Mutex<Vec<f32>>>);

impl Seen {
    fn add(&self, x: &Tensor<2>) {
        self.0
            .lock()
            .expect("no panic")
            .push(x.clone().sum().into_scalar::<f32>());
    }
    fn take(&self) -> Vec<f32> {
        std::mem::take(&mut *self.0.lock().expect("no panic"))
    }
}

/// Counts its calls behind `&self`.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Same) -> (Batch, Same))]
struct Counting {
    #[inspect((Batch, Same) -> (Batch, Same))]
    layer: Linear,
    #[module(skip)]
    seen: Seen,
}

#[inspectable]
impl Counting {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.seen.add(&x);
        self.layer.forward(x)
    }
}

/// Keeps what it is given in what it is lent.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Same) -> (Batch, Same))]
struct Keeping {
    #[inspect((Batch, Same) -> (Batch, Same))]
    layer: Linear,
}

#[inspectable]
impl Keeping {
    fn forward(&self, x: Tensor<2>, kept: &mut Vec<Tensor<2>>) -> Tensor<2> {
        kept.push(x.clone());
        self.layer.forward(x)
    }
}

/// Numbers and text are no effect.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Same) -> (Batch, Same))]
struct Plain {
    #[inspect((Batch, Same) -> (Batch, Same))]
    layer: Linear,
    #[module(skip)]
    name: Option<String>,
    scale: f64,
}

#[inspectable]
impl Plain {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.layer.forward(x) * self.scale
    }
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Same) -> (Batch, Same))]
struct Net {
    counting: Counting,
    keeping: Keeping,
    plain: Plain,
    last: Probe<(Batch, Same)>,
}

#[inspectable]
impl Net {
    /// What is kept comes out too: the sum of it all.
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let mut kept = Vec::new();
        let x = self.counting.forward(x);
        let x = self.keeping.forward(x, &mut kept);
        let x = self.plain.forward(x);
        let kept = kept.into_iter().fold(x.zeros_like(), |sum, kept| sum + kept);
        self.last.forward(x + kept)
    }
}

fn net() -> (NnSight<Net>, Seen) {
    let seen = Seen::default();
    let net = Net {
        counting: Counting {
            layer: doubling(),
            seen: seen.clone(),
        },
        keeping: Keeping { layer: doubling() },
        plain: Plain {
            layer: doubling(),
            name: None,
            scale: 0.5,
        },
        last: Probe::new(),
    };
    (NnSight::new(net), seen)
}

fn ones() -> Tensor<2> {
    Tensor::ones([1, 3], &Device::flex())
}

#[test]
fn what_has_an_effect_is_run_though_it_is_replaced() {
    let (net, seen) = net();
    let (out, report) = net
        .trace_with_report(ones(), |m| {
            m.counting.output.set(1.0);
            m.keeping.output.set(5.0);
            m.plain.output.set(7.0);
            m.last.output.get().save()
        })
        .expect("runs");
    // 7, and the 1 that `keeping` was given.
    assert_eq!(rows(out), [8.0; 3]);
    assert_eq!(seen.take(), [3.0]);
    assert_eq!(report.skipped, ["plain"]);
}

#[test]
fn an_effect_that_outlives_the_run_is_neither_stopped_nor_left_out() {
    let (net, seen) = net();
    let net = NnSight::new(Behind {
        first: Probe::new(),
        net: net.into_model(),
    });
    let (out, report) = net
        .trace_with_report(ones(), |m| {
            let first = m.first.output.get();
            // Nothing that is saved sees it; the counter does.
            m.first.output.set(10.0);
            first.save()
        })
        .expect("runs");
    assert_eq!(rows(out), [1.0; 3]);
    assert_eq!(seen.take(), [30.0]);
    assert!(report.unused_edits.is_empty(), "{report}");
    assert_eq!(report.stopped_at, None);
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Same) -> (Batch, Same))]
struct Behind {
    first: Probe<(Batch, Same)>,
    net: Net,
}

#[inspectable]
impl Behind {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.net.forward(self.first.forward(x))
    }
}

/// A module whose type says that it may have effects, and which says that it has none.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Same) -> (Batch, Same), pure)]
struct Declared {
    #[inspect((Batch, Same) -> (Batch, Same))]
    layer: Linear,
    #[module(skip)]
    table: Seen,
}

#[inspectable]
impl Declared {
    fn forward(&self, x: Tensor<2>, factor: &f64) -> Tensor<2> {
        self.layer.forward(x) * *factor
    }
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Same) -> (Batch, Same))]
struct Outer {
    declared: Declared,
    dropout: DropoutOf,
}

/// A module that draws numbers in training.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Same) -> (Batch, Same))]
struct DropoutOf {
    #[inspect((Batch, Same) -> (Batch, Same))]
    dropout: Dropout,
}

#[inspectable]
impl DropoutOf {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.dropout.forward(x)
    }
}

#[inspectable]
impl Outer {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.dropout.forward(self.declared.forward(x, &0.5))
    }
}

#[test]
fn effects_are_declared_away_and_those_of_training_are_of_training() {
    let skipped = |device: &Device| {
        let net = NnSight::new(Outer {
            declared: Declared {
                layer: LinearConfig::new(3, 3).init(device),
                table: Seen::default(),
            },
            dropout: DropoutOf {
                dropout: DropoutConfig::new(0.5).init(),
            },
        });
        let (out, report) = net
            .trace_with_report(ones(), |m| {
                m.declared.output.set(1.0);
                m.dropout.output.set(2.0);
                m.output.get().save()
            })
            .expect("runs");
        assert_eq!(rows(out), [2.0; 3]);
        report.skipped
    };
    assert_eq!(skipped(&Device::flex()), ["declared", "dropout"]);
    assert_eq!(skipped(&Device::flex().autodiff()), ["declared"]);
}
