//! Periods of civil dates.

use jiff::civil::Date;

/// When a node is in force: `[from, to)`. `to` is the first day on which it no longer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    /// First day in force; `None`: since always.
    pub from: Option<Date>,
    /// First day no longer in force; `None`: still in force.
    pub to: Option<Date>,
}

impl Period {
    /// Without bounds.
    pub const ALWAYS: Self = Self {
        from: None,
        to: None,
    };

    /// True when the day lies within.
    #[must_use]
    pub fn contains(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day < to)
    }

    /// The first day that both contain, if there is one. `Date::MIN` stands for "since always".
    #[must_use]
    pub fn first_common_day(&self, other: &Self) -> Option<Date> {
        let from = self
            .from
            .unwrap_or(Date::MIN)
            .max(other.from.unwrap_or(Date::MIN));
        (self.contains(from) && other.contains(from)).then_some(from)
    }
}

/// Reads `YYYY-MM-DD` and nothing else.
#[must_use]
pub fn parse_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let shape = bytes.len() == 10
        && bytes
            .iter()
            .enumerate()
            .all(|(position, byte)| match position {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            });
    if shape { text.parse().ok() } else { None }
}
