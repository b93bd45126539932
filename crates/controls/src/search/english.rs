//! Light stemming: plural, `-ing`, `-ed`, and British against American spelling. Both sides of a comparison pass through it, so
//! it need not give dictionary forms, only the same form for the same word.

/// Spellings by their ends, British first.
const ENDS: [(&str, &str); 9] = [
    ("isation", "ization"),
    ("ising", "izing"),
    ("ised", "ized"),
    ("iser", "izer"),
    ("ise", "ize"),
    ("our", "or"),
    ("bre", "ber"),
    ("tre", "ter"),
    ("ogue", "og"),
];

/// The common form of a word that is already in lower case.
pub(super) fn stem(word: &str) -> String {
    if word.bytes().any(|b| b.is_ascii_digit()) {
        return word.to_owned();
    }
    let mut word = singular(word);
    for (british, american) in ENDS {
        if word.len() > british.len() + 1
            && let Some(head) = word.strip_suffix(british)
        {
            word = format!("{head}{american}");
            break;
        }
    }
    for (from, to) in [("aluminium", "aluminum"), ("sulph", "sulf")] {
        if let Some(rest) = word.strip_prefix(from) {
            word = format!("{to}{rest}");
        }
    }
    for end in ["ing", "ed"] {
        if let Some(head) = word.strip_suffix(end)
            && head.len() >= 4
            && head.bytes().any(|b| b"aeiouy".contains(&b))
        {
            return closed(head);
        }
    }
    closed(&word)
}

fn singular(word: &str) -> String {
    if let Some(head) = word.strip_suffix("ies")
        && head.len() >= 2
    {
        return format!("{head}y");
    }
    for end in ["sses", "shes", "ches", "xes"] {
        if word.ends_with(end)
            && let Some(head) = word.strip_suffix("es")
        {
            return head.to_owned();
        }
    }
    match word.strip_suffix('s') {
        // `gas`, `virus` and `analysis` are no plurals; `gpus` is one.
        Some(head) if head.len() == 3 && !head.ends_with('s') => head.to_owned(),
        Some(head) if head.len() > 3 && !head.ends_with(['s', 'u', 'i']) => head.to_owned(),
        _ => word.to_owned(),
    }
}

/// Without a last `e`, and with one of two equal last consonants: `milled` and `mill`, `machine` and `machining`.
fn closed(word: &str) -> String {
    let word = match word.strip_suffix('e') {
        Some(head) if head.len() >= 3 => head,
        _ => word,
    };
    let mut back = word.chars().rev();
    match (back.next(), back.next()) {
        (Some(a), Some(b)) if a == b && word.len() >= 4 && !"aeiouy".contains(a) => {
            word.strip_suffix(a).unwrap_or(word).to_owned()
        }
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn forms_of_one_word_meet_and_different_words_do_not() {
        for (a, b) in [
            ("etching", "etch"),
            ("machines", "machining"),
            ("milled", "mill"),
            ("fibre", "fibers"),
            ("vapour", "vapor"),
            ("centrifuges", "centrifuge"),
            ("batteries", "battery"),
            ("presses", "press"),
            ("synthesised", "synthesized"),
            ("aluminium", "aluminum"),
        ] {
            assert_eq!(stem(a), stem(b), "{a} {b}");
        }
        for (a, b) in [
            ("ring", "r"),
            ("gas", "ga"),
            ("virus", "viru"),
            ("bed", "b"),
            ("lens", "lense2"),
        ] {
            assert_ne!(stem(a), stem(b), "{a} {b}");
        }
    }
}
