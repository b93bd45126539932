//! Which paragraphs a stated fact bears upon: whatever their formulas and notes test themselves, and what that derives from.

use super::index::Facts;
use crate::item::{Item, Judgements};
use crate::vocabulary::{Attribute, Vocabulary};

/// By fact, the paragraphs that test it, by their position among all paragraphs of the edition.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bearing {
    parameters: Vec<Vec<u32>>,
    flags: Vec<Vec<u32>>,
    judgements: Vec<Vec<u32>>,
    attributes: [Vec<u32>; Attribute::ALL.len()],
}

impl Bearing {
    pub(super) fn new(vocabulary: &Vocabulary) -> Self {
        Self {
            parameters: vec![Vec::new(); vocabulary.parameters().len()],
            flags: vec![Vec::new(); vocabulary.flags().len()],
            judgements: vec![Vec::new(); vocabulary.judgements().len()],
            attributes: Default::default(),
        }
    }

    /// Enters what the next paragraph tests.
    pub(super) fn enter(&mut self, paragraph: u32, facts: &Facts) {
        let add = |list: &mut Vec<u32>| {
            if list.last() != Some(&paragraph) {
                list.push(paragraph);
            }
        };
        for id in &facts.parameters {
            self.parameters
                .get_mut(usize::from(id.0))
                .into_iter()
                .for_each(add);
        }
        for id in &facts.flags {
            self.flags
                .get_mut(usize::from(id.0))
                .into_iter()
                .for_each(add);
        }
        for id in &facts.judgements {
            self.judgements
                .get_mut(usize::from(id.0))
                .into_iter()
                .for_each(add);
        }
        let words = facts.words.iter().map(|(attribute, _)| attribute);
        for attribute in facts.attributes.iter().chain(words) {
            self.attributes
                .get_mut(*attribute as usize)
                .into_iter()
                .for_each(add);
        }
    }

    /// The paragraphs that something stated bears upon, other than the item's type and kind.
    pub(crate) fn upon(
        &self,
        item: &Item,
        judgements: &Judgements,
        paragraphs: usize,
    ) -> ParagraphSet {
        let mut set = ParagraphSet {
            words: vec![0; paragraphs.div_ceil(WIDTH)],
        };
        let parameters = item.values.iter().map(|known| known.id.0);
        let flags = item.stated_flags.iter().map(|flag| flag.0);
        let judgements = judgements.answers.iter().map(|(judgement, _)| judgement.0);
        for id in parameters {
            set.add(self.parameters.get(usize::from(id)));
        }
        for id in flags {
            set.add(self.flags.get(usize::from(id)));
        }
        for id in judgements {
            set.add(self.judgements.get(usize::from(id)));
        }
        for attribute in Attribute::ALL {
            let says_what_it_is = matches!(attribute, Attribute::Type | Attribute::Kind);
            if !says_what_it_is && item.attribute(attribute).is_some() {
                set.add(self.attributes.get(attribute as usize));
            }
        }
        set
    }
}

const WIDTH: usize = u64::BITS as usize;

/// Paragraphs of an edition, a bit each.
pub(crate) struct ParagraphSet {
    words: Vec<u64>,
}

impl ParagraphSet {
    fn add(&mut self, paragraphs: Option<&Vec<u32>>) {
        for paragraph in paragraphs.into_iter().flatten() {
            let paragraph = *paragraph as usize;
            if let Some(word) = self.words.get_mut(paragraph / WIDTH) {
                *word |= 1 << (paragraph % WIDTH);
            }
        }
    }

    /// Whether a paragraph, by its position in the edition, is among them.
    pub(crate) fn has(&self, paragraph: usize) -> bool {
        let word = self.words.get(paragraph / WIDTH);
        word.is_some_and(|word| word & (1 << (paragraph % WIDTH)) != 0)
    }
}
