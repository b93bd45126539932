//! The licensing core over the files of `regimes/` and, where they are given, over the public case file.

#[path = "law/asks.rs"]
mod asks;
#[path = "law/cases.rs"]
mod cases;
#[path = "law/comparison.rs"]
mod comparison;
#[path = "law/decisions.rs"]
mod decisions;
#[path = "law/end_uses.rs"]
mod end_uses;
#[path = "law/exceptions.rs"]
mod exceptions;
#[path = "law/kinds.rs"]
mod kinds;
#[path = "law/korea.rs"]
mod korea;
#[path = "law/load.rs"]
mod load;
#[allow(dead_code, reason = "the tests of the control lists use all of it")]
#[path = "../../controls/tests/it/maker.rs"]
mod maker;
#[path = "law/monotone.rs"]
mod monotone;
#[path = "law/open_facts.rs"]
mod open_facts;
#[path = "law/parties.rs"]
mod parties;
#[path = "law/reach.rs"]
mod reach;
#[path = "law/tables.rs"]
mod tables;
#[path = "law/weighing.rs"]
mod weighing;
