//! Order is claimed only where the texts of the forwards show it.

use crate::support::*;
use burn::nn::Linear;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const ONCE: [[f32; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

/// The body of a language model whose embedding is called by the model itself, before the body.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Hidden) -> (Batch, Hidden))]
pub struct Body {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    wte: Linear,
    #[inspect((Batch, Hidden) -> (Batch, Hidden))]
    proj: Linear,
}

#[inspectable]
impl Body {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.proj.forward(x)
    }
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Hidden))]
pub struct Lm {
    body: Body,
}

#[inspectable]
impl Lm {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = self.body.wte.forward(x);
        self.body.forward(x)
    }
}

fn lm() -> NnSight<Lm> {
    NnSight::new(Lm {
        body: Body {
            wte: linear([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]),
            proj: linear(ONCE),
        },
    })
}

#[test]
fn a_grandchild_that_is_called_first_comes_first() {
    const DOUBLED: [f32; 6] = [2.0, 4.0, 6.0, 6.0, 8.0, 14.0];
    let (seen, out) = trace!(lm(), input(), |m: Lm| {
        m.body.wte.output *= 2.0;
        (m.body.input.save(), m.body.output.save())
    })
    .expect("runs");
    assert_eq!(rows(seen), DOUBLED);
    assert_eq!(rows(out), DOUBLED);

    let written = trace!(lm(), input(), |m: Lm| {
        m.body.input = m.body.wte.output * 2.0;
        m.output.save()
    });
    assert_eq!(rows(written.expect("runs")), DOUBLED);

    // The other way round is refused, and not only by the compiler.
    let backwards = lm().trace(input(), |m| {
        m.body.wte.output.set(m.body.input.get() * 2.0);
        m.output.get().save()
    });
    let error = backwards.expect_err("the body comes later").to_string();
    assert!(
        error.contains("body.wte.output") && error.contains("body.input"),
        "{error}"
    );
}

/// A model whose sites are named otherwise than its fields.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Classes), pure)]
pub struct Renamed {
    #[inspect((Batch, Features) -> (Batch, Hidden), rename = "first")]
    c_first: Linear,
    #[inspect((Batch, Hidden) -> (Batch, Classes), rename = "second")]
    c_second: Linear,
    #[module(skip)]
    began: Arc<AtomicBool>,
}

#[inspectable]
impl Renamed {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.began.store(true, Ordering::Relaxed);
        let h = self.c_first.forward(x);
        self.c_second.forward(h)
    }
}

#[test]
fn renamed_sites_keep_their_order() {
    let began = Arc::new(AtomicBool::new(false));
    let net = NnSight::new(Renamed {
        c_first: linear([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]),
        c_second: linear([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]]),
        began: Arc::clone(&began),
    });
    let backwards = net.trace(input(), |m| {
        m.first.output.set_at((.., 0), m.second.output.get().at((.., 0)));
        m.output.get().save()
    });
    let error = backwards.expect_err("the second comes later").to_string();
    assert!(
        error.contains("first.output") && error.contains("second.output"),
        "{error}"
    );
    assert!(!began.load(Ordering::Relaxed), "the forward began");
    let forwards = trace!(net, input(), |m: Renamed| {
        m.second.output[.., 0] = m.first.output[.., 0];
        m.output.save()
    });
    assert_eq!(rows(forwards.expect("runs")), [1.0, -1.0, 3.0, -3.0]);
}
