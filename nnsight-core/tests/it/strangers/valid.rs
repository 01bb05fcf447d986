//! Random graphs whose operations fit: what the check lets through runs without a panic.

use super::mutations::{Random, held_to_time};
use super::zoo::net::{self, Zoo};
use super::zoo::{Outcome, outcome};
use crate::support::*;
use nnsight::KindTag;
use nnsight::dims::Dims;
use nnsight::graph::{AttachedCall, GradientId, Graph, Node, NodeId, NodeKind, SiteId, TensorMeta};
use nnsight::index::Take;
use nnsight::ops::{Along, Binary, Compare, Einsum, Function, Law, Logic, Numeric, Op, Reduce, Scalar};
use nnsight::{End, ModuleId};
use std::sync::LazyLock;

const GRAPHS: usize = 10_000;

/// Modules of the zoo, as its graphs number them.
const LAYER1: ModuleId = ModuleId(1);
const SPLIT: ModuleId = ModuleId(2);
const LAYER2: ModuleId = ModuleId(4);
const SAE: ModuleId = ModuleId(5);

/// A graph that names all modules and has no nodes.
static EMPTY: LazyLock<Graph> = LazyLock::new(|| {
    let (zoo, sae) = NnSight::new(net::zoo())
        .attach("sae", net::sae())
        .expect("the name is free");
    let body = |m: Sites<Zoo>| {
        let _ = m.attached(sae).call(m.layer1.output.get());
        let sites = (m.split.output.0.get().save(), m.layer2.output.get().save());
        (sites, m.output.get().save())
    };
    let mut graph = zoo.plan(input(), body).expect("it is one").graph();
    graph.nodes.clear();
    graph
});

/// A graph while it is made.
struct Making {
    random: Random,
    nodes: Vec<Node>,
    /// Nodes that others can work on.
    values: Vec<NodeId>,
    calls: u32,
}

