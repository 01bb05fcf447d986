//! What goes in is what was given: optional inputs, flags and skipped fields reach the model in every pass.

use crate::support::*;
use burn::nn::Linear;

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Hidden))]
struct Masked {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    layer1: Linear,
}

#[inspectable]
impl Masked {
    fn forward(&self, x: Tensor<2>, a: Option<Tensor<2>>, b: Option<Tensor<2>>) -> Tensor<2> {
        let mut h = self.layer1.forward(x);
        if let Some(a) = a {
            h = h * a * 10.0;
        }
        if let Some(b) = b {
            h = h * b * 100.0;
        }
        h
    }
}

fn masked() -> NnSight<Masked> {
    NnSight::new(Masked {
        layer1: linear([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]),
    })
}

fn ones() -> Tensor<2> {
    Tensor::ones([2, 3], &Device::flex())
}

#[test]
fn every_loss_gets_its_optional_inputs_in_their_places() {
    let (p, q) = trace!(masked(), (input(), None, Some(ones())), |m: Masked| {
        let p = m.output.sum().backward();
        let q = (m.output * 1.0).sum().backward();
        (p.grad(m.layer1.output).save(), q.grad(m.layer1.output).save())
    })
    .expect("it runs");
    assert_eq!(rows(p), [100.0; 6]);
    assert_eq!(rows(q), [100.0; 6]);
}

#[test]
fn an_invoke_gets_its_optional_inputs() {
    let out = trace!(masked(), |t: Masked| t
        .invoke((input(), None, Some(ones())))
        .output
        .save())
    .expect("it runs");
    assert_eq!(rows(out), [100.0, 200.0, 300.0, 300.0, 400.0, 700.0]);
}

#[test]
fn invokes_of_unlike_inputs_are_refused() {
    let unlike = trace!(masked(), |t: Masked| {
        let first = t.invoke((input(), None, Some(ones())));
        t.invoke((input(), Some(ones()), None));
        first.output.save()
    });
    assert!(
        matches!(unlike, Err(Error::InvokeRest { invoke: 2 })),
        "{unlike:?}"
    );
    let undeclared = trace!(masked(), |t: Masked| {
        let first = t.invoke((input(), None, Some(ones())));
        t.invoke((input(), None, Some(ones())));
        first.output.save()
    });
    assert!(
        matches!(
            undeclared,
            Err(Error::InvokeUndeclared {
                declared: 1,
                found: 2
            })
        ),
        "{undeclared:?}"
    );
    let neither = trace!(masked(), |t: Masked| {
        let (first, second) = (
            t.invoke((input(), None, None)),
            t.invoke((input() * 2.0, None, None)),
        );
        (first.output.save(), second.output.save())
    })
    .expect("nothing is undeclared");
    assert_eq!(rows(neither.0), [1.0, 2.0, 3.0, 3.0, 4.0, 7.0]);
    assert_eq!(rows(neither.1), [2.0, 4.0, 6.0, 6.0, 8.0, 14.0]);
}

/// What is no number, cannot be copied, and cannot be compared.
#[derive(Debug)]
struct Once(f32);

#[derive(Debug, nnsight::Carrier)]
struct Given {
    #[inspect((Batch, Features))]
    x: Tensor<2>,
    #[inspect(skip)]
    scale: f32,
    twice: bool,
}

#[derive(Debug, nnsight::Carrier)]
struct GivenOnce {
    #[inspect((Batch, Features))]
    x: Tensor<2>,
    #[inspect(skip)]
    scale: Once,
}

#[derive(Module, Debug, Inspectable)]
#[inspect(Given -> (Batch, Hidden))]
struct Scaled {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    layer1: Linear,
}

#[inspectable]
impl Scaled {
    fn forward(&self, input: Given) -> Tensor<2> {
        let scale = if input.twice {
            input.scale * 2.0
        } else {
            input.scale
        };
        self.layer1.forward(input.x) * scale
    }
}

impl Scaled {
    fn net() -> NnSight<Scaled> {
        NnSight::new(Scaled {
            layer1: linear([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]),
        })
    }
}

#[derive(Module, Debug, Inspectable)]
#[inspect(GivenOnce -> (Batch, Hidden))]
struct ScaledOnce {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    layer1: Linear,
}

#[inspectable]
impl ScaledOnce {
    fn forward(&self, input: GivenOnce) -> Tensor<2> {
        let scale = input.scale.0;
        self.layer1.forward(input.x) * scale
    }
}

impl ScaledOnce {
    fn net() -> NnSight<ScaledOnce> {
        NnSight::new(ScaledOnce {
            layer1: linear([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]),
        })
    }
}

fn given(scale: f32, twice: bool) -> Given {
    Given {
        x: input(),
        scale,
        twice,
    }
}

#[test]
fn what_is_no_tensor_is_kept() {
    let (p, q) = trace!(Scaled::net(), given(3.0, true), |m: Scaled| {
        let p = m.output.sum().backward();
        let q = (m.output * 2.0).sum().backward();
        (p.grad(m.layer1.output).save(), q.grad(m.layer1.output).save())
    })
    .expect("it runs");
    assert_eq!(rows(p), [6.0; 6]);
    assert_eq!(rows(q), [12.0; 6]);
    let (a, b) = trace!(Scaled::net(), |t: Scaled| {
        let (a, b) = (t.invoke(given(3.0, false)), t.invoke(given(3.0, false)));
        (a.output.save(), b.output.save())
    })
    .expect("both are alike");
    assert_eq!(rows(a), [3.0, 6.0, 9.0, 9.0, 12.0, 21.0]);
    assert_eq!(rows(b), [3.0, 6.0, 9.0, 9.0, 12.0, 21.0]);
    let unlike = trace!(Scaled::net(), |t: Scaled| {
        t.invoke(given(3.0, false));
        t.invoke(given(4.0, false)).output.save()
    });
    assert!(
        matches!(unlike, Err(Error::InvokeRest { invoke: 2 })),
        "{unlike:?}"
    );
}

#[test]
fn what_cannot_be_copied_is_refused_before_the_run() {
    let once = || GivenOnce {
        x: input(),
        scale: Once(3.0),
    };
    let out = trace!(ScaledOnce::net(), |t: ScaledOnce| t.invoke(once()).output.save()).expect("one pass");
    assert_eq!(rows(out), [3.0, 6.0, 9.0, 9.0, 12.0, 21.0]);
    let twice = trace!(ScaledOnce::net(), once(), |m: ScaledOnce| {
        let p = m.output.sum().backward();
        let q = (m.output * 2.0).sum().backward();
        (p.grad(m.layer1.output).save(), q.grad(m.layer1.output).save())
    });
    assert!(
        matches!(twice, Err(Error::InputNotCopied { losses: 2, .. })),
        "{twice:?}"
    );
}
