//! Several inputs in one forward pass: each invoke sees and changes its own rows.

use crate::prelude::*;
use crate::support::{Batch, Hidden, TinyNet, device, input, rows, same, tiny_net};
use nnsight::Error;

fn row(values: [f32; 2]) -> Tensor<2> {
    Tensor::from_floats([values], &device())
}

#[test]
fn each_sees_its_own_rows() -> nnsight::Result<()> {
    let (a, b, sizes) = trace!(tiny_net(), |t: TinyNet| {
        let a = t.invoke(row([1.0, 2.0]));
        let b = t.invoke(input());
        let sizes = vec![a.output.shape()[0] as i64, b.output.shape()[0] as i64];
        (a.output.save(), b.layer1.output.save(), sizes)
    })?;
    assert_eq!(rows(a), [4.0, -1.0]);
    assert_eq!(rows(b), [1.0, 2.0, 3.0, 3.0, 4.0, 7.0]);
    assert_eq!(sizes, [1, 2]);
    Ok(())
}

#[test]
fn each_changes_its_own_rows() -> nnsight::Result<()> {
    let (a, b) = trace!(tiny_net(), |t: TinyNet| {
        let a = t.invoke(row([1.0, 2.0]));
        let b = t.invoke(input());
        b.layer1.output[1, 0] = 100.0;
        a.layer2.output *= 2.0;
        (a.output.save(), b.output.save())
    })?;
    assert_eq!(rows(a), [8.0, -2.0]);
    assert_eq!(rows(b), [4.0, -1.0, 107.0, -3.0]);
    Ok(())
}

#[test]
fn values_cross_from_one_to_another() -> nnsight::Result<()> {
    let (first, second) = trace!(tiny_net(), |t: TinyNet| {
        let first = t.invoke(row([1.0, 2.0]));
        let second = t.invoke(row([3.0, 4.0]));
        let (h, k) = (first.layer1.output, second.layer1.output);
        first.layer1.output = k;
        second.layer1.output = h;
        (first.output.save(), second.output.save())
    })?;
    assert_eq!(rows(first), [10.0, -3.0]);
    assert_eq!(rows(second), [4.0, -1.0]);
    Ok(())
}

#[test]
fn each_loss_and_each_gradient_is_of_its_own_rows() -> nnsight::Result<()> {
    let (a, b, edited, input_b) = trace!(tiny_net(), |t: TinyNet| {
        let a = t.invoke(row([1.0, 2.0]));
        let b = t.invoke(input());
        a.output.sum().backward();
        (b.output[.., 0] * 3.0).sum().backward();
        // Each gradient is that of the loss of its own invoke.
        let before = b.layer1.output.grad.save();
        b.layer1.output.grad[0] = 0.0;
        (a.layer1.output.grad.save(), before, b.layer1.output.grad.save(), b.input.grad.save())
    })?;
    assert_eq!(rows(a), [1.0, 1.0, 0.0]);
    assert_eq!(rows(b), [3.0, 0.0, 3.0, 3.0, 0.0, 3.0]);
    assert_eq!(rows(edited), [0.0, 0.0, 0.0, 3.0, 0.0, 3.0]);
    assert_eq!(rows(input_b), [0.0, 0.0, 6.0, 3.0]);
    Ok(())
}

#[test]
fn one_loss_over_several_invokes() -> nnsight::Result<()> {
    let (a, b, crossed) = trace!(tiny_net(), |t: TinyNet| {
        let a = t.invoke(row([1.0, 2.0]));
        let b = t.invoke(row([3.0, 4.0]));
        // The loss sees a's hidden state twice: in its own rows, and in b's.
        b.layer1.output[.., 2] = a.layer1.output[.., 2];
        let loss = a.output.sum() + b.output[.., 0].sum() * 5.0;
        loss.backward();
        a.layer2.input.grad[.., 0] = 9.0;
        (a.layer1.output.grad.save(), b.layer1.output.grad.save(), a.layer2.input.grad.save())
    })?;
    assert_eq!(rows(crossed), [9.0, 1.0, 0.0]);
    assert_eq!(rows(a), [9.0, 1.0, 5.0]);
    assert_eq!(rows(b), [5.0, 0.0, 5.0]);
    Ok(())
}

#[test]
fn the_gradients_are_those_of_separate_traces() -> nnsight::Result<()> {
    let net = tiny_net();
    let alone = |x: Tensor<2>| {
        trace!(net, x, |m: TinyNet| {
            (m.output * m.output).sum().backward();
            m.layer1.output.grad.save()
        })
    };
    let (a, b) = trace!(net, |t: TinyNet| {
        let (a, b) = (t.invoke(row([1.0, 2.0])), t.invoke(row([-3.0, 0.5])));
        (a.output * a.output).sum().backward();
        (b.output * b.output).sum().backward();
        (a.layer1.output.grad.save(), b.layer1.output.grad.save())
    })?;
    assert_eq!(same(a.into_data(), alone(row([1.0, 2.0]))?.into_data()), Ok(()));
    assert_eq!(same(b.into_data(), alone(row([-3.0, 0.5]))?.into_data()), Ok(()));
    Ok(())
}

#[test]
fn invokes_in_a_loop() -> nnsight::Result<()> {
    let outputs = trace!(tiny_net(), |t: TinyNet| {
        let mut outputs = Vec::new();
        for scale in 1..=3 {
            let m = t.invoke(row([1.0, 2.0]));
            m.layer1.output *= scale;
            outputs.push(m.output.save());
        }
        outputs
    })?;
    let outputs: Vec<_> = outputs.into_iter().map(rows).collect();
    assert_eq!(outputs, [[4.0, -1.0], [8.0, -2.0], [12.0, -3.0]]);
    Ok(())
}

#[test]
fn what_cannot_be_batched_is_an_error_before_the_run() {
    let none = trace!(tiny_net(), |t: TinyNet| {
        let _ = &t;
        Value::<(Batch, Hidden)>::constant(&Tensor::ones([1, 3], &device())).save()
    });
    assert!(matches!(none, Err(Error::NoInvokes)));
    let other = trace!(tiny_net(), |t: TinyNet| {
        let a = t.invoke(Tensor::<2>::ones([1, 3], &device()));
        a.output.save()
    });
    assert!(matches!(other, Err(Error::Input { .. })));
    let sum = trace!(tiny_net(), |t: TinyNet| {
        let (a, b) = (t.invoke(row([1.0, 2.0])), t.invoke(input()));
        (a.output + b.output).save()
    });
    let text = sum.expect_err("one row and two").to_string();
    assert!(text.contains("[1, 2]") && text.contains("[2, 2]"), "{text}");
}
