//! Sizes are part of a model's type, so the type to open a model as is the one that its `config.json` asks for.

use super::{FACTS, Outcome};
use clap::Args;
use nnsight::DeviceName;
use nnsight::models::gpt2::{self, Gpt2, Gpt2Config};
use nnsight::models::load::Source;
use nnsight::models::{Decoder, Error, LanguageModel, llama, neox};

nnsight::models::gpt2_config! {
    /// The model that ships with the repository; `examples/train_facts` trained it.
    mod facts {
        pub struct Facts = "../../checkpoints/facts-gpt2/config.json";
    }
}

/// Which model, and where it runs.
#[derive(Args)]
pub struct Model {
    /// A directory in Hugging Face's layout, or a model's name on the hub.
    #[arg(long = "model", value_name = "MODEL", default_value = FACTS)]
    pub name: String,
    /// Where the model runs: `cpu`, `wgpu` or `cuda`, the last two also with a number, as in `wgpu:1`.
    #[arg(long, default_value_t)]
    pub device: DeviceName,
}

/// What is done with a model of any family.
pub trait Experiment {
    fn run<M: Decoder>(&self, lm: &LanguageModel<M>) -> Outcome;
}

/// What is done with a GPT-2, by its own names.
pub trait Gpt2Experiment {
    fn run<C: Gpt2Config>(&self, lm: &LanguageModel<Gpt2<C>>) -> Outcome;
}

/// Opens a model as the first of these types whose sizes are its own.
macro_rules! open_as_one_of {
    ($model:ident, $experiment:ident, $($type:ty),+ $(,)?) => {{
        let mut sizes = Vec::new();
        $(match LanguageModel::<$type>::from_pretrained(&$model.name) {
            Err(Error::OtherSize { name, .. }) => sizes.push(name),
            opened => return $experiment.run(&opened?.with_device($model.device.open()?)),
        })+
        let message = format!(
            "`{}` has none of the sizes that the examples are built for ({}): add its type to \
             examples/support/open.rs, one of the library's or one made of its config.json as that of facts-gpt2",
            $model.name,
            sizes.join(", ")
        );
        Err(message.into())
    }};
}

/// Opens the GPT-2 that `model` names, and runs the experiment on it.
pub fn run_on_gpt2(model: &Model, experiment: &impl Gpt2Experiment) -> Outcome {
    open_as_one_of!(model, experiment, facts::Gpt2, gpt2::small::Gpt2)
}

/// Opens the model that `model` names, and runs the experiment on it.
///
/// Every size is compiled by itself and takes its time, so that only a few of those that the library has are here.
pub fn run(model: &Model, experiment: &impl Experiment) -> Outcome {
    let family = Source::resolve(&model.name)?.config()?.str("model_type")?;
    match family.as_deref() {
        Some("gpt2") | None => run_on_gpt2(model, &OnDecoder(experiment)),
        Some("gpt_neox") => {
            open_as_one_of!(model, experiment, neox::pythia_70m::GptNeoX)
        }
        Some("llama") => {
            open_as_one_of!(model, experiment, llama::smollm2_135m::Llama)
        }
        Some(other) => Err(format!(
            "`{}` is a model of type `{other}`, and the examples know gpt2, gpt_neox and llama: add its type to \
             examples/support/open.rs if the library has it",
            model.name
        )
        .into()),
    }
}

/// An experiment on any family, on a GPT-2.
struct OnDecoder<'a, E>(&'a E);

impl<E: Experiment> Gpt2Experiment for OnDecoder<'_, E> {
    fn run<C: Gpt2Config>(&self, lm: &LanguageModel<Gpt2<C>>) -> Outcome {
        self.0.run(lm)
    }
}
