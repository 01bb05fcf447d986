//! Running a graph that was read: it is written anew into a trace, and so checked like one.

use crate::error::{Error, Result, WrittenAt};
use crate::graph::limits;
use crate::graph::limits::Limits;
use crate::graph::names::{declaration, site_name, value_name};
use crate::graph::node::{
    AttachedCall, Constant, GradientId, ModuleDecl, Node, NodeId, NodeKind, SiteId, unknown_meta,
};
use crate::graph::{Graph, VERSION};
use crate::shapes::dims::Dims;
use crate::shapes::meta::TensorMeta;
use crate::shapes::shape::{KindTag, MAX_RANK};
use crate::shapes::take::Take;
use crate::tensor::erased::{Erased, check_data, kind_of};
use crate::tree::handle::End;
use crate::tree::{ModuleId, Tree};
use crate::write::append::{Place, Written, apply_in, call_in, write_into, write_site};
use crate::write::builder::{Builder, ValueRef, with};
use crate::write::saved::{Kept, SavedGraph};
use burn::tensor::Device;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::panic::Location;

impl Graph {
    /// Writes this graph into the trace that is being written on this thread: return the result from the body,
    /// `model.trace(input, |_| graph.replay())`, and the trace gives what the graph saves, by name.
    ///
    /// Whatever the compiler checks in `trace!` is checked here before the model runs: that the model has the
    /// graph's modules with the same axes, that indices are in bounds and that sizes fit, that values flow forward.
    /// The prompts of a graph with several invokes are added first, in their order, by the body.
    ///
    /// It keeps to [`Limits::default`]; [`replay_within`](Self::replay_within) takes others.
    ///
    /// # Errors
    /// The trace fails with [`Error::OtherModel`], which names the first difference, [`Error::TooLarge`],
    /// [`Error::BrokenGraph`] for what no trace can have written, or [`Error::GraphNode`] with what
    /// [`NnSight::trace`](crate::model::NnSight::trace) says of a trace that cannot work.
    #[track_caller]
    pub fn replay(&self) -> SavedGraph {
        self.replay_within(&Limits::default())
    }

    /// The same as [`replay`](Self::replay), of a graph that may ask for no more than `limits` let in.
    ///
    /// # Errors
    /// Those of [`replay`](Self::replay).
    #[track_caller]
    pub fn replay_within(&self, limits: &Limits) -> SavedGraph {
        let at = Location::caller();
        let saved = with(|builder| {
            // What went wrong before is not this graph's.
            let before = builder.take_error();
            let replay = Replay::new(self, builder, limits, at);
            let saved = replay.run();
            let failed = before.or(saved.as_ref().err().cloned());
            if let Some(error) = failed {
                builder.fail(error);
            }
            saved.unwrap_or_default()
        });
        SavedGraph {
            saved: saved.unwrap_or_default(),
        }
    }

    /// Whether a model has the modules that this graph names, as they were where it was written.
    /// [`replay`](Self::replay) looks too; this asks no more than the tree, so that a model need not be loaded.
    ///
    /// # Errors
    /// [`Error::OtherModel`], which names the first difference.
    pub fn check_model(&self, tree: &Tree) -> Result<()> {
        let mut modules = self.modules.values();
        modules.try_for_each(|wanted| find(tree, wanted).map(drop))
    }

    /// The graph that changes nothing and saves what the model gives.
    pub fn of_output(tree: &Tree) -> Graph {
        let Some(root) = tree.get(ModuleId::ROOT) else {
            return Graph::default();
        };
        let node = |kind, inputs| Node {
            kind,
            inputs,
            meta: unknown_meta(),
            written_at: None,
        };
        let nodes = (0..root.outputs.len()).flat_map(|port| {
            let site = SiteId {
                module: ModuleId::ROOT,
                end: End::Output,
                port: port as u8,
                call: 0,
                invoke: 0,
            };
            let read = NodeId(2 * port as u32);
            [
                node(NodeKind::Get(site), vec![]),
                node(NodeKind::Save, vec![read]),
            ]
        });
        Graph {
            version: VERSION,
            model: root.type_name.to_owned(),
            modules: BTreeMap::from([(ModuleId::ROOT.0, declaration(tree, ModuleId::ROOT))]),
            nodes: nodes.collect(),
            ..Graph::default()
        }
    }
}

