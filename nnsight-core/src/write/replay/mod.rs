//! Running a graph that was read: it is written anew into a trace, and so checked like one.

mod names;
mod refers;

use crate::error::Result;
use crate::graph::Graph;
use crate::graph::constants::check_constant;
use crate::graph::limits::Limits;
use crate::graph::names::value_name;
use crate::graph::node::{AttachedCall, Constant, GradientId, NodeId, NodeKind, unknown_meta};
use crate::graph::of_model::find;
use crate::shapes::dims::Dims;
use crate::shapes::meta::TensorMeta;
use crate::shapes::shape::{KindTag, MAX_RANK};
use crate::shapes::take::Take;
use crate::tensor::erased::kind_of;
use crate::tree::ModuleId;
use crate::tree::handle::End;
use crate::write::append::apply_in;
use crate::write::builder::{Builder, ValueRef};
use crate::write::calls::call_in;
use crate::write::open::with;
use crate::write::place::{Place, Written, write_into, write_site};
use crate::write::saved::{Kept, KeptWhat, SavedGraph};
use names::{Names, name_of};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
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
    /// The trace fails with [`Error::OtherModel`](crate::Error::OtherModel), which names the first difference, [`Error::TooLarge`](crate::Error::TooLarge),
    /// [`Error::BrokenGraph`](crate::Error::BrokenGraph) for what no trace can have written, or [`Error::GraphNode`](crate::Error::GraphNode) with what
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
        self.written(limits, None, Location::caller())
    }

    /// The same in a trace that several graphs share, each with prompts of its own: those of this one have been added as
    /// `invokes`, and it sees no others. [`shares`](Self::shares) says which graphs can.
    ///
    /// # Errors
    /// Those of [`replay`](Self::replay).
    #[track_caller]
    pub fn replay_among(&self, limits: &Limits, invokes: RangeInclusive<u16>) -> SavedGraph {
        self.written(limits, Some(invokes), Location::caller())
    }

    fn written(
        &self,
        limits: &Limits,
        among: Option<RangeInclusive<u16>>,
        at: &'static Location<'static>,
    ) -> SavedGraph {
        let saved = with(|builder| {
            // What went wrong before is not this graph's.
            let before = builder.take_error();
            let replay = Replay::new(self, builder, (limits, among), at);
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
}

/// A graph on its way into a trace.
struct Replay<'a> {
    graph: &'a Graph,
    builder: &'a mut Builder,
    limits: &'a Limits,
    /// Its own prompts, in a trace that several graphs share.
    among: Option<RangeInclusive<u16>>,
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
        (limits, among): (&'a Limits, Option<RangeInclusive<u16>>),
        at: &'static Location<'static>,
    ) -> Self {
        Replay {
            graph,
            limits,
            among,
            work: 0,
            before: builder.nodes().len() as u32,
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
            node: NodeId(self.builder.nodes().len() as u32),
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
                    .map(|call| &self.builder.nodes()[call.node.index()].kind);
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
                let name = name_of(self.builder, inputs[0], &|invoke| self.own_invoke(invoke));
                let name = self.names.free(name);
                let value = apply_in(self.builder, node.kind.clone(), &inputs, at);
                self.saved.push(Kept {
                    name,
                    at: value,
                    node: number as u32,
                    what: match node.kind {
                        NodeKind::TrySave => KeptWhat::TensorIfAny,
                        _ => KeptWhat::Tensor,
                    },
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
            NodeKind::Parameter { module, name, sizes } => {
                let meta = self.parameter(number, sizes)?;
                let kind = NodeKind::Parameter {
                    module: self.module(number, *module)?,
                    name: name.clone(),
                    sizes: sizes.clone(),
                };
                self.push(kind, &[], meta)
            }
            NodeKind::ParameterGradient {
                module,
                name,
                backward,
                sizes,
            } => {
                let meta = self.parameter(number, sizes)?;
                let kind = NodeKind::ParameterGradient {
                    module: self.module(number, *module)?,
                    name: name.clone(),
                    backward: self.backward(number, *backward)?,
                    sizes: sizes.clone(),
                };
                self.push(kind, &[], meta)
            }
            NodeKind::ParameterGradients { backward } => {
                let kind = NodeKind::ParameterGradients {
                    backward: self.backward(number, Some(*backward))?.unwrap_or(*backward),
                };
                let meta = TensorMeta {
                    kind: KindTag::Float,
                    dims: Dims::new([]),
                };
                let value = self.push(kind, &[], meta);
                self.saved.push(Kept {
                    name: self.names.free(String::from("grad")),
                    at: value,
                    node: number as u32,
                    what: KeptWhat::ParameterGrads,
                });
                value
            }
        })
    }

    /// What a parameter of such sizes is.
    fn parameter(&self, node: usize, sizes: &[Option<usize>]) -> Result<TensorMeta> {
        if !(1..=MAX_RANK).contains(&sizes.len()) {
            return self.broken(node, format!("a parameter has not {} axes", sizes.len()));
        }
        Ok(TensorMeta {
            kind: KindTag::Float,
            dims: Dims::new(sizes.iter().copied()),
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
            name: &|builder| format!("{}.grad", value_name(&builder.tree, builder.nodes(), gradient.of)),
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
}
