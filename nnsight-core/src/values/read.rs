//! Reading and writing places of a trace: what `trace!` writes for a site, or a tuple of sites.

use crate::shapes::shape::{Kind, Shape};
use crate::values::site::Site;
use crate::values::value::{IntoValue, Value};

/// `m.layer1.output` where a value is wanted.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a site",
    label = "`.input`, `.output` and the `.grad` of those, of values and of parameters can be read inside `trace!`"
)]
pub trait Read {
    /// The value, or the tuple of values.
    type Value;
    /// Reads it, as all earlier lines of the trace left it.
    fn read(self) -> Self::Value;
}
impl<S: Shape, K: Kind> Read for Site<S, K> {
    type Value = Value<S, K>;
    #[track_caller]
    fn read(self) -> Value<S, K> {
        self.get()
    }
}

/// `place = value` where place is a site, or a tuple of sites.
pub trait Write<V> {
    /// Writes it.
    fn set(self, value: V);
}
impl<S: Shape, K: Kind, V: IntoValue<S, K>> Write<V> for Site<S, K> {
    #[track_caller]
    fn set(self, value: V) {
        Site::set(self, value);
    }
}

macro_rules! tuples {
    ($($name:ident $value:ident $index:tt),+) => {
        impl<$($name: Read),+> Read for ($($name,)+) {
            type Value = ($($name::Value,)+);
            #[track_caller]
            fn read(self) -> Self::Value {
                ($(Read::read(self.$index),)+)
            }
        }
        impl<$($name: Write<$value>, $value),+> Write<($($value,)+)> for ($($name,)+) {
            #[track_caller]
            fn set(self, value: ($($value,)+)) {
                $(Write::set(self.$index, value.$index);)+
            }
        }
    };
}
tuples!(A Va 0, B Vb 1);
tuples!(A Va 0, B Vb 1, C Vc 2);
tuples!(A Va 0, B Vb 1, C Vc 2, D Vd 3);