/// Makes tensors of constants that are data: on a device, or in this process' memory.
pub(crate) fn place_constants(constants: &mut [Constant], device: Option<&Device>) -> Result<()> {
    for constant in constants {
        if let Constant::Data(data) = constant {
            let memory = Device::flex();
            let tensor = Erased::from_data(data.clone(), device.unwrap_or(&memory))?;
            *constant = Constant::Tensor(tensor);
        }
    }
    Ok(())
}

/// A graph on its way into a trace.
struct Replay<'a> {
    graph: &'a Graph,
    builder: &'a mut Builder,
    limits: &'a Limits,
    /// What the operations so far compute, as [`Limits::work`] counts it.
    work: usize,
    at: &'static Location<'static>,
    /// This model's modules by the graph's numbers.
    modules: BTreeMap<u32, ModuleId>,
    /// How many nodes the trace had before. Each of the graph's becomes one.
    before: u32,
    /// What became of the nodes.
    nodes: Vec<ValueRef>,
    saved: Vec<Kept>,
    names: Names,
}

impl<'a> Replay<'a> {
    fn new(
        graph: &'a Graph,
        builder: &'a mut Builder,
        limits: &'a Limits,
        at: &'static Location<'static>,
    ) -> Self {
        Replay {
            graph,
            limits,
            work: 0,
            before: builder.graph.nodes.len() as u32,
            builder,
            at,
            modules: BTreeMap::new(),
            nodes: Vec::new(),
            saved: Vec::new(),
            names: Names::default(),
        }
    }

    fn run(mut self) -> Result<Vec<Kept>> {
        self.limits.check(self.graph)?;
        for (number, wanted) in &self.graph.modules {
            let module = find(&self.builder.tree, wanted)?;
            self.modules.insert(*number, module);
        }
        let constants = self.graph.constants.iter();
        constants.clone().try_for_each(check_constant)?;
        self.builder.graph.constants.extend(constants.cloned());
        self.builder.graph.limits = Some(*self.limits);
        for node in 0..self.graph.nodes.len() {
            let written = self.node(node);
            if let Some(source) = self.builder.take_error() {
                return Err(self.at_node(node, source));
            }
            self.nodes.push(written?);
            self.check_size(node)?;
        }
        Ok(self.saved)
    }

    fn broken<T>(&self, node: usize, reason: impl Into<String>) -> Result<T> {
        let reason = reason.into();
        Err(Error::BrokenGraph { node, reason })
    }

    fn at_node(&self, node: usize, source: Error) -> Error {
        let kind = match &self.graph.nodes[node].kind {
            NodeKind::Op(op) => op.name(),
            kind => kind.name(),
        };
        Error::GraphNode {
            node,
            kind: kind.to_owned(),
            source: Box::new(source),
        }
    }

    /// Refuses an operation whose result would be too large, before anything is made.
    fn check_size(&mut self, node: usize) -> Result<()> {
        let Some(written) = self.nodes.last() else {
            return Ok(());
        };
        let written = &self.builder.graph.nodes[written.node.index()];
        let NodeKind::Op(op) = &written.kind else {
            return Ok(());
        };
        let inputs = written.inputs.iter();
        let inputs: Vec<TensorMeta> = inputs
            .map(|id| self.builder.graph.nodes[id.index()].meta)
            .collect();
        let at = WrittenAt(Some(self.at));
        let found = op.check_elements(&inputs, self.limits.elements);
        let found = found.map_err(|source| self.at_node(node, Error::op(op, source, at)))?;
        self.work = self.work.saturating_add(found);
        limits::at_most(
            "elements and products to compute",
            "work",
            self.work,
            self.limits.work,
        )
    }

