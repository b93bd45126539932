//! Which facts about an item a law reads once its list has said what the item is: two items that agree in them, and in their
//! classification, are decided alike.

use std::collections::BTreeSet;

use concord_controls::condition::{Condition, Term};
use concord_controls::item::ItemInput;
use concord_controls::vocabulary::{Attribute, Vocabulary};

use super::us_tables::{Asked, ItemLimb, UsTables};
use super::{LawEdition, Tables};
use crate::classified::Classified;

/// What is read.
#[derive(Debug, Default)]
struct Read {
    /// Ids of parameters, flags and judgements; ids of attributes.
    words: BTreeSet<String>,
    /// Another paragraph is referred to, and with it everything that it tests.
    everything: bool,
}

impl LawEdition {
    /// Takes from an item and its judgement answers what cannot matter to a decision about an export from this law's own
    /// territory, given what the list says of the item.
    #[must_use]
    pub(crate) fn only_what_is_read(
        &self,
        classified: &Classified,
        mut input: ItemInput,
        mut judgements: Vec<(String, bool)>,
    ) -> (ItemInput, Vec<(String, bool)>) {
        let vocabulary = self.regime().vocabulary();
        let mut read = Read::default();
        let mut types: Option<BTreeSet<&str>> = None;
        match &self.tables {
            Tables::Us(tables) => {
                read.us(tables, vocabulary);
                types = Some(
                    limbs(tables)
                        .flat_map(|l| l.types.iter().map(String::as_str))
                        .collect(),
                );
            }
            Tables::Kr(tables) => {
                let flags = tables.situational.flags.iter().map(|f| f.flag.clone());
                read.words.extend(flags);
                let named = ["strategic_item", "other_entries_excluded"];
                read.words.extend(named.map(str::to_owned));
            }
        }
        read.words.insert(Attribute::Kind.id().to_owned());
        for paragraph in &classified.matches {
            let Some(entry) = self.regime().entry(&paragraph.entry) else {
                continue;
            };
            let rows = entry.requirements.iter();
            let rows = rows.flat_map(|row| row.when.iter().chain(&row.unless));
            let lines = entry
                .exceptions
                .iter()
                .filter_map(|line| line.when.as_ref());
            let pointers = entry.pointers.iter().filter_map(|p| p.when.as_ref());
            for condition in rows.chain(lines).chain(pointers) {
                read.condition(condition, vocabulary);
            }
        }
        if read.everything {
            return (input, judgements);
        }
        let reads = |word: &str| read.words.contains(word);
        input.parameters.retain(|(id, _)| reads(id));
        input.flags.retain(|(id, _)| reads(id));
        judgements.retain(|(id, _)| reads(id));
        input.attributes.retain(|(attribute, word)| {
            let by_type = types
                .as_ref()
                .is_some_and(|types| types.contains(word.as_str()));
            reads(attribute.id()) || (*attribute == Attribute::Type && by_type)
        });
        (input, judgements)
    }
}

fn limbs(tables: &UsTables) -> impl Iterator<Item = &ItemLimb> {
    let uses = tables.end_uses.triggers.iter().map(|t| &t.items);
    let cases = tables.reach.zero_percent.iter().map(|z| &z.item);
    uses.chain(cases)
        .chain(tables.reach.direct_product.iter().map(|d| &d.item))
}

impl Read {
    fn us(&mut self, tables: &UsTables, vocabulary: &Vocabulary) {
        let asked = |asked: &Asked| asked.word.clone();
        let uses = tables.end_uses.triggers.iter();
        self.words.extend(uses.filter_map(|t| asked(&t.asked)));
        let denied = tables.bars.iter();
        self.words
            .extend(denied.filter_map(|bar| bar.denied.clone()));
        let rules = tables.reviews.values().flat_map(|review| &review.rules);
        for condition in rules.filter_map(|rule| rule.when.as_ref()) {
            self.condition(condition, vocabulary);
        }
    }

    fn condition(&mut self, condition: &Condition, vocabulary: &Vocabulary) {
        condition.each_term(&mut |term| match term {
            Term::Compare(threshold) => {
                let Some(parameter) = vocabulary.parameter(threshold.parameter) else {
                    return;
                };
                self.words.insert(parameter.id.to_string());
                let inputs = parameter.derived.iter().flat_map(|d| d.inputs());
                let inputs = inputs.filter_map(|id| vocabulary.parameter(id));
                self.words.extend(inputs.map(|p| p.id.to_string()));
            }
            Term::OneOf { attribute, .. } => {
                self.words.insert(attribute.id().to_owned());
            }
            Term::Flag(id) => {
                self.words
                    .extend(vocabulary.flag(*id).map(|f| f.id.to_string()));
            }
            Term::Judgement(id) => {
                let judgement = vocabulary.judgement(*id);
                self.words.extend(judgement.map(|j| j.id.to_string()));
            }
            Term::Reference(_) => self.everything = true,
            Term::Constant(_) | Term::All(_) | Term::Any(_) | Term::Not(_) => {}
        });
    }
}
