//! Rank-erased tensors: what the interleaver carries. One of the few places that touch `burn::Tensor`.

use crate::error::{Error, Result};
use crate::shapes::dims::Dims;
use crate::shapes::kind::{Kind, KindTag, MAX_RANK};
use burn::backend::{DispatchDevice, TensorMetadata};
use burn::tensor::kind::BridgeTensor;
use burn::tensor::{Bool, BoolStore, DType, Device, Float, Int, Tensor, TensorData};
use std::sync::Arc;

/// Runs `$body` with `$D` bound to the rank `$rank` as a constant: Burn's tensors carry theirs in the type.
macro_rules! with_rank {
    ($rank:expr, $D:ident => $body:expr) => {
        match $rank {
            1 => {
                const $D: usize = 1;
                $body
            }
            2 => {
                const $D: usize = 2;
                $body
            }
            3 => {
                const $D: usize = 3;
                $body
            }
            4 => {
                const $D: usize = 4;
                $body
            }
            5 => {
                const $D: usize = 5;
                $body
            }
            6 => {
                const $D: usize = 6;
                $body
            }
            rank => unreachable!(
                "no value has {rank} axes: shapes end at {}",
                $crate::shapes::kind::MAX_RANK
            ),
        }
    };
}
/// Runs `$body` with `$K` bound to the kind `$kind` as a type.
macro_rules! with_kind {
    ($kind:expr, $K:ident => $body:expr) => {
        match $kind {
            $crate::shapes::kind::KindTag::Float => {
                type $K = Float;
                $body
            }
            $crate::shapes::kind::KindTag::Int => {
                type $K = Int;
                $body
            }
            $crate::shapes::kind::KindTag::Bool => {
                type $K = Bool;
                $body
            }
        }
    };
}
pub(crate) use {with_kind, with_rank};

/// The same tensor, on no tape. On an autodiff device it stays there.
pub(crate) fn untracked<const D: usize>(tensor: Tensor<D>) -> Tensor<D> {
    match tensor.is_tracked() {
        true => tensor.detach().set_require_grad(false),
        false => tensor,
    }
}

/// A tensor whose rank and kind are known only at run time. A clone is a handle, not a copy of the data.
#[derive(Clone, Debug)]
pub struct Erased {
    /// Behind a pointer because Burn's handle is some 300 bytes, and a run moves it about.
    bridge: Arc<BridgeTensor>,
    kind: KindTag,
}

impl Erased {
    /// Erases a tensor's rank and kind.
    pub fn new<const D: usize, K: Kind>(tensor: Tensor<D, K>) -> Self {
        let bridge = match K::TAG {
            // Burn 0.22.1's comparisons of integers give truth values that are tagged as integers.
            KindTag::Bool => Tensor::<D, K>::from_dispatch(tensor.into_dispatch()).into_bridge(),
            _ => tensor.into_bridge(),
        };
        Erased {
            bridge: Arc::new(bridge),
            kind: K::TAG,
        }
    }

    /// The kind of the elements.
    pub fn kind(&self) -> KindTag {
        self.kind
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        self.bridge.dtype()
    }

    /// The sizes, outermost axis first.
    pub fn dims(&self) -> Dims {
        Dims::known(&self.bridge.shape())
    }

    /// The tensor back, if rank and kind are those.
    ///
    /// # Errors
    /// [`Error::RankOrKind`] otherwise: Burn itself does not check the rank.
    pub fn into_tensor<const D: usize, K: Kind>(self) -> Result<Tensor<D, K>> {
        if self.bridge.rank() != D || self.kind != K::TAG {
            return Err(Error::RankOrKind {
                wanted: (D, K::TAG),
                found: (self.bridge.rank(), self.kind),
            });
        }
        Ok(Tensor::from_bridge(Arc::unwrap_or_clone(self.bridge)))
    }

    /// Where it lives.
    pub fn device(&self) -> Device {
        Device::new(self.bridge.as_parts().1.device())
    }

    /// The same tensor there, whatever its rank: what a model does not declare may have more axes than a shape.
    pub(crate) fn on_device(self, device: &Device) -> Erased {
        let bridge = Arc::unwrap_or_clone(self.bridge);
        let bridge =
            with_kind!(self.kind, K => Tensor::<1, K>::from_bridge(bridge).to_device(device).into_bridge());
        Erased {
            bridge: Arc::new(bridge),
            kind: self.kind,
        }
    }

    /// Does something with it that a device which records will have recorded.
    #[cfg(feature = "cost")]
    pub(crate) fn touch(&self) {
        with_kind!(self.kind, K => drop(Tensor::<1, K>::from_bridge(BridgeTensor::clone(&self.bridge)).flip([0])));
    }