    /// An earlier node that gives one tensor.
    fn tensor(&self, node: usize, wanted: NodeId) -> Result<ValueRef> {
        let value = self.earlier(node, wanted)?;
        let kind = &self.builder.graph.nodes[value.node.index()].kind;
        let ports = |module: &ModuleId| {
            let module = self.builder.tree.get(*module);
            module.map_or(0, |module| module.outputs.len())
        };
        match kind {
            NodeKind::Call(module) | NodeKind::Attached(AttachedCall { module, .. })
                if ports(module) != 1 =>
            {
                self.broken(
                    node,
                    format!(
                        "node {} gives {} tensors: name a part of it",
                        wanted.0,
                        ports(module)
                    ),
                )
            }
            kind if kind.gives_tensor() => Ok(value),
            kind => self.broken(
                node,
                format!(
                    "it needs the tensor of node {}, a {}, which gives none",
                    wanted.0,
                    kind.name()
                ),
            ),
        }
    }

    /// A site that is there, and what its tensor is declared to be.
    fn port(&mut self, node: usize, site: SiteId, what: &str) -> Result<(SiteId, TensorMeta)> {
        let site = self.site(node, site)?;
        let Some((axes, kind)) = self.builder.port(site, WrittenAt(None)) else {
            return self.broken(node, format!("it {what} a tensor that its module does not have"));
        };
        let dims = self.builder.dims_of(axes, self.builder.view_at(site));
        Ok((site, TensorMeta { kind, dims }))
    }

    /// Refuses what cannot be written into a place: a part that it does not have, another kind.
    fn check_write(&self, node: usize, place: TensorMeta, takes: &[Take], written: &Written) -> Result<()> {
        if takes.len() > place.dims.rank() {
            return self.broken(node, format!("it indexes {} axes of {}", takes.len(), place.dims));
        }
        match written {
            Written::Number(number) => number.check(place.kind).map_err(|source| {
                let (operation, at) = (String::from("writing"), WrittenAt(None));
                self.at_node(
                    node,
                    Error::Op {
                        operation,
                        source,
                        at,
                    },
                )
            }),
            Written::Value(value) | Written::Last(value) => match self.builder.meta(*value) {
                Some(found) if found.kind != place.kind => {
                    let (place, wanted) = (String::from("what is written"), place.kind);
                    let (found, at) = (found.kind, WrittenAt(None));
                    Err(self.at_node(
                        node,
                        Error::WrongKind {
                            place,
                            wanted,
                            found,
                            at,
                        },
                    ))
                }
                _ => Ok(()),
            },
        }
    }

    /// An earlier node.
    fn earlier(&self, node: usize, wanted: NodeId) -> Result<ValueRef> {
        match self.nodes.get(wanted.index()) {
            Some(value) => Ok(*value),
            None => self.broken(
                node,
                format!("it needs node {}, which does not come before it", wanted.0),
            ),
        }
    }

    fn module(&self, node: usize, module: ModuleId) -> Result<ModuleId> {
        match self.modules.get(&module.0) {
            Some(module) => Ok(*module),
            None => self.broken(
                node,
                format!("it names module {}, which the graph does not declare", module.0),
            ),
        }
    }

    fn invoke(&self, node: usize, invoke: u16) -> Result<u16> {
        let invokes = self.builder.bound.len();
        match invoke as usize > invokes {
            false => Ok(invoke),
            true => self.broken(
                node,
                format!("it belongs to prompt {invoke} of the trace, which has {invokes}"),
            ),
        }
    }

    fn site(&self, node: usize, site: SiteId) -> Result<SiteId> {
        Ok(SiteId {
            module: self.module(node, site.module)?,
            invoke: self.invoke(node, site.invoke)?,
            ..site
        })
    }

