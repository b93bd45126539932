//! Two laws asked about the same item as an export of their own, to every destination.

use std::collections::{BTreeMap, HashMap};

use concord_controls::classify::Detail;
use concord_controls::compare::Region;
use concord_controls::entry::Code;
use concord_controls::item::{Item, ItemInput, Judgements};
use concord_controls::vocabulary::Attribute;

use super::{BurdenPair, Burdens, LawAt};
use crate::classified::{Classified, ClassifiedBy, ParagraphRef, under};
use crate::comparison::{ListSide, Pair};
use crate::facts::{Facts, PartyStep, Transaction};
use crate::outcome::Burden;

/// What both laws are asked about.
pub(super) enum Asked<'a> {
    /// The first item of a region that one side alone controls.
    Region(&'a Pair, &'a Region),
    /// Anything of an entry, of which nothing but the code is known.
    Code(&'a str),
}

/// An item as both lists read it.
#[derive(Debug, Default)]
struct Example {
    input: ItemInput,
    judgements: Vec<(String, bool)>,
}

/// One law with its destinations.
struct Side<'a> {
    at: LawAt<'a>,
    /// Group of each destination that is not its own territory.
    groups: HashMap<&'static str, usize>,
    /// One destination of each group.
    first: Vec<&'static str>,
    /// What is known already, by what was asked.
    asked: HashMap<String, Vec<Burden>>,
}

/// Both laws.
pub(super) struct Sides<'a> {
    left: Side<'a>,
    right: Side<'a>,
}

impl<'a> Sides<'a> {
    pub(super) fn new(laws: [LawAt<'a>; 2]) -> Self {
        let [left, right] = laws.map(Side::new);
        Self { left, right }
    }

    /// Both burdens of what `side` alone controls.
    pub(super) fn burdens(&mut self, side: ListSide, asked: &Asked<'_>) -> Burdens {
        let example = asked.example(match side {
            ListSide::Left => &self.left,
            ListSide::Right => &self.right,
        });
        let ask = |law: &mut Side<'a>, here: ListSide| {
            let classified = law.classified(&example, asked, here == side, here);
            let codes: Vec<String> = classified.matches.iter().map(ParagraphRef::code).collect();
            (law.burdens(&example, &classified), codes)
        };
        let (left, left_codes) = ask(&mut self.left, ListSide::Left);
        let (right, right_codes) = ask(&mut self.right, ListSide::Right);
        let to = |law: &Side<'a>, burdens: &[Burden], destination: &str| {
            let group = law.groups.get(destination)?;
            burdens.get(*group).copied()
        };
        let [home, away] = [self.left.home().to_owned(), self.right.home().to_owned()];
        let mut third: BTreeMap<(Burden, Burden), Vec<&'static str>> = BTreeMap::new();
        for destination in crate::iso::countries() {
            let pair = (
                to(&self.left, &left, destination),
                to(&self.right, &right, destination),
            );
            if let (Some(a), Some(b)) = pair {
                third.entry((a, b)).or_default().push(destination);
            }
        }
        let third = third
            .into_iter()
            .map(|((left, right), destinations)| BurdenPair {
                left,
                right,
                destinations,
            });
        let mut third: Vec<BurdenPair> = third.collect();
        third.sort_by_key(|pair| std::cmp::Reverse(pair.destinations.len()));
        let mutual = (home != away)
            .then(|| {
                Some((
                    to(&self.left, &left, &away)?,
                    to(&self.right, &right, &home)?,
                ))
            })
            .flatten();
        Burdens {
            third,
            mutual,
            codes: [left_codes, right_codes],
        }
    }
}

impl Asked<'_> {
    /// The item, of the type that the controlling entry is about where its formulas do not ask for one.
    fn example(&self, controlling: &Side<'_>) -> Example {
        let Self::Region(_, region) = self else {
            return Example::default();
        };
        let Some(witness) = region.witnesses.first() else {
            return Example::default();
        };
        let mut input = witness.item.clone();
        let entry = region.paragraphs.first().and_then(|code| {
            let entry = code.split('.').next().unwrap_or_default();
            controlling.at.law.regime().entry(entry)
        });
        let kind = entry.and_then(|e| e.subjects.first());
        if let Some(kind) = kind
            && !input.attributes.iter().any(|(a, _)| *a == Attribute::Type)
        {
            input.attributes.push((Attribute::Type, kind.to_string()));
        }
        Example {
            input,
            judgements: witness.judgements.clone(),
        }
    }

    /// The codes that control it on the side that does.
    fn codes(&self) -> Vec<&str> {
        match self {
            Self::Region(_, region) => region.paragraphs.iter().map(|code| &**code).collect(),
            Self::Code(code) => vec![code],
        }
    }

    /// The codes of a side that were compared; the item is outside them there where it does not control it.
    fn compared(&self, side: ListSide) -> &[String] {
        match (self, side) {
            (Self::Region(pair, _), ListSide::Left) => &pair.left,
            (Self::Region(pair, _), ListSide::Right) => &pair.right,
            (Self::Code(_), _) => &[],
        }
    }
}

