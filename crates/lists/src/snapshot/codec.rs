//! The canonical encoding: magic with version, sources, parties, SHA-256 of all before it.
//!
//! Integers are big-endian; text is a 32-bit length and UTF-8; a sequence is a 32-bit count and its
//! items; an absent option is 0, a present one 1 and its value. There is one encoding per content.

use sha2::{Digest, Sha256};

use super::Snapshot;
use crate::birth::{BirthDate, Date};
use crate::country::CountryCode;
use crate::input::hex;
use crate::list_id::ListId;
use crate::party::{
    Address, Gender, Identifier, Kind, Party, PartyName, Position, Quality, Script,
};
use crate::read::SourceInfo;

const MAGIC: &[u8] = b"concord-list-snapshot/2\n";
const DIGEST_LEN: usize = 32;

/// Why bytes are no snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Another format or version.
    #[error("not a list snapshot of version 2; build it again from the list files")]
    Magic,
    /// The digest at the end does not fit: bytes were changed or lost.
    #[error("the snapshot's digest does not match its content; it is damaged, build it again")]
    Digest,
    /// The digest fits but the content is not canonical.
    #[error("the snapshot is malformed at byte {offset}: {problem}")]
    Malformed {
        /// Offset of the offending item.
        offset: usize,
        /// What is wrong.
        problem: &'static str,
    },
}

pub(super) fn digest_of(body: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(body)))
}

/// The digest of one party without its place in a file.
pub(super) fn party_digest(party: &Party) -> String {
    let mut out = Writer(b"concord-listed-party/1\n".to_vec());
    out.party(&Party {
        position: Position {
            file: String::new(),
            line: 0,
        },
        ..party.clone()
    });
    digest_of(&out.0)
}

pub(super) fn encode(snapshot: &Snapshot) -> Vec<u8> {
    let mut bytes = body(snapshot);
    let digest = Sha256::digest(&bytes);
    bytes.extend_from_slice(&digest);
    bytes
}

pub(super) fn body(snapshot: &Snapshot) -> Vec<u8> {
    let mut out = Writer(MAGIC.to_vec());
    out.many(&snapshot.sources, Writer::source);
    out.many(&snapshot.parties, Writer::party);
    out.0
}

pub(super) fn decode(bytes: &[u8]) -> Result<Snapshot, DecodeError> {
    if !bytes.starts_with(MAGIC) {
        return Err(DecodeError::Magic);
    }
    let split = bytes
        .len()
        .checked_sub(DIGEST_LEN)
        .ok_or(DecodeError::Digest)?;
    let (body, digest) = bytes.split_at_checked(split).ok_or(DecodeError::Digest)?;
    // Once: it takes as long as all the rest.
    if *Sha256::digest(body) != *digest {
        return Err(DecodeError::Digest);
    }
    let named = format!("sha256:{}", hex(digest));
    let mut input = Reader {
        bytes: body,
        at: MAGIC.len(),
    };
    let sources = input.many(Reader::source)?;
    let parties = input.many(Reader::party)?;
    if input.at != body.len() {
        return Err(input.malformed("bytes after the last party"));
    }
    let mut snapshot = Snapshot::of(sources, parties).map_err(|_| DecodeError::Malformed {
        offset: MAGIC.len(),
        problem: "repeated items",
    })?;
    // What was understood must be what was given: order and forms included.
    if self::body(&snapshot) != body {
        return Err(DecodeError::Malformed {
            offset: MAGIC.len(),
            problem: "not canonical",
        });
    }
    snapshot.digest = named;
    Ok(snapshot)
}

struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    // A length beyond 32 bits cannot come from files under the reader's size limit; it saturates
    // and the decoder refuses it.
    fn length(&mut self, value: usize) {
        let value = u32::try_from(value).unwrap_or(u32::MAX);
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    fn many<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.length(items.len());
        for item in items {
            write(self, item);
        }
    }

    fn source(&mut self, s: &SourceInfo) {
        for text in [
            &s.source,
            s.list.as_str(),
            &s.title,
            &s.publisher,
            &s.data_date,
        ] {
            self.text(text);
        }
        self.number(s.parties);
        self.text(&s.file);
        self.text(&s.file_sha256);
        self.0.push(u8::from(s.example));
    }

    fn country(&mut self, country: Option<CountryCode>) {
        self.text(country.as_ref().map_or("", CountryCode::as_str));
    }

    fn date(&mut self, date: Date) {
        self.0.extend_from_slice(&date.year.to_be_bytes());
        self.0.extend_from_slice(&[date.month, date.day]);
    }

    fn birth(&mut self, birth: &BirthDate) {
        self.text(&birth.text);
        self.0.push(u8::from(birth.approximate));
        self.0.push(u8::from(birth.span.is_some()));
        if let Some((from, to)) = birth.span {
            self.date(from);
            self.date(to);
        }
    }

    fn party(&mut self, p: &Party) {
        for text in [&p.id, p.list.as_str(), &p.source, &p.record_id] {
            self.text(text);
        }
        self.0.push(tag(&KINDS, p.kind));
        self.many(&p.names, |w, n| {
            w.text(&n.text);
            w.0.push(tag(&QUALITIES, n.quality));
            w.0.push(n.script.map_or(0, |s| tag(&SCRIPTS, s)));
        });
        self.text(&p.title);
        self.many(&p.addresses, |w, a| {
            w.text(&a.text);
            w.country(a.country);
        });
        self.many(&p.countries, |w, c| w.country(Some(*c)));
        self.many(&p.identifiers, |w, i| {
            w.text(&i.kind);
            w.text(&i.value);
            w.country(i.country);
        });
        self.many(&p.births, Self::birth);
        self.many(&p.genders, |w, g| w.0.push(tag(&GENDERS, *g)));
        self.many(&p.programmes, |w, t| w.text(t));
        self.many(&p.citations, |w, t| w.text(t));
        for text in [
            &p.listed_from,
            &p.listed_to,
            &p.licence_requirement,
            &p.licence_policy,
            &p.remarks,
            &p.position.file,
        ] {
            self.text(text);
        }
        self.number(p.position.line);
        self.0.push(u8::from(p.example));
    }
}

// The order is the encoding: tags count from 1 and new values go to the end.
const KINDS: [Kind; 5] = [
    Kind::Person,
    Kind::Organisation,
    Kind::Vessel,
    Kind::Aircraft,
    Kind::Unknown,
];
const GENDERS: [Gender; 2] = [Gender::Female, Gender::Male];
const QUALITIES: [Quality; 3] = [Quality::Primary, Quality::Strong, Quality::Weak];
const SCRIPTS: [Script; 9] = [
    Script::Latin,
    Script::Cyrillic,
    Script::Greek,
    Script::Arabic,
    Script::Hebrew,
    Script::Thai,
    Script::Hangul,
    Script::Han,
    Script::Kana,
];

