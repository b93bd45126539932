//! Requests that tests send.

use concord_proto::determination::DetermineRequest;
use concord_proto::types::{
    Activity, Item, ItemKind, Line, Party, Quantity, RequestContext, Transaction,
};

/// A quantity.
pub fn quantity(value: &str, unit: &str) -> Quantity {
    Quantity {
        value: value.to_owned(),
        unit: unit.to_owned(),
    }
}

/// A party with a role, a name and a country.
pub fn party(role: &str, name: &str, country: &str) -> Party {
    Party {
        role: role.to_owned(),
        name: name.to_owned(),
        country: country.to_owned(),
        ..Party::default()
    }
}

/// A data-centre accelerator from the United States to Korea, read on 2026-10-01: the text asks for a licence to every
/// destination, and the agency announced that it does not enforce that.
pub fn accelerator_to_korea(request_id: &str) -> DetermineRequest {
    let parameters = [
        ("tpp", quantity("15832", "TPP")),
        ("performance_density", quantity("19.45", "TPP/mm2")),
        ("dram_bandwidth", quantity("3350", "GB/s")),
    ];
    let item = Item {
        name: "H100 SXM".to_owned(),
        kind: ItemKind::Commodity.into(),
        r#type: "integrated_circuit".to_owned(),
        parameters: parameters.map(|(id, value)| (id.to_owned(), value)).into(),
        flags: [("designed_or_marketed_for_datacenter".to_owned(), true)].into(),
        ..Item::default()
    };
    DetermineRequest {
        context: Some(RequestContext {
            request_id: request_id.to_owned(),
            case_reference: "EX-1".to_owned(),
            actor: "officer 7".to_owned(),
            purpose: "test".to_owned(),
        }),
        transaction: Some(Transaction {
            origin: "US".to_owned(),
            destination: "KR".to_owned(),
            activity: Activity::Export.into(),
            parties: vec![
                party("exporter", "Redwood Compute LLC", "US"),
                party("consignee", "Hangang Data Centre Co Ltd", "KR"),
            ],
            lines: vec![Line {
                line_id: "chips".to_owned(),
                item: Some(item),
            }],
            ..Transaction::default()
        }),
        as_of: "2026-10-01".to_owned(),
        ..DetermineRequest::default()
    }
}
