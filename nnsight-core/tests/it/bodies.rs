//! Bodies that people write: what they index, where their sites come from, and what they return.

use crate::support::*;
use nnsight::traced;
use std::collections::HashMap;

axes! { Layer; }

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Hidden) -> (Batch, Hidden))]
pub struct Block {
    #[inspect((Batch, Hidden) -> (Batch, Hidden), len = 2)]
    layers: Vec<burn::nn::Linear>,
}
#[inspectable]
impl Block {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let mut x = x;
        for layer in &self.layers {
            x = layer.forward(x);
        }
        x
    }
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Hidden) -> (Batch, Hidden))]
pub struct Net {
    #[inspect((Batch, Hidden) -> (Batch, Hidden))]
    a: burn::nn::Linear,
    #[inspect((Batch, Hidden) -> (Batch, Hidden))]
    b: burn::nn::Linear,
    #[inspect(len = 6)]
    h: Vec<Block>,
}
#[inspectable]
impl Net {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let mut x = self.b.forward(self.a.forward(x));
        for block in &self.h {
            x = block.forward(x);
        }
        x
    }
}

fn scaled(by: f32) -> burn::nn::Linear {
    linear([[by, 0.0, 0.0], [0.0, by, 0.0], [0.0, 0.0, by]])
}

/// `a` doubles, `b` triples, each block adds nothing: its two layers are the identity.
fn net() -> NnSight<Net> {
    let block = || Block {
        layers: vec![scaled(1.0), scaled(1.0)],
    };
    NnSight::new(Net {
        a: scaled(2.0),
        b: scaled(3.0),
        h: (0..6).map(|_| block()).collect(),
    })
}

/// `a` gives `[2, 4, 6], [8, 10, 12]`, all after it `[6, 12, 18], [24, 30, 36]`.
fn x() -> Tensor<2> {
    Tensor::from_floats([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], &Device::flex())
}

struct Sample {
    input: Tensor<2>,
}

#[test]
fn a_field_of_the_users_own_called_input_is_that_field() {
    let s = Sample { input: x() };
    let (kept, sum) = trace!(net(), |t: Net| {
        let m = t.invoke(s.input.clone());
        let seen = &s.input;
        (m.a.output.save(), seen.dims()[1])
    })
    .expect("it runs");
    assert_eq!(rows(kept), [2.0, 4.0, 6.0, 8.0, 10.0, 12.0]);
    assert_eq!(sum, 3);
}

struct Acts {
    output: Value<(Batch, Hidden)>,
}

#[test]
fn a_value_in_a_field_called_output_is_that_value() {
    let (all, row) = trace!(net(), x(), |m: Net| {
        let acts = Acts { output: m.a.output };
        let output = acts.output;
        (acts.output.save(), output[0].save())
    })
    .expect("it runs");
    assert_eq!(rows(all), [2.0, 4.0, 6.0, 8.0, 10.0, 12.0]);
    assert_eq!(rows(row), [2.0, 4.0, 6.0]);
}

fn steer(h: Value<(Batch, Hidden)>) -> Value<(Batch, Hidden)> {
    h + 1.0
}

#[test]
fn values_out_of_functions_and_collections_are_indexed_like_any_other() {
    let (one, two, three, four, top) = trace!(net(), x(), |m: Net| {
        let v = steer(m.a.output);
        let hs = vec![m.a.output, m.b.output];
        let stacked = Value::stack(Layer, hs.clone());
        let mut firsts = Vec::new();
        for h in &hs {
            firsts.push(h[0].save());
        }
        let (_, ids) = m.output.topk(Hidden, 2);
        (
            v[0].save(),
            stacked[1].save(),
            firsts,
            hs[1][0].save(),
            ids[0].save(),
        )
    })
    .expect("it runs");
    assert_eq!(rows(one), [3.0, 5.0, 7.0]);
    assert_eq!(rows(two), [6.0, 12.0, 18.0, 24.0, 30.0, 36.0]);
    assert_eq!(
        three.into_iter().map(rows).collect::<Vec<_>>(),
        [[2.0, 4.0, 6.0], [6.0, 12.0, 18.0]]
    );
    assert_eq!(rows(four), [6.0, 12.0, 18.0]);
    assert_eq!(
        top.into_data()
            .convert::<i64>()
            .try_to_vec::<i64>()
            .expect("ints"),
        [2, 1]
    );
}

