//! Random graphs whose operations fit, on random small models: what the check lets through runs without a panic.

use super::mutations::{Random, held_to_time};
use super::small::{Callee, Port, Subject, subject};
use super::zoo::{LIMITS, Outcome};
use burn::tensor::{DType, TensorData};
use nnsight::dims::Dims;
use nnsight::graph::{AttachedCall, Constant, GradientId, Graph, Node, NodeId, NodeKind, SiteId, TensorMeta};
use nnsight::ops::{Binary, Op, Reduce};
use nnsight::{KindTag, ModuleId};
use std::collections::BTreeMap;

/// How many are tried, unless `NNSIGHT_FUZZ_GRAPHS` says so: more than 10,000 pass the check.
const GRAPHS: usize = 10_500;

/// What depends on a gradient comes after all of the forward pass.
const LATE: usize = usize::MAX;

/// A graph while it is made.
struct Making<'a> {
    random: Random,
    subject: &'a Subject,
    nodes: Vec<Node>,
    constants: Vec<Constant>,
    /// For each node the place in the forward pass at which its tensor is there.
    times: Vec<usize>,
    /// Nodes that others can work on.
    values: Vec<NodeId>,
    /// How often the attached module was called for each invoke.
    calls: BTreeMap<u16, u32>,
    losses: usize,
}

