//! Text to words: Korean runs, Latin words in a common form, numbers with their units.

use unicode_normalization::UnicodeNormalization;

use super::english;

/// What a word is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    /// Latin letters, and letters with digits such as `h100`.
    Latin,
    /// Hangul, also after a number: `5축`.
    Hangul,
    /// A number with its unit, `300mm`; numbers alone are no words.
    Number,
}

/// One word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) script: Script,
    /// In the common form: lower case, Latin words without endings.
    pub(super) text: String,
    /// As it was written, in lower case.
    pub(super) written: String,
    /// No white space and no mark stands between the word before and this one.
    pub(super) joined: bool,
    /// Made of the two words before it, which a hyphen joined.
    pub(super) compound: bool,
}

/// Units that belong to the number before them.
const UNITS: [&str; 46] = [
    "nm", "um", "mm", "cm", "m", "km", "hz", "khz", "mhz", "ghz", "thz", "w", "kw", "mw", "gw",
    "v", "kv", "mv", "a", "ma", "ka", "bit", "bits", "gb", "mb", "tb", "tops", "tpp", "g", "kg",
    "ton", "pa", "kpa", "mpa", "gpa", "k", "c", "f", "rpm", "l", "ml", "db", "dbm", "msps", "gsps",
    "axis",
];

/// The form in which texts are compared: compatibility forms composed, lower case.
pub(super) fn common_form(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).collect()
}

/// True for a Hangul syllable.
pub(super) const fn is_hangul(c: char) -> bool {
    matches!(c, '\u{AC00}'..='\u{D7A3}')
}

/// Runs of one kind of character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    Letters,
    Hangul,
    Digits,
}

fn run_of(c: char) -> Option<Run> {
    if is_hangul(c) {
        Some(Run::Hangul)
    } else if c.is_ascii_digit() {
        Some(Run::Digits)
    } else if c.is_alphabetic() {
        Some(Run::Letters)
    } else {
        None
    }
}

struct Piece {
    run: Run,
    text: String,
    /// What stands before it: nothing, a hyphen, or something that parts words.
    before: Gap,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    None,
    Hyphen,
    Apart,
}

/// The words of a text in order.
pub(super) fn words(text: &str) -> Vec<Word> {
    let pieces = pieces(&common_form(text));
    let mut out: Vec<Word> = Vec::with_capacity(pieces.len());
    let mut rest = pieces.iter().peekable();
    while let Some(piece) = rest.next() {
        match piece.run {
            Run::Hangul => out.push(hangul(piece.text.clone(), piece.before)),
            Run::Letters => {
                let mut written = piece.text.clone();
                // `h100`, `3a090` and `rtx4090` are one word.
                while let Some(next) =
                    rest.next_if(|p| p.before == Gap::None && p.run != Run::Hangul)
                {
                    written.push_str(&next.text);
                }
                let compound = out
                    .last()
                    .filter(|last| piece.before == Gap::Hyphen && last.script == Script::Latin)
                    .map(|last| format!("{}{written}", last.written));
                out.push(latin(written, piece.before));
                out.extend(compound.map(|c| Word {
                    compound: true,
                    ..latin(c, Gap::None)
                }));
            }
            Run::Digits => number(piece, &mut rest, &mut out),
        }
    }
    out
}

fn number<'p>(
    piece: &Piece,
    rest: &mut std::iter::Peekable<impl Iterator<Item = &'p Piece>>,
    out: &mut Vec<Word>,
) {
    let unit = |p: &&Piece| p.run == Run::Letters && UNITS.contains(&&*p.text);
    if let Some(next) = rest.next_if(|p| p.before == Gap::None && p.run == Run::Hangul) {
        out.push(hangul(format!("{}{}", piece.text, next.text), piece.before));
        if next.text.chars().count() > 1 {
            out.push(hangul(next.text.clone(), Gap::None));
        }
    } else if let Some(next) = rest.next_if(unit) {
        let text = format!("{}{}", piece.text, next.text);
        out.push(Word {
            script: Script::Number,
            written: text.clone(),
            text,
            joined: piece.before == Gap::None,
            compound: false,
        });
    } else if let Some(next) = rest.next_if(|p| p.before == Gap::None && p.run == Run::Letters) {
        let mut text = format!("{}{}", piece.text, next.text);
        while let Some(next) = rest.next_if(|p| p.before == Gap::None && p.run != Run::Hangul) {
            text.push_str(&next.text);
        }
        out.push(latin(text, piece.before));
    }
}

fn hangul(text: String, before: Gap) -> Word {
    Word {
        script: Script::Hangul,
        written: text.clone(),
        text,
        joined: before == Gap::None,
        compound: false,
    }
}

fn latin(written: String, before: Gap) -> Word {
    Word {
        script: Script::Latin,
        text: english::stem(&written),
        written,
        joined: before == Gap::None,
        compound: false,
    }
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    let mut before = Gap::Apart;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let Some(run) = run_of(c) else {
            let hyphen = matches!(c, '-' | '\u{2010}'..='\u{2013}');
            before = if hyphen && before == Gap::None {
                Gap::Hyphen
            } else {
                Gap::Apart
            };
            continue;
        };
        let mut piece = String::from(c);
        loop {
            match chars.peek().copied() {
                Some(next) if run_of(next) == Some(run) => piece.push(next),
                // `4,800` is 4800 and `1.5` stays.
                Some(mark @ (',' | '.')) if run == Run::Digits => {
                    let mut ahead = chars.clone();
                    ahead.next();
                    if !ahead.next().is_some_and(|c| c.is_ascii_digit()) {
                        break;
                    }
                    if mark == '.' {
                        piece.push('.');
                    }
                }
                _ => break,
            }
            chars.next();
        }
        out.push(Piece {
            run,
            text: piece,
            before,
        });
        before = Gap::None;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Script, words};

    fn texts(text: &str) -> Vec<String> {
        words(text).into_iter().map(|w| w.text).collect()
    }

    #[test]
    fn numbers_keep_their_units_and_words_their_common_form() {
        assert_eq!(texts("4,800 TPP at 1.5 nm"), ["4800tpp", "at", "1.5nm"]);
        assert_eq!(texts("５축 밀링기를 12대"), ["5축", "밀링기를", "12대"]);
        assert_eq!(texts("H100 GPUs"), ["h100", "gpu"]);
        assert_eq!(
            texts("anti-jam receivers"),
            ["anti", "jam", "antijam", "receiver"]
        );
        assert_eq!(
            texts("carbon fibres, 3D-printing"),
            ["carbon", "fiber", "3d", "print", "3dprinting"]
        );
        assert_eq!(texts("17 30"), [""; 0]);
        let cut = words("GPU를 보내고");
        assert_eq!(cut[0].script, Script::Latin);
        assert!(cut[1].joined && !cut[2].joined);
        // Hangul that a Macintosh wrote in parts.
        assert_eq!(
            texts("\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF}"),
            ["한글"]
        );
    }
}