#[test]
fn values_out_of_branches_are_indexed_like_any_other() {
    for early in [true, false] {
        let (h, g) = trace!(net(), x(), |m: Net| {
            let h = if early { m.a.output } else { m.b.output };
            let g = match early {
                true => m.a.output,
                false => {
                    m.a.output = m.a.output;
                    m.b.output
                }
            };
            (h[0].save(), g[0].save())
        })
        .expect("it runs");
        let right = if early { [2.0, 4.0, 6.0] } else { [6.0, 12.0, 18.0] };
        assert_eq!((rows(h), rows(g)), (right.to_vec(), right.to_vec()));
    }
}

#[test]
fn sites_out_of_branches_and_arrays_are_written() {
    let (a, b, out) = trace!(net(), x(), |m: Net| {
        let early = m.h.len() > 3;
        let s = if early { &m.a.output } else { &m.b.output };
        s[0] = 0.0;
        let a = m.a.output.save();
        for s in [&m.a.output, &m.b.output] {
            *s = 0.0;
        }
        (a, m.b.output.save(), m.output.save())
    })
    .expect("it runs");
    assert_eq!(rows(a), [0.0, 0.0, 0.0, 8.0, 10.0, 12.0]);
    assert_eq!(rows(b), [0.0; 6]);
    assert_eq!(rows(out), [0.0; 6]);
}

#[test]
fn a_part_of_the_layers_is_a_range() {
    let (middle, first, last, out) = trace!(net(), x(), |m: Net| {
        let mut middle = Vec::new();
        for b in m.h[2..6] {
            middle.push(b.output.save());
        }
        let first = m.h[..2].iter().map(|b| b.output.save()).collect::<Vec<_>>();
        if let Some(last) = m.h.last() {
            last.layers[0].output *= 2.0;
        }
        let last = m.h[-2..].len();
        (middle, first, last, m.output.save())
    })
    .expect("it runs");
    assert_eq!((middle.len(), first.len(), last), (4, 2, 2));
    assert_eq!(rows(out), [12.0, 24.0, 36.0, 48.0, 60.0, 72.0]);
    let outside = net().trace(x(), |m| {
        let blocks = m.h.range(4..8);
        blocks.iter().map(|b| b.output.get().save()).collect::<Vec<_>>()
    });
    let error = outside.expect_err("there are six").to_string();
    assert!(error.contains('6'), "{error}");
}

struct Grid {
    all: Vec<f32>,
}
impl std::ops::Index<(usize, usize)> for Grid {
    type Output = f32;
    fn index(&self, (i, j): (usize, usize)) -> &f32 {
        &self.all[i * 2 + j]
    }
}

#[test]
fn what_is_not_ours_is_indexed_as_in_plain_rust() {
    let grid = Grid {
        all: vec![1.0, 2.0, 3.0, 4.0],
    };
    let named: HashMap<(usize, usize), f32> = [((1, 0), 5.0)].into();
    let mut lists = vec![vec![1], vec![2, 3]];
    let (out, sum) = trace!(net(), x(), |m: Net| {
        let (i, j) = (1, 0);
        lists[0].push(4);
        lists[1][0] += 1;
        let twice = lists.iter().filter(|list| list[0] == 3).count();
        let words = ["a".to_owned(), "b".to_owned()];
        let boxed: Box<[i32]> = vec![1, 2].into();
        let sum = lists[0][1] + lists[1][0] + twice as i32 + words[1].len() as i32 + boxed[1];
        ((m.a.output * grid[(i, j)] + named[&(i, j)]).save(), sum)
    })
    .expect("it runs");
    assert_eq!(rows(out), [11.0, 17.0, 23.0, 29.0, 35.0, 41.0]);
    assert_eq!(sum, 4 + 3 + 1 + 1 + 2);
}

/// A macro of the user's own, of which `trace!` knows nothing.
macro_rules! ensure {
    ($holds:expr $(, $($said:tt)+)?) => {
        assert!($holds $(, $($said)+)?)
    };
}

macro_rules! push {
    ($list:expr, $item:expr) => {
        $list.push($item)
    };
}

/// One that has a syntax of its own.
macro_rules! cells {
    ($($name:ident[$row:expr, $column:expr] => $what:expr);+) => {
        vec![$((stringify!($name), $row, $column, $what)),+]
    };
}

