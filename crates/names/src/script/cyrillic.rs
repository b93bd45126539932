//! Cyrillic in Latin letters (BGN/PCGN, which passports and ISO 9 differ from by sound only).

/// The romanisations of `word`: the Russian one, and where they differ the Ukrainian and
/// Belarusian one (`г` as h).
pub(crate) fn romanised(word: &[char]) -> Vec<String> {
    let write = |ge: &'static str| -> String { word.iter().map(|c| letter(*c, ge)).collect() };
    let mut readings = vec![write("g")];
    if word.contains(&'г') {
        readings.push(write("h"));
    }
    readings
}

/// The marks of й, ё and ї are gone by now: normalisation takes them off.
fn letter(c: char, ge: &'static str) -> &'static str {
    match c {
        'а' | 'ә' => "a",
        'б' => "b",
        'в' => "v",
        'г' => ge,
        'ґ' | 'ғ' => "g",
        'д' => "d",
        'е' | 'э' => "e",
        'є' => "ye",
        'ж' => "zh",
        'з' | 'ѕ' => "z",
        'и' | 'і' => "i",
        'ј' => "y",
        'к' | 'қ' => "k",
        'л' => "l",
        'љ' => "ly",
        'м' => "m",
        'н' => "n",
        'ң' => "ng",
        'њ' => "ny",
        'о' | 'ө' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'ћ' | 'ч' => "ch",
        'у' | 'ў' | 'ұ' | 'ү' => "u",
        'ф' => "f",
        'х' => "kh",
        'һ' => "h",
        'ц' => "ts",
        'џ' | 'ђ' => "dzh",
        'ш' => "sh",
        'щ' => "shch",
        'ы' => "y",
        'ю' => "yu",
        'я' => "ya",
        _ => "",
    }
}
