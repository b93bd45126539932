//! One integration binary: the service over gRPC with its log on disk, and what breaks it.

mod appends;
mod backups;
mod counterparts;
mod crash;
mod damage;
mod disk;
mod faults;
mod powercut;
mod proofs;
mod refusals;
mod rotation;
mod running;
mod search_measure;
mod searches;
mod startup;
mod syscalls;
mod tiles;
mod traced;
mod twins;
mod vault;
mod witnessing;
