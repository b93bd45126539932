//! What the facts leave open: whether meeting a paragraph, or a licence row of what is met, would raise the burden (design rule 2).

use std::collections::BTreeSet;

use concord_controls::entry::Path;
use concord_controls::evaluate::Truth;

use super::conclude::{Claim, Verdict, conclude};
use super::exceptions::Doors;
use super::reach::Subject;
use super::requirements::RowStanding;
use super::wordless::{claim, rows};
use super::{Ctx, exceptions, requirements, review, sanctions};
use crate::classified::{OpenParagraph, ParagraphRef};
use crate::destination::Place;
use crate::draft::Draft;
use crate::outcome::{Burden, Outcome};

/// What every trial starts from.
struct Trials<'a> {
    claims: Vec<Claim<'a>>,
    paragraphs: Vec<ParagraphRef>,
    doors: &'a Doors<'a>,
    party_barred: bool,
    undecided: bool,
}

impl<'a> Trials<'a> {
    fn of(ctx: &Ctx<'_>, doors: &'a Doors<'a>, draft: &'a Draft) -> Self {
        Self {
            claims: (draft.requirements.iter())
                .map(|r| Claim::of(r, &[]).bare())
                .collect(),
            paragraphs: ctx.facts.classification.paragraphs(),
            doors,
            party_barred: !draft.party_bars.is_empty(),
            undecided: draft.undecided,
        }
    }
}

/// What a trial must exceed. What is unknown only because nothing is classified is compared with "no requirement": otherwise an
/// unknown burden, which stands last, would hide every rise.
const fn floor(now: Verdict) -> Burden {
    if now.burden.is_known() {
        now.burden
    } else {
        Burden::NoListLicence
    }
}

/// The licence rows of what is met that the facts leave open.
#[derive(Debug, Default)]
pub(super) struct OpenRows {
    /// What those lack that could raise the outcome.
    pub inputs: BTreeSet<String>,
    /// Standing, they would raise the outcome as it is enforced.
    pub raise_enforced: bool,
    /// The same by the text.
    pub raise_literal: bool,
}

/// Tries the open rows of what is met as if they stood: together for the outcome, each alone for what is asked.
pub(super) fn rows_of_met(
    ctx: &Ctx<'_>,
    place: &Place<'_>,
    subject: Subject,
    doors: &Doors<'_>,
    draft: &Draft,
    (enforced, literal): (Verdict, Verdict),
) -> OpenRows {
    let trials = Trials::of(ctx, doors, draft);
    let mut rows: Vec<(Claim<'_>, Vec<String>)> = Vec::new();
    for paragraph in &trials.paragraphs {
        let path = Path::parse(&paragraph.path);
        let (Some(entry), Some(path)) = (ctx.entry(&paragraph.entry), path) else {
            continue;
        };
        for row in &entry.requirements {
            let stands = |c: &Claim<'_>| *c.entry == *entry.code && *c.row == *row.id;
            let open = matches!(
                requirements::standing(ctx, place, row, &path),
                RowStanding::Open { .. }
            );
            if open && !trials.claims.iter().any(stands) {
                let lacking = requirements::lacking(ctx, row, &path);
                rows.push((claim(ctx, place, entry, row, paragraph), lacking));
            }
        }
    }
    if rows.is_empty() {
        return OpenRows::default();
    }
    let tried = |more: &[&Claim<'_>], counts: fn(&Claim<'_>) -> bool| {
        let mut claims = trials.claims.clone();
        claims.extend(more.iter().copied());
        exceptions::carry(
            ctx,
            place,
            doors,
            &trials.paragraphs,
            trials.party_barred,
            &mut claims,
        );
        let verdict = conclude(ctx, &claims, trials.undecided, subject, counts);
        would(verdict, claims.is_empty())
    };
    let all: Vec<&Claim<'_>> = rows.iter().map(|(claim, _)| claim).collect();
    let raise_enforced = tried(&all, |c| c.enforced) > floor(enforced);
    let alone = |claim: &Claim<'_>| tried(&[claim], |c| c.enforced) > floor(enforced);
    let raising = rows.iter().filter(|(claim, _)| alone(claim));
    let mut inputs: BTreeSet<String> = raising.flat_map(|(_, lacking)| lacking.clone()).collect();
    if raise_enforced && inputs.is_empty() {
        // Only together.
        inputs = rows
            .iter()
            .flat_map(|(_, lacking)| lacking.clone())
            .collect();
    }
    OpenRows {
        inputs,
        raise_enforced,
        raise_literal: tried(&all, |c| c.literal) > floor(literal),
    }
}

/// The open paragraphs of which meeting one would raise the burden.
pub(super) fn step<'a>(
    ctx: &Ctx<'a>,
    place: &Place<'_>,
    subject: Subject,
    doors: &Doors<'_>,
    draft: &Draft,
    now: Verdict,
) -> Vec<&'a OpenParagraph> {
    let trials = Trials::of(ctx, doors, draft);
    let mut tried: Vec<(Reading<'_>, bool)> = Vec::new();
    let mut raising = Vec::new();
    for open in &ctx.facts.classification.open {
        let reading = Reading::of(ctx, &open.paragraph);
        let known = tried.iter().find(|(other, _)| *other == reading);
        let rises = known.map(|(_, rises)| *rises).unwrap_or_else(|| {
            let rises = would_raise(ctx, place, subject, &trials, now, &open.paragraph);
            tried.push((reading, rises));
            rises
        });
        if rises {
            raising.push(open);
        }
    }
    raising
}