    /// Whether it lies in this process' memory, so that reading it waits for no other device.
    pub(crate) fn is_on_host(&self) -> bool {
        let device = self.device().without_autodiff();
        matches!(device.as_dispatch(), DispatchDevice::Flex(_))
    }

    /// The same tensor outside of any tape.
    pub(crate) fn without_autodiff(self) -> Erased {
        with_kind!(self.kind, K => {
            let tensor = Tensor::<1, K>::from_bridge(BridgeTensor::clone(&self.bridge));
            match tensor.is_autodiff() {
                true => Erased {
                    bridge: Arc::new(tensor.without_autodiff().into_bridge()),
                    kind: self.kind,
                },
                false => self,
            }
        })
    }

    /// The same tensor, on no tape. On an autodiff device it stays there.
    pub(crate) fn untracked(self) -> Erased {
        match self.kind {
            KindTag::Float => with_rank!(self.dims().rank(), D => {
                Erased::new(untracked(self.assume::<D, Float>()))
            }),
            KindTag::Int | KindTag::Bool => self,
        }
    }

    /// A copy of the data.
    ///
    /// # Errors
    /// [`Error::Device`] when the device cannot be read.
    pub fn to_data(&self) -> Result<TensorData> {
        let data = with_kind!(self.kind, K => Tensor::<1, K>::from_bridge(BridgeTensor::clone(&self.bridge)).try_into_data());
        data.map_err(|error| Error::Device {
            reason: error.to_string(),
        })
    }

    /// The tensor of some data, on a device.
    ///
    /// # Errors
    /// [`Error::BrokenData`] for data that have not as many bytes as their sizes say, or more axes than a tensor
    /// has here; [`Error::DataMisfit`] for numbers that tensors cannot hold.
    pub fn from_data(data: TensorData, device: &Device) -> Result<Erased> {
        check_data(&data)?;
        let sizes = data.shape().as_slice();
        Ok(
            with_kind!(kind_of(data.dtype()), K => with_rank!(sizes.len(), D => {
                Erased::new(Tensor::<D, K>::from_data(data, device))
            })),
        )
    }

    /// The tensor at a rank and kind that the caller has matched on.
    pub(crate) fn assume<const D: usize, K: Kind>(self) -> Tensor<D, K> {
        debug_assert_eq!((self.bridge.rank(), self.kind), (D, K::TAG));
        Tensor::from_bridge(Arc::unwrap_or_clone(self.bridge))
    }
}

/// Refuses data that no tensor can be made of.
pub(crate) fn check_data(data: &TensorData) -> Result<()> {
    let (sizes, dtype) = (data.shape().as_slice(), data.dtype());
    let elements = sizes.iter().try_fold(1usize, |all, size| all.checked_mul(*size));
    let bytes = elements.and_then(|elements| elements.checked_mul(dtype.size()));
    let small = sizes.iter().all(|&size| size < u32::MAX as usize);
    let fits = bytes == Some(data.bytes().len()) && small && (1..=MAX_RANK).contains(&sizes.len());
    if !fits {
        return Err(Error::BrokenData {
            sizes: sizes.to_vec(),
            dtype: format!("{dtype:?}"),
            bytes: data.bytes().len(),
        });
    }
    let misfit = |found: String, wanted| {
        let dtype = format!("{dtype:?}");
        Err(Error::DataMisfit { dtype, found, wanted })
    };
    match dtype {
        DType::QFloat(_) => misfit(String::from("quantized numbers"), "plain ones"),
        DType::Bool(BoolStore::Native) => match data.bytes().iter().find(|&&byte| byte > 1) {
            Some(byte) => misfit(byte.to_string(), "0 or 1"),
            None => Ok(()),
        },
        DType::I64 => whole(data.iter::<i64>(), misfit),
        DType::U64 => whole(data.iter::<u64>(), misfit),
        DType::U32 => whole(data.iter::<u32>(), misfit),
        _ => Ok(()),
    }
}

/// Refuses whole numbers that do not fit into those of tensors.
fn whole<N: Copy + ToString + TryInto<i32>>(
    mut numbers: impl Iterator<Item = N>,
    misfit: impl Fn(String, &'static str) -> Result<()>,
) -> Result<()> {
    let large = numbers.find(|&number| number.try_into().is_err());
    large.map_or(Ok(()), |number| {
        misfit(number.to_string(), "whole numbers of 32 bits")
    })
}

/// The kind of the elements of a type.
pub(crate) fn kind_of(dtype: DType) -> KindTag {
    if dtype.is_bool() {
        KindTag::Bool
    } else if dtype.is_int() || dtype.is_uint() {
        KindTag::Int
    } else {
        KindTag::Float
    }
}
