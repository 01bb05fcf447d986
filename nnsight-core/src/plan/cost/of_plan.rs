//! A plan, asked what it costs.

use super::Cost;
use crate::error::{Error, Result};
use crate::plan::Plan;
use burn::tensor::FloatDType;

impl Plan {
    /// What running this plan would cost. No weight is loaded or made for it, and nothing is computed; of a model of a
    /// hundred layers it takes milliseconds.
    ///
    /// A generation is counted to its last step: that a prompt may end before is not known.
    ///
    /// ```standalone_crate
    /// # extern crate nnsight_core as nnsight;
    /// # use burn::module::Module;
    /// # use burn::nn::{Linear, LinearConfig};
    /// # use burn::tensor::{Device, Tensor};
    /// # use nnsight::{Inspectable, NnSight, axes, inspectable, plan};
    /// # axes! { Batch; Features = 100; Classes = 10; }
    /// # #[derive(Module, Debug, Inspectable)]
    /// # #[inspect((Batch, Features) -> (Batch, Classes))]
    /// # struct Net {
    /// #     #[inspect((Batch, Features) -> (Batch, Classes))]
    /// #     layer: Linear,
    /// # }
    /// # #[inspectable]
    /// # impl Net {
    /// #     fn forward(&self, x: Tensor<2>) -> Tensor<2> { self.layer.forward(x) }
    /// # }
    /// # fn main() -> nnsight::Result<()> {
    /// # let device = Device::flex();
    /// # let net = NnSight::new(Net { layer: LinearConfig::new(100, 10).with_bias(false).init(&device) });
    /// let input = Tensor::<2>::ones([4, 100], &device);
    /// let cost = plan!(net, input, |m: Net| m.layer.output.save())?.cost();
    /// # if cfg!(feature = "cost") {
    /// # let cost = cost?;
    /// assert_eq!(cost.operations, 2 * 4 * 100 * 10);
    /// assert_eq!(cost.result_bytes, 4 * 10 * 4);
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::CostUnknown`] for a model that looks at the numbers in its tensors, an input that holds a cache, a
    /// program without the feature `cost`; and what running the plan would report.
    pub fn cost(&self) -> Result<Cost> {
        match &self.rehearsal {
            Some(rehearse) => rehearse(self),
            None if cfg!(feature = "cost") => Err(Error::CostUnknown {
                why: String::from("the plan does not know its input"),
            }),
            None => Err(Error::CostUnknown {
                why: String::from(
                    "this program was built without the feature `cost`: enable it in Cargo.toml",
                ),
            }),
        }
    }

    /// The same plan, of a model whose parameters will be loaded in this type.
    #[must_use]
    pub fn with_floats(self, floats: FloatDType) -> Plan {
        Plan { floats, ..self }
    }

    /// The plan alone.
    #[cfg(feature = "cost")]
    pub(crate) fn without_rehearsal(&self) -> Plan {
        Plan {
            rehearsal: None,
            ..self.clone()
        }
    }
}