    fn gradient(&self, node: usize, gradient: GradientId) -> Result<(GradientId, TensorMeta)> {
        let of = self.tensor(node, gradient.of)?;
        let Some(meta) = self.builder.meta(of) else {
            return self.broken(node, "it is the gradient of a node without a tensor");
        };
        if meta.kind != KindTag::Float {
            let reason = format!(
                "it is the gradient of node {}, a tensor of kind {:?}: only those of kind Float have one",
                gradient.of.0, meta.kind
            );
            return self.broken(node, reason);
        }
        if self.graph.nodes[gradient.of.index()].kind.is_of_backward() {
            let reason = format!(
                "it is the gradient of node {}, which is one itself",
                gradient.of.0
            );
            return self.broken(node, reason);
        }
        let backward = self.backward(node, gradient.backward)?;
        Ok((
            GradientId {
                of: of.node,
                backward,
            },
            meta,
        ))
    }

    /// A backward pass. It may come later: a gradient is written before the loss is.
    fn backward(&self, node: usize, backward: Option<NodeId>) -> Result<Option<NodeId>> {
        let Some(backward) = backward else {
            return Ok(None);
        };
        match self.graph.nodes.get(backward.index()).map(|node| &node.kind) {
            Some(NodeKind::Backward) => Ok(Some(NodeId(self.before + backward.0))),
            _ => self.broken(node, format!("node {} is no backward pass", backward.0)),
        }
    }

