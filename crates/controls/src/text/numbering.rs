//! The numbers of paragraphs as printed: `a.`, `a.1.`, `a.1.a`, `b.-d. [Reserved]`.

/// What a line begins with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Number<'a> {
    /// One path and what follows it.
    Path { path: String, rest: &'a str },
    /// Several reserved paths: `g. to w. [Reserved]`.
    Reserved { paths: Vec<String> },
    /// A number of a list within a note: `1.`.
    Plain,
}

/// The number at the begin of a line. `None` when the line begins with words.
pub(super) fn number(line: &str) -> Option<Number<'_>> {
    if let Some(paths) = reserved_range(line) {
        return Some(Number::Reserved { paths });
    }
    let (path, rest) = path(line)?;
    if path.starts_with(|c: char| c.is_ascii_digit()) {
        return Some(Number::Plain);
    }
    Some(Number::Path { path, rest })
}

/// `a.1.` and `a.1` before a space, but not `or`, `e.g.,` or `10.5 mm`.
fn path(line: &str) -> Option<(String, &str)> {
    let end = line
        .find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.'))
        .unwrap_or(line.len());
    let (head, rest) = line.split_at_checked(end)?;
    let path = head.trim_end_matches('.');
    let closed = path.len() < head.len();
    let parts: Vec<&str> = path.split('.').collect();
    if !parts.iter().all(|part| is_step(part)) || (parts.len() == 1 && !closed) {
        return None;
    }
    // Letters and numbers alternate, except that some old entries print `f.2.1`.
    let letters = |part: &str| part.starts_with(|c: char| c.is_ascii_lowercase());
    let mut pairs = parts.iter().zip(parts.iter().skip(1));
    if pairs.any(|(left, right)| letters(left) && letters(right)) {
        return None;
    }
    let mut after = rest.chars();
    let apart = match after.next() {
        None => true,
        Some(c) if c.is_whitespace() => true,
        // `a.“Software”` and `a.Software` are printed without a space.
        Some(c) => closed && (c.is_uppercase() || matches!(c, '“' | '‘' | '\'' | '"' | '[')),
    };
    apart.then(|| (path.to_owned(), rest.trim_start()))
}

/// One or two equal letters, or up to three digits.
fn is_step(part: &str) -> bool {
    let mut bytes = part.bytes();
    match (bytes.next(), bytes.next(), bytes.len()) {
        (Some(a), None, 0) => a.is_ascii_lowercase() || a.is_ascii_digit(),
        (Some(a), Some(b), 0) if a.is_ascii_lowercase() => a == b,
        (Some(_), Some(_), left) => left <= 1 && part.bytes().all(|b| b.is_ascii_digit()),
        _ => false,
    }
}

fn reserved_range(line: &str) -> Option<Vec<String>> {
    let head = line.trim_end().strip_suffix('.').unwrap_or(line.trim_end());
    let head = head.strip_suffix("[Reserved]")?.trim_end();
    let (first, last) = [" to ", " through ", ".-", ". - ", "-", ".–", "–"]
        .iter()
        .find_map(|between| head.split_once(between))?;
    let clean = |text: &str| text.trim().trim_matches('.').to_owned();
    let (first, last) = (clean(first), clean(last));
    let steps = |text: &str| text.split('.').all(is_step);
    if !steps(&first) || !steps(&last) {
        return None;
    }
    let (parent, from) = first
        .rsplit_once('.')
        .map_or(("", &*first), |(p, s)| (p, s));
    let (_, to) = last.rsplit_once('.').map_or(("", &*last), |(p, s)| (p, s));
    let join = |step: String| {
        if parent.is_empty() {
            step
        } else {
            format!("{parent}.{step}")
        }
    };
    if let (Ok(from), Ok(to)) = (from.parse::<u16>(), to.parse::<u16>()) {
        return (from < to).then(|| (from..=to).map(|n| join(n.to_string())).collect());
    }
    match (from.as_bytes(), to.as_bytes()) {
        ([from], [to]) if from < to => Some(
            (*from..=*to)
                .map(|letter| join(char::from(letter).to_string()))
                .collect(),
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_printed() {
        let cases = [
            ("a. Words", Some(("a", "Words"))),
            ("a.1. Words", Some(("a.1", "Words"))),
            ("a.1 Words", Some(("a.1", "Words"))),
            ("b.2.a.. Words", Some(("b.2.a", "Words"))),
            ("aa. Words", Some(("aa", "Words"))),
            ("a.“Words”", Some(("a", "“Words”"))),
            ("f.2.1. Words", Some(("f.2.1", "Words"))),
            ("or b", None),
            ("a word", None),
            ("e.g., words", None),
            ("i.e. words", None),
            ("10.5 mm", None),
        ];
        for (line, expected) in cases {
            let found = match number(line) {
                Some(Number::Path { path, rest }) => Some((path, rest.to_owned())),
                Some(Number::Plain) | None => None,
                Some(Number::Reserved { paths }) => panic!("{line}: {paths:?}"),
            };
            let expected = expected.map(|(path, rest)| (path.to_owned(), rest.to_owned()));
            assert_eq!(found, expected, "{line}");
        }
        for (line, expected) in [
            ("b.-d. [Reserved]", vec!["b", "c", "d"]),
            ("g. to i. [Reserved]", vec!["g", "h", "i"]),
            ("y.2 through y.4. [Reserved]", vec!["y.2", "y.3", "y.4"]),
        ] {
            let expected = expected.into_iter().map(str::to_owned).collect();
            assert_eq!(number(line), Some(Number::Reserved { paths: expected }));
        }
        assert_eq!(number("12. Words"), Some(Number::Plain));
    }
}