impl<'a> Side<'a> {
    fn new(at: LawAt<'a>) -> Self {
        let alike = at.law.destinations_alike(at.date);
        let groups = alike.iter().enumerate();
        Self {
            at,
            groups: groups
                .flat_map(|(n, codes)| codes.iter().map(move |code| (*code, n)))
                .collect(),
            first: alike
                .iter()
                .filter_map(|codes| codes.first().copied())
                .collect(),
            asked: HashMap::new(),
        }
    }

    fn home(&self) -> &str {
        self.at.law.jurisdiction()
    }

    /// What the list says about the example. Nothing else is taken to be met: what no stated fact meets is left out here.
    fn classified(
        &self,
        example: &Example,
        asked: &Asked<'_>,
        controls: bool,
        side: ListSide,
    ) -> Classified {
        let regime = self.at.law.regime();
        let at = regime.at(self.at.date);
        let mut classified = Classified::unresolved();
        if let Some((item, judgements)) = self.read(example)
            && let Ok(found) = at.classify(&item, &judgements, Detail::Codes)
        {
            let found = Classified::from(&found);
            classified.matches = found.matches;
            classified.notices = found.notices;
        }
        if controls {
            let known = asked.codes().into_iter().flat_map(|code| self.below(code));
            for paragraph in known {
                if !classified.matches.contains(&paragraph) {
                    classified.matches.push(paragraph);
                }
            }
        } else {
            let compared = asked.compared(side);
            let outside = |p: &ParagraphRef| !compared.iter().any(|code| p.is_under(code));
            classified.matches.retain(outside);
        }
        match classified.matches.first() {
            Some(first) => {
                classified.code = first.code();
                classified.by = ClassifiedBy::Computed;
            }
            None => {
                classified.code = regime
                    .residual()
                    .map_or_else(String::new, ToString::to_string);
                classified.by = ClassifiedBy::Residual;
            }
        }
        classified
    }

    /// The paragraphs in force at and below a code; the code itself where there are none.
    fn below(&self, code: &str) -> Vec<ParagraphRef> {
        let entry = Code::parse(code).and_then(|c| self.at.law.regime().entry(&c.entry));
        let paragraphs = entry.into_iter().flat_map(|e| &e.paragraphs);
        let found: Vec<ParagraphRef> = paragraphs
            .filter(|p| p.period.contains(self.at.date) && under(&p.code, code))
            .map(|p| ParagraphRef::parse(&p.code))
            .collect();
        if found.is_empty() {
            vec![ParagraphRef::parse(code)]
        } else {
            found
        }
    }

    fn read(&self, example: &Example) -> Option<(Item, Judgements)> {
        let vocabulary = self.at.law.regime().vocabulary();
        let item = Item::read(&example.input, vocabulary).ok()?;
        let answers = example
            .judgements
            .iter()
            .map(|(id, value)| (id.as_str(), *value));
        let judgements = Judgements::read(answers, vocabulary).ok()?;
        Some((item, judgements))
    }

    /// What the law asks for an export of its own, to one destination of each group.
    fn burdens(&mut self, example: &Example, classified: &Classified) -> Vec<Burden> {
        let Example { input, judgements } = example;
        let (input, judgements) =
            self.at
                .law
                .only_what_is_read(classified, input.clone(), judgements.clone());
        let example = Example { input, judgements };
        let asked = format!(
            "{example:?} {:?} {:?}",
            classified.matches, classified.notices
        );
        if let Some(known) = self.asked.get(&asked) {
            return known.clone();
        }
        let Some((item, judgements)) = self.read(&example) else {
            return vec![Burden::Unknown; self.first.len()];
        };
        let mut transaction = Transaction {
            origin: Some(self.home().to_owned()),
            ..Transaction::default()
        };
        let parties = PartyStep::clean();
        let mut burdens = Vec::with_capacity(self.first.len());
        for destination in &self.first {
            transaction.destination = Some((*destination).to_owned());
            let burden = self.at.law.burden(&Facts {
                item: &item,
                classification: classified,
                judgements: &judgements,
                transaction: &transaction,
                parties: &parties,
                as_of: self.at.date,
                strict: false,
            });
            burdens.push(burden);
        }
        self.asked.insert(asked, burdens.clone());
        burdens
    }
}
