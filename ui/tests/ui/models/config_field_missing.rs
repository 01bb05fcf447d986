// A config.json without its number of layers: elsewhere the default of another model is taken in silence.
nnsight::models::gpt2_config! {
    pub mod broken {
        pub struct Broken = "config_field_missing.json";
    }
}

fn main() {}
