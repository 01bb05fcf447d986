//! Sums of products over axes by name, against sums that are written out.

use crate::prelude::*;
use crate::support::{Classes, Features, Hidden, TinyNet, device, input, rows, tiny_net};
use proptest::prelude::*;

axes! { A; B; C; D; }

/// A tensor's elements, and the letters of its axes.
struct Named<'a> {
    axes: &'a str,
    elements: Vec<f32>,
}

/// The element at a place, which names all axes.
fn at(tensor: &Named<'_>, place: &[usize], all: &str, sizes: &[usize]) -> f32 {
    let letters = tensor.axes.chars();
    let dims = letters.map(|letter| all.find(letter).expect("an axis"));
    let index = dims.fold(0, |index, dim| index * sizes[dim] + place[dim]);
    tensor.elements[index]
}

/// Every product, added to the place of the result that it belongs to.
fn written_out(left: &Named<'_>, right: &Named<'_>, output: &str, sizes: &[usize]) -> Vec<f32> {
    let all = "abcd";
    let out: Vec<usize> = output
        .chars()
        .map(|letter| all.find(letter).expect("an axis"))
        .collect();
    let mut sums = vec![0.0; out.iter().map(|&dim| sizes[dim]).product()];
    let used = |dim: usize| {
        let letter = &all[dim..=dim];
        left.axes.contains(letter) || right.axes.contains(letter)
    };
    let counts: Vec<usize> = (0..4).map(|dim| if used(dim) { sizes[dim] } else { 1 }).collect();
    for flat in 0..counts.iter().product() {
        let (mut rest, mut place) = (flat, [0; 4]);
        for dim in (0..4).rev() {
            place[dim] = rest % counts[dim];
            rest /= counts[dim];
        }
        let index = out.iter().fold(0, |index, &dim| index * sizes[dim] + place[dim]);
        sums[index] += at(left, &place, all, sizes) * at(right, &place, all, sizes);
    }
    sums
}

/// Small whole numbers: their sums of products are exact.
fn numbers<const N: usize>(sizes: [usize; N], seed: usize) -> Tensor<N> {
    let count: usize = sizes.iter().product();
    let elements: Vec<f32> = (0..count).map(|i| ((i * 7 + seed) % 11) as f32 - 5.0).collect();
    Tensor::<1>::from_floats(&elements[..], &device()).reshape(sizes)
}

macro_rules! same_sums {
    ($sizes:ident: $($left:ident $left_axes:ty, $right:ident $right_axes:ty => $output:ident $output_axes:ty;)+) => {$({
        let sizes = |axes: &str| axes.chars().map(|axis| $sizes["abcd".find(axis).expect("an axis")]).collect::<Vec<_>>();
        let left = numbers(sizes(stringify!($left)).try_into().expect("as many axes"), 1);
        let right = numbers(sizes(stringify!($right)).try_into().expect("as many axes"), 4);
        let wanted = written_out(
            &Named { axes: stringify!($left), elements: rows(left.clone()) },
            &Named { axes: stringify!($right), elements: rows(right.clone()) },
            stringify!($output),
            &$sizes,
        );
        let found = tiny_net().trace(input(), |_| {
            let (left, right) = (Value::<$left_axes>::constant(&left), Value::<$right_axes>::constant(&right));
            left.einsum::<$output_axes>(right).save()
        });
        let found = found.expect("it runs");
        prop_assert_eq!(found.dims().to_vec(), sizes(stringify!($output)));
        prop_assert_eq!(rows(found), wanted);
    })+};
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn products_are_summed_over_what_is_not_in_the_result(sizes in prop::array::uniform4(1usize..4)) {
        same_sums! { sizes:
            abc (A, B, C), cd (C, D) => abd (A, B, D);
            abc (A, B, C), cd (C, D) => dba (D, B, A);
            abc (A, B, C), cd (C, D) => dacb (D, A, C, B);
            abc (A, B, C), cd (C, D) => c (C,);
            abc (A, B, C), acd (A, C, D) => abd (A, B, D);
            bca (B, C, A), dca (D, C, A) => acb (A, C, B);
            ab (A, B), ab (A, B) => b (B,);
            ab (A, B), ba (B, A) => a (A,);
            ab (A, B), cd (C, D) => ca (C, A);
            abcd (A, B, C, D), dc (D, C) => ab (A, B);
        }
    }
}

