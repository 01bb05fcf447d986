//! The fixtures, and directories made of them.

use burn::prelude::*;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// `ids_a` of `goldens.json`.
pub const IDS_A: [i64; 10] = [72, 11, 200, 5, 33, 149, 72, 90, 251, 17];

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/fixtures/gpt2-tiny")
        .join(name)
}

/// A tensor of `goldens.safetensors`, flat.
pub fn golden(name: &str) -> Vec<f32> {
    let bytes = std::fs::read(fixture("goldens.safetensors")).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    floats(tensors.tensor(name).unwrap().data())
}

pub fn floats(bytes: &[u8]) -> Vec<f32> {
    let (chunks, _) = bytes.as_chunks::<4>();
    chunks.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect()
}

/// The largest distance between an output and a golden, which must have as many elements.
pub fn max_difference<const D: usize>(output: Tensor<D>, golden: &[f32]) -> f32 {
    let output = output.into_data().try_to_vec::<f32>().unwrap();
    assert_eq!(output.len(), golden.len());
    let distances = output.iter().zip(golden).map(|(a, b)| (a - b).abs());
    distances.fold(0.0, f32::max)
}

/// A directory that goes away at the end of the test.
pub struct Directory(PathBuf);

impl Directory {
    pub fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!(
            "nnsight-models-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// The tiny GPT-2's `config.json` after `edit`, and its weights.
    pub fn with_config(edit: impl FnOnce(String) -> String) -> Self {
        let this = Self::with_weights(|_| {});
        let config = std::fs::read_to_string(fixture("config.json")).unwrap();
        std::fs::write(this.path().join("config.json"), edit(config)).unwrap();
        this
    }

    /// The tiny GPT-2's `config.json`, and its weights after `edit`.
    pub fn with_weights(edit: impl FnOnce(&mut Weights)) -> Self {
        let this = Self::new();
        std::fs::copy(fixture("config.json"), this.path().join("config.json")).unwrap();
        let mut weights = Weights::read();
        edit(&mut weights);
        weights.write(&this.path().join("model.safetensors"));
        this
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn str(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The tensors of a safetensors file, open to change.
pub struct Weights(pub BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>);

impl Weights {
    fn read() -> Self {
        Self::of(&fixture("model.safetensors"))
    }

    pub fn of(file: &Path) -> Self {
        let bytes = std::fs::read(file).unwrap();
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        let owned = tensors.tensors().into_iter().map(|(name, view)| {
            let parts = (view.dtype(), view.shape().to_vec(), view.data().to_vec());
            (name, parts)
        });
        Self(owned.collect())
    }

    pub fn write(&self, file: &Path) {
        let views = self.0.iter().map(|(name, (dtype, shape, data))| {
            let view = TensorView::new(*dtype, shape.clone(), data).unwrap();
            (name.clone(), view)
        });
        safetensors::serialize_to_file(views, None, file).unwrap();
    }

    /// Two files and an index of them, as the hub has large models.
    pub fn write_in_parts(self, directory: &Path) {
        let names = [
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors",
        ];
        let mut parts = [Self(BTreeMap::new()), Self(BTreeMap::new())];
        let mut map = Vec::new();
        for (i, (name, tensor)) in self.0.into_iter().enumerate() {
            map.push(format!("\"{name}\": \"{}\"", names[i % 2]));
            parts[i % 2].0.insert(name, tensor);
        }
        for (part, name) in parts.iter().zip(names) {
            part.write(&directory.join(name));
        }
        let index = format!("{{\"metadata\": {{}}, \"weight_map\": {{{}}}}}", map.join(", "));
        std::fs::write(directory.join("model.safetensors.index.json"), index).unwrap();
    }

    /// Stores every tensor in a float type of two bytes.
    pub fn cast(&mut self, dtype: Dtype, convert: fn(f32) -> [u8; 2]) {
        for (kind, _, data) in self.0.values_mut() {
            *kind = dtype;
            *data = floats(data).into_iter().flat_map(convert).collect();
        }
    }

    pub fn rename(&mut self, rename: impl Fn(&str) -> String) {
        let old = std::mem::take(&mut self.0);
        self.0 = old
            .into_iter()
            .map(|(name, tensor)| (rename(&name), tensor))
            .collect();
    }
}