impl Making<'_> {
    fn push(&mut self, kind: NodeKind, inputs: &[NodeId], meta: TensorMeta) -> NodeId {
        let before = inputs.iter().map(|input| self.times[input.index()]);
        let time = before.max().unwrap_or(0);
        self.push_at(time, kind, inputs, meta)
    }

    fn push_at(&mut self, time: usize, kind: NodeKind, inputs: &[NodeId], meta: TensorMeta) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(Node {
            kind,
            inputs: inputs.to_vec(),
            meta,
            written_at: None,
        });
        self.times.push(time);
        id
    }

    fn value(&mut self, kind: NodeKind, inputs: &[NodeId], meta: TensorMeta) -> NodeId {
        let id = self.push(kind, inputs, meta);
        self.values.push(id);
        id
    }

    fn value_at(&mut self, time: usize, kind: NodeKind, meta: TensorMeta) -> NodeId {
        let id = self.push_at(time, kind, &[], meta);
        self.values.push(id);
        id
    }

    fn meta(&self, id: NodeId) -> TensorMeta {
        self.nodes[id.index()].meta
    }

    fn time(&self, id: NodeId) -> usize {
        self.times[id.index()]
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.random.below(one_in) == 0
    }

    fn any(&mut self) -> NodeId {
        // Late ones more often: longer ways through the graph.
        let count = self.values.len();
        let at = self.random.below(count).max(self.random.below(count));
        self.values[at]
    }

    /// One of the values that are like this, the last ones more often.
    fn find(&mut self, is: impl Fn(&TensorMeta, usize) -> bool) -> Option<NodeId> {
        let values = self.values.iter().copied();
        let found: Vec<NodeId> = values.filter(|id| is(&self.meta(*id), self.time(*id))).collect();
        let at = self.random.below(found.len()).max(self.random.below(found.len()));
        found.get(at).copied()
    }

    fn invoke(&mut self) -> u16 {
        self.random.below(self.subject.invokes + 1) as u16
    }

    /// A tensor of the model, its place in the forward pass, and what it is.
    fn place(&mut self) -> (usize, SiteId, TensorMeta) {
        let time = self.random.below(self.subject.ports.len());
        let port = &self.subject.ports[time];
        let invoke = self.invoke();
        let site = SiteId { invoke, ..port.site };
        (time, site, self.subject.meta(port, invoke))
    }

    fn read(&mut self) -> NodeId {
        let (time, site, meta) = self.place();
        self.value_at(time, NodeKind::Get(site), meta)
    }

    /// Writes into a site what fits it, and is there in time. Not always: that is refused.
    fn write(&mut self) {
        let (time, site, meta) = self.place();
        self.write_into(time, site, meta);
    }

    fn write_into(&mut self, time: usize, site: SiteId, meta: TensorMeta) {
        let takes = match self.chance(2) {
            true => vec![],
            false => self.random.takes(meta.dims),
        };
        let Ok(part) = Op::Slice(takes.clone()).infer(&[meta]) else {
            return;
        };
        let time = if self.chance(20) { LATE - 1 } else { time };
        let fits = |found: &TensorMeta, at| {
            found.kind == part.kind && at <= time && found.dims.unify(&part.dims).is_some()
        };
        let value = self.find(fits).filter(|_| self.random.below(4) > 0);
        match value {
            Some(value) => drop(self.push_at(time, NodeKind::Set { site, takes }, &[value], meta)),
            None => {
                let number = self.random.number(meta.kind);
                let kind = NodeKind::Fill { site, takes, number };
                self.push_at(time, kind, &[], meta);
            }
        }
    }

    /// An operation on values that it fits, if one is found soon.
    fn operate(&mut self) {
        for _ in 0..20 {
            let first = self.any();
            let (op, count) = self.random.operation(self.meta(first));
            let mut inputs = vec![first];
            for _ in 1..count {
                // Often one like the first, since few others fit.
                let others = [first, self.any()];
                inputs.push(self.random.of(&others));
            }
            let metas: Vec<TensorMeta> = inputs.iter().map(|id| self.meta(*id)).collect();
            let small = |meta: &TensorMeta| meta.dims.elements().is_none_or(|elements| elements <= 1 << 12);
            if let Some(meta) = op.infer(&metas).ok().filter(small) {
                self.value(NodeKind::Op(op), &inputs, meta);
                return;
            }
        }
    }

    /// Values that a module can be called on, with the number of rows of the first. A module takes what it is declared
    /// to take: one of run-time axes has parameters of sizes that the declaration does not tell.
    fn arguments(&mut self, callee: &Callee) -> Option<(Vec<NodeId>, Option<usize>)> {
        let mut rows = None;
        let mut inputs = Vec::new();
        for port in &callee.inputs {
            let subject = self.subject;
            let takes = |found: &TensorMeta, time| {
                let given = found.dims.get(0);
                let wanted = subject.dims(port, given);
                let is_whole = wanted.sizes().iter().skip(1).all(Option::is_some);
                let rows: &Option<Option<usize>> = &rows;
                is_whole
                    && time < LATE
                    && found.kind == port.kind
                    && found.dims == wanted
                    && rows.is_none_or(|rows| rows == given)
            };
            let value = self.find(takes)?;
            rows.get_or_insert(self.meta(value).dims.get(0));
            inputs.push(value);
        }
        Some((inputs, rows.flatten()))
    }

    fn outputs(&mut self, call: NodeId, callee: &Callee, rows: Option<usize>) {
        let meta = |port: &Port| TensorMeta {
            kind: port.kind,
            dims: self.subject.dims(port, rows),
        };
        let metas: Vec<TensorMeta> = callee.outputs.iter().map(meta).collect();
        match metas[..] {
            [one] => {
                self.nodes[call.index()].meta = one;
                self.values.push(call);
            }
            _ => {
                for (part, meta) in (0..).zip(metas) {
                    self.value(NodeKind::Part(part), &[call], meta);
                }
            }
        }
    }

    /// A module of the model, run on values.
    fn call(&mut self) {
        let which = self.random.below(self.subject.callees.len());
        let callee = &self.subject.callees[which];
        let Some((inputs, rows)) = self.arguments(callee) else {
            return;
        };
        let nothing = self.meta(inputs[0]);
        let call = self.push(NodeKind::Call(callee.module), &inputs, nothing);
        self.outputs(call, callee, rows);
    }

    /// The attached module, run on a value, with reads and writes of what lies in it.
    fn call_attached(&mut self) {
        let (callee, inside) = &self.subject.attached;
        let Some((inputs, rows)) = self.arguments(callee) else {
            return;
        };
        let invoke = self.invoke();
        let calls = self.calls.entry(invoke).or_default();
        let call = AttachedCall {
            module: callee.module,
            call: *calls,
            invoke,
        };
        *calls += 1;
        let nothing = self.meta(inputs[0]);
        let caller = self.push(NodeKind::Attached(call), &inputs, nothing);
        self.outputs(caller, callee, rows);
        let time = self.time(caller);
        let site = |port: &Port| SiteId {
            invoke,
            call: call.call,
            ..port.site
        };
        for port in inside {
            let meta = TensorMeta {
                kind: port.kind,
                dims: self.subject.dims(port, rows),
            };
            match self.random.below(4) {
                0 => drop(self.value_at(time, NodeKind::Get(site(port)), meta)),
                1 => self.write_into(time.saturating_sub(1), site(port), meta),
                _ => {}
            }
        }
    }

    fn constant(&mut self) {
        let numbers = TensorData::from([[0.5f32, -1.0, 2.0]]);
        let numbers = self.random.of(&[
            numbers,
            TensorData::from([1i32, 0]),
            TensorData::from([true, false, true]),
        ]);
        let meta = TensorMeta {
            kind: match numbers.dtype() {
                DType::F32 => KindTag::Float,
                DType::I32 => KindTag::Int,
                _ => KindTag::Bool,
            },
            dims: Dims::known(numbers.shape().as_slice()),
        };
        let number = self.constants.len() as u32;
        self.constants.push(Constant::Data(numbers));
        self.value(NodeKind::Constant(number), &[], meta);
    }

    fn parameter(&mut self) -> Option<(ModuleId, String, Vec<Option<usize>>, TensorMeta)> {
        let which = self.random.below(self.subject.parameters.len());
        let (module, name, sizes) = self.subject.parameters.get(which)?.clone();
        let sizes: Vec<Option<usize>> = sizes
            .into_iter()
            .map(|size| Some(size).filter(|_| self.random.below(2) == 0))
            .collect();
        let meta = float(Dims::new(sizes.iter().copied()));
        Some((module, name, sizes, meta))
    }

    /// The sum of a value, its backward pass, and gradients of what was read before; some are edited.
    fn differentiate(&mut self) {
        let is_float = |meta: &TensorMeta, time| meta.kind == KindTag::Float && time < LATE;
        let Some(of) = self.find(is_float) else { return };
        let sum = Op::Reduce(Reduce::Sum, None);
        let mut loss = self.value(NodeKind::Op(sum), &[of], float(Dims::scalar()));
        let is_scalar = |meta: &TensorMeta, time| is_float(meta, time) && meta.dims == Dims::scalar();
        if let Some(other) = self.find(is_scalar) {
            let add = NodeKind::Op(Op::Binary(Binary::Add));
            loss = self.value(add, &[loss, other], float(Dims::scalar()));
        }
        self.losses += 1;
        let backward = self.push(NodeKind::Backward, &[loss], float(Dims::scalar()));
        for _ in 0..1 + self.random.below(3) {
            if self.chance(4)
                && let Some((module, name, sizes, meta)) = self.parameter()
            {
                let kind = NodeKind::ParameterGradient {
                    module,
                    name,
                    backward: Some(backward),
                    sizes,
                };
                self.save_if_any(kind, meta);
                continue;
            }
            let Some(of) = self.find(is_float) else { continue };
            let gradient = GradientId {
                of,
                backward: Some(backward),
            };
            let meta = self.meta(of);
            if self.chance(3) {
                let kind = NodeKind::FillGradient {
                    gradient,
                    takes: self.random.takes(meta.dims),
                    number: self.random.number(KindTag::Float),
                };
                self.push_at(LATE, kind, &[], meta);
            }
            self.save_if_any(NodeKind::Gradient(gradient), meta);
        }
    }

    fn save_if_any(&mut self, kind: NodeKind, meta: TensorMeta) {
        let read = self.value_at(LATE, kind, meta);
        self.push(NodeKind::TrySave, &[read], meta);
    }

    fn save(&mut self) {
        let (id, save) = (self.any(), self.random.of(&[true, false]));
        let meta = self.meta(id);
        self.push(if save { NodeKind::Save } else { NodeKind::TrySave }, &[id], meta);
    }

    fn line(&mut self) {
        match self.random.below(24) {
            0..=4 => drop(self.read()),
            5..=14 => self.operate(),
            15..=16 => self.write(),
            17 => self.call(),
            18 => self.call_attached(),
            19 => self.constant(),
            20 => {
                if let Some((module, name, sizes, meta)) = self.parameter() {
                    self.value(NodeKind::Parameter { module, name, sizes }, &[], meta);
                }
            }
            21 if self.losses < LIMITS.losses => self.differentiate(),
            _ => self.save(),
        }
    }
}

