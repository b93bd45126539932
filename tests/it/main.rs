//! One integration-test binary: each module is one promise of the project.

mod arrows;
mod bad_input;
mod canaries;
mod compare;
mod determine;
mod faults;
mod full_view;
mod good_guys;
mod identity;
mod lists_update;
mod log_command;
mod official_text;
mod people;
mod proofs;
mod public_cases;
mod published_lists;
mod refusals;
mod spans;
mod words;
