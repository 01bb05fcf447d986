//! The four published sizes, each a module that holds the model's type and its axes.

use crate::gpt2_config;

gpt2_config! {
    /// GPT-2 small, 124 million parameters: `openai-community/gpt2`.
    pub mod small {
        pub struct Small = "configs/gpt2.json";
    }
}

gpt2_config! {
    /// GPT-2 medium, 355 million parameters: `openai-community/gpt2-medium`.
    pub mod medium {
        pub struct Medium = "configs/gpt2-medium.json";
    }
}

gpt2_config! {
    /// GPT-2 large, 774 million parameters: `openai-community/gpt2-large`.
    pub mod large {
        pub struct Large = "configs/gpt2-large.json";
    }
}

gpt2_config! {
    /// GPT-2 XL, 1.5 billion parameters: `openai-community/gpt2-xl`.
    pub mod xl {
        pub struct Xl = "configs/gpt2-xl.json";
    }
}