#[test]
fn scalars_integers_and_empty_axes() {
    let (dot, outer, whole, empty) = tiny_net()
        .trace(input(), |m| {
            let h = m.layer1.output;
            let (first, second) = (h.at((0,)), h.at((1,)));
            let dot = first.einsum::<()>(second);
            let outer = dot.einsum::<(Hidden,)>(first);
            let whole = first.cast::<Int>().einsum::<()>(second.cast::<Int>());
            let none = h.slice(Hidden, 1..1);
            let empty = none.einsum::<(crate::support::Batch,)>(none);
            (dot.save(), outer.save(), whole.save(), empty.save())
        })
        .expect("it runs");
    // [1, 2, 3] and [3, 4, 7]
    assert_eq!(rows(dot), [32.0]);
    assert_eq!(rows(outer), [32.0, 64.0, 96.0]);
    assert_eq!(crate::support::ints(whole), [32]);
    assert_eq!(rows(empty), [0.0, 0.0]);
}

/// The gradient of sum(x W) is 1 W' for x and x' 1 for W.
#[test]
fn gradients_flow_through_both() {
    let (x, weight) = trace!(tiny_net(), input(), |m: TinyNet| {
        let weight = m.layer2.weight.value();
        let loss = m
            .layer1
            .output
            .einsum::<(Classes, crate::support::Batch)>(weight)
            .sum();
        let b = loss.backward();
        (b.grad(m.layer1.output).save(), b.grad(m.layer2.weight).save())
    })
    .expect("it runs");
    assert_eq!(rows(x), [1.0, 1.0, 0.0, 1.0, 1.0, 0.0]);
    assert_eq!(rows(weight), [4.0, 4.0, 6.0, 6.0, 10.0, 10.0]);
}

#[test]
fn what_does_not_fit_is_refused_before_the_run() {
    let twice = Tensor::<2>::ones([2, 2], &device());
    let twice = tiny_net().trace(input(), |m| {
        let _ = m.output.inspect(|_| panic!("the model runs"));
        let twice = Value::<(A, A)>::constant(&twice);
        twice.einsum::<(A, Features)>(m.input).save()
    });
    assert!(
        matches!(
            twice,
            Err(Error::OtherAxes {
                operation: "einsum",
                ..
            })
        ),
        "{twice:?}"
    );
    let other = Tensor::<2>::ones([3, 4], &device());
    let sizes = tiny_net().trace(input(), |m| {
        let _ = m.output.inspect(|_| panic!("the model runs"));
        let other = Value::<(crate::support::Batch, D)>::constant(&other);
        m.layer1.output.einsum::<(Hidden, D)>(other).save()
    });
    let error = sizes.expect_err("2 rows and 3").to_string();
    assert!(
        error.starts_with("a value over (Batch, D) takes [2, ?], found a value of sizes [3, 4]"),
        "{error}"
    );
    let sizes = tiny_net().trace(input(), |m| {
        let _ = m.output.inspect(|_| panic!("the model runs"));
        let part = m.layer1.output.slice(crate::support::Batch, 1..);
        let all = m.layer1.output.slice(crate::support::Batch, 0..);
        part.einsum::<(Hidden,)>(all).save()
    });
    let error = sizes.expect_err("1 row and 2").to_string();
    assert!(
        error.starts_with("einsum: sizes [1, 3] and [2, 3] differ"),
        "{error}"
    );
}
