//! Every size, kind and number is checked before the model runs, or where only the run shows it, by a typed error.

use crate::support::*;
use nnsight::KindTag;
use nnsight::ops::OpError;

#[derive(Module, Debug, Inspectable)]
#[inspect(((Batch, Hidden), (Batch, Hidden)) -> (Batch, Hidden))]
struct Pair {
    product: Probe<(Batch, Hidden)>,
}

#[inspectable]
impl Pair {
    fn forward(&self, a: Tensor<2>, b: Tensor<2>) -> Tensor<2> {
        self.product.forward(a * b)
    }
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Hidden) -> (Batch, Hidden))]
struct Top {
    pair: Pair,
}

#[inspectable]
impl Top {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.pair.forward(x.clone(), x)
    }
}

/// What a module is called on comes from two invokes, of which neither knows how many rows the other has.
#[test]
fn a_call_on_values_of_unlike_invokes_is_refused_before_the_run() {
    let net = NnSight::new(Top {
        pair: Pair {
            product: Probe::new(),
        },
    });
    let ones = |rows| Tensor::<2>::ones([rows, 3], &Device::flex());
    let out = trace!(net, |t: Top| {
        let (p, q) = (t.invoke(ones(2)), t.invoke(ones(5)));
        let _ = p.output.inspect(|_| panic!("the model runs"));
        (
            p.pair.call((p.pair.output, q.pair.output)).save(),
            p.output.save(),
        )
    });
    let error = out.expect_err("2 rows and 5").to_string();
    assert!(
        error.starts_with("pair's input.1 takes [2, 3], found a value of sizes [5, 3]"),
        "{error}"
    );
    assert!(error.contains("sizes.rs"), "it says where: {error}");
    let same = trace!(net, |t: Top| {
        let (p, q) = (t.invoke(ones(2)), t.invoke(ones(2) * 3.0));
        p.pair.call((p.pair.output, q.pair.output)).save()
    });
    assert_eq!(rows(same.expect("they fit")), [9.0; 6]);
}

axes! { A; B; C; D; E; F; Copies; Two = 2; }

#[derive(Module, Debug, Inspectable)]
#[inspect((A, B, C, D, E, F) -> (A, B, C, D, E, F))]
struct Six {
    all: Probe<(A, B, C, D, E, F)>,
}

#[inspectable]
impl Six {
    fn forward(&self, x: Tensor<6>) -> Tensor<6> {
        self.all.forward(x)
    }
}

fn six() -> (NnSight<Six>, Tensor<6>) {
    let net = NnSight::new(Six { all: Probe::new() });
    (net, Tensor::ones([1, 2, 1, 2, 1, 2], &Device::flex()))
}

/// The type of a seventh axis exists so that `stack` can be written of any shape; no tensor of it does.
#[test]
fn a_seventh_axis_is_refused_before_the_run() {
    let (net, x) = six();
    let stacked = net.trace(x.clone(), |m| {
        let all = m.all.output.get();
        let _ = all.inspect(|_| panic!("the model runs"));
        (Value::stack(Copies, [all, all]).save(), all.save())
    });
    match stacked.expect_err("seven axes") {
        Error::Op {
            operation, source, ..
        } => {
            assert_eq!(operation, "stack");
            assert_eq!(source, OpError::TooManyAxes { found: 7 });
        }
        other => panic!("{other}"),
    }
    let six = net.trace(x, |m| (m.all.output * 2.0).sum_over(F).save());
    assert_eq!(rows(six.expect("six are enough")), [4.0; 4]);
}

#[derive(Module, Debug, Inspectable)]
#[inspect(((Batch, Hidden), (Batch,): Int, (Batch,): Bool) -> (Batch, Hidden))]
struct Kinds {
    positions: Probe<(Batch,), Int>,
    mask: Probe<(Batch,), Bool>,
}

