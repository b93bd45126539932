//! How alike two tokens are, from integer edit costs under a hard budget.

mod pattern;

use crate::profile::Profile;

pub(crate) use pattern::Pattern;

/// A comparison of two tokens within budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Likeness {
    /// Edits (insertions, deletions, substitutions, transpositions of neighbours).
    pub edits: u32,
    /// Similarity of 10 000.
    pub similarity: u32,
}

/// Less than this is no match, whatever the budget (edits in digits). At one half, leaving a
/// pair unmatched never scores better than matching it.
pub(crate) const LEAST: u32 = 5_000;

/// Edits allowed for a pair whose longer token has `length` characters.
pub(crate) fn budget(length: usize, profile: &Profile) -> u32 {
    profile
        .edit_lengths
        .iter()
        .zip(0_u32..)
        .find(|(most, _)| length <= **most)
        .map_or(3, |(_, k)| k)
}

/// Compares `a` and `b`; `None` when they are further apart than the budget of the longer one.
pub(crate) fn likeness(a: &[char], b: &[char], profile: &Profile) -> Option<Likeness> {
    if a == b {
        return Some(Likeness {
            edits: 0,
            similarity: crate::FULL,
        });
    }
    let length = a.len().max(b.len());
    let allowed = budget(length, profile);
    if length - a.len().min(b.len()) > allowed as usize {
        return None;
    }
    let number = |t: &[char]| t.iter().all(|c| c.is_numeric());
    if allowed == 0 || number(a) || number(b) {
        return None;
    }
    let edits = edits_within(a, b, allowed)?;
    let cost = distance(a, b, |edit| cost_of(edit, profile));
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    let similarity = crate::FULL.checked_sub(cost.saturating_mul(100) / length)?;
    (similarity >= LEAST).then_some(Likeness { edits, similarity })
}

/// A step of an alignment of two words.
#[derive(Debug, Clone, Copy)]
enum Edit {
    /// A letter only one has, and whether it repeats the letter before it.
    Single(char, bool),
    /// Two different letters in one place.
    Substitute(char, char),
    /// Two neighbours exchanged.
    Transpose(char, char),
}

fn cost_of(edit: Edit, profile: &Profile) -> u32 {
    let [ordinary, cheap, exchange, digit] = profile.edit_costs;
    match edit {
        Edit::Single(c, _) | Edit::Substitute(c, _) | Edit::Transpose(c, _) if c.is_numeric() => {
            digit
        }
        Edit::Substitute(_, c) | Edit::Transpose(_, c) if c.is_numeric() => digit,
        Edit::Transpose(..) => exchange,
        // Doubled letters, and the h of transliterations.
        Edit::Single(_, true) | Edit::Single('h', _) => cheap,
        Edit::Substitute(a, b) if confusable(a, b) => cheap,
        _ => ordinary,
    }
}

/// Letters that transliterations and ears exchange: those with a group in common, of
/// aeo eiy ou ckq szc vwf bp dt gjk.
fn confusable(a: char, b: char) -> bool {
    let groups = |c| match c {
        'a' => 1_u16,
        'e' => 1 | 1 << 1,
        'o' => 1 | 1 << 2,
        'i' | 'y' => 1 << 1,
        'u' => 1 << 2,
        'q' => 1 << 3,
        'c' => 1 << 3 | 1 << 4,
        'k' => 1 << 3 | 1 << 8,
        's' | 'z' => 1 << 4,
        'v' | 'w' | 'f' => 1 << 5,
        'b' | 'p' => 1 << 6,
        'd' | 't' => 1 << 7,
        'g' | 'j' => 1 << 8,
        _ => 0,
    };
    groups(a) & groups(b) != 0
}

/// Optimal string alignment distance with costs.
fn distance(a: &[char], b: &[char], cost: impl Fn(Edit) -> u32) -> u32 {
    let single = |t: &[char], i: usize, c: char| {
        Edit::Single(
            c,
            i.checked_sub(1)
                .and_then(|p| t.get(p))
                .is_some_and(|p| *p == c),
        )
    };
    let cells = b.len() + 1;
    let (mut short, mut long) = ([0; 3 * ROW], Vec::new());
    let rows = match short.get_mut(..3 * cells) {
        Some(rows) => rows,
        None => {
            long.resize(3 * cells, 0);
            long.as_mut_slice()
        }
    };
    let (mut before, rows) = rows.split_at_mut(cells);
    let (mut above, mut row) = rows.split_at_mut(cells);
    let at = |row: &[u32], j: usize| row.get(j).copied().unwrap_or(u32::MAX / 2);
    let set = |row: &mut [u32], j: usize, value: u32| {
        if let Some(cell) = row.get_mut(j) {
            *cell = value;
        }
    };
    let mut sum = 0;
    for (j, cb) in b.iter().enumerate() {
        sum += cost(single(b, j, *cb));
        set(above, j + 1, sum);
    }
    for (i, ca) in a.iter().enumerate() {
        let alone = cost(single(a, i, *ca));
        set(row, 0, at(above, 0) + alone);
        for (j, cb) in b.iter().enumerate() {
            let change = if ca == cb {
                0
            } else {
                cost(Edit::Substitute(*ca, *cb))
            };
            let mut best = (at(above, j) + change)
                .min(at(above, j + 1) + alone)
                .min(at(row, j) + cost(single(b, j, *cb)));
            if let (Some(pi), Some(pj)) = (i.checked_sub(1), j.checked_sub(1))
                && a.get(pi) == Some(cb)
                && b.get(pj) == Some(ca)
                && ca != cb
            {
                best = best.min(at(before, pj) + cost(Edit::Transpose(*ca, *cb)));
            }
            set(row, j + 1, best);
        }
        std::mem::swap(&mut before, &mut above);
        std::mem::swap(&mut above, &mut row);
    }
    above.last().copied().unwrap_or(0)
}

