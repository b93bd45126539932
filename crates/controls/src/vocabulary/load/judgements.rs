//! Questions for people: `{question: {en: …, ko: …}, cite: …, stands_for: unstored | other_authority}`.

use super::{Places, define, index};
use crate::problem::{ProblemKind, Problems};
use crate::vocabulary::{Judgement, JudgementId, Named, StandsFor, Vocabulary};
use crate::yaml::{Cursor, MapReader};

pub(super) fn read(
    v: &mut Vocabulary,
    all: Cursor<'_>,
    places: &mut Places,
    problems: &mut Problems,
) {
    let keys = ["question", "cite", "stands_for"];
    for (id, at, cursor) in all.pairs(problems) {
        let Some(fields) = MapReader::open(cursor, &keys, problems) else {
            continue;
        };
        let (question, cite) = (
            fields.label("question", problems),
            fields.text("cite", problems),
        );
        let stands_for = match fields.optional("stands_for") {
            None => StandsFor::Fact,
            Some(cursor) => {
                let Some(word) = cursor.text(problems) else {
                    continue;
                };
                let Some(stands_for) = StandsFor::from_word(word) else {
                    let what = format!(
                        "`{word}` is not what a question stands for; expected `unstored` or `other_authority`"
                    );
                    problems.push(cursor.location(), ProblemKind::Invalid { what });
                    continue;
                };
                stands_for
            }
        };
        let (Some(question), Some(cite)) = (question, cite) else {
            continue;
        };
        let named = Named::Judgement(JudgementId(index(v.judgements.len())));
        if define(v, places, id, named, at, problems) {
            v.judgements.push(Judgement {
                id: id.into(),
                question,
                cite,
                stands_for,
            });
        }
    }
}
