//! Random traces of models that call their children in ways that a text shows, or hides, against forwards written by hand
//! that run every module and replace results afterwards.

mod models;

use crate::support::*;
use burn::nn::Linear;
use models::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

const TWICE: [[f32; 3]; 3] = [[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 2.0]];

/// Sites of one shape, by their place in [`sites`].
const SITES: usize = 12;
const FIRST: usize = 0;
const PAIR: usize = 1;
const A: usize = 3;
const B: usize = 5;
const ITEM: usize = 7;
const END: usize = 11;

type Row = [f32; 3];
type Place = Site<(Batch, Hidden)>;

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Hidden) -> (Batch, Hidden))]
pub struct Pair {
    #[inspect((Batch, Hidden) -> (Batch, Hidden))]
    a: Linear,
    #[inspect((Batch, Hidden) -> (Batch, Hidden))]
    b: Linear,
}

#[inspectable]
impl Pair {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.b.forward(self.a.forward(x) + 1.0)
    }

    /// Not called by its own forward.
    fn only_b(&self, x: Tensor<2>) -> Tensor<2> {
        self.b.forward(x)
    }
}

/// A program of reads and edits at the first calls of sites.
#[derive(Clone, Debug)]
enum Line {
    /// The value of a site; later lines name it by the number of reads before.
    Read(usize),
    /// A factor on a whole site, or on its first entry.
    Scale(usize, f32, bool),
    /// A number in all of a site.
    Fill(usize, f32),
    /// The sum of a value read before and a number, in all of a site.
    Set(usize, usize, f32),
}

/// A forward pass by hand, with hooks at both ends of each module.
struct ByHand<'a> {
    lines: &'a [Line],
    calls: BTreeMap<usize, usize>,
    read: Vec<Option<Row>>,
    /// Whether an edit needed a value that was not there.
    late: bool,
    counted: usize,
}

impl ByHand<'_> {
    fn hook(&mut self, site: usize, mut x: Row) -> Row {
        let mut reads = 0;
        for line in self.lines {
            match *line {
                Line::Read(at) => {
                    if at == site {
                        self.read[reads] = Some(x);
                    }
                    reads += 1;
                }
                Line::Scale(at, by, whole) if at == site => {
                    let last = if whole { 3 } else { 1 };
                    x[..last].iter_mut().for_each(|x| *x *= by);
                }
                Line::Fill(at, value) if at == site => x = [value; 3],
                Line::Set(at, from, more) if at == site => match self.read[from] {
                    Some(value) => x = value.map(|x| x + more),
                    None => self.late = true,
                },
                _ => {}
            }
        }
        x
    }

    /// Calls a module whose sites begin at `at`; those at later calls are no part of the program.
    fn call(&mut self, at: usize, x: Row, run: impl FnOnce(&mut Self, Row) -> Row) -> Row {
        let calls = self.calls.entry(at).or_default();
        *calls += 1;
        let is_first = *calls == 1;
        let x = if is_first { self.hook(at, x) } else { x };
        let x = run(self, x);
        if is_first { self.hook(at + 1, x) } else { x }
    }

    fn twice(&mut self, at: usize, x: Row) -> Row {
        self.call(at, x, |_, x| x.map(|x| x * 2.0))
    }

    fn first(&mut self, x: [f32; 2]) -> Row {
        // Its input has another shape and is no site of the programs.
        let x = [x[0], x[1], x[0] + x[1]];
        self.hook(FIRST, x)
    }

    fn pair(&mut self, x: Row) -> Row {
        self.call(PAIR, x, |this, x| {
            let x = this.twice(A, x).map(|x| x + 1.0);
            this.twice(B, x)
        })
    }

    fn item(&mut self, i: usize, x: Row) -> Row {
        self.twice(ITEM + 2 * i, x)
    }
}

/// The last module: it counts what comes to it, or does not.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Hidden) -> (Batch, Hidden))]
pub struct Counted {
    counter: Option<Counter>,
    plain: Probe<(Batch, Hidden)>,
}

