//! Small lists that we write ourselves.

use concord_lists::{ReadOptions, Reading, SourceFile, read};
use concord_screening::{AddOptions, ListStore};
use jiff::Timestamp;

/// An own list with `n` parties `<stem> <word>`, of today or of `date`.
pub fn own(list: &str, stem: &str, n: usize, date: &str) -> Reading {
    let mut csv = String::from("party_id,list,type,name\n");
    for i in 0..n {
        csv.push_str(&format!(
            "{list}-{i},{list},organisation,{stem} {}\n",
            word(i)
        ));
    }
    let file = SourceFile {
        name: &format!("own-{list}.csv"),
        bytes: csv.as_bytes(),
    };
    read(
        &[file],
        &ReadOptions {
            data_date: date.to_owned(),
            ..ReadOptions::default()
        },
    )
    .unwrap()
}

/// Adds the list `sdn` with `n` parties to a store; the digest of the new snapshot.
pub fn add(store: &ListStore, n: usize) -> String {
    let lists = vec![own("sdn", "Alpha Works", n, "")];
    let options = AddOptions::at(Timestamp::now());
    store.add(lists, &options).unwrap().digest
}

/// Words that no two numbers share and no edit turns into one another.
fn word(i: usize) -> String {
    let letters = [
        "vor", "kel", "mun", "zab", "tix", "gop", "hul", "ran", "sef", "dyc",
    ];
    format!("{i}")
        .bytes()
        .map(|d| letters[usize::from(d - b'0')])
        .collect()
}
