//! The text form of a bundle (`docs/log-format.md`).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Bundle, BundleError, Disclosed, Disclosure, OpenValue};
use crate::commitment::{Field, SLOT_COUNT, Salt};
use crate::encoding;
use crate::hash::Hash;
use crate::leaf::Leaf;
use crate::note::{NoteError, VerifierKey};
use crate::tlog_proof::{HEADER as PROOF_HEADER, TlogProof};

const HEADER: &str = "concord.bundle/v1";

/// Writes the one text of a bundle.
pub(super) fn write(bundle: &Bundle) -> Result<String, BundleError> {
    let mut text = format!("{HEADER}\n");
    let mut line = |words: &[&str]| {
        text.push_str(&words.join(" "));
        text.push('\n');
    };
    for key in &bundle.keys {
        line(&["key", &key.to_string()]);
    }
    line(&["leaf", &encoding::base64(&bundle.leaf.encode()?)]);
    let disclosure = &bundle.disclosure;
    for (name, digest) in &disclosure.editions {
        line(&[
            "edition",
            &encoding::base64(name.as_bytes()),
            &digest.to_string(),
        ]);
    }
    for (field, open) in [
        (Field::Request, &disclosure.request),
        (Field::Body, &disclosure.body),
    ] {
        match open {
            None => line(&[field.name(), "hidden"]),
            Some(open) => line(&[field.name(), &write_open(open)]),
        }
    }
    for (field, slot) in Field::SLOTS.iter().zip(&disclosure.slots) {
        match slot {
            Disclosed::Hidden(hash) => line(&[field.name(), "hidden", &hash.to_string()]),
            Disclosed::Open(open) => line(&[field.name(), &write_open(open)]),
        }
    }
    let _ = write!(text, "{}", bundle.proof); // writing to a String cannot fail
    Ok(text)
}

fn write_open(open: &OpenValue) -> String {
    let salt = encoding::base64(open.salt.as_bytes());
    match &open.value {
        None => format!("absent {salt}"),
        Some(value) => format!("open {salt} {}", encoding::base64(value)),
    }
}

/// Reads a bundle leniently enough only where writing it again tells the difference.
pub(super) fn parse(bytes: &[u8]) -> Result<Bundle, BundleError> {
    let text = std::str::from_utf8(bytes).map_err(|_| NoteError::NotText)?;
    let mut lines = Lines {
        rest: text,
        number: 0,
    };
    let header = lines.next("`concord.bundle/v1`")?;
    if header != HEADER {
        return Err(lines.wrong("`concord.bundle/v1`"));
    }
    let mut keys = Vec::new();
    while let Some(vkey) = lines.next_if("key ") {
        keys.push(VerifierKey::parse(vkey)?);
    }
    let expected = "`leaf` and base64, after the keys";
    let leaf = lines
        .next(expected)?
        .strip_prefix("leaf ")
        .and_then(encoding::from_base64);
    let leaf = leaf.ok_or_else(|| lines.wrong(expected))?;
    let leaf = Leaf::decode(&leaf)?;
    let mut editions = BTreeMap::new();
    while let Some(edition) = lines.next_if("edition ") {
        let (name, digest) = parse_edition(edition)
            .ok_or_else(|| lines.wrong("`edition`, a name in base64 and a digest"))?;
        // Repeats and another order do not survive the comparison with the written form.
        editions.insert(name, digest);
    }
    let request = lines.open_or_hidden(Field::Request)?;
    let body = lines.open_or_hidden(Field::Body)?;
    let mut slots = [const { Disclosed::Hidden(Hash::from_bytes([0; 32])) }; SLOT_COUNT];
    for (slot, field) in slots.iter_mut().zip(Field::SLOTS) {
        *slot = lines.slot(field)?;
    }
    let disclosure = Disclosure {
        editions,
        request,
        body,
        slots,
    };
    if !lines.rest.starts_with(PROOF_HEADER) {
        lines.number += 1;
        return Err(lines.wrong("the first line of a tlog-proof"));
    }
    let proof = TlogProof::parse(lines.rest.as_bytes())?;
    Ok(Bundle {
        keys,
        leaf,
        disclosure,
        proof,
    })
}

fn parse_edition(text: &str) -> Option<(String, Hash)> {
    let (name, digest) = text.split_once(' ')?;
    let name = String::from_utf8(encoding::from_base64(name)?).ok()?;
    Some((name, Hash::from_base64(digest).ok()?))
}

fn parse_open(words: &str) -> Option<OpenValue> {
    let (word, rest) = words.split_once(' ')?;
    let (salt, value) = match word {
        "absent" => (rest, None),
        "open" => {
            let (salt, value) = rest.split_once(' ')?;
            (salt, Some(encoding::from_base64(value)?))
        }
        _ => return None,
    };
    let salt = encoding::from_base64(salt)?.try_into().ok()?;
    Some(OpenValue {
        salt: Salt::from_bytes(salt),
        value,
    })
}

struct Lines<'t> {
    rest: &'t str,
    number: usize,
}

impl<'t> Lines<'t> {
    fn next(&mut self, expected: &str) -> Result<&'t str, BundleError> {
        self.number += 1;
        let (line, rest) = self
            .rest
            .split_once('\n')
            .ok_or_else(|| self.wrong(expected))?;
        self.rest = rest;
        Ok(line)
    }

    /// What follows `prefix` in the next line; the line is taken only if it begins so.
    fn next_if(&mut self, prefix: &str) -> Option<&'t str> {
        let (line, rest) = self.rest.split_once('\n')?;
        let words = line.strip_prefix(prefix)?;
        self.rest = rest;
        self.number += 1;
        Some(words)
    }

    fn field(&mut self, field: Field, forms: &str) -> Result<(&'t str, String), BundleError> {
        let name = field.name();
        let expected = format!("`{name}` and {forms}");
        let line = self.next(&expected)?;
        let words = line
            .strip_prefix(name)
            .and_then(|words| words.strip_prefix(' '));
        words
            .map(|words| (words, expected.clone()))
            .ok_or_else(|| self.wrong(&expected))
    }

    fn open_or_hidden(&mut self, field: Field) -> Result<Option<OpenValue>, BundleError> {
        let forms = "`hidden`, `absent` with a salt, or `open` with salt and value";
        match self.field(field, forms)? {
            ("hidden", _) => Ok(None),
            (words, expected) => parse_open(words)
                .map(Some)
                .ok_or_else(|| self.wrong(&expected)),
        }
    }

    fn slot(&mut self, field: Field) -> Result<Disclosed, BundleError> {
        let forms = "`hidden` with a commitment, `absent` with a salt, or `open` with both";
        let (words, expected) = self.field(field, forms)?;
        let slot = match words.strip_prefix("hidden ") {
            Some(hash) => Hash::from_base64(hash).ok().map(Disclosed::Hidden),
            None => parse_open(words).map(Disclosed::Open),
        };
        slot.ok_or_else(|| self.wrong(&expected))
    }

    fn wrong(&self, expected: &str) -> BundleError {
        BundleError::Line {
            line: self.number,
            expected: expected.to_owned(),
        }
    }
}