#[test]
fn macros_of_the_users_own_are_part_of_the_body() {
    let mut lists = vec![vec![1]];
    let (part, all, cells) = trace!(net(), x(), |m: Net| {
        let h = m.a.output;
        ensure!(h[.., 0].shape()[0] == 2);
        ensure!(m.a.output[0, ..].shape()[0] == 3, "{:?}", h[.., 0].shape());
        assert!(matches!(h[.., 0].shape()[0], 2));
        assert!(matches!(h[.., 0].shape()[0], n if n < 3));
        assert_eq!(h[.., 0].shape()[0], 2);
        push!(lists[0], h[0, 1..].shape()[0]);
        let said = format!("{}", h[.., 1].shape()[0]);
        let mut parts = vec![h[.., 0]];
        parts.push(h[.., -1]);
        let all = vec![h[1, 0]; 2];
        let cells = cells![a[0, 1] => said; b[1, 0] => h[.., ..2].shape()[1].to_string()];
        let saved: Vec<_> = parts.iter().map(|part| part.save()).collect();
        (saved, all[0].save(), cells)
    })
    .expect("it runs");
    let [first, last] = part.try_into().expect("two");
    assert_eq!((rows(first), rows(last)), (vec![2.0, 8.0], vec![6.0, 12.0]));
    assert_eq!(all.into_scalar::<f32>(), 8.0);
    assert_eq!(lists, [[1, 2]]);
    assert_eq!(cells, [("a", 0, 1, "2".to_owned()), ("b", 1, 0, "2".to_owned())]);
}

#[test]
fn a_body_can_fail_with_an_error_of_its_own() {
    let run = |number: &str| {
        trace!(net(), x(), |m: Net| {
            let by: f32 = number.parse()?;
            Ok::<_, std::num::ParseFloatError>((m.a.output * by).save())
        })
    };
    assert_eq!(
        rows(run("3.0").expect("it runs").expect("a number")),
        [6.0, 12.0, 18.0, 24.0, 30.0, 36.0]
    );
    assert!(run("three").expect("it runs").is_err());
}

/// What `?` in a body stops at leaves the function around the trace, by the rules of that function's own `?`.
fn scaled_by(number: &str, of: &[usize]) -> Result<(Tensor<2>, usize), Box<dyn std::error::Error>> {
    let kept = trace!(net(), x(), |m: Net| {
        let by: f32 = number.parse()?;
        let first = *of.first().ok_or("no layers")?;
        if by == 1.0 {
            return (m.h[first].output.save(), first);
        }
        let all = of
            .iter()
            .map(|at| u8::try_from(*at))
            .collect::<Result<Vec<_>, _>>()?;
        assert!(!all.is_empty(), "{}", usize::from(u8::try_from(first)?));
        ((m.h[first].output * by).save(), all.len())
    })?;
    Ok(kept)
}

/// The same of an option, and a body that saves one value.
fn layer_of(names: &HashMap<&str, usize>, name: &str) -> Option<Vec<f32>> {
    let kept = trace!(net(), x(), |m: Net| m.h[*names.get(name)?].output[.., 0].save());
    kept.ok().map(rows)
}

#[test]
fn a_question_in_a_body_leaves_the_function_around_the_trace() {
    let said = |number, of: &[usize]| scaled_by(number, of).map_err(|error| error.to_string());
    let (tensor, count) = said("0.5", &[2, 5]).expect("it runs");
    assert_eq!((rows(tensor), count), (vec![3.0, 6.0, 9.0, 12.0, 15.0, 18.0], 2));
    let (tensor, at) = said("1.0", &[4]).expect("it runs");
    assert_eq!((rows(tensor), at), (vec![6.0, 12.0, 18.0, 24.0, 30.0, 36.0], 4));
    assert_eq!(said("half", &[2]).err().as_deref(), Some("invalid float literal"));
    assert_eq!(said("0.5", &[]).err().as_deref(), Some("no layers"));
    // No number of a layer; and an error of the trace is one of the function too.
    let far = said("0.5", &[3, 300]).expect_err("no u8");
    assert_eq!(far, "out of range integral type conversion attempted");
    assert!(said("0.5", &[6]).is_err_and(|error| error.contains("6 modules")));

    let names = HashMap::from([("middle", 3)]);
    assert_eq!(layer_of(&names, "middle"), Some(vec![6.0, 24.0]));
    assert_eq!(layer_of(&names, "last"), None);
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Hidden) -> (Batch, Hidden))]
pub struct Fragile {}
#[inspectable]
impl Fragile {
    pub fn forward(&self, _: Tensor<2>) -> Tensor<2> {
        panic!("it was run")
    }
}

