//! No file makes the reader or the comparison panic.

use concord_controls::text::{Explanations, TextTree, against, diff};
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};

use super::{LIST, regime, tree};
use crate::fixture::trials;

/// What may happen to a file on its way.
#[derive(Debug, Clone)]
enum Mutation {
    Cut(usize),
    Byte(usize, u8),
    Insert(usize, &'static str),
    Remove(usize, usize),
    Repeat(usize, usize),
}

fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    let position = 0..LIST.len();
    let piece = prop_oneof![
        Just("<P>"),
        Just("</P>"),
        Just("<NOTE>"),
        Just("</NOTE>"),
        Just("<SU>9</SU>"),
        Just("<FP-2><B>"),
        Just("&"),
        Just("&#x110000;"),
        Just("<!--"),
        Just("]]>"),
        Just("<P>a.1.1.1.1.1.1.1.1. x</P>"),
        Just(" Column "),
        Just("Items:"),
        Just("99999999999999999999999999999999999999999 kg"),
        Just("10^40"),
        Just("× 10^-40 m"),
        Just("1/0"),
        Just("[Reserved]"),
        Just("z.-a. [Reserved]"),
        Just("é"),
        Just("\u{0}"),
    ];
    let mutation = prop_oneof![
        position.clone().prop_map(Mutation::Cut),
        (position.clone(), any::<u8>()).prop_map(|(at, byte)| Mutation::Byte(at, byte)),
        (position.clone(), piece).prop_map(|(at, piece)| Mutation::Insert(at, piece)),
        (position.clone(), 1..200_usize).prop_map(|(at, length)| Mutation::Remove(at, length)),
        (position, 1..200_usize).prop_map(|(at, length)| Mutation::Repeat(at, length)),
    ];
    prop::collection::vec(mutation, 1..4)
}

fn mutated(mutations: &[Mutation]) -> Vec<u8> {
    let mut bytes = LIST.as_bytes().to_vec();
    for mutation in mutations {
        let end = |at: usize, length: usize| (at + length).min(bytes.len());
        match *mutation {
            Mutation::Cut(at) => bytes.truncate(at),
            Mutation::Byte(at, byte) if at < bytes.len() => bytes[at] = byte,
            Mutation::Insert(at, piece) if at <= bytes.len() => {
                bytes.splice(at..at, piece.bytes());
            }
            Mutation::Remove(at, length) if at < bytes.len() => {
                let end = end(at, length);
                bytes.drain(at..end);
            }
            Mutation::Repeat(at, length) if at < bytes.len() => {
                let piece = bytes[at..end(at, length)].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => {}
        }
    }
    bytes
}

fn read_and_compare(bytes: &[u8]) {
    match TextTree::parse("list.xml", bytes) {
        Ok(read) => {
            let regime = regime();
            let at = regime.at(regime.official_until().unwrap());
            let _ = against(at, &read, &Explanations::default());
            let _ = diff(&tree(), &read, at);
        }
        Err(error) => assert!(error.at.line > 0 && error.at.column > 0, "{error}"),
    }
}

proptest! {
    #![proptest_config(trials(256))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read_and_compare(&bytes);
    }

    #[test]
    fn any_words_between_the_tags_are_read_or_compared(words in "[ -~é×−^_°µ“”]{0,120}") {
        let words = words.replace(['<', '&'], "");
        read_and_compare(super::edited("A speed of 0.4 GHz", &words).as_bytes());
        read_and_compare(super::edited("NS Column 2.", &words).as_bytes());
        read_and_compare(super::edited("a.1. A speed", &words).as_bytes());
    }

    #[test]
    fn a_damaged_list_is_read_or_refused(mutations in mutations()) {
        read_and_compare(&mutated(&mutations));
    }
}