/// One more each time.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Hidden) -> (Batch, Hidden))]
pub struct Counter {
    #[module(skip)]
    calls: Arc<Mutex<Vec<f32>>>,
}

#[inspectable]
impl Counter {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let seen = x.clone().into_data().try_to_vec::<f32>().expect("floats");
        self.calls.lock().expect("no panic").extend(seen);
        x
    }
}

#[inspectable]
impl Counted {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        match &self.counter {
            Some(counter) => counter.forward(x),
            None => self.plain.forward(x),
        }
    }
}

trait Model: Inspectable + nnsight::Forward<Args = Tensor<2>, Result = Tensor<2>> {
    fn of(first: Linear, pair: Pair, list: Vec<Linear>, end: Counted) -> Self;
    fn sites(m: Sites<Self>) -> [Place; SITES];
    /// What comes between `first` and `end`.
    fn by_hand(hand: &mut ByHand, x: Row) -> Row;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn traces_are_forwards_with_hooks(program in program(), counts in any::<bool>()) {
        check::<Straight>(&program, counts)?;
        check::<Grandparent>(&program, counts)?;
        check::<After>(&program, counts)?;
        check::<Twice>(&program, counts)?;
        check::<Branch>(&program, counts)?;
        check::<Backwards>(&program, counts)?;
        check::<Breaks>(&program, counts)?;
        check::<Helper>(&program, counts)?;
        check::<Reference>(&program, counts)?;
        check::<Closure>(&program, counts)?;
        check::<Position>(&program, counts)?;
    }
}

fn program() -> impl Strategy<Value = Vec<Line>> {
    let number = || prop::sample::select(vec![-1.0f32, 0.0, 0.5, 3.0]);
    let line = prop_oneof![
        3 => (0..SITES).prop_map(Line::Read),
        2 => (0..SITES, number(), any::<bool>()).prop_map(|(at, by, whole)| Line::Scale(at, by, whole)),
        2 => (0..SITES, number()).prop_map(|(at, value)| Line::Fill(at, value)),
        3 => (0..SITES, 0usize..8, number()).prop_map(|(at, from, more)| Line::Set(at, from, more)),
    ];
    let lines = prop::collection::vec(line, 0..7);
    (lines, 0..SITES).prop_map(|(lines, saved)| {
        // An edit names a read that stands before it.
        let mut reads = 0;
        let mut program = Vec::new();
        for line in lines {
            match line {
                Line::Set(at, from, more) if reads > 0 => program.push(Line::Set(at, from % reads, more)),
                Line::Set(..) => continue,
                line => program.push(line),
            }
            reads += usize::from(matches!(program.last(), Some(Line::Read(_))));
        }
        program.push(Line::Read(saved));
        program
    })
}

