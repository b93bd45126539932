//! Codes and paths: `3A090.a.1` is the path `a.1` of the entry `3A090`.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// A path below an entry; empty for the entry itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Path(Arc<str>);

impl Path {
    /// Reads a path such as `a.1`; the empty text is the entry itself. `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let right = text.len() <= 40
            && (text.is_empty()
                || text.split('.').all(|part| {
                    !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                }));
        right.then(|| Self(text.into()))
    }

    /// The entry itself.
    #[must_use]
    pub fn root() -> Self {
        Self("".into())
    }

    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True for the entry itself.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many steps below the entry.
    #[must_use]
    pub fn depth(&self) -> usize {
        if self.0.is_empty() {
            0
        } else {
            self.0.split('.').count()
        }
    }

    /// The path one step above; the entry itself stays the entry itself.
    #[must_use]
    pub fn parent(&self) -> Self {
        match self.0.rsplit_once('.') {
            Some((parent, _)) => Self(parent.into()),
            None => Self::root(),
        }
    }

    /// True when `other` is this path or lies below it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        if self.0.is_empty() {
            return true;
        }
        match other.0.strip_prefix(&*self.0) {
            Some(rest) => rest.is_empty() || rest.starts_with('.'),
            None => false,
        }
    }

    /// The order in which paragraphs are reported: as in the list (`a.2` before `a.10`), the more specific before the
    /// paragraph that contains it.
    #[must_use]
    pub fn report_order(&self, other: &Self) -> Ordering {
        let mut left = self.0.split('.').filter(|part| !part.is_empty());
        let mut right = other.0.split('.').filter(|part| !part.is_empty());
        loop {
            match (left.next(), right.next()) {
                (None, None) => return Ordering::Equal,
                (None, Some(_)) => return Ordering::Greater,
                (Some(_), None) => return Ordering::Less,
                (Some(a), Some(b)) => match natural(a, b) {
                    Ordering::Equal => {}
                    different => return different,
                },
            }
        }
    }
}

/// Numbers by value, everything else by text; numbers first.
fn natural(a: &str, b: &str) -> Ordering {
    match (a.parse::<u32>(), b.parse::<u32>()) {
        (Ok(x), Ok(y)) => x.cmp(&y).then_with(|| a.cmp(b)),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An entry code with an optional path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Code {
    /// Entry, for example `3A090` or `EAR99`.
    pub entry: Arc<str>,
    /// Path; empty for the entry itself.
    pub path: Path,
}

impl Code {
    /// Reads `3A090.a.1`. Entry codes are 2 to 12 capital letters and digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (entry, path) = text
            .split_once('.')
            .map_or((text, None), |(entry, path)| (entry, Some(path)));
        let right = (2..=12).contains(&entry.len())
            && entry
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            && path != Some("");
        if !right {
            return None;
        }
        Some(Self {
            entry: entry.into(),
            path: Path::parse(path.unwrap_or(""))?,
        })
    }

    /// True when `other` is this code or lies below it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.entry == other.entry && self.path.covers(&other.path)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.entry)?;
        if self.path.is_empty() {
            Ok(())
        } else {
            write!(f, ".{}", self.path)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Path {
        Path::parse(text).unwrap()
    }

    #[test]
    fn paths_cover_by_step_and_not_by_letter() {
        assert!(path("a").covers(&path("a.1")));
        assert!(path("").covers(&path("a.1")));
        assert!(path("a.1").covers(&path("a.1")));
        assert!(!path("a.1").covers(&path("a.10")));
        assert!(!path("a.1").covers(&path("a")));
    }

    #[test]
    fn report_order_is_that_of_the_list() {
        let mut paths = ["b", "a.10", "", "a", "a.2", "a.2.b", "z", "aa"].map(path);
        paths.sort_by(Path::report_order);
        assert_eq!(
            paths.each_ref().map(Path::as_str),
            ["a.2.b", "a.2", "a.10", "a", "b", "z", "aa", ""]
        );
    }

    #[test]
    fn codes_are_read_strictly() {
        for text in ["3A090", "3A090.a.1", "EAR99", "5A002.a.1", "1C350.90"] {
            assert_eq!(Code::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "3",
            "3a090",
            "3A090.",
            "3A090..a",
            "3A090.a b",
            " 3A090",
            "3A090.a.",
        ] {
            assert_eq!(Code::parse(text), None, "{text}");
        }
    }
}
