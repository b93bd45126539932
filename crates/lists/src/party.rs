//! The party model that every list format is read into.

use crate::birth::BirthDate;
use crate::country::CountryCode;
use crate::list_id::ListId;

/// A party on one list: a person, organisation, vessel or aircraft as its publisher describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Unique in a snapshot: `<source>/<list>/<record id>`.
    pub id: String,
    /// The list it is on.
    pub list: ListId,
    /// The publication it was read from (`us_csl`, `us_ofac_sdn`, …, `own`).
    pub source: String,
    /// The publisher's identifier of the record, or one derived from its content.
    pub record_id: String,
    /// What kind of party; [`Kind::Unknown`] where the publisher does not say.
    pub kind: Kind,
    /// Its names, the primary one first. Never empty.
    pub names: Vec<PartyName>,
    /// Office or title as published; may be empty.
    pub title: String,
    /// Addresses as published.
    pub addresses: Vec<Address>,
    /// Countries of address, nationality, citizenship or flag; sorted, without repeats.
    pub countries: Vec<CountryCode>,
    /// Passports, tax and registration numbers, IMO numbers and the like.
    pub identifiers: Vec<Identifier>,
    /// Dates of birth.
    pub births: Vec<BirthDate>,
    /// Genders that the publisher gives a person; several where it is not of one mind.
    pub genders: Vec<Gender>,
    /// Sanctions programmes.
    pub programmes: Vec<String>,
    /// Citations (Federal Register notices, official notices).
    pub citations: Vec<String>,
    /// First day of the listing as published (`YYYY-MM-DD`), or empty.
    pub listed_from: String,
    /// Last day of the listing as published, or empty.
    pub listed_to: String,
    /// Licence requirement as published; may be empty.
    pub licence_requirement: String,
    /// Licence review policy as published; may be empty.
    pub licence_policy: String,
    /// Remarks as published; may be empty.
    pub remarks: String,
    /// True for the fictional parties that ship with the product.
    pub example: bool,
    /// Where the record stands in its file.
    pub position: Position,
}

/// One name of a party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyName {
    /// The name as published, white space at the ends removed.
    pub text: String,
    /// How much weight its publisher gives it.
    pub quality: Quality,
    /// Script of its letters; `None` without letters or with several scripts.
    pub script: Option<Script>,
}

impl PartyName {
    pub(crate) fn new(text: &str, quality: Quality) -> Self {
        let text = text.trim();
        Self {
            text: text.to_owned(),
            quality,
            script: Script::of(text),
        }
    }
}

/// How a publisher ranks a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quality {
    /// The name the party is listed under.
    Primary,
    /// An alias that identifies by itself.
    Strong,
    /// An alias that is broad or common (OFAC's "weak a.k.a."): a hit on it alone says little.
    Weak,
}

/// What kind of party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A natural person.
    Person,
    /// A company, authority or group.
    Organisation,
    /// A ship.
    Vessel,
    /// An aircraft.
    Aircraft,
    /// The publisher does not say (BIS and State lists).
    Unknown,
}

/// The words of [`Kind::of_us_word`], for refusals.
pub(crate) const US_WORDS: &str = "Individual, Entity, Vessel, Aircraft or nothing";

impl Kind {
    /// The kind that a list of the United States names; nothing named is not known.
    pub(crate) fn of_us_word(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "individual" => Self::Person,
            "entity" => Self::Organisation,
            "vessel" => Self::Vessel,
            "aircraft" => Self::Aircraft,
            "" => Self::Unknown,
            _ => return None,
        })
    }

    /// Stable lower-case word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organisation => "organisation",
            Self::Vessel => "vessel",
            Self::Aircraft => "aircraft",
            Self::Unknown => "unknown",
        }
    }
}

/// The gender of a person as lists have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gender {
    /// Female.
    Female,
    /// Male.
    Male,
}

impl Gender {
    /// Stable lower-case word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
        }
    }

    /// The gender that a word or letter stands for (`F`, `Female`, `M`, `Male`); `None` for others.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        match word.trim().to_ascii_lowercase().as_str() {
            "f" | "female" | "woman" => Some(Self::Female),
            "m" | "male" | "man" => Some(Self::Male),
            _ => None,
        }
    }
}

/// An address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// As published, one line.
    pub text: String,
    /// Country, where the address names one.
    pub country: Option<CountryCode>,
}

/// A number or mark that identifies a party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifier {
    /// The publisher's word for it (`Passport`, `Tax ID No.`, `IMO`).
    pub kind: String,
    /// Its value.
    pub value: String,
    /// Issuing country, where given.
    pub country: Option<CountryCode>,
}

/// Place of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// File name.
    pub file: String,
    /// Line where the record begins, from 1.
    pub line: u64,
}

/// Writing system of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Script {
    /// Latin.
    Latin,
    /// Cyrillic.
    Cyrillic,
    /// Greek.
    Greek,
    /// Arabic.
    Arabic,
    /// Hebrew.
    Hebrew,
    /// Thai.
    Thai,
    /// Hangul.
    Hangul,
    /// Han (Chinese characters, Hanja, Kanji).
    Han,
    /// Hiragana or katakana.
    Kana,
}

impl Script {
    /// The script of all letters of `text`, or `None` where there is none or more than one.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let mut found = None;
        for script in text.chars().filter_map(Self::of_char) {
            if *found.get_or_insert(script) != script {
                return None;
            }
        }
        found
    }

    // Blocks of the Unicode Standard; enough to name the script of a name, not a full property.
    fn of_char(c: char) -> Option<Self> {
        Some(match c {
            'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Self::Latin,
            '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Self::Greek,
            '\u{400}'..='\u{52f}' => Self::Cyrillic,
            '\u{590}'..='\u{5ff}' => Self::Hebrew,
            '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' => Self::Arabic,
            '\u{e00}'..='\u{e7f}' => Self::Thai,
            '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7af}' => {
                Self::Hangul
            }
            '\u{3040}'..='\u{30ff}' => Self::Kana,
            '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' => {
                Self::Han
            }
            _ => return None,
        })
    }
}
