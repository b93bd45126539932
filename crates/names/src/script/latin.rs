//! Latin words by sound: what spellings of one name in several languages have in common.

use std::sync::LazyLock;

use crate::normal::bare;

/// Letter groups and what they sound like, longest first. The order within a length does not
/// matter, since no group of a length begins another of the same length.
const GROUPS: [(&str, &str); 40] = [
    ("sjtj", "x"),
    ("stsj", "x"),
    ("shch", "x"),
    ("tsch", "x"),
    ("sch", "x"),
    ("tch", "x"),
    ("dzh", "j"),
    ("tsh", "x"),
    ("ch", "x"),
    ("cz", "x"),
    ("sz", "x"),
    ("sj", "x"),
    ("tj", "x"),
    ("zj", "j"),
    ("sh", "x"),
    ("zh", "j"),
    ("dj", "j"),
    ("kh", "h"),
    ("gh", "g"),
    ("ph", "f"),
    ("th", "t"),
    ("dh", "d"),
    ("ck", "k"),
    ("ts", "z"),
    ("tz", "z"),
    ("ou", "u"),
    ("oo", "u"),
    ("ee", "i"),
    ("iy", "i"),
    ("yi", "i"),
    ("ij", "i"),
    ("ye", "e"),
    ("je", "e"),
    ("ej", "ei"),
    ("ay", "ai"),
    ("ey", "ei"),
    ("ya", "ia"),
    ("yu", "iu"),
    ("uw", "u"),
    ("ww", "v"),
];

/// The sound of a Latin word in few letters. Equal sounds are spellings of one name, mostly.
pub(crate) fn sound(word: &str) -> String {
    let mut sound = String::with_capacity(word.len());
    let mut rest = word;
    let push = |sound: &mut String, piece: &str| {
        for c in piece.chars() {
            // A doubled letter is one sound.
            if !sound.ends_with(c) {
                sound.push(c);
            }
        }
    };
    while let Some(c) = rest.chars().next() {
        let group = groups(c)
            .iter()
            .find_map(|(group, piece)| Some((rest.strip_prefix(group)?, *piece)));
        if let Some((after, piece)) = group {
            push(&mut sound, piece);
            rest = after;
            continue;
        }
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            'c' if after.starts_with(['e', 'i', 'y']) => push(&mut sound, "s"),
            'c' | 'q' => push(&mut sound, "k"),
            'w' => push(&mut sound, "v"),
            'x' => push(&mut sound, "ks"),
            'y' => push(&mut sound, "i"),
            // Silent at the end: Fatimah, Abdullah.
            'h' if after.is_empty() && sound.ends_with(['a', 'e', 'o', 'i']) => {}
            c => {
                let mut buffer = [0; 4];
                push(&mut sound, c.encode_utf8(&mut buffer));
            }
        }
        rest = after;
    }
    // Smirnoff, Smirnov.
    if sound.len() > 4 && (word.ends_with("off") || word.ends_with("eff")) {
        sound.pop();
        sound.push('v');
    }
    sound
}

/// The groups that begin with `c`, longest first.
fn groups(c: char) -> &'static [(&'static str, &'static str)] {
    type Groups = Vec<(&'static str, &'static str)>;
    static BY_LETTER: LazyLock<Vec<Groups>> = LazyLock::new(|| {
        ('a'..='z')
            .map(|c| {
                let own = GROUPS.iter().filter(|(group, _)| group.starts_with(c));
                own.copied().collect()
            })
            .collect()
    });
    u32::from(c)
        .checked_sub(u32::from('a'))
        .and_then(|n| BY_LETTER.get(usize::try_from(n).ok()?))
        .map_or(&[], Vec::as_slice)
}

/// The sounds of a Latin word, which depend on the language it is spelt in: `j` as in English or
/// in German, `ch` as in English or in Czech, marks as sounds of their own or as nothing, and a last
/// `u` that is the Belarusian short one (`Shatrou`, Shatrov).
pub(crate) fn sounds(word: &str) -> Vec<String> {
    let mut spelt = vec![bare(word).into_owned()];
    if spelt.first().is_some_and(|plain| plain != word) {
        let marked = word.replace('š', "sh").replace('č', "ch");
        spelt.push(marked.replace('ž', "zh"));
    }
    for (letters, other) in [("j", "y"), ("ch", "kh")] {
        if word.contains(letters) {
            let turned: Vec<String> = spelt.iter().map(|s| s.replace(letters, other)).collect();
            spelt.extend(turned);
        }
    }
    if word.len() > 4 && (word.ends_with("ou") || word.ends_with("au") || word.ends_with("eu")) {
        let ended: Vec<String> = spelt
            .iter()
            .map(|s| s.trim_end_matches('u').to_owned() + "v")
            .collect();
        spelt.extend(ended);
    }
    let mut sounds: Vec<String> = Vec::with_capacity(spelt.len());
    for sound in spelt.iter().map(|s| sound(s)) {
        if !sounds.contains(&sound) {
            sounds.push(sound);
        }
    }
    sounds
}

#[cfg(test)]
mod tests {
    use super::sound;

    #[test]
    fn spellings_of_one_name_sound_alike() {
        for (a, b) in [
            ("arkadij", "arkady"),
            ("arkadii", "arkadiy"),
            ("sergey", "sergej"),
            ("youssef", "yusef"),
            ("smirnoff", "smirnov"),
            ("khaddafi", "hadafi"),
            ("yeltsin", "eltsin"),
            ("fatimah", "fatima"),
            ("alexei", "aleksej"),
            ("scherbakov", "shcherbakov"),
        ] {
            assert_eq!(sound(a), sound(b), "{a} {b}");
        }
        assert_ne!(sound("ivan"), sound("iran"));
        assert_eq!(sound(""), "");
    }
}
