//! Between the wire and the cores.

pub mod decode;
pub mod encode;
