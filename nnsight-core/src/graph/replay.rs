//! Running a graph that was read: it is written anew into a trace, and so checked like one.

use super::append::{Place, Written, apply_in, call_in, write_into, write_site};
use super::builder::{Builder, ValueRef, with};
use super::saved::{Kept, SavedGraph};
use super::{
    AttachedCall, Constant, GradientId, Graph, ModuleDecl, Node, NodeId, NodeKind, SiteId, TensorMeta,
    VERSION, declaration, site_name, unknown_meta, value_name,
};
use crate::dims::Dims;
use crate::error::{Error, Result, WrittenAt};
use crate::shape::KindTag;
use crate::site::End;
use crate::tensor::{Erased, kind_of};
use crate::tree::{ModuleId, Tree};
use burn::tensor::Device;
use std::collections::BTreeMap;
use std::panic::Location;

impl Graph {
    /// Writes this graph into the trace that is being written on this thread: return the result from the body,
    /// `model.trace(input, |_| graph.replay())`, and the trace gives what the graph saves, by name.
    ///
    /// Whatever the compiler checks in `trace!` is checked here before the model runs: that the model has the
    /// graph's modules with the same axes, that indices are in bounds and that sizes fit, that values flow forward.
    /// The prompts of a graph with several invokes are added first, in their order, by the body.
    ///
    /// # Errors
    /// The trace fails with [`Error::OtherModel`], which names the first difference, or [`Error::BrokenGraph`], or
    /// what [`NnSight::trace`](crate::NnSight::trace) says of a trace that cannot work.
    #[track_caller]
    pub fn replay(&self) -> SavedGraph {
        let at = Location::caller();
        let saved = with(|builder| match Replay::new(self, builder, at).run() {
            Ok(saved) => saved,
            Err(error) => {
                builder.fail(error);
                Vec::new()
            }
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

    /// Makes tensors of constants that are data: on a device, or in this process' memory.
    pub(crate) fn place_constants(&mut self, device: Option<&Device>) -> Result<()> {
        let memory = Device::flex();
        for constant in &mut self.constants {
            if let Constant::Data(data) = constant {
                let tensor = Erased::from_data(data.clone(), device.unwrap_or(&memory))?;
                *constant = Constant::Tensor(tensor);
            }
        }
        Ok(())
    }
}

/// A graph on its way into a trace.
struct Replay<'a> {
    graph: &'a Graph,
    builder: &'a mut Builder,
    at: &'static Location<'static>,
    /// This model's modules by the graph's numbers.
    modules: BTreeMap<u32, ModuleId>,
    /// How many nodes the trace had before. Each of the graph's becomes one.
    before: u32,
    /// What became of the nodes.
    nodes: Vec<ValueRef>,
    saved: Vec<Kept>,
}

impl<'a> Replay<'a> {
    fn new(graph: &'a Graph, builder: &'a mut Builder, at: &'static Location<'static>) -> Self {
        Replay {
            graph,
            before: builder.graph.nodes.len() as u32,
            builder,
            at,
            modules: BTreeMap::new(),
            nodes: Vec::with_capacity(graph.nodes.len()),
            saved: Vec::new(),
        }
    }

    fn run(mut self) -> Result<Vec<Kept>> {
        for (number, wanted) in &self.graph.modules {
            let module = find(&self.builder.tree, wanted)?;
            self.modules.insert(*number, module);
        }
        self.builder
            .graph
            .constants
            .extend(self.graph.constants.iter().cloned());
        for node in 0..self.graph.nodes.len() {
            let value = self.node(node)?;
            self.nodes.push(value);
        }
        Ok(self.saved)
    }

    fn broken<T>(&self, node: usize, reason: impl Into<String>) -> Result<T> {
        let reason = reason.into();
        Err(Error::BrokenGraph { node, reason })
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
        let of = self.earlier(node, gradient.of)?;
        let Some(meta) = self.builder.meta(of) else {
            return self.broken(node, "it is the gradient of a node without a tensor");
        };
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
        let inputs = node.inputs.iter().map(|input| self.earlier(number, *input));
        let inputs = inputs.collect::<Result<Vec<_>>>()?;
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
                let site = self.site(number, *site)?;
                let Some((axes, kind)) = self.builder.port(site, WrittenAt(None)) else {
                    return self.broken(number, "it reads a tensor that its module does not have");
                };
                let dims = self.builder.dims_of(axes, self.builder.view_at(site));
                self.push(NodeKind::Get(site), &[], TensorMeta { kind, dims })
            }
            NodeKind::Set { site, takes } => {
                let site = self.site(number, *site)?;
                let Some(written) = written(None) else {
                    return self.broken(number, "it writes nothing");
                };
                write_site(self.builder, site, takes.clone(), written, at);
                next
            }
            NodeKind::Fill {
                site,
                takes,
                number: fill,
            } => {
                let site = self.site(number, *site)?;
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
                let Some(port) = ports.get(*part as usize) else {
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
            NodeKind::Save | NodeKind::TrySave | NodeKind::Backward if inputs.len() != 1 => {
                return self.broken(number, format!("it takes one node, and has {}", inputs.len()));
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
            NodeKind::Backward => apply_in(self.builder, NodeKind::Backward, &inputs, at),
            NodeKind::Generated(invoke) => {
                let invoke = self.invoke(number, *invoke)?;
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
        takes: &[crate::index::Take],
        written: Written,
    ) -> Result<()> {
        let (gradient, meta) = self.gradient(number, gradient)?;
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
    fn name_of(&self, value: ValueRef) -> String {
        let (tree, graph) = (&self.builder.tree, &self.builder.graph);
        let kind = &graph.nodes[value.node.index()].kind;
        let name = match kind {
            NodeKind::Get(site) => site_name(tree, *site),
            NodeKind::Op(op) => op.name().to_owned(),
            NodeKind::Generated(0) => String::from("generator.output"),
            NodeKind::Generated(invoke) => format!("generator.output of invoke {invoke}"),
            _ => value_name(tree, graph, value.node),
        };
        let is_taken = |name: &String| self.saved.iter().any(|kept| kept.name == *name);
        let mut numbered = (2..).map(|number| format!("{name} #{number}"));
        match is_taken(&name) {
            false => name,
            true => numbered.find(|name| !is_taken(name)).unwrap_or_default(),
        }
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