    fn node(&mut self, number: usize) -> Result<ValueRef> {
        let (graph, at) = (self.graph, self.at);
        let node = &graph.nodes[number];
        let is_part = matches!(node.kind, NodeKind::Part(_));
        let inputs = node.inputs.iter().map(|input| match is_part {
            true => self.earlier(number, *input),
            false => self.tensor(number, *input),
        });
        let inputs = inputs.collect::<Result<Vec<_>>>()?;
        if let Some(wanted) = node.kind.input_count()
            && wanted != inputs.len()
        {
            let reason = match wanted {
                0 => format!("it takes no node, and has {}", inputs.len()),
                _ => format!("it takes one node, and has {}", inputs.len()),
            };
            return self.broken(number, reason);
        }
        let written = |number_or: Option<_>| match (number_or, inputs.first()) {
            (Some(number), _) => Some(Written::Number(number)),
            (None, Some(value)) => Some(Written::Value(*value)),
            (None, None) => None,
        };
        let next = ValueRef {
            node: NodeId(self.builder.graph.nodes.len() as u32),
            trace: self.builder.trace,
        };
        Ok(match &node.kind {
            NodeKind::Get(site) => {
                let (site, meta) = self.port(number, *site, "reads")?;
                self.push(NodeKind::Get(site), &[], meta)
            }
            NodeKind::Set { site, takes } => {
                let (site, meta) = self.port(number, *site, "writes")?;
                let Some(written) = written(None) else {
                    return self.broken(number, "it writes nothing");
                };
                self.check_write(number, meta, takes, &written)?;
                write_site(self.builder, site, takes.clone(), written, at);
                next
            }
            NodeKind::Fill {
                site,
                takes,
                number: fill,
            } => {
                let (site, meta) = self.port(number, *site, "writes")?;
                self.check_write(number, meta, takes, &Written::Number(*fill))?;
                write_site(self.builder, site, takes.clone(), Written::Number(*fill), at);
                next
            }
            NodeKind::Op(op) => apply_in(self.builder, NodeKind::Op(op.clone()), &inputs, at),
            NodeKind::Constant(constant) => {
                let before = self.builder.graph.constants.len() - graph.constants.len();
                let Some(tensor) = graph.constants.get(*constant as usize) else {
                    return self.broken(number, format!("there is no constant {constant}"));
                };
                let meta = match tensor {
                    Constant::Tensor(tensor) => TensorMeta {
                        kind: tensor.kind(),
                        dims: tensor.dims(),
                    },
                    Constant::Data(data) => TensorMeta {
                        kind: kind_of(data.dtype()),
                        dims: Dims::known(data.shape().as_slice()),
                    },
                };
                self.push(NodeKind::Constant(before as u32 + constant), &[], meta)
            }
            NodeKind::Call(module) => {
                let module = self.module(number, *module)?;
                call_in(self.builder, NodeKind::Call(module), module, &inputs, at)
            }
            NodeKind::Attached(call) => {
                let call = AttachedCall {
                    module: self.module(number, call.module)?,
                    call: call.call,
                    invoke: self.invoke(number, call.invoke)?,
                };
                if self.builder.tree.attachment(call.module) != Some(call.module) {
                    return self.broken(number, "it runs a module that is not attached to the model");
                }
                let before = self.builder.attached_calls(call.module, call.invoke);
                if call.call != before {
                    let reason = format!(
                        "it is call {} of its module, of which {before} come before",
                        call.call
                    );
                    return self.broken(number, reason);
                }
                call_in(self.builder, NodeKind::Attached(call), call.module, &inputs, at)
            }
            NodeKind::Part(part) => {
                let caller = inputs
                    .first()
                    .map(|call| &self.builder.graph.nodes[call.node.index()].kind);
                let ports = match caller {
                    Some(NodeKind::Call(module) | NodeKind::Attached(AttachedCall { module, .. })) => {
                        let module = self.builder.tree.get(*module);
                        module.map_or(&[][..], |module| module.ports(End::Output))
                    }
                    _ => &[],
                };
                let Some(port) = ports.get(*part as usize).filter(|_| ports.len() > 1) else {
                    return self.broken(number, format!("there is no part {part} of what it is a part of"));
                };
                let meta = TensorMeta {
                    kind: port.kind,
                    dims: self.builder.dims_of(port.axes, self.builder.view_of(inputs[0])),
                };
                self.push(NodeKind::Part(*part), &inputs, meta)
            }
            NodeKind::Map(_) => {
                return self.broken(number, "a closure runs only in the process that wrote it");
            }
            NodeKind::Save | NodeKind::TrySave => {
                let name = self.name_of(inputs[0]);
                let value = apply_in(self.builder, node.kind.clone(), &inputs, at);
                self.saved.push(Kept {
                    name,
                    at: value,
                    is_optional: matches!(node.kind, NodeKind::TrySave),
                });
                value
            }
            NodeKind::Backward => {
                let loss = self.builder.meta(inputs[0]).unwrap_or(unknown_meta());
                if loss.kind != KindTag::Float || loss.dims.unify(&Dims::scalar()).is_none() {
                    let reason = format!(
                        "it differentiates node {}, a tensor of kind {:?} and sizes {}: wanted one number of kind \
                         Float",
                        node.inputs[0].0, loss.kind, loss.dims
                    );
                    return self.broken(number, reason);
                }
                apply_in(self.builder, NodeKind::Backward, &inputs, at)
            }
            NodeKind::Generated(invoke) => {
                let invoke = self.invoke(number, *invoke)?;
                if self.builder.graph.steps.is_none() {
                    return self.broken(
                        number,
                        "it reads what was generated, and this trace generates nothing",
                    );
                }
                let meta = TensorMeta {
                    kind: KindTag::Int,
                    dims: Dims::new([None, None]),
                };
                self.push(NodeKind::Generated(invoke), &[], meta)
            }
            NodeKind::Gradient(gradient) => {
                let (gradient, meta) = self.gradient(number, *gradient)?;
                self.push(NodeKind::Gradient(gradient), &[], meta)
            }
            NodeKind::SetGradient { gradient, takes } => {
                let Some(written) = written(None) else {
                    return self.broken(number, "it writes nothing");
                };
                self.write_gradient(number, *gradient, takes, written)?;
                next
            }
            NodeKind::FillGradient {
                gradient,
                takes,
                number: fill,
            } => {
                self.write_gradient(number, *gradient, takes, Written::Number(*fill))?;
                next
            }
            NodeKind::ParameterGradient {
                module,
                name,
                backward,
                sizes,
            } => {
                if !(1..=MAX_RANK).contains(&sizes.len()) {
                    return self.broken(number, format!("a parameter has not {} axes", sizes.len()));
                }
                let kind = NodeKind::ParameterGradient {
                    module: self.module(number, *module)?,
                    name: name.clone(),
                    backward: self.backward(number, *backward)?,
                    sizes: sizes.clone(),
                };
                let meta = TensorMeta {
                    kind: KindTag::Float,
                    dims: Dims::new(sizes.iter().copied()),
                };
                self.push(kind, &[], meta)
            }
            NodeKind::ParameterGradients { .. } => {
                return self.broken(
                    number,
                    "all parameters' gradients at once do not leave a process: save those of single parameters",
                );
            }
        })
    }

