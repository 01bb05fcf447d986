//! Trained models, which are on some machines only: where one is not, the tests on it say so and test nothing.

use nnsight_models::{CausalLm, LanguageModel};
use std::io::Write;
use std::path::PathBuf;

/// A model that is too large for the repository.
pub struct Trained {
    name: &'static str,
    /// The environment variable that names its directory.
    variable: &'static str,
    /// Where it is otherwise.
    place: fn() -> Option<PathBuf>,
    /// What brings it there.
    remedy: &'static str,
}

pub const SMOLLM2: Trained = Trained {
    name: "SmolLM2-135M-Instruct",
    variable: "NNSIGHT_SMOLLM2",
    place: || {
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.or_else(|| Some(std::env::home_dir()?.join(".cache")));
        Some(cache?.join("nnsight/SmolLM2-135M-Instruct"))
    },
    remedy: "tests/fetch-model.sh brings it",
};

pub const GPT2: Trained = Trained {
    name: "GPT-2",
    variable: "NNSIGHT_GPT2",
    // The hub's cache, by the name of today or the old one. Nothing is fetched.
    place: || {
        let cache = hf_hub::Cache::from_env();
        let names = ["openai-community/gpt2", "gpt2"];
        let weights = |name: &str| cache.model(name.to_owned()).get("model.safetensors");
        Some(names.into_iter().find_map(weights)?.parent()?.to_owned())
    },
    remedy: "the hub's client puts it into its cache",
};

impl Trained {
    /// Its directory, if it is on this machine.
    pub fn directory(&self) -> Option<PathBuf> {
        let has_weights = |directory: &PathBuf| directory.join("model.safetensors").is_file();
        match std::env::var_os(self.variable).map(PathBuf::from) {
            // Who names a directory wants the tests to run.
            Some(given) => {
                assert!(
                    has_weights(&given),
                    "{} is {}, which holds no model.safetensors",
                    self.variable,
                    given.display()
                );
                Some(given)
            }
            None => (self.place)().filter(has_weights),
        }
    }

    pub fn open<M: CausalLm>(&self) -> Option<LanguageModel<M>> {
        let directory = self.directory()?;
        Some(LanguageModel::from_pretrained(directory.to_str().unwrap()).unwrap())
    }

    /// SmolLM2's weights as they were published in 4 bits, beside those in bf16 that were made of them.
    #[cfg(feature = "gguf")]
    pub fn gguf(&self) -> Option<PathBuf> {
        let file = self.directory()?.join("SmolLM2-135M-Instruct.Q4_1.gguf");
        file.is_file().then_some(file)
    }

    /// Says that a test did not run.
    pub fn skipped(&self, test: &str) {
        let Self {
            name,
            variable,
            remedy,
            ..
        } = self;
        skipped(
            test,
            &format!("{name} is not here; {remedy}, or the variable {variable} names its directory"),
        );
    }
}

/// Says that a test did not run, past the test harness, which keeps what passing tests print to itself.
pub fn skipped(test: &str, why: &str) {
    // What `module_path!` begins with is the name of the tests' binary.
    let test = test.trim_start_matches("it::");
    let line = format!("SKIPPED {test}: {why}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// Tests on a trained model. `$with` gets each one's name, for the line that says that it did not run, and what
/// it does with the model.
macro_rules! on_a_trained_model {
    ($with:path: $($(#[$attribute:meta])* fn $name:ident($($argument:ident),*) $body:block)*) => {$(
        $(#[$attribute])*
        #[test]
        fn $name() {
            let name = concat!(module_path!(), "::", stringify!($name));
            $with(name, |$($argument),*| $body);
        }
    )*};
}
pub(crate) use on_a_trained_model;