/// Everything by which the law tells one paragraph of an entry from another: paragraphs that read the same come out the same,
/// so that one trial answers for all of them (a chip leaves dozens open, which differ in a handful of ways).
#[derive(PartialEq)]
struct Reading<'a> {
    entry: &'a str,
    rows: Vec<Truth>,
    lines: Vec<bool>,
    bars: Vec<Truth>,
    reviews: Vec<bool>,
}

impl<'a> Reading<'a> {
    fn of(ctx: &Ctx<'_>, paragraph: &'a ParagraphRef) -> Self {
        let (mut rows, mut lines, mut bars) = (Vec::new(), Vec::new(), Vec::new());
        let (entry, path) = (ctx.entry(&paragraph.entry), Path::parse(&paragraph.path));
        if let (Some(entry), Some(path)) = (entry, path) {
            rows = requirements::coverage(entry, &path);
            (lines, bars) = exceptions::coverage(ctx, entry, &path, paragraph);
        }
        Self {
            entry: &paragraph.entry,
            rows,
            lines,
            bars,
            reviews: review::coverage(ctx, paragraph),
        }
    }
}

/// Tries the paragraph as if it were met: its rows beside the requirements found, without a word of an answer.
fn would_raise<'c>(
    ctx: &Ctx<'c>,
    place: &Place<'_>,
    subject: Subject,
    trials: &Trials<'c>,
    now: Verdict,
    paragraph: &'c ParagraphRef,
) -> bool {
    let mut claims = trials.claims.clone();
    let before = claims.len();
    let mut undecided = trials.undecided;
    undecided |= rows(ctx, place, paragraph, &mut claims).undecided;
    let adds_nothing = claims.len() == before;
    claims.extend(sanctions::claims(ctx, place, true));
    let mut paragraphs = trials.paragraphs.clone();
    paragraphs.push(paragraph.clone());
    exceptions::carry(
        ctx,
        place,
        trials.doors,
        &paragraphs,
        trials.party_barred,
        &mut claims,
    );
    let verdict = conclude(ctx, &claims, undecided, subject, |c| c.enforced);
    would(verdict, claims.is_empty()) > floor(now)
        && !(adds_nothing && verdict.outcome == now.outcome)
}

