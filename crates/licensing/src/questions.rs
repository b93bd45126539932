//! What a decision asks about the item: the smallest set that settles what could raise the outcome comes first.

use concord_controls::regime::RegimeAt;

use crate::classified::OpenParagraph;
use crate::draft::Draft;
use crate::facts::Facts;

/// The flag by which one answer closes every paragraph that only the item's type reaches.
pub(crate) const AT_ONCE: &str = "other_paragraphs_excluded";

/// Takes in what classification asks. `raising` are the open paragraphs of which meeting one would raise the outcome: what
/// settles these is marked, whatever else is open.
pub(crate) fn ask(
    at: RegimeAt<'_>,
    facts: &Facts<'_>,
    raising: &[&OpenParagraph],
    draft: &mut Draft,
) {
    let codes: Vec<String> = raising
        .iter()
        .filter(|open| !open.is_asked_at_once())
        .map(|open| open.paragraph.code())
        .collect();
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    // The item was read with the vocabulary of this law; otherwise nothing is marked and everything is still asked.
    let settling = at
        .questions_about(facts.item, facts.judgements, &codes)
        .unwrap_or_default();
    let rules_out = raising.iter().any(|open| open.is_asked_at_once());
    for question in &facts.classification.questions {
        let mut question = question.clone();
        let settles = settling
            .iter()
            .find(|settling| *settling.id == *question.input);
        let at_once = rules_out && question.input == AT_ONCE;
        question.could_raise = settles.is_some() || at_once;
        question.needed = settles.is_some_and(|settles| settles.needed) || at_once;
        draft.ask(question);
    }
    for question in &mut draft.questions {
        let of_row = draft.raising_inputs.contains(&question.input);
        question.could_raise |= of_row;
        question.needed |= of_row;
    }
    // Those that could raise the burden first, of these the smallest set, then those that close most; otherwise as asked.
    draft.raising = codes.into_iter().map(str::to_owned).collect();
    draft
        .questions
        .sort_by_key(|q| (!q.could_raise, !q.needed, usize::MAX - q.codes.len()));
}
