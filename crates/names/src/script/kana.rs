//! Kana in Hepburn romanisation.

/// Katakana in code order from U+30A1, with `-` for signs that are handled apart.
const KATAKANA: [&str; 86] = [
    "a", "a", "i", "i", "u", "u", "e", "e", "o", "o", "ka", "ga", "ki", "gi", "ku", "gu", "ke",
    "ge", "ko", "go", "sa", "za", "shi", "ji", "su", "zu", "se", "ze", "so", "zo", "ta", "da",
    "chi", "ji", "-", "tsu", "zu", "te", "de", "to", "do", "na", "ni", "nu", "ne", "no", "ha",
    "ba", "pa", "hi", "bi", "pi", "fu", "bu", "pu", "he", "be", "pe", "ho", "bo", "po", "ma", "mi",
    "mu", "me", "mo", "ya", "ya", "yu", "yu", "yo", "yo", "ra", "ri", "ru", "re", "ro", "wa", "wa",
    "i", "e", "o", "n", "vu", "ka", "ke",
];

/// Hepburn without marks of length. `None` for a word that is not kana.
pub(crate) fn romanised(word: &[char]) -> Option<String> {
    let mut latin = String::new();
    let mut doubled = false;
    for c in word {
        let code = match u32::from(*c) {
            // The sign of length.
            0x30fc => continue,
            hiragana @ 0x3041..=0x3096 => hiragana - 0x3041,
            katakana @ 0x30a1..=0x30f6 => katakana - 0x30a1,
            _ => return None,
        };
        let syllable = *KATAKANA.get(usize::try_from(code).ok()?)?;
        if syllable == "-" {
            doubled = true;
            continue;
        }
        // Small vowels and ya, yu, yo change the syllable before them.
        let small = matches!(code, 0 | 2 | 4 | 6 | 8 | 66 | 68 | 70);
        if small && let Some(last) = latin.pop() {
            let glide = matches!(code, 66 | 68 | 70);
            match last {
                'i' if glide && latin.ends_with(['h', 'j']) => {
                    latin.push_str(syllable.trim_start_matches('y'));
                }
                'u' if !glide && !latin.ends_with(['f', 'v', 's']) => {
                    latin.push('w');
                    latin.push_str(syllable);
                }
                'i' | 'u' | 'e' | 'o' => latin.push_str(syllable),
                other => {
                    latin.push(other);
                    latin.push_str(syllable);
                }
            }
            continue;
        }
        if doubled {
            latin.extend(syllable.chars().next());
            doubled = false;
        }
        latin.push_str(syllable);
    }
    (!latin.is_empty()).then_some(latin)
}

#[cfg(test)]
mod tests {
    use super::romanised;

    #[test]
    fn hepburn() {
        for (kana, latin) in [
            ("ソニー", "soni"),
            ("とうきょう", "toukyou"),
            ("ミツビシ", "mitsubishi"),
            ("ジョージ", "joji"),
            ("ヤマザキ", "yamazaki"),
            ("きっかわ", "kikkawa"),
            ("ファナック", "fanakku"),
            ("しんじ", "shinji"),
        ] {
            let chars: Vec<char> = kana.chars().collect();
            assert_eq!(romanised(&chars).as_deref(), Some(latin), "{kana}");
        }
        assert_eq!(romanised(&['x']), None);
    }
}
