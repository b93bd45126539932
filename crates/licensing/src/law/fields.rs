//! Reading of the licensing tables: the typed pieces that both jurisdictions' files share.

use std::collections::BTreeSet;

use concord_controls::period::Period;
use concord_controls::problem::{ProblemKind, Problems};
use concord_controls::yaml::{Cursor, Label, MapReader};

use crate::decision::Text;

/// A mapping under its schema, with every value as owned text.
pub(crate) struct Fields<'a> {
    map: MapReader<'a>,
}

impl<'a> Fields<'a> {
    /// Opens a mapping whose keys are `allowed`; anything else is a problem.
    pub(crate) fn open(
        cursor: Cursor<'a>,
        allowed: &[&str],
        problems: &mut Problems,
    ) -> Option<Self> {
        Some(Self {
            map: MapReader::open(cursor, allowed, problems)?,
        })
    }

    pub(crate) const fn map(&self) -> &MapReader<'a> {
        &self.map
    }

    pub(crate) fn text(&self, key: &str, problems: &mut Problems) -> Option<String> {
        self.map.text(key, problems).map(|t| t.to_string())
    }

    pub(crate) fn text_or_empty(&self, key: &str, problems: &mut Problems) -> String {
        self.optional(key, problems).unwrap_or_default()
    }

    pub(crate) fn optional(&self, key: &str, problems: &mut Problems) -> Option<String> {
        self.map.optional_text(key, problems).map(|t| t.to_string())
    }

    pub(crate) fn words(&self, key: &str, problems: &mut Problems) -> Vec<String> {
        self.map
            .texts(key, problems)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    pub(crate) fn optional_words(&self, key: &str, problems: &mut Problems) -> Option<Vec<String>> {
        self.map.optional(key)?;
        Some(self.words(key, problems))
    }

    pub(crate) fn set(&self, key: &str, problems: &mut Problems) -> BTreeSet<String> {
        self.words(key, problems).into_iter().collect()
    }

    pub(crate) fn flag(&self, key: &str, problems: &mut Problems) -> bool {
        self.map.flag(key, problems)
    }

    pub(crate) fn period(&self, problems: &mut Problems) -> Period {
        self.map.period(problems)
    }

    /// `{en: …, ko: …}` under `key`.
    pub(crate) fn label(&self, key: &str, problems: &mut Problems) -> Option<Text> {
        self.map.label(key, problems).map(|l| words(&l))
    }

    pub(crate) fn optional_label(&self, key: &str, problems: &mut Problems) -> Option<Text> {
        self.map.optional_label(key, problems).map(|l| words(&l))
    }

    /// `en` and `ko` of this mapping itself.
    pub(crate) fn name(&self, problems: &mut Problems) -> Option<Text> {
        Some(Text {
            en: self.text("en", problems)?,
            ko: self.text("ko", problems)?,
        })
    }

    /// A list of labels; absent: empty.
    pub(crate) fn labels(&self, key: &str, problems: &mut Problems) -> Vec<Text> {
        self.items(key, problems)
            .into_iter()
            .filter_map(|c| Label::read(c, problems).map(|l| words(&l)))
            .collect()
    }

    /// The items of an optional sequence; absent: none.
    pub(crate) fn items(&self, key: &str, problems: &mut Problems) -> Vec<Cursor<'a>> {
        self.map
            .optional(key)
            .map_or_else(Vec::new, |c| c.items(problems))
    }

    /// The items of a sequence that must be there.
    pub(crate) fn required_items(&self, key: &str, problems: &mut Problems) -> Vec<Cursor<'a>> {
        self.map
            .required(key, problems)
            .map_or_else(Vec::new, |c| c.items(problems))
    }

    /// A whole number from 0.
    pub(crate) fn number(&self, key: &str, problems: &mut Problems) -> Option<u32> {
        let cursor = self.map.required(key, problems)?;
        let text = cursor.text(problems)?;
        let number = text.parse().ok();
        if number.is_none() {
            let what = format!("`{text}` is not a whole number such as `57`");
            problems.push(cursor.location(), ProblemKind::Invalid { what });
        }
        number
    }

    /// Reports a problem at the mapping.
    pub(crate) fn refuse(&self, what: String, problems: &mut Problems) {
        problems.push(self.map.location(), ProblemKind::Invalid { what });
    }
}

fn words(label: &Label) -> Text {
    Text {
        en: label.en.to_string(),
        ko: label.ko.to_string(),
    }
}

/// Reads every item of a sequence with the same schema; items that do not read are reported and left out.
pub(crate) fn each<'a, T>(
    items: Vec<Cursor<'a>>,
    allowed: &[&str],
    problems: &mut Problems,
    mut read: impl FnMut(&Fields<'a>, &mut Problems) -> Option<T>,
) -> Vec<T> {
    items
        .into_iter()
        .filter_map(|cursor| {
            let fields = Fields::open(cursor, allowed, problems)?;
            read(&fields, problems)
        })
        .collect()
}
