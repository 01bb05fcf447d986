//! Workers: processes that own a device and run jobs. Front end and worker talk in lines of JSON over a worker's input and
//! output; requests and results are files.

mod messages;
mod pool;
mod process;

pub(crate) use pool::Pool;
pub use process::work;
