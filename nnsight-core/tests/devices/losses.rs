//! Several losses in one trace, and what gradients cannot do.

use crate::prelude::*;
use crate::support::{Hidden, TinyNet, device, input, linear, rows, tiny_net};
use burn::nn::{Dropout, DropoutConfig, Linear};
use nnsight::Error;

#[test]
fn each_loss_has_gradients_of_its_own() -> nnsight::Result<()> {
    let net = tiny_net();
    let (first, second, output) = trace!(net, input(), |m: TinyNet| {
        let a = m.output[.., 0].sum().backward();
        let b = (m.output[.., 1] * m.output[.., 1]).sum().backward();
        (a.grad(m.layer1.output).save(), b.grad(m.layer1.output).save(), m.output.save())
    })?;
    let a = trace!(net, input(), |m: TinyNet| {
        m.output[.., 0].sum().backward();
        m.layer1.output.grad.save()
    })?;
    let b = trace!(net, input(), |m: TinyNet| {
        (m.output[.., 1] * m.output[.., 1]).sum().backward();
        m.layer1.output.grad.save()
    })?;
    assert_eq!(rows(output), [4.0, -1.0, 10.0, -3.0]);
    let (first, second) = (rows(first), rows(second));
    assert_ne!(first, second);
    assert_eq!(first, rows(a));
    assert_eq!(second, rows(b));
    Ok(())
}

#[test]
fn an_edit_belongs_to_the_loss_that_it_names() -> nnsight::Result<()> {
    let (a, b, parameters) = trace!(tiny_net(), input(), |m: TinyNet| {
        let h = m.layer1.output;
        let first = m.output.sum().backward();
        let second = (m.output * 2.0).sum().backward();
        first.grad(m.layer2.output)[.., 0] = 0.0;
        second.grad(h) += 1.0;
        (first.grad(h).save(), second.grad(h).save(), (first.parameter_grads(), second.parameter_grads()))
    })?;
    assert_eq!(rows(a), [0.0, 1.0, -1.0, 0.0, 1.0, -1.0]);
    assert_eq!(rows(b), [3.0, 3.0, 1.0, 3.0, 3.0, 1.0]);
    let name = "layer1.weight";
    assert_eq!(
        rows(parameters.0.get::<2>(name)?),
        [0.0, 4.0, -4.0, 0.0, 6.0, -6.0]
    );
    assert_eq!(
        rows(parameters.1.get::<2>(name)?),
        [12.0, 12.0, 4.0, 18.0, 18.0, 6.0]
    );
    Ok(())
}

#[test]
fn gradients_of_two_losses_are_computed_with() -> nnsight::Result<()> {
    let (difference, product, weight) = trace!(tiny_net(), input(), |m: TinyNet| {
        let a = m.output.sum().backward();
        let b = (m.output * 3.0).sum().backward();
        let h = m.layer1.output;
        let difference = b.grad(h) - a.grad(h);
        // The second loss's gradient is edited by the first one's.
        b.grad(m.layer1.input)[.., 0] = a.grad(m.layer1.input)[.., 1] * 100.0;
        (
            difference.save(),
            (b.grad(m.input) * h.sum_over(Hidden).mean()).save(),
            b.grad(m.layer2.weight).sum().save(),
        )
    })?;
    assert_eq!(rows(difference), [2.0, 2.0, 0.0, 2.0, 2.0, 0.0]);
    assert_eq!(rows(product), [1000.0, 30.0, 1000.0, 30.0]);
    assert_eq!(rows(weight), [120.0]);
    Ok(())
}

#[test]
fn an_unused_loss_costs_nothing() -> nnsight::Result<()> {
    let plan = tiny_net().plan(input(), |m| {
        let a = m.output.get().sum().backward();
        m.layer1.output.get().sum().backward();
        a.grad(m.layer1.output.get()).get().save()
    })?;
    let shown = plan.to_string();
    assert_eq!(shown.matches("- #").count(), 3, "{shown}");
    Ok(())
}

