// A width that the heads cannot share.
nnsight::models::gpt2_config! {
    pub mod broken {
        pub struct Broken = "config_disagrees.json";
    }
}

fn main() {}
