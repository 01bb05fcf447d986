//! The models that this command has types for: the published sizes, and the model that ships with the repository.

use burn::tensor::Device;
use nnsight::command::{Error, Model, Result, TextModel};
use nnsight::models::load::{ConfigFile, Source};
use nnsight::models::{self, CausalLm, gpt2, llama, neox};

nnsight::models::gpt2_config! {
    /// The model that ships with the repository.
    mod facts {
        pub struct Facts = "../../../checkpoints/facts-gpt2/config.json";
    }
}

/// A type of model: whether a `config.json` is of its size, and how to open one that is.
struct Size {
    check: fn(&ConfigFile) -> models::Result<()>,
    open: Open,
    #[cfg(feature = "server")]
    host: nnsight::command::OpenHosted,
}

type Open = fn(&str, &[Device]) -> Result<Box<dyn Model>>;

impl Size {
    const fn of<M: CausalLm + Sync>() -> Self {
        Size {
            check: M::check_config,
            open: open_as::<M>,
            #[cfg(feature = "server")]
            host: nnsight::command::hosted::<M>,
        }
    }
}

fn open_as<M: CausalLm>(name: &str, devices: &[Device]) -> Result<Box<dyn Model>> {
    Ok(Box::new(TextModel::<M>::named(name, devices)?))
}

/// Every size is a type of its own, whose code is in the program; what the subcommands do is there once.
static SIZES: &[Size] = &[
    Size::of::<facts::Gpt2>(),
    Size::of::<gpt2::small::Gpt2>(),
    Size::of::<gpt2::medium::Gpt2>(),
    Size::of::<gpt2::large::Gpt2>(),
    Size::of::<gpt2::xl::Gpt2>(),
    Size::of::<llama::llama2_7b::Llama>(),
    Size::of::<llama::llama2_13b::Llama>(),
    Size::of::<llama::llama2_70b::Llama>(),
    Size::of::<llama::llama3_8b::Llama>(),
    Size::of::<llama::llama3_70b::Llama>(),
    Size::of::<llama::llama31_8b::Llama>(),
    Size::of::<llama::llama31_70b::Llama>(),
    Size::of::<llama::llama32_1b::Llama>(),
    Size::of::<llama::llama32_3b::Llama>(),
    Size::of::<llama::tinyllama::Llama>(),
    Size::of::<llama::smollm2_135m::Llama>(),
    Size::of::<llama::smollm2_360m::Llama>(),
    Size::of::<llama::smollm2_1_7b::Llama>(),
    Size::of::<llama::mistral_7b_v01::Llama>(),
    Size::of::<llama::mistral_7b_v03::Llama>(),
    Size::of::<llama::qwen25_0_5b::Llama>(),
    Size::of::<llama::qwen25_1_5b::Llama>(),
    Size::of::<llama::qwen25_3b::Llama>(),
    Size::of::<llama::qwen25_7b::Llama>(),
    Size::of::<neox::pythia_14m::GptNeoX>(),
    Size::of::<neox::pythia_31m::GptNeoX>(),
    Size::of::<neox::pythia_70m::GptNeoX>(),
    Size::of::<neox::pythia_160m::GptNeoX>(),
    Size::of::<neox::pythia_410m::GptNeoX>(),
    Size::of::<neox::pythia_1b::GptNeoX>(),
    Size::of::<neox::pythia_1_4b::GptNeoX>(),
    Size::of::<neox::pythia_2_8b::GptNeoX>(),
    Size::of::<neox::pythia_6_9b::GptNeoX>(),
    Size::of::<neox::pythia_12b::GptNeoX>(),
];

/// What `model_type` of a `config.json` can be here.
const FAMILIES: &str = "gpt2, llama, mistral, qwen2 and gpt_neox";

/// Opens a model as whichever type its `config.json` says it is.
///
/// # Errors
///
/// A model that is not there, a `config.json` that cannot be read, and [`Error::NoType`].
pub fn open(name: &str, devices: &[Device]) -> Result<Box<dyn Model>> {
    (size_of(name)?.open)(name, devices)
}

/// Opens a model for a server.
///
/// # Errors
///
/// The same.
#[cfg(feature = "server")]
pub fn host(name: &str, devices: &[Device]) -> Result<std::sync::Arc<dyn nnsight_server::Hosted>> {
    (size_of(name)?.host)(name, devices)
}

/// The type that a model's `config.json` says it is.
fn size_of(name: &str) -> Result<&'static Size> {
    let config = Source::resolve(name)?.config()?;
    let Some(family) = config.str("model_type")? else {
        return Err(config.wrong("model_type", format!("one of {FAMILIES}")).into());
    };
    let mut remedy = None;
    for size in SIZES {
        match (size.check)(&config) {
            Ok(()) => return Ok(size),
            Err(models::Error::OtherSize { remedy: own, .. }) => remedy = Some(own),
            Err(models::Error::OtherFamily { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let (found, hint) = match remedy {
        Some(remedy) => (
            format!("{family} of a size that is not published"),
            format!(
                "make a program of your own that has: `nnsight::main!` with the type that `{remedy}` makes of the file"
            ),
        ),
        None => (
            format!("model of type {family}"),
            format!(
                "it has types for {FAMILIES}; `nnsight::main!` makes a program of a model that you write"
            ),
        ),
    };
    Err(Error::NoType {
        file: config.file().to_owned(),
        found,
        hint,
    })
}
