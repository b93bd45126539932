//! Greek in Latin letters (ELOT 743 with the usual spellings of names).

const GROUPS: [(&str, &str); 13] = [
    ("μπ", "b"),
    ("ντ", "nt"),
    ("γκ", "g"),
    ("γγ", "ng"),
    ("γχ", "nch"),
    ("ου", "u"),
    ("ει", "i"),
    ("οι", "i"),
    ("αι", "e"),
    ("αυ", "av"),
    ("ευ", "ev"),
    ("τσ", "ts"),
    ("τζ", "tz"),
];

/// The romanisation of `word`, which is normalised (no accents, no final sigma).
pub(crate) fn romanised(word: &str) -> String {
    let mut latin = String::new();
    let mut rest = word;
    while let Some(c) = rest.chars().next() {
        if let Some((after, piece)) = GROUPS
            .iter()
            .find_map(|(g, piece)| Some((rest.strip_prefix(g)?, *piece)))
        {
            // At the beginning of a word ντ is d.
            latin.push_str(if piece == "nt" && latin.is_empty() {
                "d"
            } else {
                piece
            });
            rest = after;
            continue;
        }
        latin.push_str(match c {
            'α' => "a",
            'β' => "v",
            'γ' => "g",
            'δ' => "d",
            'ε' => "e",
            'ζ' => "z",
            'η' | 'ι' => "i",
            'θ' => "th",
            'κ' => "k",
            'λ' => "l",
            'μ' => "m",
            'ν' => "n",
            'ξ' => "x",
            'ο' | 'ω' => "o",
            'π' => "p",
            'ρ' => "r",
            'σ' | 'ς' => "s",
            'τ' => "t",
            'υ' => "y",
            'φ' => "f",
            'χ' => "ch",
            'ψ' => "ps",
            _ => "",
        });
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    latin
}
