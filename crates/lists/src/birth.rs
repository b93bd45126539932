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
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

impl BirthDate {
    /// Reads `1973-03-25`, `1973`, `17 Feb 1974`, `Sep 1938`, `1951 to 1953`, each optionally
    /// preceded by `circa`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = text.trim().trim_end_matches('.');
        let (approximate, body) = match text.strip_prefix("circa ") {
            Some(rest) => (true, rest.trim()),
            None => (false, text),
        };
        let span = match body.split_once(" to ") {
            Some((from, to)) => simple(from)
                .zip(simple(to))
                .map(|((a, _), (_, b))| (a, b))
                .filter(|(a, b)| a <= b),
            None => simple(body),
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
    let parts: Vec<&str> = text.trim().split([' ', '-']).collect();
    let number = |s: &str| s.parse::<u16>().ok();
    let named = |s: &str| {
        let low = s.to_ascii_lowercase();
        MONTHS
            .iter()
            .position(|m| *m == low)
            .and_then(|i| u16::try_from(i + 1).ok())
    };
    let (year, month, day) = match parts.as_slice() {
        [y] => (number(y)?, None, None),
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
