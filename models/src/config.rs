//! A size of a model as a type: what [`gpt2_config!`](crate::gpt2_config),
//! [`llama_config!`](crate::llama_config) and [`neox_config!`](crate::neox_config) share.

/// A family's trait of sizes, and the struct that its reader fills with them. Each entry makes a constant of the
/// trait and a field of the struct, which have one documentation.
macro_rules! config_trait {
    (
        $(#[$trait_attribute:meta])*
        pub trait $trait:ident;

        $(#[$struct_attribute:meta])*
        pub struct ConfigValues {
            $($(#[$attribute:meta])* $constant:ident $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$trait_attribute])*
        ///
        /// An implementor is a type without values of interest, made of a `config.json` by a macro together with
        /// the axes that depend on it; there is seldom a reason to write one by hand. The bounds `Module` and
        /// `ModuleDisplay` are there because Burn's derive asks them of every type parameter.
        pub trait $trait:
            burn::module::Module + burn::module::ModuleDisplay + Copy + Default + Send + Sync + 'static
        {
            /// What messages call it.
            const NAME: &'static str;
            /// Everything that follows.
            const VALUES: ConfigValues;
            $(
                $(#[$attribute])*
                const $constant: $type = Self::VALUES.$field;
            )*
        }

        $(#[$struct_attribute])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct ConfigValues {
            $(
                $(#[$attribute])*
                pub $field: $type,
            )*
        }
    };
}
pub(crate) use config_trait;

/// The module of a size: its config, its model and its axes. The families' macros say which they are, and pass
/// on what the user wrote.
#[doc(hidden)]
#[macro_export]
macro_rules! __config {
    (
        $family:ident $trait:ident $model:ident [$($axis:ident)*]
        $(#[$attribute:meta])*
        $visibility:vis mod $module:ident {
            $(#[$struct_attribute:meta])*
            pub struct $name:ident = $path:expr;
        }
    ) => {
        $(#[$attribute])*
        $visibility mod $module {
            use $crate::__private::burn;
            use $crate::$family::axes;

            // An item of its own: `cargo check` looks at it, and not at the constants of an impl.
            const VALUES: $crate::$family::ConfigValues = {
                let json = $crate::config_json::ConfigJson::new(include_str!($path));
                match $crate::$family::ConfigValues::read(json) {
                    Ok(values) => values,
                    Err(wrong) => wrong.panic($path),
                }
            };

            #[doc = concat!("The sizes in `", $path, "`.")]
            $(#[$struct_attribute])*
            #[derive(burn::module::Module, Copy, Debug, Default)]
            pub struct $name;

            impl $crate::$family::$trait for $name {
                const NAME: &'static str = stringify!($module);
                const VALUES: $crate::$family::ConfigValues = VALUES;
            }

            /// The model of this size.
            pub type $model = $crate::$family::$model<$name>;

            pub use axes::{Batch, Key, Seq};

            $(
                #[doc = concat!("The axis `", stringify!($axis), "` of this size, as a type.")]
                pub type $axis = axes::$axis<$name>;
                #[doc = concat!("The axis `", stringify!($axis), "` of this size, as a value.")]
                #[allow(non_upper_case_globals)]
                pub const $axis: $axis = axes::$axis::<$name>::new();
            )*
        }
    };
}