/// What a trial comes to, to be compared with what stands.
fn would(verdict: Verdict, nothing_claimed: bool) -> Burden {
    match verdict.outcome {
        Outcome::Indeterminate => Burden::Prohibited,
        // Parties or reach are open for their own reasons; what is tried adds what its rows add.
        Outcome::NeedsInformation if nothing_claimed => Burden::NoListLicence,
        Outcome::NeedsInformation => Burden::ExceptionCandidate,
        _ if verdict.burden.is_known() => verdict.burden,
        _ => Burden::IndividualLicence,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path as FilePath;

    use concord_controls::classify::Detail;
    use concord_controls::item::{Item, ItemInput, Judgements};
    use concord_controls::regime::RegimeSource;
    use concord_controls::vocabulary::Attribute;

    use super::*;
    use crate::classified::Classified;
    use crate::facts::{Facts, PartyStep, Transaction};
    use crate::law::LawEdition;
    use crate::us::{end_use, parties, reach};

    fn add(source: &mut RegimeSource, root: &FilePath, folder: &FilePath) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                add(source, root, &path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap();
                source.insert(name.to_owned(), std::fs::read(&path).unwrap());
            }
        }
    }

    /// One trial answers for every paragraph that reads the same: each is tried by itself here, and comes out alike.
    #[test]
    fn paragraphs_that_read_the_same_come_out_the_same() {
        let root = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../../regimes");
        let mut source = RegimeSource::new();
        add(&mut source, &root, &root);
        let law = LawEdition::load(&source, "us").unwrap();
        let tables = law.us_tables().unwrap();
        let (as_of, parties) = ("2026-08-01".parse().unwrap(), PartyStep::clean());
        let (mut tried, mut shared, mut raising) = (0, 0, 0);
        for word in [
            "integrated_circuit",
            "computer",
            "camera",
            "laser",
            "machine_tool",
            "uav",
            "fibre",
        ] {
            let input = ItemInput {
                attributes: vec![
                    (Attribute::Name, "x".to_owned()),
                    (Attribute::Kind, "commodity".to_owned()),
                    (Attribute::Type, word.to_owned()),
                ],
                ..ItemInput::default()
            };
            let item = Item::read(&input, law.regime().vocabulary()).unwrap();
            let judgements = Judgements::none();
            let at = law.regime().at(as_of);
            let found = at.classify(&item, &judgements, Detail::Basic).unwrap();
            let classification = Classified::from(&found);
            for destination in ["CN", "KR", "RU", "VN", "IR", "AE"] {
                let transaction = Transaction {
                    origin: Some("US".to_owned()),
                    destination: Some(destination.to_owned()),
                    ..Transaction::default()
                };
                let facts = Facts {
                    item: &item,
                    classification: &classification,
                    judgements: &judgements,
                    transaction: &transaction,
                    parties: &parties,
                    as_of,
                    strict: false,
                };
                let ctx = Ctx {
                    tables,
                    at,
                    facts: &facts,
                };
                let place = Place::resolve(
                    destination,
                    &tables.chart,
                    &tables.groups,
                    &tables.sanctions,
                    as_of,
                )
                .unwrap();
                let mut draft = Draft::default();
                let subject = reach::step(&ctx, &place, &mut draft);
                requirements::step(&ctx, &place, &classification.paragraphs(), &mut draft);
                sanctions::step(&ctx, &place, &mut draft);
                parties::step(&ctx, &place, &mut draft);
                end_use::step(&ctx, &place, &mut draft);
                let now = Verdict {
                    outcome: Outcome::NeedsInformation,
                    burden: Burden::Unknown,
                };
                let doors = Doors::of(&ctx, &place);
                let trials = Trials {
                    claims: Vec::new(),
                    paragraphs: classification.paragraphs(),
                    doors: &doors,
                    party_barred: false,
                    undecided: draft.undecided,
                };
                let mut known: Vec<(Reading<'_>, bool, String)> = Vec::new();
                for open in &classification.open {
                    let paragraph = &open.paragraph;
                    let rises = would_raise(&ctx, &place, subject, &trials, now, paragraph);
                    let reading = Reading::of(&ctx, paragraph);
                    (tried, raising) = (tried + 1, raising + usize::from(rises));
                    match known.iter().find(|(other, ..)| *other == reading) {
                        Some((_, same, first)) => {
                            shared += 1;
                            let code = paragraph.code();
                            assert_eq!(*same, rises, "{destination}: {first} and {code}");
                        }
                        None => known.push((reading, rises, paragraph.code())),
                    }
                }
            }
        }
        assert!(
            shared > 100 && raising > 100 && raising < tried,
            "{shared} shared, {raising} raise of {tried}"
        );
    }
}
