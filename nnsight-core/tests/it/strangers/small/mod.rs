//! Random small models: what each of them has, as the maker of graphs sees it, and what becomes of a graph on it.

pub mod models;

use super::mutations::Random;
use super::zoo::{Outcome, outcome_of};
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::prelude::*;
use burn::tensor::FloatDType;
use models::*;
use nnsight::dims::Dims;
use nnsight::graph::{Graph, ModuleDecl, SiteId, TensorMeta, VERSION};
use nnsight::{AxisOutline, Carrier, End, Forward, Inspectable, KindTag, ModuleId, NnSight, TensorOutline};
use std::collections::{BTreeMap, BTreeSet};

/// Sizes that models may have, and the type of their floats.
#[derive(Clone, Copy)]
pub struct Sizes {
    width: usize,
    inner: usize,
    seq: usize,
    dtype: FloatDType,
}

impl Sizes {
    pub fn of(width: usize, inner: usize) -> Self {
        Sizes {
            width,
            inner,
            seq: 1,
            dtype: FloatDType::F32,
        }
    }
}

/// One end of a module.
pub type Place = (String, End);

/// A module's two ends, with what it calls between them.
fn around(path: &str, inside: impl IntoIterator<Item = Vec<Place>>) -> Vec<Place> {
    let (input, output) = ((path.to_owned(), End::Input), (path.to_owned(), End::Output));
    let inside = inside.into_iter().flatten();
    [input].into_iter().chain(inside).chain([output]).collect()
}

/// A model of the family.
trait Small: Inspectable + Forward<Args: Clone + Carrier<Rest: Send + 'static>> {
    fn make(sizes: Sizes, random: &mut Random, device: &Device) -> Self;
    /// The ends of its modules in the order in which a forward pass comes to them, by its text; those that it may not
    /// come to as well.
    fn places(&self) -> Vec<Place>;
    fn input(rows: usize, sizes: Sizes, random: &mut Random, device: &Device) -> Self::Args;
}

/// A tensor that passes the boundary of a module.
#[derive(Clone)]
pub struct Port {
    pub site: SiteId,
    pub kind: KindTag,
    axes: Vec<AxisOutline>,
}

/// A module, or what it takes and gives.
#[derive(Clone)]
pub struct Callee {
    pub module: ModuleId,
    pub inputs: Vec<Port>,
    pub outputs: Vec<Port>,
}

/// Runs a graph on a model.
type Run = Box<dyn Fn(&[u8]) -> Outcome>;

/// A model and its inputs.
pub struct Subject {
    /// A graph that names all of its modules, and has no nodes.
    pub empty: Graph,
    /// Its tensors, in the order of the forward pass.
    pub ports: Vec<Port>,
    pub callees: Vec<Callee>,
    /// The attached module, and what lies in it.
    pub attached: (Callee, Vec<Port>),
    /// Its parameters of floats, and their sizes.
    pub parameters: Vec<(ModuleId, String, Vec<usize>)>,
    /// The rows of each input.
    pub rows: Vec<usize>,
    /// How many invokes the inputs are; 0 for one input.
    pub invokes: usize,
    /// The sizes of run-time axes that the input gives.
    bound: Vec<(&'static str, usize)>,
    run: Run,
}

impl Subject {
    /// What becomes of a graph.
    pub fn outcome(&self, text: &[u8]) -> Outcome {
        (self.run)(text)
    }

    /// What a tensor is, as an invoke sees it, as far as that is known before the run.
    pub fn meta(&self, port: &Port, invoke: u16) -> TensorMeta {
        let rows = match (invoke, self.rows.as_slice()) {
            (0, [rows]) => Some(*rows),
            (0, _) => None,
            (invoke, rows) => Some(rows[invoke as usize - 1]),
        };
        TensorMeta {
            kind: port.kind,
            dims: self.dims(port, rows),
        }
    }

