//! Burn's structs of tensors, each tensor a site with the struct's own field name.

use crate::error::{Error, Result};
use crate::shapes::axes::{Axis, Entries};
use crate::shapes::shape::Shape;
use crate::tensor::carrier::{Carrier, sum_of};
use crate::tensor::erased::Erased;
use crate::tree::handle::{End, Handle};
use crate::values::boundary::{Boundary, PortMeta};
use crate::values::site::Site;
use crate::values::value::Value;
use crate::write::builder::ValueRef;
use burn::nn::attention::{MhaInput, MhaOutput};
use burn::nn::transformer::{TransformerDecoderInput, TransformerEncoderInput};
use burn::nn::{LstmState, RnnState};
use std::marker::PhantomData;
use std::vec::IntoIter;

/// Declares a boundary for a struct of float tensors with public fields.
macro_rules! structure {
    (
        $(#[$doc:meta])*
        $port:ident [$($param:ident: $bound:path),+], sites $sites:ident, values $values:ident, for $type:ty {
            $($field:ident: $shape:ident, $index:literal;)+
        }
    ) => {
        $(#[$doc])*
        pub struct $port<$($param),+>(PhantomData<fn() -> ($($param,)+)>);

        #[doc = concat!("The sites of [`", stringify!($port), "`].")]
        #[derive(Debug)]
        pub struct $sites<$($param),+> {
            $(#[doc = concat!("The tensor `", stringify!($field), "`.")] pub $field: Site<$shape>,)+
        }
        #[doc = concat!("The values of [`", stringify!($port), "`].")]
        #[derive(Debug)]
        pub struct $values<$($param),+> {
            $(#[doc = concat!("The tensor `", stringify!($field), "`.")] pub $field: Value<$shape>,)+
        }
        structure!(@copy $sites [$($param),+]);
        structure!(@copy $values [$($param),+]);

        impl<$($param: $bound),+> Boundary for $port<$($param),+> {
            type Sites = $sites<$($param),+>;
            type Values = $values<$($param),+>;
            type Tensors = $type;
            type Last = Entries;
            const PORTS: u8 = 0 $(+ { let _: u8 = $index; 1 })+;
            const SITES: Self::Sites =
                $sites { $($field: Site::new(Handle::NOWHERE, End::Output, $index)),+ };
            fn sites(at: Handle, end: End, first: u8) -> Self::Sites {
                $sites { $($field: Site::new(at, end, first + $index)),+ }
            }
            fn describe(prefix: &str, ports: &mut Vec<PortMeta>) {
                $(ports.push(PortMeta {
                    name: format!("{prefix}.{}", stringify!($field)),
                    axes: $shape::AXES,
                    kind: crate::shapes::shape::KindTag::Float,
                });)+
            }
            fn nodes(values: Self::Values, nodes: &mut Vec<ValueRef>) {
                $(nodes.push(values.$field.node());)+
            }
            fn values(nodes: &mut dyn Iterator<Item = ValueRef>) -> Self::Values {
                $values { $($field: Value::new(nodes.next().unwrap_or(ValueRef::NONE))),+ }
            }
        }
    };
    (@copy $name:ident [$($shape:ident),+]) => {
        impl<$($shape),+> Clone for $name<$($shape),+> {
            fn clone(&self) -> Self {
                *self
            }
        }
        impl<$($shape),+> Copy for $name<$($shape),+> {}
    };
}

/// Takes the tensors out of a struct's fields and puts them back.
macro_rules! carrier {
    ($([$($generics:tt)*] $type:ident $(<$arg:ident>)? { $($field:ident),+ };)+) => {$(
        impl<$($generics)*> Carrier for $type$(<$arg>)? {
            type Rest = ();
            const TENSORS: Option<usize> = sum_of(&[$({ let _ = stringify!($field); Some(1) }),+]);
            fn has_effect((): &()) -> bool {
                false
            }
            fn take_tensors(self, tensors: &mut Vec<Erased>) {
                $(Carrier::take_tensors(self.$field, tensors);)+
            }
            fn put_tensors((): (), tensors: &mut IntoIter<Erased>) -> Result<Self> {
                Self::from_tensors(tensors)
            }
            fn from_tensors(tensors: &mut IntoIter<Erased>) -> Result<Self> {
                Ok($type { $($field: Carrier::from_tensors(tensors)?),+ })
            }
            fn copy_rest((): &()) -> Option<()> {
                Some(())
            }
            fn is_same_rest((): &(), (): &()) -> bool {
                true
            }
        }
    )+};
}
carrier! {
    [const D: usize] LstmState<D> { cell, hidden };
    [const D: usize] RnnState<D> { hidden };
    [] MhaOutput { context, weights };
}

/// The shape of a recurrent state: two axes, and three for a bidirectional module.
pub trait StateShape: Shape {
    /// Burn's state of an LSTM.
    type Lstm: Carrier;
    /// Burn's state of a plain recurrent module.
    type Rnn: Carrier;
}
impl<A: Axis, B: Axis> StateShape for (A, B) {
    type Lstm = LstmState<2>;
    type Rnn = RnnState<2>;
}
impl<A: Axis, B: Axis, C: Axis> StateShape for (A, B, C) {
    type Lstm = LstmState<3>;
    type Rnn = RnnState<3>;
}

structure! {
    /// The state of an LSTM, Burn's [`LstmState`], by the shape of its tensors: `LstmPort<(Batch, Hidden)>`;
    /// of a bidirectional one `LstmPort<(Direction, Batch, Hidden)>`.
    LstmPort [S: StateShape], sites LstmSites, values LstmValues, for S::Lstm { cell: S, 0; hidden: S, 1; }
}
structure! {
    /// The state of a plain recurrent module, Burn's [`RnnState`].
    RnnPort [S: StateShape], sites RnnSites, values RnnValues, for S::Rnn { hidden: S, 0; }
}
structure! {
    /// What multi-head attention gives, Burn's [`MhaOutput`], by the shapes of context and weights:
    /// `MhaPort<(Batch, Seq, Hidden), (Batch, Head, Seq, Key)>`.
    MhaPort [C: Shape, W: Shape], sites MhaSites, values MhaValues, for MhaOutput { context: C, 0; weights: W, 1; }
}

/// Burn keeps the fields of these inputs private: they pass through, and their tensors are no sites.
/// Declare the input as [`Opaque`]; put a probe on the tensor before it goes in.
macro_rules! opaque {
    ($($type:ty $(, copied by $copy:expr)?;)+) => {$(
        impl Carrier for $type {
            type Rest = Self;
            fn has_effect(_: &Self) -> bool {
                false
            }
            fn take_tensors(self, _: &mut Vec<Erased>) -> Self {
                self
            }
            fn put_tensors(rest: Self, _: &mut IntoIter<Erased>) -> Result<Self> {
                Ok(rest)
            }
            fn from_tensors(_: &mut IntoIter<Erased>) -> Result<Self> {
                Err(Error::NotOfTensors { wanted: stringify!($type) })
            }
            $(
                fn copy_rest(rest: &Self) -> Option<Self> {
                    Some($copy(rest))
                }
            )?
        }
    )+};
}
opaque! {
    MhaInput, copied by Self::clone;
    TransformerEncoderInput;
    TransformerDecoderInput;
}

/// A boundary that passes through without sites: `#[inspect(Opaque<MhaInput> -> MhaPort<..>)]`.
pub struct Opaque<T>(PhantomData<fn() -> T>);

impl<T: Carrier + 'static> Boundary for Opaque<T> {
    type Sites = ();
    type Values = ();
    type Tensors = T;
    type Last = Entries;
    const PORTS: u8 = 0;
    const SITES: () = ();
    fn sites(_: Handle, _: End, _: u8) {}
    fn describe(_: &str, _: &mut Vec<PortMeta>) {}
    fn nodes((): (), _: &mut Vec<ValueRef>) {}
    fn values(_: &mut dyn Iterator<Item = ValueRef>) {}
}
