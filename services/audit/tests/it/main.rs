//! One integration binary: the service over gRPC with its log on disk, and what breaks it.

mod appends;
mod backups;
mod cluster;
mod cluster_measure;
mod counterparts;
mod crash;
mod damage;
mod disk;
mod faults;
mod postgres_log;
mod powercut;
mod proofs;
mod refusals;
mod rotation;
mod running;
mod search_measure;
mod searches;
mod startup;
mod stores;
mod syscalls;
mod tiles;
mod traced;
mod twins;
mod vault;
mod witnessing;
