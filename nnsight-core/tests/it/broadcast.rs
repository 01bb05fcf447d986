//! A tensor of the last axes is used for all of the others.

use crate::support::*;

fn steer() -> Tensor<1> {
    Tensor::from_floats([10.0, 20.0, 30.0], &Device::flex())
}

#[test]
fn a_tensor_of_the_last_axes_is_an_operand() {
    let steer = steer();
    let (sum, product) = trace!(tiny_net(), input(), |m: TinyNet| {
        (
            (m.layer1.output + &steer).save(),
            (m.layer1.output * &steer).save(),
        )
    })
    .expect("it runs");
    assert_eq!(rows(sum), [11.0, 22.0, 33.0, 13.0, 24.0, 37.0]);
    assert_eq!(rows(product), [10.0, 40.0, 90.0, 30.0, 80.0, 210.0]);
}

#[test]
fn a_tensor_of_the_last_axes_is_written() {
    let steer = steer();
    let none = steer.clone() * 0.0;
    let (whole, added, row) = trace!(tiny_net(), input(), |m: TinyNet| {
        m.layer1.output = &steer;
        let whole = m.layer1.output.save();
        m.layer1.output += &steer;
        let added = m.layer1.output.save();
        m.layer1.output[0..1] = &none;
        (whole, added, m.layer1.output.save())
    })
    .expect("it runs");
    assert_eq!(rows(whole), [10.0, 20.0, 30.0, 10.0, 20.0, 30.0]);
    assert_eq!(rows(added), [20.0, 40.0, 60.0, 20.0, 40.0, 60.0]);
    assert_eq!(rows(row), [0.0, 0.0, 0.0, 20.0, 40.0, 60.0]);
}

#[test]
fn it_is_written_into_a_part_of_a_value() {
    let steer = steer();
    let changed = trace!(tiny_net(), input(), |m: TinyNet| {
        let h = m.layer1.output;
        h.with_at((0..2,), &steer).save()
    });
    assert_eq!(
        rows(changed.expect("it runs")),
        [10.0, 20.0, 30.0, 10.0, 20.0, 30.0]
    );
}

#[test]
fn its_sizes_are_checked_before_the_run() {
    let wide = Tensor::<1>::zeros([4], &Device::flex());
    let refused = trace!(tiny_net(), input(), |m: TinyNet| {
        m.layer1.output += &wide;
        m.output.save()
    });
    let text = refused.expect_err("Hidden is 3").to_string();
    assert!(
        text.starts_with("a value over (Hidden = 3) takes [3], found a value of sizes [4]"),
        "{text}"
    );
    assert!(text.contains("broadcast.rs"), "{text}");
}