#[inspectable]
impl Kinds {
    fn forward(&self, x: Tensor<2>, positions: Tensor<1, Int>, mask: Tensor<1, Bool>) -> Tensor<2> {
        let positions = self.positions.forward(positions).float().unsqueeze_dim::<2>(1);
        let mask = self.mask.forward(mask).float().unsqueeze_dim::<2>(1);
        x + positions + mask * 100.0
    }
}

fn kinds() -> (NnSight<Kinds>, (Tensor<2>, Tensor<1, Int>, Tensor<1, Bool>)) {
    let device = Device::flex();
    let net = NnSight::new(Kinds {
        positions: Probe::new(),
        mask: Probe::new(),
    });
    let mask = Tensor::<1, Int>::from_ints([0, 1], &device).bool();
    let input = (
        Tensor::zeros([2, 3], &device),
        Tensor::from_ints([7, 9], &device),
        mask,
    );
    (net, input)
}

#[test]
fn a_number_that_a_site_cannot_hold_is_refused_before_the_run() {
    let (net, input) = kinds();
    for number in [1i64 << 31, i64::MIN, 5_000_000_000] {
        let whole = net.trace(input.clone(), |m| {
            let _ = m.positions.output.inspect(|_| panic!("the model runs"));
            m.positions.output.set(number);
            m.output.get().save()
        });
        let part = net.trace(input.clone(), |m| {
            let _ = m.positions.output.inspect(|_| panic!("the model runs"));
            m.positions.output.set_at((0,), number);
            m.output.get().save()
        });
        for refused in [whole, part] {
            match refused.expect_err("it has more than 32 bits") {
                Error::Op {
                    source: OpError::NumberMisfit { kind, .. },
                    operation,
                    ..
                } => assert_eq!((kind, &*operation), (KindTag::Int, "writing positions.output")),
                other => panic!("{other}"),
            }
        }
    }
    let (edges, masked) = net
        .trace(input, |m| {
            m.positions.output.set_at((0,), i64::from(i32::MIN));
            m.positions.output.set_at((1,), i32::MAX);
            m.mask.output.set(true);
            (m.positions.output.get().save(), m.mask.output.get().save())
        })
        .expect("they fit");
    let edges: Vec<i64> = edges.into_data().iter::<i64>().collect();
    assert_eq!(edges, [i64::from(i32::MIN), i64::from(i32::MAX)]);
    assert_eq!(masked.int().sum().into_scalar::<i64>(), 2);
}

/// Of floats infinity and NaN are numbers like others: masks are filled with them.
#[test]
fn floats_are_filled_with_what_is_no_number() {
    let (first, second) = tiny_net()
        .trace(input(), |m| {
            m.layer1.output.set_at((0, ..), f64::NEG_INFINITY);
            let first = m.layer1.output.get().save();
            m.layer1.output.set(f32::NAN);
            (first, m.layer1.output.get().save())
        })
        .expect("both can be written");
    assert_eq!(rows(first)[..3], [f32::NEG_INFINITY; 3]);
    assert!(rows(second).into_iter().all(f32::is_nan));
}

/// 1e39 would be infinity among 32-bit floats, as 1e5 would among those of 16 bits.
#[test]
fn a_number_beyond_the_type_of_the_elements_is_refused() {
    use burn::tensor::DType;
    let half = |x: Tensor<2>| x.cast(DType::F16);
    let cases = [(input(), 1e39, "f32"), (half(input()), 1e5, "f16")];
    for (x, number, dtype) in cases {
        let net = NnSight::new(Same { all: Probe::new() });
        let whole = net.trace(x.clone(), |m| {
            m.all.output.set(number);
            m.output.get().save()
        });
        let part = net.trace(x.clone(), |m| {
            m.all.output.set_at((.., 0), number);
            m.output.get().save()
        });
        let filled = net.trace(x.clone(), |m| m.all.output.full_like(number).save());
        let masked = net.trace(x.clone(), |m| {
            m.all.output.mask_fill(m.all.output.gt(2.0), number).save()
        });
        for refused in [whole, part, filled, masked] {
            let error = refused.expect_err("it is infinite there").to_string();
            let wanted = format!("{number} does not fit a tensor of {dtype}: wanted a number from -");
            assert!(error.contains(&wanted), "{error}");
            assert!(error.contains("sizes.rs"), "{error}");
        }
        let least = net.trace(x, |m| {
            m.all.output.set(-number / 1000.0);
            m.output.get().save()
        });
        let least = least.expect("it fits").into_data().convert::<f32>();
        assert!(least.iter::<f32>().all(|x| x.is_finite()), "{least:?}");
    }
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Features))]
struct Same {
    all: Probe<(Batch, Features)>,
}

