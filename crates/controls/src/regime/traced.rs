//! What answers repeat of an edition, made once when it is loaded and shared by all of them.

use std::sync::Arc;

use crate::classify::ListedParagraph;
use crate::entry::{Entry, Paragraph};
use crate::evaluate::{InputKind, Tested};
use crate::vocabulary::{FlagId, JudgementId, Vocabulary};

/// The shared parts of answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Traced {
    /// By paragraph index.
    paragraphs: Vec<Arc<ListedParagraph>>,
    flags: Vec<Arc<Tested>>,
    judgements: Vec<Arc<Tested>>,
}

impl Traced {
    pub(super) fn build(vocabulary: &Vocabulary, entries: &[Entry]) -> Self {
        let paragraphs = entries.iter().flat_map(|entry| {
            let listed = move |paragraph| Arc::new(listed(entry, paragraph));
            entry.paragraphs.iter().map(listed)
        });
        let flags = vocabulary.flags().iter();
        let judgements = vocabulary.judgements().iter();
        Self {
            paragraphs: paragraphs.collect(),
            flags: flags
                .map(|flag| Tested::is(Arc::clone(&flag.id), InputKind::Flag))
                .collect(),
            judgements: judgements
                .map(|judgement| Tested::is(Arc::clone(&judgement.id), InputKind::Judgement))
                .collect(),
        }
    }

    /// What the list says of a paragraph of this edition.
    #[expect(
        clippy::indexing_slicing,
        reason = "one was made for every paragraph of the edition"
    )]
    pub(crate) fn paragraph(&self, paragraph: &Paragraph) -> &Arc<ListedParagraph> {
        &self.paragraphs[paragraph.index]
    }

    /// A flag as traces tell it.
    pub(crate) fn flag(&self, id: FlagId) -> Option<&Arc<Tested>> {
        self.flags.get(usize::from(id.0))
    }

    /// A judgement as traces tell it.
    pub(crate) fn judgement(&self, id: JudgementId) -> Option<&Arc<Tested>> {
        self.judgements.get(usize::from(id.0))
    }
}

fn listed(entry: &Entry, paragraph: &Paragraph) -> ListedParagraph {
    ListedParagraph {
        position: paragraph.index,
        entry: Arc::clone(&entry.code),
        path: paragraph.path.clone(),
        code: Arc::clone(&paragraph.code),
        formula: Arc::clone(paragraph.when.text()),
        label: paragraph
            .label
            .clone()
            .unwrap_or_else(|| entry.label.clone()),
        cite: Arc::clone(&paragraph.cite),
        coverage: entry.coverage,
        basis: entry.basis.clone(),
    }
}
