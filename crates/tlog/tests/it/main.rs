//! The log core against published vectors, real logs, its own properties and mutations.

mod bundle;
mod data;
mod leaf;
mod log_format;
mod merkle_vectors;
mod mutations;
mod note;
mod oracles;
mod tessera;
mod tiles;
mod tree;
mod vectors;
mod witness;
