//! What came back of a trace, as tensors.

use crate::error::Result;
use crate::graph::node::NodeId;
use crate::jobs::data::Answer;
use crate::results::collect::Kept;
use crate::results::parameter_grads::ParameterGrads;
use crate::tensor::erased::Erased;
use crate::tree::Tree;
use burn::module::ParamId;
use burn::tensor::Device;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The tensors of an answer, on a device.
pub(super) struct Received {
    tree: Arc<Tree>,
    tensors: BTreeMap<u32, Erased>,
    parameters: BTreeMap<u32, ParameterGrads>,
}

impl Received {
    /// Puts an answer onto a device.
    ///
    /// # Errors
    /// Those of [`Erased::from_data`].
    pub(super) fn new(tree: Arc<Tree>, device: Device, answer: Answer) -> Result<Self> {
        let tensors = answer.tensors.into_iter();
        let tensors = tensors.map(|(node, data)| Ok((node, Erased::from_data(data, &device)?)));
        let tensors = tensors.collect::<Result<_>>()?;
        let mut parameters = BTreeMap::new();
        for (node, gradients) in answer.parameters {
            let gradients = gradients.into_iter().map(|(name, data)| {
                // The ids of a model's parameters are those of the process that has it.
                Ok((name, ParamId::new(), Erased::from_data(data, &device)?))
            });
            parameters.insert(node, ParameterGrads::new(gradients.collect::<Result<_>>()?));
        }
        Ok(Received {
            tree,
            tensors,
            parameters,
        })
    }
}

impl Kept for Received {
    fn tree(&self) -> Arc<Tree> {
        Arc::clone(&self.tree)
    }

    fn tensor(&mut self, id: NodeId) -> Option<Erased> {
        self.tensors.remove(&id.0)
    }

    fn tensor_again(&self, id: NodeId) -> Option<Erased> {
        self.tensors.get(&id.0).cloned()
    }

    fn parameters(&self, id: NodeId) -> Option<ParameterGrads> {
        // Of a model without parameters there are none.
        Some(self.parameters.get(&id.0).cloned().unwrap_or_default())
    }
}
