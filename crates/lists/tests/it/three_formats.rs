//! The same list in three formats gives the same parties.

use std::collections::BTreeMap;

use concord_lists::Script;

use crate::published::{data, load, read_all};

/// What must be the same in every format of one publication.
fn facts(party: &concord_lists::Party) -> BTreeMap<&'static str, Vec<String>> {
    let sorted = |mut values: Vec<String>| {
        values.sort();
        values.dedup();
        values
    };
    let latin = |n: &&concord_lists::PartyName| n.script.is_none_or(|s| s == Script::Latin);
    let identifiers = party
        .identifiers
        .iter()
        .map(|i| format!("{} {}", i.kind, i.value));
    let dates = party
        .births
        .iter()
        .map(|b| format!("{:?} {}", b.span, b.approximate));
    BTreeMap::from([
        ("kind", vec![party.kind.as_str().to_owned()]),
        ("primary", vec![party.names[0].text.clone()]),
        (
            "names",
            sorted(
                party
                    .names
                    .iter()
                    .filter(latin)
                    .map(|n| format!("{:?} {}", n.quality, n.text))
                    .collect(),
            ),
        ),
        ("programmes", sorted(party.programmes.clone())),
        ("identifiers", sorted(identifiers.collect())),
        ("births", sorted(dates.collect())),
        (
            "addresses",
            sorted(
                party
                    .addresses
                    .iter()
                    .map(|a| a.text.clone())
                    .filter(|a| {
                        !a.chars()
                            .any(|c| Script::of(&c.to_string()) == Some(Script::Cyrillic))
                    })
                    .collect(),
            ),
        ),
        (
            "countries",
            party
                .countries
                .iter()
                .map(|c| c.as_str().to_owned())
                .collect(),
        ),
    ])
}

/// The three files are of 2025-01, 2025-03 and 2025-12, so a few parties have truly changed.
#[test]
fn one_publication_in_three_formats_gives_the_same_parties() {
    let Some(data) = data() else { return };
    let read = |path: &str| {
        let reading = read_all(&load(&data.join("ofac-cons").join(path))).unwrap();
        let parties = reading.parties.into_iter().map(|p| (p.id.clone(), p));
        parties.collect::<BTreeMap<_, _>>()
    };
    let csv = read("2025-12-19");
    let classic = read("consolidated-classic-2025-03-28.xml.gz");
    let enhanced = read("CONS_ENHANCED-2025-01-14.xml.gz");
    for (what, a, b, changed) in [
        ("classic and enhanced", &classic, &enhanced, 4),
        ("classic and CSV", &classic, &csv, 12),
    ] {
        let common = a.keys().filter(|id| b.contains_key(*id)).count();
        assert!(common >= 440, "{what}: {common} identifiers in common");
        let (mut differing, mut rewritten) = (Vec::new(), 0);
        for (id, party) in a {
            let Some(other) = b.get(id) else { continue };
            let (ours, theirs) = (facts(party), facts(other));
            // Designated anew in 2025 under another programme: their records were rewritten.
            if ours["programmes"] != theirs["programmes"] {
                rewritten += 1;
                continue;
            }
            for (field, value) in &ours {
                if value != &theirs[field] {
                    differing.push(format!("{id} {field}: {value:?} / {:?}", theirs[field]));
                }
            }
        }
        assert!(rewritten <= 30, "{what}: {rewritten} with other programmes");
        let lines = differing.join("\n");
        assert!(
            differing.len() <= changed,
            "{what}: {}\n{lines}",
            differing.len()
        );
    }
    // Only the enhanced XML has names in their own script.
    let bank = &enhanced["us_ofac_cons/ssi/17013"];
    assert!(
        bank.names
            .iter()
            .any(|n| n.script == Some(Script::Cyrillic))
    );
}