impl Making {
    fn push(&mut self, kind: NodeKind, inputs: &[NodeId], meta: TensorMeta) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(Node {
            kind,
            inputs: inputs.to_vec(),
            meta,
            written_at: None,
        });
        id
    }

    fn value(&mut self, kind: NodeKind, inputs: &[NodeId], meta: TensorMeta) -> NodeId {
        let id = self.push(kind, inputs, meta);
        self.values.push(id);
        id
    }

    fn meta(&self, id: NodeId) -> TensorMeta {
        self.nodes[id.index()].meta
    }

    fn any(&mut self) -> NodeId {
        let values = self.values.clone();
        // Late ones more often: longer ways through the graph.
        let at = self
            .random
            .below(values.len())
            .max(self.random.below(values.len()));
        values[at]
    }

    fn number(&mut self, kind: KindTag) -> Scalar {
        let whole = [0, 1, -1, 2, 7, i64::from(i32::MAX), i64::from(i32::MIN)];
        match kind {
            KindTag::Float => {
                Scalar::Float(
                    self.random
                        .of(&[0.0, 1.0, -2.5, 1e-40, 1e300, f64::INFINITY, f64::NAN]),
                )
            }
            KindTag::Int => Scalar::Int(self.random.of(&whole)),
            KindTag::Bool => Scalar::Int(self.random.of(&[0, 1])),
        }
    }

    /// Which part of a tensor.
    fn takes(&mut self, dims: Dims) -> Vec<Take> {
        let count = self.random.below(dims.rank() + 1);
        let mut takes = Vec::new();
        for dim in 0..count {
            let size = dims.get(dim).unwrap_or(1) as i64;
            let at = self.random.below(size as usize + 1) as i64;
            takes.push(match self.random.below(4) {
                0 => Take::All,
                1 => Take::One(at.min(size - 1) - self.random.of(&[0, size])),
                2 => Take::Slice { start: at, end: None },
                _ => Take::Slice {
                    start: at - size.min(at),
                    end: Some(at),
                },
            });
        }
        takes
    }

    fn sizes(&mut self, dims: Dims) -> Vec<Option<usize>> {
        let mut sizes = dims.sizes().to_vec();
        match self.random.below(3) {
            0 => sizes.reverse(),
            1 => {
                let elements = dims.elements().unwrap_or(1);
                let first = self.random.of(&[1, 2, 3, elements.max(1)]);
                sizes = vec![Some(first), None];
            }
            _ => sizes = vec![dims.elements()],
        }
        sizes
    }

    /// An operation that may fit these inputs.
    fn operation(&mut self, of: TensorMeta) -> (Op, usize) {
        let dim = self.random.below(of.dims.rank());
        let size = of.dims.get(dim).unwrap_or(1);
        let binary = self.random.of(&[
            Binary::Add,
            Binary::Sub,
            Binary::Mul,
            Binary::Div,
            Binary::Rem,
            Binary::Maximum,
            Binary::Minimum,
        ]);
        let compare = self.random.of(&[
            Compare::Gt,
            Compare::Ge,
            Compare::Lt,
            Compare::Le,
            Compare::Equal,
            Compare::NotEqual,
        ]);
        let number = self.number(of.kind);
        match self.random.below(37) {
            0 => (Op::Binary(binary), 2),
            1 => (Op::Scalar(binary, number), 1),
            2 => (Op::Compare(compare), 2),
            3 => (Op::CompareScalar(compare, number), 1),
            4 => (Op::Logic(self.random.of(&[Logic::And, Logic::Or, Logic::Xor])), 2),
            5 => (Op::Not, 1),
            6 => (Op::MaskWhere, 3),
            7 => (Op::MaskFill(number), 2),
            8 => (Op::Function(self.function()), 1),
            9 => {
                let (low, high) = (self.number(of.kind), self.number(of.kind));
                let clamp = Numeric::Clamp {
                    low: Some(low),
                    high: self.random.of(&[None, Some(high)]),
                };
                let power = self.random.of(&[0, 1, 2, 3, 31, 2_147_483_647]);
                let all = [
                    Numeric::Neg,
                    Numeric::Abs,
                    Numeric::Sign,
                    Numeric::Powi(power),
                    clamp,
                ];
                (Op::Numeric(self.random.of(&all)), 1)
            }
            10..=12 => {
                let reduce = self.random.of(&[
                    Reduce::Sum,
                    Reduce::Max,
                    Reduce::Min,
                    Reduce::ArgMax,
                    Reduce::ArgMin,
                    Reduce::Mean,
                    Reduce::Var,
                    Reduce::Norm,
                    Reduce::LogSumExp,
                    Reduce::Any,
                    Reduce::All,
                ]);
                (Op::Reduce(reduce, self.random.of(&[None, Some(dim)])), 1)
            }
            13..=14 => {
                let along = self.random.of(&[
                    Along::Softmax,
                    Along::LogSoftmax,
                    Along::CumSum,
                    Along::Sort,
                    Along::SortDescending,
                    Along::ArgSort,
                    Along::ArgSortDescending,
                    Along::Flip,
                ]);
                (Op::Along(along, dim), 1)
            }
            15 => (Op::Matmul, 2),
            16 => (Op::Reshape(self.sizes(of.dims)), 1),
            17 => (Op::Rename(of.dims.sizes().to_vec()), 1),
            18 => {
                let mut order: Vec<usize> = (0..of.dims.rank()).collect();
                order.rotate_left(dim);
                (Op::Permute(order), 1)
            }
            19 => {
                let new = self.random.of(&[0, 1, 2, 5]);
                let at = self.random.below(of.dims.rank() + 1);
                let sizes = of.dims.insert(at, Some(new)).sizes().to_vec();
                let places = (0..sizes.len()).filter(|place| *place != at).collect();
                (Op::Expand { places, sizes }, 1)
            }
            20 => (Op::ExpandAs(vec![dim]), 2),
            21 => (Op::Slice(self.takes(of.dims)), 1),
            22 => (Op::Assign(self.takes(of.dims)), 2),
            23 => (Op::Fill(self.takes(of.dims), number), 1),
            24 => {
                let positions = (0..self.random.below(4))
                    .map(|n| (n % size.max(1)) as i64)
                    .collect();
                (Op::Take { dim, positions }, 1)
            }
            25 => (Op::Select(dim), 2),
            26 => (Op::Pick(dim), 2),
            27 => (Op::Gather(dim), 2),
            28 => {
                let k = self.random.below(size + 1);
                let positions = self.random.of(&[true, false]);
                (Op::TopK { dim, k, positions }, 1)
            }
            29 => (Op::Cat(dim), 1 + self.random.below(3)),
            30 => {
                let scalars = of.dims == Dims::scalar();
                (Op::Stack { size: None, scalars }, 1 + self.random.below(3))
            }
            31 => (Op::Cast(self.kind()), 1),
            32 => (
                Op::OneHot {
                    size: self.random.of(&[0, 1, 3, 9]),
                    scalar: false,
                },
                1,
            ),
            33 => {
                let kind = self.kind();
                (Op::Full(kind, self.number(kind)), 1)
            }
            34 => {
                let normal = Law::Normal { mean: 1.0, std: 0.0 };
                let law = self.random.of(&[normal, Law::Uniform { low: -1.0, high: 1.0 }]);
                (Op::Noise { seed: 3, law }, 1)
            }
            35 => {
                let (rank, shift) = (of.dims.rank() as u8, self.random.below(3) as u8);
                let all = (0..rank + shift).rev();
                let output = all.filter(|_| self.random.of(&[true, false])).collect();
                let (left, right) = ((0..rank).collect(), (shift..rank + shift).collect());
                (Op::Einsum(Einsum { left, right, output }), 2)
            }
            _ => (Op::Cast(KindTag::Int), 1),
        }
    }

    fn kind(&mut self) -> KindTag {
        self.random.of(&[KindTag::Float, KindTag::Int, KindTag::Bool])
    }

    fn function(&mut self) -> Function {
        let parameter = self.random.of(&[0.0, 0.5, -1.0, 3.0, 1e30]);
        self.random.of(&[
            Function::Exp,
            Function::Log,
            Function::Log1p,
            Function::Sqrt,
            Function::Recip,
            Function::Sin,
            Function::Cos,
            Function::Tanh,
            Function::Erf,
            Function::Floor,
            Function::Ceil,
            Function::Round,
            Function::Powf { exponent: parameter },
            Function::Relu,
            Function::LeakyRelu { slope: parameter },
            Function::Gelu,
            Function::GeluTanh,
            Function::Silu,
            Function::Sigmoid,
            Function::LogSigmoid,
            Function::Softplus,
            Function::Mish,
            Function::Elu { alpha: parameter },
        ])
    }

    /// An operation on values that it fits, if one is found soon.
    fn operate(&mut self) {
        for _ in 0..20 {
            let first = self.any();
            let (op, count) = self.operation(self.meta(first));
            let mut inputs = vec![first];
            for _ in 1..count {
                // Often one like the first, since few others fit.
                let others = [first, self.any()];
                inputs.push(self.random.of(&others));
            }
            let metas: Vec<TensorMeta> = inputs.iter().map(|id| self.meta(*id)).collect();
            let small = |meta: &TensorMeta| meta.dims.elements().is_some_and(|elements| elements <= 1 << 12);
            if let Some(meta) = op.infer(&metas).ok().filter(small) {
                self.value(NodeKind::Op(op), &inputs, meta);
                return;
            }
        }
    }

    /// A value of kind float and these sizes: one that is there, or one made of another.
    fn of_sizes(&mut self, dims: Dims) -> Option<NodeId> {
        let fits = |id: &NodeId| {
            let meta = self.meta(*id);
            meta.kind == KindTag::Float && meta.dims == dims
        };
        let found: Vec<NodeId> = self.values.iter().copied().filter(fits).collect();
        (!found.is_empty()).then(|| self.random.of(&found))
    }

    /// A module of the model or an attached one, run on a value.
    fn call(&mut self) {
        let Some(on) = self.of_sizes(hidden()) else { return };
        match self.random.below(3) {
            0 => {
                self.value(NodeKind::Call(LAYER2), &[on], float(classes()));
            }
            1 => {
                let call = self.push(NodeKind::Call(SPLIT), &[on], float(hidden()));
                let part = self.random.below(2) as u8;
                self.value(NodeKind::Part(part), &[call], float(hidden()));
            }
            _ => {
                let call = AttachedCall {
                    module: SAE,
                    call: self.calls,
                    invoke: 0,
                };
                self.calls += 1;
                self.value(NodeKind::Attached(call), &[on], float(hidden()));
            }
        }
    }
}