#[test]
fn a_body_that_gives_up_runs_nothing() {
    let run = || -> Result<Tensor<2>, std::num::ParseIntError> {
        let kept = trace!(NnSight::new(Fragile {}), x(), |m: Fragile| {
            let by: i32 = "three".parse()?;
            (m.output * by as f32).save()
        });
        Ok(kept.expect("no error of the trace"))
    };
    assert!(run().is_err());
    let own = trace!(NnSight::new(Fragile {}), x(), |m: Fragile| {
        let by: i32 = "three".parse()?;
        Ok::<_, std::num::ParseIntError>((m.output * by as f32).save())
    });
    assert!(own.expect("no error of the trace").is_err());
}

/// Zeroes a block.
#[traced]
fn ablate(b: Sites<Block>) {
    b.layers[1].output[(.., 0)] = 0.0;
    b.output *= 2.0;
}

#[test]
fn code_that_moved_out_of_a_body_reads_as_it_did() {
    let (outside, inside) = trace!(net(), x(), |m: Net| {
        fn halve(b: Sites<Block>) {
            b.output *= 0.5;
        }
        ablate(m.h[0]);
        let outside = m.h[0].output.save();
        halve(m.h[0]);
        (outside, m.output.save())
    })
    .expect("it runs");
    assert_eq!(rows(outside), [0.0, 24.0, 36.0, 0.0, 60.0, 72.0]);
    assert_eq!(rows(inside), [0.0, 12.0, 18.0, 0.0, 30.0, 36.0]);
}

#[test]
fn lists_of_modules_out_of_variables_are_indexed() {
    let (one, two, three, four) = trace!(net(), x(), |m: Net| {
        let big = m.h.len() > 4;
        let b = if big { m.h[3] } else { m.h[5] };
        let even = m.h.iter().enumerate().filter(|(i, _)| i % 2 == 0);
        let even: Vec<_> = even.map(|(_, b)| b.layers[0].output.save()).collect();
        let last = m.h.iter().last().expect("six");
        let [q, _k] = [m.h[0], m.h[1]];
        (
            b.layers[0].output.save(),
            even,
            last.layers[1].output.save(),
            q.layers[0].output.save(),
        )
    })
    .expect("it runs");
    let all = [6.0, 12.0, 18.0, 24.0, 30.0, 36.0];
    assert_eq!(
        (rows(one), rows(three), rows(four)),
        (all.to_vec(), all.to_vec(), all.to_vec())
    );
    assert_eq!(two.len(), 3);
}

#[derive(Debug, PartialEq, Collect)]
struct Kept {
    number: u32,
}

#[test]
fn plain_numbers_are_returned_beside_what_is_saved() {
    let (saved, a, b, c, d, kept) = trace!(net(), x(), |m: Net| {
        (m.a.output.save(), 1i32, 2u32, 3u64, 'd', Kept { number: 5 })
    })
    .expect("it runs");
    assert_eq!((rows(saved).len(), a, b, c, d, kept.number), (6, 1, 2, 3, 'd', 5));
}

#[test]
fn a_number_stands_left_of_an_operator() {
    let out = trace!(net(), x(), |m: Net| (1.0 - 2.0 * m.a.output).save()).expect("it runs");
    assert_eq!(rows(out), [-3.0, -7.0, -11.0, -15.0, -19.0, -23.0]);
}