/// Runs a program on a model, and by hand.
fn check<M: Model>(program: &[Line], counts: bool) -> Result<(), TestCaseError> {
    let calls: Arc<Mutex<Vec<f32>>> = Arc::default();
    let counter = counts.then(|| Counter {
        calls: Arc::clone(&calls),
    });
    let model = M::of(
        linear([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]),
        Pair {
            a: linear(TWICE),
            b: linear(TWICE),
        },
        vec![linear(TWICE), linear(TWICE)],
        Counted {
            counter,
            plain: Probe::new(),
        },
    );
    let x = [1.0, 2.0];
    let mut hand = ByHand {
        lines: program,
        calls: BTreeMap::new(),
        read: vec![None; program.len()],
        late: false,
        counted: 0,
    };
    let given = hand.first(x);
    let between = M::by_hand(&mut hand, given);
    hand.counted = 3 * usize::from(counts);
    let _ = hand.hook(END, between);
    // Nor can an edit be made that needs what is not there where it would never be made.
    hand.late |= program
        .iter()
        .any(|line| matches!(line, Line::Set(_, from, _) if hand.read[*from].is_none()));

    let input = Tensor::<2>::from_floats([x], &Device::flex());
    let found = NnSight::new(model).trace(input, |m| {
        let sites = M::sites(m);
        let mut read: Vec<Value<(Batch, Hidden)>> = Vec::new();
        for line in program {
            match *line {
                Line::Read(at) => read.push(sites[at].get()),
                Line::Scale(at, by, true) => sites[at].update(|x| x * by),
                Line::Scale(at, by, false) => sites[at].set_at((.., 0), sites[at].get().at((.., 0)) * by),
                Line::Fill(at, value) => sites[at].set(value),
                Line::Set(at, from, more) => sites[at].set(read[from] + more),
            }
        }
        read.last().map(|read| read.save())
    });
    let saved = hand.read[program
        .iter()
        .filter(|line| matches!(line, Line::Read(_)))
        .count()
        - 1];
    match (found, saved) {
        (Ok(found), Some(saved)) => {
            let found = found.map(rows).unwrap_or_default();
            prop_assert_eq!(
                &found[..],
                &saved[..],
                "{} {:?}",
                std::any::type_name::<M>(),
                program
            );
            let calls = calls.lock().expect("no panic");
            prop_assert_eq!(calls.len(), hand.counted);
            if counts && !hand.late {
                prop_assert_eq!(
                    &calls[..],
                    &between[..],
                    "{} {:?}",
                    std::any::type_name::<M>(),
                    program
                );
            }
        }
        // What cannot be is an error, and nothing else is.
        (Err(error), saved) => {
            let what = format!("{} {program:?}: {error}", std::any::type_name::<M>());
            prop_assert!(hand.late || saved.is_none(), "{}", what);
            prop_assert!(
                matches!(error, Error::Order { .. } | Error::NotReached { .. }),
                "{}",
                what
            );
        }
        (Ok(_), None) => prop_assert!(
            false,
            "{} {program:?}: nothing was reached",
            std::any::type_name::<M>()
        ),
    }
    Ok(())
}

/// No module of Burn's, and what it takes and gives is nothing that a module could.
struct Gate<'a> {
    above: f32,
    said: &'a str,
}
impl Gate<'_> {
    fn forward(&self, x: &Tensor<2>, name: &mut String) -> Result<Tensor<2>, String> {
        name.push_str(self.said);
        match self.above.is_nan() {
            true => Err(name.clone()),
            false => Ok(x.clone().mask_fill(x.clone().lower_elem(self.above), 0.0)),
        }
    }
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Hidden) -> (Batch, Hidden))]
pub struct Helped {
    #[inspect((Batch, Hidden) -> (Batch, Hidden), len = 3)]
    all: Vec<Linear>,
}

#[inspectable]
impl Helped {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let gate = Gate {
            above: 3.0,
            said: "gate",
        };
        let mut name = String::new();
        let boxed: Vec<Box<&Linear>> = self.all.iter().map(Box::new).collect();
        let (first, second) = (&self.all[0], &boxed[1]);
        let x = first.forward(x);
        let x = gate.forward(&x, &mut name).expect("it is a number");
        let x = second.forward(x);
        assert_eq!(name, "gate");
        let gates = [gate];
        let x = gates[0].forward(&x, &mut name).unwrap_or(x);
        self.last().forward(x)
    }

    #[allow(clippy::redundant_allocation)] // a module behind two pointers is what is tested
    fn last(&self) -> std::sync::Arc<&Linear> {
        std::sync::Arc::new(&self.all[2])
    }
}

#[test]
fn what_is_no_module_is_called_as_it_is() {
    let net = NnSight::new(Helped {
        all: (0..3).map(|_| linear(TWICE)).collect(),
    });
    let x = Tensor::from_floats([[1.0, 2.0, 0.5]], &Device::flex());
    // 2, 4, 1: the gate leaves 4, the second layer gives 8, the last 16; with the edit 9 passes both gates as 18 and 36.
    let (first, second, out) = trace!(net, x, |m: Helped| {
        m.all[0].output[.., 0] = 9.0;
        (m.all[0].output.save(), m.all[1].output.save(), m.output.save())
    })
    .expect("it runs");
    assert_eq!(rows(first), [9.0, 4.0, 1.0]);
    assert_eq!(rows(second), [18.0, 8.0, 0.0]);
    assert_eq!(rows(out), [36.0, 16.0, 0.0]);
}
