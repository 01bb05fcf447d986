//! Several values in one closure, and the whole batch beside invokes.

use crate::support::*;
use nnsight::{Error, MapValues};

#[test]
fn a_closure_takes_several_values() {
    let (larger, rows_of, kept) = tiny_net()
        .trace(input(), |m| {
            let (h, double) = (m.layer1.output, m.layer1.output * 2.0 - 3.0);
            // h = [[1, 2, 3], [3, 4, 7]], double = [[-1, 1, 3], [3, 5, 11]]
            let larger = (double, h).map(|(double, h)| double.max_pair(h)).save();
            let counted = (h, m.output, double.gt(2.0))
                .map_to::<(Batch,), Float>(|(h, out, mask)| {
                    (h.sum_dim(1) + out.sum_dim(1) + mask.float().sum_dim(1)).squeeze_dim(1)
                })
                .save();
            m.output
                .set((m.output, h.mean()).map(|(out, mean)| out + mean.unsqueeze()));
            (larger, counted, m.output.save())
        })
        .expect("it runs");
    assert_eq!(rows(larger), [1.0, 2.0, 3.0, 3.0, 5.0, 11.0]);
    // [6 + 3 + 1, 14 + 7 + 3]
    assert_eq!(rows(rows_of), [10.0, 24.0]);
    let mean = 20.0 / 6.0;
    for (found, out) in rows(kept).iter().zip([4.0, -1.0, 10.0, -3.0]) {
        assert!((found - out - mean).abs() < 1e-5, "{found}");
    }
}

#[test]
fn a_closure_inside_the_macro() {
    let sum = trace!(tiny_net(), input(), |m: TinyNet| {
        let sum = (m.layer1.output[.., 0..2], m.output).map(|(h, out)| h + out);
        sum.save()
    });
    assert_eq!(rows(sum.expect("it runs")), [5.0, 1.0, 13.0, 1.0]);
}

#[test]
fn a_result_of_other_sizes_is_an_error() {
    let error = tiny_net().trace(input(), |m| {
        (m.output, m.layer1.output).map(|(_, hidden)| hidden).save()
    });
    let error = error.expect_err("three are not two");
    assert!(matches!(error, Error::WrongSizes { .. }), "{error}");
}

fn row(x: [f32; 2]) -> Tensor<2> {
    Tensor::from_floats([x], &Device::flex())
}

/// What an invoke edits is seen in the whole, and what is edited in the whole by each invoke, in the order of the text.
#[test]
fn the_whole_batch_beside_invokes() {
    let (before, whole, edited, second, sizes) = trace!(tiny_net(), |t: TinyNet| {
        let all = t.batch();
        let before = all.layer1.output.save();
        let one = t.invoke(row([1.0, 2.0]));
        let other = t.invoke(row([3.0, 4.0]));
        one.layer1.output[.., 2] = 0.0;
        let whole = all.layer1.output.save();
        all.layer1.output += 1.0;
        let second = other.layer1.output.save();
        (before, whole, all.output.save(), second, one.layer1.output.shape())
    })
    .expect("it runs");
    assert_eq!(rows(before), [1.0, 2.0, 3.0, 3.0, 4.0, 7.0]);
    assert_eq!(rows(whole), [1.0, 2.0, 0.0, 3.0, 4.0, 7.0]);
    assert_eq!(rows(second), [4.0, 5.0, 8.0]);
    // [[2, 3, 1], [4, 5, 8]]: [h0 + h2, h1 - h2]
    assert_eq!(rows(edited), [3.0, 2.0, 12.0, -3.0]);
    assert_eq!(sizes, [1, 3]);
}

#[test]
fn the_number_of_all_rows_is_not_known_before_the_run() {
    let shape = trace!(tiny_net(), |t: TinyNet| {
        let _one = t.invoke(row([1.0, 2.0]));
        let all = t.batch();
        let _ = all.output.shape();
        all.output.save()
    });
    let error = shape.expect_err("more invokes may come");
    assert!(
        matches!(error, Error::UnknownSize { axis: "Batch", .. }),
        "{error}"
    );
}

#[test]
fn a_batch_of_nothing_is_an_error() {
    let none = trace!(tiny_net(), |t: TinyNet| { t.batch().output.save() });
    assert!(matches!(none, Err(Error::NoInvokes)));
}
