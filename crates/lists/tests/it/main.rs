//! Every reader: on small files written here, on damage of every kind, and on lists as their
//! publishers issued them.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod damage;
mod formats;
mod fuzz;
mod limits;
mod own_list;
mod published;
mod samples;
mod three_formats;
