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

    /// The days that both contain, if there are any.
    #[must_use]
    pub fn common(&self, other: &Self) -> Option<Self> {
        let from = self.from.max(other.from);
        let to = match (self.to, other.to) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (one, None) | (None, one) => one,
        };
        let some = from.zip(to).is_none_or(|(from, to)| from < to);
        some.then_some(Self { from, to })
    }

    /// True when every day of the other is among these.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let from = self
            .from
            .is_none_or(|from| other.from.is_some_and(|other| from <= other));
        let to = self
            .to
            .is_none_or(|to| other.to.is_some_and(|other| other <= to));
        from && to
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
