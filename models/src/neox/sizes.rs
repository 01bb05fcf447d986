//! The sizes of the Pythia suite, each a module that holds the model's type and its axes.
//!
//! A size has the same `config.json` on the hub whether its data was deduplicated or not, so
//! `EleutherAI/pythia-70m-deduped` loads into the type of `EleutherAI/pythia-70m`.

use crate::neox_config;

neox_config! {
    /// Pythia 14M: `EleutherAI/pythia-14m`.
    pub mod pythia_14m {
        pub struct Pythia14M = "configs/pythia-14m.json";
    }
}

neox_config! {
    /// Pythia 31M: `EleutherAI/pythia-31m`.
    pub mod pythia_31m {
        pub struct Pythia31M = "configs/pythia-31m.json";
    }
}

neox_config! {
    /// Pythia 70M: `EleutherAI/pythia-70m`.
    pub mod pythia_70m {
        pub struct Pythia70M = "configs/pythia-70m.json";
    }
}

neox_config! {
    /// Pythia 160M: `EleutherAI/pythia-160m`.
    pub mod pythia_160m {
        pub struct Pythia160M = "configs/pythia-160m.json";
    }
}

neox_config! {
    /// Pythia 410M: `EleutherAI/pythia-410m`.
    pub mod pythia_410m {
        pub struct Pythia410M = "configs/pythia-410m.json";
    }
}

neox_config! {
    /// Pythia 1B: `EleutherAI/pythia-1b`.
    pub mod pythia_1b {
        pub struct Pythia1B = "configs/pythia-1b.json";
    }
}

neox_config! {
    /// Pythia 1.4B: `EleutherAI/pythia-1.4b`.
    pub mod pythia_1_4b {
        pub struct Pythia1_4B = "configs/pythia-1.4b.json";
    }
}

neox_config! {
    /// Pythia 2.8B: `EleutherAI/pythia-2.8b`.
    pub mod pythia_2_8b {
        pub struct Pythia2_8B = "configs/pythia-2.8b.json";
    }
}

neox_config! {
    /// Pythia 6.9B: `EleutherAI/pythia-6.9b`.
    pub mod pythia_6_9b {
        pub struct Pythia6_9B = "configs/pythia-6.9b.json";
    }
}

neox_config! {
    /// Pythia 12B: `EleutherAI/pythia-12b`.
    pub mod pythia_12b {
        pub struct Pythia12B = "configs/pythia-12b.json";
    }
}