fn float(dims: Dims) -> TensorMeta {
    TensorMeta {
        kind: KindTag::Float,
        dims,
    }
}

fn hidden() -> Dims {
    Dims::known(&[2, 3])
}

fn classes() -> Dims {
    Dims::known(&[2, 2])
}

fn site(module: ModuleId, end: End) -> SiteId {
    SiteId {
        module,
        end,
        port: 0,
        call: 0,
        invoke: 0,
    }
}

/// Reads, operations, calls, a write, gradients, saves.
fn graph(seed: usize) -> Graph {
    let mut making = Making {
        random: Random(seed as u64),
        nodes: Vec::new(),
        values: Vec::new(),
        calls: 0,
    };
    let first = making.value(NodeKind::Get(site(LAYER1, End::Output)), &[], float(hidden()));
    for _ in 0..making.random.below(12) {
        making.operate();
        if making.random.below(8) == 0 {
            making.call();
        }
    }
    if making.random.below(2) == 0 {
        // What was computed so far comes from before this site.
        let into = site(LAYER2, End::Input);
        let takes = making.takes(hidden());
        let number = making.number(KindTag::Float);
        let value = making.of_sizes(hidden()).filter(|_| making.random.below(2) == 0);
        match value {
            Some(value) => {
                let kind = NodeKind::Set {
                    site: into,
                    takes: vec![],
                };
                making.push(kind, &[value], float(hidden()));
            }
            None => {
                let kind = NodeKind::Fill {
                    site: into,
                    takes,
                    number,
                };
                making.push(kind, &[], float(hidden()));
            }
        }
    }
    let output = making.value(
        NodeKind::Get(site(ModuleId(0), End::Output)),
        &[],
        float(classes()),
    );
    for _ in 0..making.random.below(12) {
        making.operate();
    }
    for _ in 0..1 + making.random.below(3) {
        let (id, save) = (making.any(), making.random.of(&[true, false]));
        let meta = making.meta(id);
        making.push(if save { NodeKind::Save } else { NodeKind::TrySave }, &[id], meta);
    }
    if making.random.below(3) == 0 {
        // The loss is the model's own, so that there is a gradient, with something else added.
        let sum = Op::Reduce(Reduce::Sum, None);
        let mut loss = making.value(NodeKind::Op(sum), &[output], float(Dims::scalar()));
        if let Some(other) = making.of_sizes(Dims::scalar()) {
            let add = NodeKind::Op(Op::Binary(Binary::Add));
            loss = making.value(add, &[loss, other], float(Dims::scalar()));
        }
        let backward = making.push(NodeKind::Backward, &[loss], float(Dims::scalar()));
        let gradient = GradientId {
            of: making.random.of(&[first, output]),
            backward: Some(backward),
        };
        let meta = making.meta(gradient.of);
        let read = making.value(NodeKind::Gradient(gradient), &[], meta);
        making.push(NodeKind::TrySave, &[read], meta);
    }
    let mut graph = EMPTY.clone();
    graph.nodes = making.nodes;
    graph
}

#[test]
fn what_the_check_lets_through_runs() {
    let texts = |seed: usize| serde_json::to_vec(&graph(seed)).expect("it is data");
    let found = held_to_time(GRAPHS, &texts, &|text, _| outcome(text, true));
    let of = |outcome| found.get(&outcome).copied().unwrap_or(0);
    // Positions and divisors are known only while the model runs, and so is which tensors a loss depends on.
    assert_eq!(of(Outcome::NotParsed), 0);
    assert!(of(Outcome::Refused) * 100 <= GRAPHS, "{found:?}");
    assert!(of(Outcome::Failed) * 5 <= GRAPHS, "{found:?}");
}
