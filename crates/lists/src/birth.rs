//! Dates of birth as published: a day, a month, a year, a range, or "circa" one of these.

/// A civil date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// Year.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day, 1 to 31.
    pub day: u8,
}

/// A date of birth as an interval of days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BirthDate {
    /// As published.
    pub text: String,
    /// First and last possible day; `None` where the text is in no form we know.
    pub span: Option<(Date, Date)>,
    /// "circa": the publisher itself is not sure of the interval.
    pub approximate: bool,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

impl BirthDate {
    /// Reads `1973-03-25`, `1973-03`, `1973`, `17 Feb 1974`, `Sep 1938`, `May, 1984`,
    /// `1951 to 1953`, `1951-1953`, `1963 or 1964`, each optionally preceded by `circa`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = text.trim().trim_end_matches('.');
        let (approximate, body) = match text.strip_prefix("circa ") {
            Some(rest) => (true, rest.trim()),
            None => (false, text),
        };
        let between = |from: &str, to: &str| {
            simple(from)
                .zip(simple(to))
                .map(|((a, _), (_, b))| (a, b))
                .filter(|(a, b)| a <= b)
        };
        // Of two possible dates the interval holds both; it must not rule out either.
        let either = |one: &str, other: &str| {
            simple(one)
                .zip(simple(other))
                .map(|((a, b), (c, d))| (a.min(c), b.max(d)))
        };
        let low = body.to_ascii_lowercase();
        let span = match (low.split_once(" to "), low.split_once(" or ")) {
            (Some((from, to)), _) => between(from, to),
            (None, Some((one, other))) => either(one, other),
            (None, None) => match low.split_once('-') {
                Some((from, to)) if from.len() == 4 && to.len() == 4 => between(from, to),
                _ => simple(&low),
            },
        };
        Self {
            text: text.to_owned(),
            span,
            approximate,
        }
    }

    /// True when a birth in `year` is possible. A date not understood rules nothing out; an
    /// approximate one leaves two years either side.
    #[must_use]
    pub fn allows_year(&self, year: u16) -> bool {
        let Some((from, to)) = self.span else {
            return true;
        };
        let slack = if self.approximate { 2 } else { 0 };
        (from.year.saturating_sub(slack)..=to.year.saturating_add(slack)).contains(&year)
    }
}

fn simple(text: &str) -> Option<(Date, Date)> {
    let parts: Vec<&str> = text
        .split([' ', '-', ','])
        .filter(|p| !p.is_empty())
        .collect();
    let number = |s: &str| s.parse::<u16>().ok();
    let named = |s: &str| {
        let low = s.to_ascii_lowercase();
        MONTHS
            .iter()
            .position(|m| m.get(..3) == low.get(..3) && (low.len() == 3 || *m == low))
            .and_then(|i| u16::try_from(i + 1).ok())
    };
    let (year, month, day) = match parts.as_slice() {
        [y] => (number(y)?, None, None),
        [y, m] if y.len() == 4 && m.len() == 2 => (number(y)?, Some(number(m)?), None),
        [m, y] => (number(y)?, Some(named(m)?), None),
        [y, m, d] if y.len() == 4 => (number(y)?, Some(number(m)?), Some(number(d)?)),
        [d, m, y] => (number(y)?, Some(named(m)?), Some(number(d)?)),
        _ => return None,
    };
    let date = |m: u16, d: u16| {
        let in_range =
            (1800..=2100).contains(&year) && (1..=12).contains(&m) && (1..=31).contains(&d);
        in_range
            .then(|| {
                Some(Date {
                    year,
                    month: u8::try_from(m).ok()?,
                    day: u8::try_from(d).ok()?,
                })
            })
            .flatten()
    };
    Some((
        date(month.unwrap_or(1), day.unwrap_or(1))?,
        date(month.unwrap_or(12), day.unwrap_or(31))?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_that_publishers_use() {
        let d = |year, month, day| Date { year, month, day };
        for (text, span, approximate) in [
            ("1973-03-25", Some((d(1973, 3, 25), d(1973, 3, 25))), false),
            ("17 Feb 1974", Some((d(1974, 2, 17), d(1974, 2, 17))), false),
            ("Sep 1938.", Some((d(1938, 9, 1), d(1938, 9, 31))), false),
            ("circa 1951", Some((d(1951, 1, 1), d(1951, 12, 31))), true),
            (
                "1951 to 1953",
                Some((d(1951, 1, 1), d(1953, 12, 31))),
                false,
            ),
            ("1953-08", Some((d(1953, 8, 1), d(1953, 8, 31))), false),
            ("May, 1984", Some((d(1984, 5, 1), d(1984, 5, 31))), false),
            (
                "January, 1968",
                Some((d(1968, 1, 1), d(1968, 1, 31))),
                false,
            ),
            ("1963-1964", Some((d(1963, 1, 1), d(1964, 12, 31))), false),
            (
                "1965-07-15 OR 1969-09-28",
                Some((d(1965, 7, 15), d(1969, 9, 28))),
                false,
            ),
            ("1953 to 1951", None, false),
            ("unknown", None, false),
        ] {
            let birth = BirthDate::parse(text);
            assert_eq!(
                (birth.span, birth.approximate),
                (span, approximate),
                "{text}"
            );
        }
        assert!(BirthDate::parse("circa 1951").allows_year(1953));
        assert!(!BirthDate::parse("1951").allows_year(1953));
        assert!(BirthDate::parse("unknown").allows_year(1953));
    }
}
