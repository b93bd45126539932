//! Between the wire and the log.

pub mod append;
pub mod page;
pub mod record;