#[test]
fn a_comparison_of_values_gives_truth_values() {
    let (above, at_most) = trace!(net(), x(), |m: Net| {
        let half = m.a.output * 0.5;
        (
            (m.a.output > 5.0).cast::<Float>().save(),
            (half <= 2.0).cast::<Float>().save(),
        )
    })
    .expect("it runs");
    assert_eq!(rows(above), [0.0, 0.0, 1.0, 1.0, 1.0, 1.0]);
    assert_eq!(rows(at_most), [1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
}

#[derive(Collect, Clone, Copy, Debug, PartialEq)]
enum Side {
    Left,
    Right,
}

#[derive(Collect)]
enum Found {
    Here(Saved<(Batch, Hidden)>),
    At {
        layer: usize,
        value: Saved<(Batch, Hidden)>,
    },
    Nowhere,
}

#[test]
fn enums_and_long_tuples_are_returned_beside_what_is_saved() {
    let kept = trace!(net(), x(), |m: Net| {
        let (a, b) = (m.a.output.save(), m.b.output.save());
        let found = [Found::Here(a), Found::At { layer: 1, value: b }, Found::Nowhere];
        (1, 2, 3, 4, 5, 6, 7, 8, 9, Side::Left, Side::Right, found)
    });
    let (one, .., nine, left, right, [here, at, nowhere]) = kept.expect("it runs");
    assert_eq!((one, nine, left, right), (1, 9, Side::Left, Side::Right));
    assert!(matches!(here, FoundTensors::Here(a) if rows(a.clone())[1] == 4.0));
    assert!(matches!(at, FoundTensors::At { layer: 1, value } if rows(value.clone())[1] == 12.0));
    assert!(matches!(nowhere, FoundTensors::Nowhere));
}

#[test]
fn every_operation_follows_an_index() {
    let (recip, clamped, kept) = trace!(net(), x(), |m: Net| {
        let hs = vec![m.a.output];
        let mut lists = vec![vec![2, 1], vec![3]];
        lists[0].sort();
        (hs[0][0].recip().save(), hs[0].clamp_max(4.0).save(), lists[0][0])
    })
    .expect("it runs");
    assert_eq!(rows(recip), [0.5, 0.25, 1.0 / 6.0]);
    assert_eq!(rows(clamped), [2.0, 4.0, 4.0, 4.0, 4.0, 4.0]);
    assert_eq!(kept, 1);
}

#[test]
fn a_tensor_stands_left_of_an_operator() {
    let one_row = Tensor::<1>::from_floats([10.0, 20.0, 30.0], &Device::flex());
    let all = x() * 10.0;
    let (owned, lent, row, site, plain) = trace!(net(), x(), |m: Net| {
        let h = m.b.input;
        (
            (all.clone() - h).save(),
            (&all / h).save(),
            (&one_row - h).save(),
            (&one_row - m.a.output).save(),
            (3 - h[0]).save(),
        )
    })
    .expect("it runs");
    assert_eq!(rows(owned), [8.0, 16.0, 24.0, 32.0, 40.0, 48.0]);
    assert_eq!(rows(lent), [5.0; 6]);
    assert_eq!(rows(row), [8.0, 16.0, 24.0, 2.0, 10.0, 18.0]);
    assert_eq!(rows(site), [8.0, 16.0, 24.0, 2.0, 10.0, 18.0]);
    assert_eq!(rows(plain), [1.0, -1.0, -3.0]);
    let site = net().trace(x(), |m| (&one_row * m.a.output).save());
    assert_eq!(
        rows(site.expect("it runs")),
        [20.0, 80.0, 180.0, 80.0, 200.0, 360.0]
    );
}

fn rows_of(h: Value<(Batch, Hidden)>) -> usize {
    h.shape()[0]
}

#[test]
fn what_a_function_makes_of_a_value_is_compared_as_what_it_is() {
    let (above, rows_, text) = trace!(net(), x(), |m: Net| {
        let above = steer(m.a.output) > 5.0;
        let same = steer(m.a.output) <= m.a.output;
        let mut many = 0;
        if rows_of(m.a.output) >= 2 && steer(m.a.output).shape()[1] < 4 {
            many += 1;
        }
        let (one, other) = ("one".to_owned(), "other".to_owned());
        let text = other > one;
        (
            (above.cast::<Float>().save(), same.cast::<Float>().save()),
            many,
            text,
        )
    })
    .expect("it runs");
    assert_eq!(rows(above.0), [0.0, 0.0, 1.0, 1.0, 1.0, 1.0]);
    assert_eq!(rows(above.1), [0.0; 6]);
    assert_eq!((rows_, text), (1, true));
}

#[test]
fn a_cache_is_read_in_a_body_by_the_paths_of_a_body() -> nnsight::Result<()> {
    let cache = trace!(net(), x(), |m: Net| m.cache())?;
    let part = trace!(net(), x(), |m: Net| m.h[2].cache())?;
    let (doubled, last, by_method) = trace!(net(), x(), |m: Net| {
        let last = cache.get(|m| m.h[-1].layers[0].output)?;
        let own = part.get(|block| block.layers[1].input)?;
        m.a.output = &cache.get(|m| m.a.output)? * m.a.output;
        let at = cache.get(|m| m.h.at(1).output)?;
        (
            m.a.output.save(),
            (m.b.output * 0.0 + &last - &own).save(),
            (m.b.output * 0.0 + at).save(),
        )
    })?;
    assert_eq!(rows(doubled), [4.0, 16.0, 36.0, 64.0, 100.0, 144.0]);
    assert_eq!(rows(last), [0.0; 6]);
    assert_eq!(rows(by_method), [6.0, 12.0, 18.0, 24.0, 30.0, 36.0]);
    Ok(())
}
