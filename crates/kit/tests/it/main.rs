//! The kit against itself, over real sockets, real TLS and a real redis-server.

mod cache;
mod echo;
mod identity;
mod lifecycle;
mod site;
mod statuses;
mod tracing_tree;