/// Optimal string alignment distance if it is at most `most`, in a band around the diagonal.
pub(crate) fn edits_within(a: &[char], b: &[char], most: u32) -> Option<u32> {
    // Common ends need no edits and are most of a near miss.
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (a.get(same..)?, b.get(same..)?);
    let same = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    let (a, b) = (a.get(..a.len() - same)?, b.get(..b.len() - same)?);
    let width = most as usize;
    let far = most + 1;
    // Three rows: on the stack for the words of names, on the heap for anything.
    let cells = b.len() + 1;
    let (mut short, mut long) = ([far; 3 * ROW], Vec::new());
    let rows = match short.get_mut(..3 * cells) {
        Some(rows) => rows,
        None => {
            long.resize(3 * cells, far);
            long.as_mut_slice()
        }
    };
    let (mut before, rows) = rows.split_at_mut(cells);
    let (mut above, mut row) = rows.split_at_mut(cells);
    for (cell, n) in above.iter_mut().zip(0_u32..) {
        *cell = n.min(far);
    }
    for (i, ca) in a.iter().enumerate() {
        row.fill(far);
        if let (Some(first), Ok(n)) = (row.first_mut(), u32::try_from(i + 1)) {
            *first = n.min(far);
        }
        let mut least = row.first().copied().unwrap_or(far);
        let at = |row: &[u32], j: usize| row.get(j).copied().unwrap_or(far);
        for j in i.saturating_sub(width)..b.len().min(i + width + 1) {
            let cb = b.get(j);
            let mut best = (at(above, j) + u32::from(Some(ca) != cb))
                .min(at(above, j + 1) + 1)
                .min(at(row, j) + 1);
            if i > 0 && j > 0 && a.get(i - 1) == cb && b.get(j - 1) == Some(ca) {
                best = best.min(at(before, j - 1) + 1);
            }
            least = least.min(best);
            if let Some(cell) = row.get_mut(j + 1) {
                *cell = best.min(far);
            }
        }
        // A transposition may still reach back one row.
        if least > most && above.iter().all(|n| *n > most) {
            return None;
        }
        std::mem::swap(&mut before, &mut above);
        std::mem::swap(&mut above, &mut row);
    }
    above.last().copied().filter(|n| *n <= most)
}

/// Longest word, with one more, that is compared without memory from the heap.
const ROW: usize = 24;

/// False when tokens of these lengths and [`letters`] cannot be within budget; cheap.
pub(crate) fn possible(a: (usize, u64), b: (usize, u64), profile: &Profile) -> bool {
    let allowed = budget(a.0.max(b.0), profile);
    a.0.abs_diff(b.0) <= allowed as usize && (a.1 ^ b.1).count_ones() <= 2 * allowed
}

/// A set of the letters of a token in 64 bits. One edit changes at most two of them, so tokens
/// within `k` edits differ in at most `2k` bits.
pub(crate) fn letters(token: &[char]) -> u64 {
    token
        .iter()
        .fold(0, |set, c| set | 1 << (u32::from(*c) % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(a: &str, b: &str) -> Option<(u32, u32)> {
        let chars = |s: &str| s.chars().collect::<Vec<_>>();
        let forth = likeness(&chars(a), &chars(b), &Profile::DEFAULT);
        assert_eq!(
            forth,
            likeness(&chars(b), &chars(a), &Profile::DEFAULT),
            "symmetric"
        );
        forth.map(|l| (l.edits, l.similarity))
    }

    /// The band and the trimming change nothing.
    #[test]
    fn bounded_edits_equal_the_plain_distance() {
        let words: Vec<Vec<char>> = (0..3_u32.pow(6))
            .map(|n| {
                (0..n % 7)
                    .map(|i| ['a', 'b', 'c'][(n / 3_u32.pow(i) % 3) as usize])
                    .collect()
            })
            .collect();
        for a in words.iter().step_by(5) {
            for b in words.iter().step_by(3) {
                let plain = distance(a, b, |_| 1);
                for most in 0..4 {
                    let expected = (plain <= most).then_some(plain);
                    assert_eq!(edits_within(a, b, most), expected, "{a:?} {b:?} {most}");
                }
                if let Some(l) = likeness(a, b, &Profile::DEFAULT) {
                    assert!(l.similarity >= LEAST);
                    let side = |t: &[char]| (t.len(), letters(t));
                    assert!(possible(side(a), side(b), &Profile::DEFAULT));
                }
            }
        }
    }

    #[test]
    fn budgets_and_costs() {
        for (a, b, expected) in [
            ("ali", "ali", Some((0, 10_000))),
            ("ali", "aly", None),
            ("jon", "john", Some((1, 8_750))),
            ("santander", "santaner", Some((1, 8_889))),
            ("mohammed", "mohamed", Some((1, 9_375))),
            ("mohammed", "muhammed", Some((1, 9_375))),
            ("sahntander", "santander", Some((1, 9_500))),
            ("huawei", "huwaei", Some((1, 8_834))),
            ("huawei", "hauwie", None),
            ("nazarbayev", "nasarbaev", Some((2, 8_500))),
            ("b737800", "b737900", Some((1, 5_715))),
            ("1234567", "1234568", None),
        ] {
            assert_eq!(like(a, b), expected, "{a} {b}");
        }
    }
}