fn tag<T: PartialEq>(all: &[T], value: T) -> u8 {
    all.iter()
        .zip(1_u8..)
        .find(|(v, _)| **v == value)
        .map_or(0, |(_, tag)| tag)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

type Decoded<T> = Result<T, DecodeError>;

impl<'a> Reader<'a> {
    fn malformed(&self, problem: &'static str) -> DecodeError {
        DecodeError::Malformed {
            offset: self.at,
            problem,
        }
    }

    fn take(&mut self, len: usize) -> Decoded<&'a [u8]> {
        let end = self
            .at
            .checked_add(len)
            .ok_or_else(|| self.malformed("length overflows"))?;
        let slice = self
            .bytes
            .get(self.at..end)
            .ok_or_else(|| self.malformed("item is cut off"))?;
        self.at = end;
        Ok(slice)
    }

    fn array<const N: usize>(&mut self) -> Decoded<[u8; N]> {
        let slice = self.take(N)?;
        slice
            .try_into()
            .map_err(|_| self.malformed("item is cut off"))
    }

    fn byte(&mut self) -> Decoded<u8> {
        self.array::<1>().map(|[b]| b)
    }

    fn flag(&mut self) -> Decoded<bool> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.malformed("flag is neither 0 nor 1")),
        }
    }

    fn number(&mut self) -> Decoded<u64> {
        self.array().map(u64::from_be_bytes)
    }

    fn length(&mut self) -> Decoded<usize> {
        let length = u32::from_be_bytes(self.array()?);
        usize::try_from(length).map_err(|_| self.malformed("length overflows"))
    }

    fn text(&mut self) -> Decoded<String> {
        let len = self.length()?;
        let bytes = self.take(len)?;
        String::from_utf8(bytes.to_vec()).map_err(|_| self.malformed("text is not UTF-8"))
    }

    fn many<T>(&mut self, mut read: impl FnMut(&mut Self) -> Decoded<T>) -> Decoded<Vec<T>> {
        let count = self.length()?;
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(read(self)?);
        }
        Ok(items)
    }

    fn list(&mut self) -> Decoded<ListId> {
        let id = self.text()?;
        ListId::new(&id).ok_or_else(|| self.malformed("list is not known"))
    }

    fn country(&mut self) -> Decoded<Option<CountryCode>> {
        let code = self.text()?;
        if code.is_empty() {
            return Ok(None);
        }
        CountryCode::new(&code)
            .map(Some)
            .ok_or_else(|| self.malformed("country is not known"))
    }

    fn tagged<T: Copy>(&mut self, all: &[T]) -> Decoded<T> {
        let tag = usize::from(self.byte()?);
        tag.checked_sub(1)
            .and_then(|i| all.get(i).copied())
            .ok_or_else(|| self.malformed("tag is not known"))
    }

    fn source(&mut self) -> Decoded<SourceInfo> {
        Ok(SourceInfo {
            source: self.text()?,
            list: self.list()?,
            title: self.text()?,
            publisher: self.text()?,
            data_date: self.text()?,
            parties: self.number()?,
            file: self.text()?,
            file_sha256: self.text()?,
            example: self.flag()?,
        })
    }

    fn date(&mut self) -> Decoded<Date> {
        Ok(Date {
            year: u16::from_be_bytes(self.array()?),
            month: self.byte()?,
            day: self.byte()?,
        })
    }

    fn birth(&mut self) -> Decoded<BirthDate> {
        let (text, approximate) = (self.text()?, self.flag()?);
        let span = if self.flag()? {
            Some((self.date()?, self.date()?))
        } else {
            None
        };
        Ok(BirthDate {
            text,
            span,
            approximate,
        })
    }

    fn name(&mut self) -> Decoded<PartyName> {
        let (text, quality) = (self.text()?, self.tagged(&QUALITIES)?);
        let script = match self.bytes.get(self.at) {
            Some(0) => {
                self.at += 1;
                None
            }
            _ => Some(self.tagged(&SCRIPTS)?),
        };
        Ok(PartyName {
            text,
            quality,
            script,
        })
    }

    fn party(&mut self) -> Decoded<Party> {
        Ok(Party {
            id: self.text()?,
            list: self.list()?,
            source: self.text()?,
            record_id: self.text()?,
            kind: self.tagged(&KINDS)?,
            names: self.many(Self::name)?,
            title: self.text()?,
            addresses: self.many(|r| {
                Ok(Address {
                    text: r.text()?,
                    country: r.country()?,
                })
            })?,
            countries: self
                .many(|r| r.country()?.ok_or_else(|| r.malformed("country is absent")))?,
            identifiers: self.many(|r| {
                Ok(Identifier {
                    kind: r.text()?,
                    value: r.text()?,
                    country: r.country()?,
                })
            })?,
            births: self.many(Self::birth)?,
            genders: self.many(|r| r.tagged(&GENDERS))?,
            programmes: self.many(Self::text)?,
            citations: self.many(Self::text)?,
            listed_from: self.text()?,
            listed_to: self.text()?,
            licence_requirement: self.text()?,
            licence_policy: self.text()?,
            remarks: self.text()?,
            position: Position {
                file: self.text()?,
                line: self.number()?,
            },
            example: self.flag()?,
        })
    }
}
