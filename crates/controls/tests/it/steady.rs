//! What an edition keeps between answers (`regime/steady.rs`) changes none of them: one that has answered many items says what one
//! says that has answered none.

use concord_controls::classify::Detail;
use concord_controls::item::{Item, ItemInput, Judgements};
use concord_controls::period::parse_date;

use crate::folder;
use crate::maker::{Facts, Goal, Maker};

/// One paragraph of so many is tried: a new edition is made for every answer.
const SHARE: usize = 61;

/// The item, and the item without each of its parameters.
fn variants(input: &ItemInput) -> Vec<ItemInput> {
    let less = (0..input.parameters.len()).map(|position| {
        let mut less = input.clone();
        less.parameters.remove(position);
        less
    });
    std::iter::once(input.clone()).chain(less).collect()
}

#[test]
fn an_edition_that_has_answered_says_what_a_new_one_says() {
    for folder in ["us", "kr"] {
        let new = folder::regime(folder);
        let used = new.clone();
        let mut compared = 0;
        for date in ["2026-10-01", "2023-12-01"].map(|date| parse_date(date).unwrap()) {
            let mut maker = Maker {
                regime: &new,
                date,
                steps: 0,
            };
            let entries = new.entries().iter().filter(|e| e.period.contains(date));
            let paragraphs =
                entries.flat_map(|entry| entry.paragraphs.iter().map(move |p| (entry, p)));
            let in_force = paragraphs.filter(|(_, p)| p.period.contains(date));
            for (entry, paragraph) in in_force.step_by(SHARE) {
                let goals = [Goal::Paragraph(entry, paragraph, true)];
                let made = maker.meeting(entry, &goals, Facts::default());
                let Some(input) = made.and_then(|facts| maker.input(&facts)) else {
                    continue;
                };
                for input in variants(&input) {
                    let Ok(item) = Item::read(&input, new.vocabulary()) else {
                        continue;
                    };
                    for detail in [Detail::Basic, Detail::Full] {
                        let fresh = new.clone();
                        let [kept, made] = [&used, &fresh].map(|edition| {
                            let at = edition.at(date);
                            at.classify(&item, &Judgements::none(), detail).unwrap()
                        });
                        assert_eq!(kept, made, "{folder} {date} {detail:?} {input:?}");
                        compared += 1;
                    }
                }
            }
        }
        assert!(compared > 100, "{folder}: {compared} answers compared");
    }
}