fn float(dims: Dims) -> TensorMeta {
    TensorMeta {
        kind: KindTag::Float,
        dims,
    }
}

/// A model, and a graph of it.
fn case(seed: usize) -> (Subject, Graph) {
    let mut random = Random(seed as u64);
    let subject = subject(&mut random);
    let mut making = Making {
        random,
        subject: &subject,
        nodes: Vec::new(),
        constants: Vec::new(),
        times: Vec::new(),
        values: Vec::new(),
        calls: BTreeMap::new(),
        losses: 0,
    };
    making.read();
    for _ in 0..making.random.below(30) {
        making.line();
    }
    making.save();
    let mut graph = subject.empty.clone();
    (graph.nodes, graph.constants) = (making.nodes, making.constants);
    graph.invokes = vec![Vec::new(); subject.invokes];
    (subject, graph)
}

#[test]
fn what_the_check_lets_through_runs() {
    let graphs =
        std::env::var("NNSIGHT_FUZZ_GRAPHS").map_or(GRAPHS, |graphs| graphs.parse().expect("a number"));
    let texts = |seed: usize| serde_json::to_vec(&case(seed).1).expect("it is data");
    let found = held_to_time(graphs, &texts, &|text, seed| case(seed).0.outcome(text));
    let of = |outcome| found.get(&outcome).copied().unwrap_or(0);
    // Some are wrong on purpose.
    assert_eq!(of(Outcome::NotParsed), 0);
    assert!(of(Outcome::Refused) * 20 <= graphs, "{found:?}");
    // Types, positions and divisors are known only while the model runs, and so is which tensors a loss depends on.
    assert!(of(Outcome::Failed) * 4 <= graphs, "{found:?}");
    // An embedding is given what is no position, a layer numbers of another type.
    assert!(of(Outcome::Panicked) * 50 <= graphs, "{found:?}");
}