#[inspectable]
impl Same {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.all.forward(x)
    }
}

/// `/` and `%` of integers by 0 are an error everywhere: of a number when it is written, of a tensor in the run.
#[test]
fn integers_are_not_divided_by_0() {
    let (net, input) = kinds();
    let quiet = |m: Sites<Kinds>| {
        let _ = m.positions.output.inspect(|_| panic!("the model runs"));
        m.positions.output.get()
    };
    for refused in [
        net.trace(input.clone(), |m| (quiet(m) / 0).save()),
        net.trace(input.clone(), |m| (quiet(m) % 0).save()),
        net.trace(input.clone(), |m| {
            (m.positions.output / (m.positions.output - 7)).save()
        }),
        net.trace(input.clone(), |m| (5i64 % (m.positions.output - 9)).save()),
        net.trace(input.clone(), |m| {
            let zeros = Tensor::<1, Int>::from_ints([1, 0], &Device::flex());
            (m.positions.output / &zeros).save()
        }),
    ] {
        match refused.expect_err("a division by 0") {
            Error::Op { source, .. } => assert_eq!(source, OpError::DivisionByZero),
            other => panic!("{other}"),
        }
    }
    // Python's `%` and C's `/`: towards zero, and of the sign of the divisor.
    let (quotient, rest, least) = net
        .trace(input, |m| {
            let a = m.positions.output * -1;
            let least = a.full_like(i64::from(i32::MIN));
            ((a / 4).save(), (a % 4).save(), (least / (a - a - 1)).save())
        })
        .expect("they are divided");
    let ints = |t: Tensor<1, Int>| t.into_data().iter::<i64>().collect::<Vec<_>>();
    assert_eq!((ints(quotient), ints(rest)), (vec![-1, -2], vec![1, 3]));
    // The one quotient that 32 bits do not hold wraps, as sums and products do.
    assert!(ints(least).iter().all(|x| x.unsigned_abs() == 1 << 31));
}

/// What a model takes beside the declared tensors reaches it whatever its rank, and is no site.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Features))]
struct Extra {
    all: Probe<(Batch, Features)>,
}

#[inspectable]
impl Extra {
    fn forward(&self, x: Tensor<2>, extra: Option<Tensor<7>>) -> Tensor<2> {
        let more = extra.map_or(0.0, |extra| extra.sum().into_scalar::<f32>());
        self.all.forward(x + more)
    }
}

#[test]
fn tensors_that_are_not_declared_pass_as_they_are() {
    let net = NnSight::new(Extra { all: Probe::new() });
    let extra = Tensor::<7>::ones([1, 2, 1, 2, 1, 2, 1], &Device::flex());
    let (given, edited) = net
        .trace((input(), Some(extra)), |m| {
            let given = m.input.get().save();
            m.input.set_at((0, ..), 1.0);
            (given, m.output.get().save())
        })
        .expect("it runs");
    assert_eq!(rows(given), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(rows(edited), [9.0, 9.0, 11.0, 12.0]);
    let without = net.trace((input(), None), |m| m.output.get().save());
    assert_eq!(rows(without.expect("it runs")), [1.0, 2.0, 3.0, 4.0]);
}