    fn push(&mut self, kind: NodeKind, inputs: &[ValueRef], meta: TensorMeta) -> ValueRef {
        self.builder.push(kind, inputs, meta, self.at)
    }

    fn write_gradient(
        &mut self,
        number: usize,
        gradient: GradientId,
        takes: &[Take],
        written: Written,
    ) -> Result<()> {
        let (gradient, meta) = self.gradient(number, gradient)?;
        self.check_write(number, meta, takes, &written)?;
        let place = Place {
            name: &|builder| format!("{}.grad", value_name(&builder.tree, &builder.graph, gradient.of)),
            axes: &[],
            meta,
        };
        write_into(
            self.builder,
            place,
            takes.to_vec(),
            written,
            self.at,
            |takes, number| match number {
                Some(number) => NodeKind::FillGradient {
                    gradient,
                    takes,
                    number,
                },
                None => NodeKind::SetGradient { gradient, takes },
            },
        );
        Ok(())
    }

    /// What a saved value is called: its site, or how it is computed. Of equal names later ones are numbered.
    fn name_of(&mut self, value: ValueRef) -> String {
        let (tree, graph) = (&self.builder.tree, &self.builder.graph);
        let kind = &graph.nodes[value.node.index()].kind;
        let name = match kind {
            NodeKind::Get(site) => site_name(tree, *site),
            NodeKind::Op(op) => op.name().to_owned(),
            NodeKind::Generated(0) => String::from("generator.output"),
            NodeKind::Generated(invoke) => format!("generator.output of invoke {invoke}"),
            _ => value_name(tree, graph, value.node),
        };
        self.names.free(name)
    }
}

/// Names that are given, each to one value.
#[derive(Default)]
struct Names {
    taken: HashSet<String>,
    /// The number that a name got last.
    last: HashMap<String, usize>,
}

impl Names {
    /// A name that is not taken: `name` itself, or with the next number.
    fn free(&mut self, name: String) -> String {
        if self.taken.insert(name.clone()) {
            return name;
        }
        let last = self.last.entry(name.clone()).or_insert(1);
        loop {
            *last += 1;
            let numbered = format!("{name} #{last}");
            if self.taken.insert(numbered.clone()) {
                return numbered;
            }
        }
    }
}

/// Refuses numbers that no tensor has: the model is not run for them.
fn check_constant(constant: &Constant) -> Result<()> {
    match constant {
        Constant::Tensor(_) => Ok(()),
        Constant::Data(data) => check_data(data),
    }
}

/// This model's module of a path, which must be what the graph was written for.
fn find(tree: &Tree, wanted: &ModuleDecl) -> Result<ModuleId> {
    let differs = |difference| Err(Error::OtherModel { difference });
    let name = match wanted.path.as_str() {
        "" => "the model",
        path => path,
    };
    let Some(module) = tree.by_path(&wanted.path) else {
        return differs(format!("it has a module {name}, which is not here"));
    };
    let found = declaration(tree, module);
    for (end, wanted, found) in [
        ("takes", &wanted.inputs, &found.inputs),
        ("gives", &wanted.outputs, &found.outputs),
    ] {
        if wanted != found {
            let (wanted, found) = (wanted.join(", "), found.join(", "));
            return differs(format!("there {name} {end} {wanted}, here it {end} {found}"));
        }
    }
    Ok(module)
}
