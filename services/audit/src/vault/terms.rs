//! The blind index: for each value that can be searched for, a mark that only the holder of the index key can
//! make. Equal values have equal marks, and that is all that the index tells.

use std::collections::BTreeSet;

use aws_lc_rs::hmac;
use concord_tlog::commitment::Field;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::Vault;
use crate::record::{Contents, Record};

/// Begins every message of a mark.
const TERM_TAG: &[u8] = b"concord/term/v1\0";
/// Begins every message of a request's mark.
const REQUEST_TAG: &[u8] = b"concord/request/v1\0";
/// Begins every message of a query's mark.
const QUERY_TAG: &[u8] = b"concord/query/v1\0";

/// The mark of one value of one field: the first eight bytes of an HMAC-SHA-256. Two values may share one, so
/// what is found is compared with what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term(i64);

impl Term {
    /// One that a store has kept.
    pub(crate) fn from_number(number: i64) -> Self {
        Self(number)
    }

    /// As stores keep it.
    pub fn number(self) -> i64 {
        self.0
    }
}

impl Vault {
    /// Marks of everything that a record can be searched by, each once.
    pub fn terms(&self, record: &Record, contents: &Contents) -> Vec<Term> {
        let field = |field: Field| contents.fields.get(&field).map(String::as_str);
        let mut values: BTreeSet<(Field, String)> = BTreeSet::new();
        let mut add = |field: Field, value: String| {
            if !value.is_empty() {
                values.insert((field, value));
            }
        };
        add(Field::Caller, record.caller.clone());
        add(Field::CaseReference, contents.case_reference.clone());
        add(
            Field::Agency,
            field(Field::Agency).map(lower).unwrap_or_default(),
        );
        add(
            Field::Outcome,
            field(Field::Outcome).map(lower).unwrap_or_default(),
        );
        for code in field(Field::Items).unwrap_or_default().split(',') {
            for head in heads(&lower(code)) {
                add(Field::Items, head.to_owned());
            }
        }
        for name in field(Field::Parties).unwrap_or_default().lines() {
            add(Field::Parties, normalised_party(name));
        }
        let term = |(field, value): &(Field, String)| self.term(*field, value);
        values.iter().map(term).collect()
    }

    /// The mark of one value, as it is normalised ([`searched`]).
    pub fn term(&self, field: Field, value: &str) -> Term {
        let mut message = hmac::Context::with_key(&self.index);
        message.update(TERM_TAG);
        message.update(&field.number().to_be_bytes());
        message.update(value.as_bytes());
        Term(i64::from_be_bytes(first(message)))
    }

    /// The mark by which two requests are told to be the same.
    pub fn request_mark(&self, digest: &[u8; 32]) -> [u8; 32] {
        let mut message = hmac::Context::with_key(&self.index);
        message.update(REQUEST_TAG);
        message.update(digest);
        let mut mark = [0; 32];
        mark.copy_from_slice(message.sign().as_ref());
        mark
    }

    /// Binds a page token to its query without telling the query.
    pub fn query_mark(&self, query: &[u8]) -> [u8; 8] {
        let mut message = hmac::Context::with_key(&self.index);
        message.update(QUERY_TAG);
        message.update(query);
        first(message)
    }
}

fn first(message: hmac::Context) -> [u8; 8] {
    let tag = message.sign();
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&tag.as_ref()[..8]);
    bytes
}

/// What a value of that field is compared as, both when a record is kept and when it is looked for.
pub fn searched(field: Field, value: &str) -> String {
    match field {
        Field::Parties => normalised_party(value),
        Field::Agency | Field::Outcome | Field::Items => lower(value),
        _ => value.to_owned(),
    }
}

/// Whether a record has that value, normalised, in that field.
pub fn has(record: &Record, contents: &Contents, field: Field, value: &str) -> bool {
    let given = contents.fields.get(&field).map_or("", String::as_str);
    match field {
        Field::Caller => record.caller == value,
        Field::CaseReference => contents.case_reference == value,
        Field::Parties => given.lines().any(|name| normalised_party(name) == value),
        Field::Items => given
            .split(',')
            .any(|code| heads(&lower(code)).any(|head| head == value)),
        _ => lower(given) == value,
    }
}

fn lower(text: &str) -> String {
    text.trim().to_lowercase()
}

/// A code and what it is below: `3a090.a.1`, `3a090.a`, `3a090`.
fn heads(code: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(code), |code| {
        code.rsplit_once('.').map(|(head, _)| head)
    })
    .filter(|head| !head.is_empty())
}

/// A name as it is compared: compatibility forms taken apart, accents dropped, lower case, everything but
/// letters and digits a break between words, and the words in order of their letters, so that
/// `KIM, Chul-soo` is `chul soo kim`. Names that are spelled otherwise are other names: likeness is
/// what screening is for.
pub fn normalised_party(name: &str) -> String {
    let plain: String = name
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect();
    let mut words: Vec<&str> = plain
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.sort_unstable();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_however_it_is_ordered_accented_or_cased() {
        for (name, expected) in [
            ("KIM, Chul-soo", "chul kim soo"),
            ("Chul Soo  Kim", "chul kim soo"),
            ("Société Générale", "generale societe"),
            ("ＡＣＭＥ Co., Ltd.", "acme co ltd"),
            ("STRASSE", "strasse"),
            ("!!", ""),
        ] {
            assert_eq!(normalised_party(name), expected, "{name}");
        }
        // One syllable as one character or as its letters.
        assert_eq!(
            normalised_party("\u{d55c}\u{ad6d}"),
            normalised_party("\u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8}")
        );
    }

    #[test]
    fn a_code_is_found_by_what_it_is_below() {
        let found: Vec<_> = heads("3a090.a.1").collect();
        assert_eq!(found, ["3a090.a.1", "3a090.a", "3a090"]);
        assert_eq!(heads("").count(), 0);
    }
}
