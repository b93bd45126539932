//! Which script a word is in, and how each script is written in Latin letters.

pub(crate) mod consonants;
pub(crate) mod cyrillic;
pub(crate) mod greek;
pub(crate) mod han;
pub(crate) mod hangul;
pub(crate) mod kana;
pub(crate) mod latin;

/// A script, as far as names are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Script {
    Latin,
    Hangul,
    Han,
    Kana,
    Cyrillic,
    Arabic,
    Hebrew,
    Greek,
    /// Any other: Thai, Georgian, Armenian, Devanagari …
    Other,
}

impl Script {
    /// The script of a letter; digits and signs count as Latin.
    pub fn of(c: char) -> Self {
        match c {
            '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Self::Greek,
            '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' | '\u{2de0}'..='\u{2dff}' => {
                Self::Cyrillic
            }
            '\u{590}'..='\u{5ff}' => Self::Hebrew,
            '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{8a0}'..='\u{8ff}' => Self::Arabic,
            '\u{3041}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' => Self::Kana,
            // The iteration mark repeats the character before it.
            '々'
            | '\u{3400}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3ffff}' => Self::Han,
            '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7a3}' => {
                Self::Hangul
            }
            '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Self::Latin,
            c if c.is_numeric() => Self::Latin,
            '\u{250}'..='\u{2ff}' => Self::Latin,
            _ => Self::Other,
        }
    }

    /// Written without spaces between words.
    pub fn runs_on(self) -> bool {
        matches!(self, Self::Han | Self::Hangul | Self::Kana)
    }
}