    /// Its sizes, with so many rows.
    pub fn dims(&self, port: &Port, rows: Option<usize>) -> Dims {
        let size = |axis: &AxisOutline| match axis.name {
            "Batch" => rows,
            name => axis.size.or_else(|| {
                let mut bound = self.bound.iter();
                bound.find(|(known, _)| *known == name).map(|(_, size)| *size)
            }),
        };
        Dims::new(port.axes.iter().map(size))
    }
}

/// A model of the family, by chance.
pub fn subject(random: &mut Random) -> Subject {
    match random.below(6) {
        0 => of::<Stack>(random, &[]),
        1 => of::<Listed>(random, &["Width"]),
        2 => of::<Nested>(random, &["Width"]),
        3 => of::<Grandparent>(random, &["Width"]),
        4 => of::<Tokens>(random, &["Seq"]),
        _ => of::<Forked>(random, &["Width"]),
    }
}

fn of<M: Small>(random: &mut Random, bound: &[&'static str]) -> Subject {
    let types = [
        FloatDType::F32,
        FloatDType::F32,
        FloatDType::F64,
        FloatDType::F16,
        FloatDType::BF16,
    ];
    let sizes = Sizes {
        width: random.of(&[1, 2, 3, 5]),
        inner: random.of(&[1, 4, 7]),
        seq: random.of(&[1, 3]),
        dtype: random.of(&types),
    };
    let device = match random.below(4) {
        0 => Device::flex().autodiff(),
        _ => Device::flex(),
    };
    let dtype = sizes.dtype;
    let model = M::make(sizes, random, &device).map(&mut Numbers { random, dtype });
    let sae = Sae::make(sizes, random, &device).map(&mut Numbers { random, dtype });
    let places = model.places();
    let mut visited = Parameters::default();
    model.visit(&mut visited);
    let (model, _) = NnSight::new(model).attach("sae", sae).expect("the name is free");
    let invokes = match random.below(4) {
        0 => 1 + random.below(3),
        _ => 0,
    };
    let rows: Vec<usize> = (0..invokes.max(1)).map(|_| 1 + random.below(3)).collect();
    let inputs = rows.iter().map(|rows| M::input(*rows, sizes, random, &device));
    let inputs: Vec<M::Args> = inputs.collect();
    let (modules, callees) = declared(model.tree());
    let find = |path: &str| {
        let mut all = modules.iter();
        all.find(|(_, declared)| declared.path == path)
            .map(|(number, _)| &callees[number])
            .expect("a module of the model")
    };
    let mut calls: BTreeMap<&Place, u32> = BTreeMap::new();
    let mut ports = Vec::new();
    for place in &places {
        let module = find(&place.0);
        let call = calls.entry(place).or_default();
        let at_end = match place.1 {
            End::Input => &module.inputs,
            End::Output => &module.outputs,
        };
        ports.extend(at_end.iter().cloned().map(|mut port| {
            port.site.call = *call;
            port
        }));
        *call += 1;
    }
    let inside = Sae::inside().map(|path| find(path).outputs[0].clone());
    let attached = (find("sae").clone(), inside.to_vec());
    let own = places.iter().map(|(path, _)| path).collect::<BTreeSet<_>>();
    let callees = own.into_iter().map(|path| find(path).clone()).collect();
    let parameters = visited.found.into_iter().filter_map(|(mut path, sizes)| {
        let name = path.pop()?;
        Some((find(&path.join(".")).module, name, sizes))
    });
    let parameters = parameters.collect();
    let size_of = |name: &&'static str| match *name {
        "Width" => ("Width", sizes.width),
        _ => ("Seq", sizes.seq),
    };
    let mut empty = Graph::default();
    (empty.version, empty.modules) = (VERSION, modules);
    Subject {
        empty,
        ports,
        callees,
        attached,
        parameters,
        rows,
        invokes,
        bound: bound.iter().map(size_of).collect(),
        run: Box::new(move |text| outcome_of(&model, &inputs, text, true)),
    }
}

/// All modules by number, as graphs declare them and as they are called.
fn declared(tree: &nnsight::Tree) -> (BTreeMap<u32, ModuleDecl>, BTreeMap<u32, Callee>) {
    let mut modules = BTreeMap::new();
    let mut callees = BTreeMap::new();
    for (number, module) in (0..).zip(tree.outline()) {
        let ports = |tensors: &[TensorOutline], end| {
            let port = |(port, tensor): (u8, &TensorOutline)| Port {
                site: SiteId {
                    module: ModuleId(number),
                    end,
                    port,
                    call: 0,
                    invoke: 0,
                },
                kind: tensor.kind,
                axes: tensor.axes.clone(),
            };
            (0..).zip(tensors).map(port).collect()
        };
        let callee = Callee {
            module: ModuleId(number),
            inputs: ports(&module.inputs, End::Input),
            outputs: ports(&module.outputs, End::Output),
        };
        callees.insert(number, callee);
        let declaration = ModuleDecl {
            path: module.path,
            inputs: module.inputs.iter().map(declaration).collect(),
            outputs: module.outputs.iter().map(declaration).collect(),
        };
        modules.insert(number, declaration);
    }
    (modules, callees)
}

/// `(Batch, Hidden = 3)`
fn declaration(tensor: &TensorOutline) -> String {
    let axes = tensor.axes.iter().map(|axis| match axis.size {
        Some(size) => format!("{} = {size}", axis.name),
        None => axis.name.to_owned(),
    });
    let axes = axes.collect::<Vec<_>>().join(", ");
    match tensor.kind {
        KindTag::Float => format!("({axes})"),
        kind => format!("({axes}): {kind:?}"),
    }
}

/// Parameters with their paths.
#[derive(Default)]
struct Parameters {
    path: Vec<String>,
    found: Vec<(Vec<String>, Vec<usize>)>,
}

impl ModuleVisitor for Parameters {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }
    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.found.push((self.path.clone(), param.val().dims().to_vec()));
    }
}

/// Puts random numbers of a type in all parameters.
struct Numbers<'a> {
    random: &'a mut Random,
    dtype: FloatDType,
}

impl ModuleMapper for Numbers<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| {
            let shape = tensor.shape();
            let numbers = (0..shape.num_elements()).map(|_| self.random.of(&[-1.0, 0.0, 0.25, 1.0, 3.0]));
            let data = TensorData::new(numbers.collect::<Vec<f32>>(), shape);
            Tensor::<D>::from_data(data, &tensor.device()).cast(self.dtype)
        })
    }
}
