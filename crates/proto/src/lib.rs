//! The contract as Rust: messages, clients and servers generated from `proto/`, and its descriptor set.
//!
//! Nothing here is written by hand but this page. Each module is one proto package; the comments come from the protos.

#![allow(
    missing_docs,
    clippy::all,
    unused_qualifications,
    reason = "generated code follows the generator's style; the protos are linted by buf"
)]

/// Encoded `FileDescriptorSet` of every package with its imports, for server reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/concord.binpb"));

include!(concat!(env!("OUT_DIR"), "/packages.rs"));

pub use concord::audit::v1 as audit;
pub use concord::classification::v1 as classification;
pub use concord::determination::v1 as determination;
pub use concord::federation::v1 as federation;
pub use concord::screening::v1 as screening;
pub use concord::r#type::v1 as types;
