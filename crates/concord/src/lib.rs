//! The command line, and the deployments that it can start in its own process.

pub mod cases;
pub mod cli;
pub mod commands;
pub mod core;
pub mod data_dir;
pub mod deployment;
pub mod document;
pub mod failure;
pub mod output;
pub mod report;
