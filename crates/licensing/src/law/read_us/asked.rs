//! What a word of the vocabulary answers: the limbs of part 734 and the end uses of part 744.

use concord_controls::problem::{ProblemKind, Problems};
use concord_controls::vocabulary::Vocabulary;

use crate::law::fields::Fields;
use crate::law::us_tables::Asked;

/// The text under `text` and the word under `word`, which must be a flag or judgement of the vocabulary: a word that nobody can
/// answer would leave its limb unknown for ever.
pub(super) fn asked(
    fields: &Fields<'_>,
    (text, word): (&str, &str),
    vocabulary: &Vocabulary,
    problems: &mut Problems,
) -> Option<Asked> {
    let word = fields.map().optional(word).and_then(|cursor| {
        let word = cursor.text(problems)?;
        if vocabulary.flag_id(word).is_none() && vocabulary.judgement_id(word).is_none() {
            let what = format!("`{word}` is neither a flag nor a judgement of the vocabulary");
            problems.push(cursor.location(), ProblemKind::Invalid { what });
        }
        Some(word.to_string())
    });
    Some(Asked {
        text: fields.label(text, problems)?,
        word,
        one_of_several: false,
    })
}

/// The same where `text` may be absent.
pub(super) fn also_asked(
    fields: &Fields<'_>,
    keys: (&str, &str),
    vocabulary: &Vocabulary,
    problems: &mut Problems,
) -> Option<Asked> {
    fields.map().optional(keys.0)?;
    asked(fields, keys, vocabulary, problems)
}
