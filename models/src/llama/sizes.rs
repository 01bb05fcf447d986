//! The published sizes, each a module that holds the model's type and its axes.
//!
//! A model that was trained further often has another longest sequence in its `config.json`, and then wants a
//! type of its own: [`llama_config!`](crate::llama_config) makes it.

use crate::llama_config;

llama_config! {
    /// Llama 2 with 7 billion parameters: `meta-llama/Llama-2-7b-hf` and `Llama-2-7b-chat-hf`.
    pub mod llama2_7b {
        pub struct Llama2_7B = "configs/llama2-7b.json";
    }
}

llama_config! {
    /// Llama 2 with 13 billion parameters: `meta-llama/Llama-2-13b-hf` and `Llama-2-13b-chat-hf`.
    pub mod llama2_13b {
        pub struct Llama2_13B = "configs/llama2-13b.json";
    }
}

llama_config! {
    /// Llama 2 with 69 billion parameters: `meta-llama/Llama-2-70b-hf` and `Llama-2-70b-chat-hf`.
    pub mod llama2_70b {
        pub struct Llama2_70B = "configs/llama2-70b.json";
    }
}

llama_config! {
    /// Llama 3 with 8 billion parameters: `meta-llama/Meta-Llama-3-8B` and `-Instruct`.
    pub mod llama3_8b {
        pub struct Llama3_8B = "configs/llama3-8b.json";
    }
}

llama_config! {
    /// Llama 3 with 71 billion parameters: `meta-llama/Meta-Llama-3-70B` and `-Instruct`.
    pub mod llama3_70b {
        pub struct Llama3_70B = "configs/llama3-70b.json";
    }
}

llama_config! {
    /// Llama 3.1 with 8 billion parameters: `meta-llama/Llama-3.1-8B` and `-Instruct`.
    pub mod llama31_8b {
        pub struct Llama31_8B = "configs/llama31-8b.json";
    }
}

llama_config! {
    /// Llama 3.1 with 71 billion parameters: `meta-llama/Llama-3.1-70B` and `-Instruct`; `Llama-3.3-70B-Instruct` too.
    pub mod llama31_70b {
        pub struct Llama31_70B = "configs/llama31-70b.json";
    }
}

llama_config! {
    /// Llama 3.2 with 1.2 billion parameters: `meta-llama/Llama-3.2-1B` and `-Instruct`.
    pub mod llama32_1b {
        pub struct Llama32_1B = "configs/llama32-1b.json";
    }
}

llama_config! {
    /// Llama 3.2 with 3.2 billion parameters: `meta-llama/Llama-3.2-3B` and `-Instruct`.
    pub mod llama32_3b {
        pub struct Llama32_3B = "configs/llama32-3b.json";
    }
}

llama_config! {
    /// TinyLlama, 1.1 billion parameters: `TinyLlama/TinyLlama-1.1B-Chat-v1.0`.
    pub mod tinyllama {
        pub struct TinyLlama = "configs/tinyllama.json";
    }
}

llama_config! {
    /// SmolLM2 with 135 million parameters: `HuggingFaceTB/SmolLM2-135M` and `-Instruct`.
    pub mod smollm2_135m {
        pub struct SmolLm2_135M = "configs/smollm2-135m.json";
    }
}

llama_config! {
    /// SmolLM2 with 362 million parameters: `HuggingFaceTB/SmolLM2-360M` and `-Instruct`.
    pub mod smollm2_360m {
        pub struct SmolLm2_360M = "configs/smollm2-360m.json";
    }
}

llama_config! {
    /// SmolLM2 with 1.7 billion parameters: `HuggingFaceTB/SmolLM2-1.7B` and `-Instruct`.
    pub mod smollm2_1_7b {
        pub struct SmolLm2_1_7B = "configs/smollm2-1.7b.json";
    }
}

llama_config! {
    /// Mistral 7B v0.1, with a sliding window: `mistralai/Mistral-7B-v0.1`.
    pub mod mistral_7b_v01 {
        pub struct Mistral7BV01 = "configs/mistral-7b-v0.1.json";
    }
}

llama_config! {
    /// Mistral 7B v0.3: `mistralai/Mistral-7B-v0.3` and `Mistral-7B-Instruct-v0.3`.
    pub mod mistral_7b_v03 {
        pub struct Mistral7BV03 = "configs/mistral-7b-v0.3.json";
    }
}

llama_config! {
    /// Qwen2 with 494 million parameters and 131,072 positions: `Qwen/Qwen2-0.5B`.
    pub mod qwen2_0_5b {
        pub struct Qwen2_0_5B = "configs/qwen2-0.5b.json";
    }
}

llama_config! {
    /// Qwen2 with 494 million parameters and 32,768 positions: `Qwen/Qwen2-0.5B-Instruct`.
    pub mod qwen2_0_5b_instruct {
        pub struct Qwen2_0_5BInstruct = "configs/qwen2-0.5b-instruct.json";
    }
}

llama_config! {
    /// Qwen2 with 1.5 billion parameters and 131,072 positions: `Qwen/Qwen2-1.5B`.
    pub mod qwen2_1_5b {
        pub struct Qwen2_1_5B = "configs/qwen2-1.5b.json";
    }
}

llama_config! {
    /// Qwen2 with 1.5 billion parameters and 32,768 positions: `Qwen/Qwen2-1.5B-Instruct`.
    pub mod qwen2_1_5b_instruct {
        pub struct Qwen2_1_5BInstruct = "configs/qwen2-1.5b-instruct.json";
    }
}

llama_config! {
    /// Qwen2 with 7.6 billion parameters and 131,072 positions: `Qwen/Qwen2-7B`.
    pub mod qwen2_7b {
        pub struct Qwen2_7B = "configs/qwen2-7b.json";
    }
}

llama_config! {
    /// Qwen2 with 7.6 billion parameters and 32,768 positions: `Qwen/Qwen2-7B-Instruct`.
    pub mod qwen2_7b_instruct {
        pub struct Qwen2_7BInstruct = "configs/qwen2-7b-instruct.json";
    }
}

llama_config! {
    /// Qwen2 with 73 billion parameters and 32,768 positions: `Qwen/Qwen2-72B-Instruct`.
    pub mod qwen2_72b_instruct {
        pub struct Qwen2_72BInstruct = "configs/qwen2-72b-instruct.json";
    }
}

llama_config! {
    /// Qwen2.5 with 494 million parameters: `Qwen/Qwen2.5-0.5B` and `-Instruct`.
    pub mod qwen25_0_5b {
        pub struct Qwen25_0_5B = "configs/qwen2.5-0.5b.json";
    }
}

llama_config! {
    /// Qwen2.5 with 1.5 billion parameters: `Qwen/Qwen2.5-1.5B`.
    pub mod qwen25_1_5b {
        pub struct Qwen25_1_5B = "configs/qwen2.5-1.5b.json";
    }
}

llama_config! {
    /// Qwen2.5 with 3.1 billion parameters: `Qwen/Qwen2.5-3B` and `-Instruct`.
    pub mod qwen25_3b {
        pub struct Qwen25_3B = "configs/qwen2.5-3b.json";
    }
}

llama_config! {
    /// Qwen2.5 with 7.6 billion parameters: `Qwen/Qwen2.5-7B`.
    pub mod qwen25_7b {
        pub struct Qwen25_7B = "configs/qwen2.5-7b.json";
    }
}
