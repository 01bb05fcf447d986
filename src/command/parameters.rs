//! The parameters of a model, counted without its weights.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Bool, DType, Device, Int, Tensor};
use serde::Serialize;

/// A parameter of a model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Parameter {
    /// Its name in Burn's records, as `transformer.h.3.mlp.c_fc.weight`.
    pub path: String,
    /// The type of its elements.
    #[serde(serialize_with = "name")]
    pub dtype: DType,
    /// Its sizes.
    pub shape: Vec<usize>,
}

impl Parameter {
    /// How many numbers it holds.
    pub fn elements(&self) -> usize {
        self.shape.iter().product()
    }

    /// How many bytes these take.
    pub fn bytes(&self) -> usize {
        self.elements() * self.dtype.size()
    }
}

/// The name of an element type, as safetensors and messages write it.
pub(super) fn dtype_name(dtype: DType) -> String {
    match dtype {
        DType::Bool(_) => String::from("bool"),
        other => format!("{other:?}").to_lowercase(),
    }
}

fn name<S: serde::Serializer>(dtype: &DType, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&dtype_name(*dtype))
}

/// The parameters of a module, in the order of its fields. Those that are drawn when first used are not drawn.
pub(super) fn of<M: Module>(module: &M, device: &Device) -> Vec<Parameter> {
    let mut list = List {
        // What a parameter that is not there yet will be.
        float: Tensor::<1>::zeros([1], device).dtype(),
        int: Tensor::<1, Int>::zeros([1], device).dtype(),
        path: Vec::new(),
        found: Vec::new(),
    };
    module.visit(&mut list);
    list.found
}

struct List {
    float: DType,
    int: DType,
    path: Vec<String>,
    found: Vec<Parameter>,
}

impl List {
    fn add(&mut self, dtype: DType, shape: Vec<usize>) {
        let path = self.path.join(".");
        self.found.push(Parameter { path, dtype, shape });
    }
}

impl ModuleVisitor for List {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let dtype = match param.is_initialized() {
            true => param.val().dtype(),
            false => self.float,
        };
        self.add(dtype, param.lazy_shape().to_vec());
    }

    fn visit_int<const D: usize>(&mut self, param: &Param<Tensor<D, Int>>) {
        let dtype = match param.is_initialized() {
            true => param.val().dtype(),
            false => self.int,
        };
        self.add(dtype, param.lazy_shape().to_vec());
    }

    fn visit_bool<const D: usize>(&mut self, param: &Param<Tensor<D, Bool>>) {
        self.add(
            DType::Bool(burn::tensor::BoolStore::Native),
            param.lazy_shape().to_vec(),
        );
    }
}
