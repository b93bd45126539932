//! Between the wire and the decision: requests in, determinations out, counterpart determinations back in.

mod decision;
mod facts;
mod returned;

pub use decision::{encode_divergence, encode_jurisdiction};
pub use facts::{Decoded, classified, decode_transaction, item_facts, party_step};
pub use returned::decode_jurisdiction;
