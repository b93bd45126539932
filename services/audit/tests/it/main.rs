//! One integration binary: the service over gRPC with its log on disk, and what breaks it.

mod appends;
mod backups;
mod counterparts;
mod crash;
mod damage;
mod faults;
mod measure;
mod proofs;
mod refusals;
mod running;
mod searches;
mod startup;
mod tiles;
mod twins;
mod witnessing;