fn error<T>(found: nnsight::Result<T>) -> Error {
    found.err().expect("it is refused")
}

#[test]
fn a_gradient_without_a_loss() {
    // `trace!` sees this one; a body without the macro does not.
    let found = tiny_net().trace(input(), |m| m.layer1.output.grad().get().save());
    let text = error(found).to_string();
    assert!(
        text.starts_with("layer1.output.grad is asked for, but nothing in this trace calls `backward()`"),
        "{text}"
    );
}

#[test]
fn a_gradient_of_one_of_several_losses_names_it() {
    let found = tiny_net().trace(input(), |m| {
        m.output.get().sum().backward();
        m.layer1.output.get().sum().backward();
        m.layer1.output.grad().get().save()
    });
    let text = error(found).to_string();
    assert!(
        text.starts_with("layer1.output.grad could be that of any of the 2 losses of this trace"),
        "{text}"
    );
}

#[test]
fn second_order_is_refused_before_the_run() {
    let of_gradient = tiny_net().trace(input(), |m| {
        m.output.get().sum().backward();
        m.layer1.output.grad().get().grad().get().save()
    });
    let loss = tiny_net().trace(input(), |m| {
        let a = m.output.get().sum().backward();
        let b = a.grad(m.layer1.output.get()).get().sum().backward();
        b.grad(m.layer1.output.get()).get().save()
    });
    for found in [of_gradient, loss] {
        let text = error(found).to_string();
        assert!(
            text.contains("needs the derivative of layer1.output.grad"),
            "{text}"
        );
    }
}

#[test]
fn a_gradient_cannot_be_written_into_the_forward_pass() {
    let found = tiny_net().trace(input(), |m| {
        m.layer2.input.set(m.layer1.output.grad().get() * 2.0);
        m.output.get().sum().backward();
        m.output.get().save()
    });
    let text = error(found).to_string();
    assert!(
        text.starts_with("the gradient layer1.output.grad cannot be written into layer2.input"),
        "{text}"
    );
}

#[test]
fn gradients_flow_backwards() {
    let found = tiny_net().trace(input(), |m| {
        m.output.get().sum().backward();
        m.layer2
            .output
            .grad()
            .set_at((.., 0), m.layer1.output.grad().get().at((.., 0)));
        m.input.grad().get().save()
    });
    let text = error(found).to_string();
    assert!(
        text.starts_with("layer1.output.grad cannot be written into layer2.output.grad, which comes earlier"),
        "{text}"
    );
    let found = tiny_net().trace(input(), |m| {
        let a = m.output.get().sum().backward();
        let b = m.output.get().sum().backward();
        a.grad(m.output.get()).set(b.grad(m.output.get()).get());
        a.grad(m.input.get()).get().save()
    });
    assert!(matches!(error(found), Error::GradientOrder { .. }));
}

#[test]
fn a_loss_that_does_not_depend_on_a_site() {
    let net = tiny_net();
    let cases = [
        // Later than the loss,
        net.trace(input(), |m| {
            m.layer1.output.get().sum().backward();
            m.layer2.output.grad().get().sum().save()
        }),
        // replaced before it is used,
        net.trace(input(), |m| {
            let first = m.layer1.output.grad().get().sum().save();
            m.layer1.output.set(1.0);
            m.output.get().sum().backward();
            first
        }),
        // or a loss that is a constant.
        net.trace(input(), |m| {
            Value::<()>::constant(&Tensor::<1>::ones([1], &device())).backward();
            m.layer1.output.grad().get().sum().save()
        }),
    ];
    for found in cases {
        let text = error(found).to_string();
        assert!(
            text.contains("the loss does not depend on it in this run"),
            "{text}"
        );
    }
    let late = net.trace(input(), |m| {
        m.output.get().sum().backward();
        m.layer1.output.call_idx(3).grad().get().sum().save()
    });
    assert!(matches!(error(late), Error::NotReached { .. }));
}

