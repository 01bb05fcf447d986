//! Reading a graph that came from elsewhere.

use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::graph::limits::Limits;
use crate::graph::node::ModuleDecl;
use serde::Deserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

impl Graph {
    /// Reads a graph file, JSON as `docs/graph-format.md` describes it, from anyone. Takes time and memory linear in
    /// the text, and no more than `limits` let in; whether it fits a model, [`Graph::replay`] says.
    ///
    /// # Errors
    /// [`Error::NotAGraph`] for text that is none, [`Error::TooLarge`] for one that is larger than the limits.
    pub fn read(text: &[u8], limits: &Limits) -> Result<Graph> {
        limits.check_text(text)?;
        let graph: Graph = serde_json::from_slice(text).map_err(|source| Error::NotAGraph {
            reason: source.to_string(),
        })?;
        limits.check(&graph)?;
        Ok(graph)
    }
}

/// The modules by number, each once: of two with one number, nobody knows which was meant.
pub(crate) fn modules<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<BTreeMap<u32, ModuleDecl>, D::Error> {
    struct Modules;
    impl<'de> Visitor<'de> for Modules {
        type Value = BTreeMap<u32, ModuleDecl>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("modules by number")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Self::Value, A::Error> {
            let mut modules = BTreeMap::new();
            while let Some((number, module)) = map.next_entry::<u32, ModuleDecl>()? {
                if modules.insert(number, module).is_some() {
                    return Err(A::Error::custom(format!("module {number} is declared twice")));
                }
            }
            Ok(modules)
        }
    }
    deserializer.deserialize_map(Modules)
}
