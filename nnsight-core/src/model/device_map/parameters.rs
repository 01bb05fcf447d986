//! Burn's walks through the parameters of a model, followed in the model's tree.

use crate::plan::placement::Placement;
use crate::tree::{ModuleId, Tree};
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Bool, Int, Tensor};

/// Where a walk is.
struct Cursor<'a> {
    tree: &'a Tree,
    /// The modules that the walk is in, and whether the tree knows the innermost: a field that is left out of the
    /// tree belongs to the module that it lies in.
    open: Vec<(ModuleId, bool)>,
}

impl<'a> Cursor<'a> {
    fn new(tree: &'a Tree) -> Self {
        Cursor {
            tree,
            open: Vec::new(),
        }
    }

    fn here(&self) -> ModuleId {
        self.open.last().map_or(ModuleId::ROOT, |(module, _)| *module)
    }

    fn enter(&mut self, field: &str) {
        let (here, is_known) = self.open.last().copied().unwrap_or((ModuleId::ROOT, true));
        let child = is_known.then(|| self.tree.at_field(here, field)).flatten();
        self.open.push((child.unwrap_or(here), child.is_some()));
    }

    fn exit(&mut self) {
        self.open.pop();
    }
}

/// How many bytes of parameters each module holds by itself, in the types that they have or would be drawn in.
pub(crate) struct Sizes(Vec<usize>);

impl Sizes {
    /// Those of a model. No parameter is drawn for it.
    pub(crate) fn of<M: Module>(model: &M, tree: &Tree) -> Self {
        let mut measure = Measure {
            cursor: Cursor::new(tree),
            bytes: vec![0; tree.own().count()],
        };
        model.visit(&mut measure);
        Sizes(measure.bytes)
    }

    /// Those of a module with all that lies below it.
    pub(crate) fn below(&self, tree: &Tree, id: ModuleId) -> usize {
        self.0[id.index()..tree.end(id)].iter().sum()
    }
}

struct Measure<'a> {
    cursor: Cursor<'a>,
    bytes: Vec<usize>,
}

impl Measure<'_> {
    fn add(&mut self, elements: usize, bytes: usize) {
        self.bytes[self.cursor.here().index()] += elements * bytes;
    }
}

/// What an element of a parameter takes that is not drawn yet.
const DRAWN: usize = 4;

impl ModuleVisitor for Measure<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.cursor.enter(name);
    }
    fn exit_module(&mut self, _: &str, _: &str) {
        self.cursor.exit();
    }
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let bytes = if param.is_initialized() {
            param.val().dtype().size()
        } else {
            DRAWN
        };
        self.add(param.lazy_shape().num_elements(), bytes);
    }
    fn visit_int<const D: usize>(&mut self, param: &Param<Tensor<D, Int>>) {
        self.add(param.lazy_shape().num_elements(), DRAWN);
    }
    fn visit_bool<const D: usize>(&mut self, param: &Param<Tensor<D, Bool>>) {
        self.add(param.lazy_shape().num_elements(), 1);
    }
}

/// Moves each parameter to the device of its module.
pub(crate) struct Mover<'a> {
    cursor: Cursor<'a>,
    placement: &'a Placement,
}

impl<'a> Mover<'a> {
    pub(crate) fn new(tree: &'a Tree, placement: &'a Placement) -> Self {
        Mover {
            cursor: Cursor::new(tree),
            placement,
        }
    }

    fn moved<P: Module>(&self, param: P) -> P {
        match self.placement.device(self.cursor.here()) {
            Some(device) => param.to_device(device),
            None => param,
        }
    }
}

impl ModuleMapper for Mover<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.cursor.enter(name);
    }
    fn exit_module(&mut self, _: &str, _: &str) {
        self.cursor.exit();
    }
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        self.moved(param)
    }
    fn map_int<const D: usize>(&mut self, param: Param<Tensor<D, Int>>) -> Param<Tensor<D, Int>> {
        self.moved(param)
    }
    fn map_bool<const D: usize>(&mut self, param: Param<Tensor<D, Bool>>) -> Param<Tensor<D, Bool>> {
        self.moved(param)
    }
}