#[test]
fn a_closure_runs_for_one_loss_only() -> nnsight::Result<()> {
    let shared = tiny_net().trace(input(), |m| {
        let h = m.layer1.output.get().map(|h: Tensor<2>| h * 2.0);
        let a = h.sum().backward();
        let b = (h * h).sum().backward();
        (
            a.grad(m.input.get()).get().save(),
            b.grad(m.input.get()).get().save(),
        )
    });
    assert!(matches!(error(shared), Error::ClosureTwice { losses: 2, .. }));
    // One loss each is fine, and so is a closure over what a loss has given.
    let (a, b) = tiny_net().trace(input(), |m| {
        let a = m.layer1.output.get().map(|h: Tensor<2>| h * 2.0).sum().backward();
        let b = m.layer1.output.get().map(|h: Tensor<2>| h * 3.0).sum().backward();
        let g = a.grad(m.input.get()).get().map(|g: Tensor<2>| g + 1.0);
        (
            (g + b.grad(m.input.get()).get()).save(),
            b.grad(m.input.get()).get().save(),
        )
    })?;
    assert_eq!(rows(a), [11.0; 4]);
    assert_eq!(rows(b), [6.0; 4]);
    Ok(())
}

#[test]
fn a_value_of_another_trace_is_refused() {
    let net = tiny_net();
    let mut kept = None;
    net.trace(input(), |m| {
        kept = Some((m.output.get(), m.output.get().sum().backward()));
        m.output.get().save()
    })
    .expect("runs");
    let (value, backward) = kept.expect("the body has run");
    let of_value = net.trace(input(), |m| {
        m.output.get().sum().backward();
        value.grad().get().save()
    });
    let of_backward = net.trace(input(), |m| backward.grad(m.output.get()).get().save());
    for found in [of_value, of_backward] {
        assert!(matches!(error(found), Error::ForeignValue { .. }));
    }
}

mod noisy {
    use super::*;
    axes! {
        Batch;
        Wide = 2;
    }

    #[derive(Module, Debug, Inspectable)]
    #[inspect((Batch, Wide) -> (Batch, Wide))]
    pub struct Noisy {
        #[inspect((Batch, Wide) -> (Batch, Wide))]
        pub layer: Linear,
        #[inspect((Batch, Wide) -> (Batch, Wide))]
        pub dropout: Dropout,
    }

    #[inspectable]
    impl Noisy {
        pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
            self.dropout.forward(self.layer.forward(x))
        }
    }
}

/// A second forward pass would drop other units: the two losses would be of two networks.
#[test]
fn several_losses_of_a_model_that_draws_are_refused() {
    let net = |device: &Device| {
        NnSight::new(noisy::Noisy {
            layer: linear([[1.0, 0.0], [0.0, 1.0]], device),
            dropout: DropoutConfig::new(0.5).init(),
        })
    };
    let two = |net: NnSight<noisy::Noisy>| {
        net.trace(input(), |m| {
            let a = m.output.get().sum().backward();
            let b = m.output.get().sum().backward();
            (
                a.grad(m.input.get()).get().save(),
                b.grad(m.input.get()).get().save(),
            )
        })
    };
    assert!(two(net(&device())).is_ok());
    let in_training = error(two(net(&device().autodiff())));
    assert!(matches!(in_training, Error::LossesWithEffects { losses: 2 }));
}

#[test]
fn a_panic_in_the_backward_pass_leaves_nothing_behind() {
    let net = tiny_net();
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        net.trace(input(), |m| {
            m.output.get().sum().backward();
            let grad = m.layer2.output.grad();
            grad.set(grad.get().map(|_: Tensor<2>| panic!("in the backward pass")));
            m.layer1.output.grad().get().save()
        })
    }));
    assert!(panic.is_err());
    let g = net.trace(input(), |m| {
        m.output.get().sum().backward();
        m.layer1.output.grad().get().save()
    });
    assert_eq!(rows(g.expect("runs")), [1.0, 1.0, 0.0, 1.0, 1.0, 0.0]);
    assert_eq!(rows(net.model().forward(input())), [4.0, -1.0, 10.0, -3.0]);
}
