impl ::core::fmt::Debug for Error {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        if !f.alternate() {
            return ::core::fmt::Display::fmt(self, f);
        }
        match self {
            Self::NoHooks => f.write_str("NoHooks"),
            Self::Trace(__0) => f.debug_tuple("Trace").field(__0).finish(),
            Self::OutOfBounds { index: __index, size: __size } => {
                f.debug_struct("OutOfBounds")
                    .field("index", __index)
                    .field("size", __size)
                    .finish()
            }
        }
    }
}
