//! What a difference between two lists means to an exporter: the burdens that both laws put on such an item, destination by
//! destination (`domain.md` 4.8 step 5), and of which kind of the taxonomy (4.7) it is.

mod sides;

use std::sync::Arc;

use concord_controls::compare::Region;
use jiff::civil::Date;

use crate::comparison::{Gap, GapKind, ListComparison, ListSide, Pair};
use crate::divergence::DivergenceKind;
use crate::law::LawEdition;
use crate::outcome::Burden;
use sides::{Asked, Sides};

/// One law at the date at which its list was compared.
#[derive(Clone, Copy, Debug)]
pub struct LawAt<'a> {
    /// The law.
    pub law: &'a LawEdition,
    /// The date.
    pub date: Date,
}

/// Destinations for which both laws ask the same of such an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BurdenPair {
    /// What the left law asks for an export from its own territory.
    pub left: Burden,
    /// What the right one asks.
    pub right: Burden,
    /// ISO 3166 alpha-2, in order.
    pub destinations: Vec<&'static str>,
}

/// Both burdens for every destination.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Burdens {
    /// To the same third country; the most destinations first.
    pub third: Vec<BurdenPair>,
    /// The exports to one another: left to right, right to left. Absent between two dates of one law.
    pub mutual: Option<(Burden, Burden)>,
    /// Codes of either list that reach such an item, the pair's own and others.
    pub codes: [Vec<String>; 2],
}

impl Burdens {
    /// For how many third destinations a side asks more than the other; what is not known counts for neither.
    #[must_use]
    pub fn affected(&self, stricter: ListSide) -> usize {
        let more = |pair: &&BurdenPair| {
            let (a, b) = match stricter {
                ListSide::Left => (pair.left, pair.right),
                ListSide::Right => (pair.right, pair.left),
            };
            a.is_known() && b.is_known() && a > b
        };
        self.third
            .iter()
            .filter(more)
            .map(|p| p.destinations.len())
            .sum()
    }
}

/// What one side alone controls.
#[derive(Clone, Debug)]
pub enum Subject {
    /// Items between the thresholds of two entries.
    Region {
        /// The entries.
        pair: Arc<Pair>,
        /// Which of the pair's regions on that side.
        position: usize,
    },
    /// A whole entry or paragraph.
    Gap(Gap),
}

/// One difference with what it means.
#[derive(Clone, Debug)]
pub struct Weighed {
    /// The difference.
    pub subject: Subject,
    /// The side that controls it.
    pub side: ListSide,
    /// Its kind.
    pub kind: DivergenceKind,
    /// What both laws ask.
    pub burdens: Burdens,
}

impl Weighed {
    /// The region with its pair; `None`: a whole entry.
    #[must_use]
    pub fn region(&self) -> Option<(&Pair, &Region)> {
        let Subject::Region { pair, position } = &self.subject else {
            return None;
        };
        let regions = match self.side {
            ListSide::Left => &pair.comparison.only_left,
            ListSide::Right => &pair.comparison.only_right,
        };
        regions.get(*position).map(|region| (&**pair, region))
    }

    /// For how many destinations the controlling side asks more than the other.
    #[must_use]
    pub fn affected(&self) -> usize {
        self.burdens.affected(self.side)
    }

    /// The codes by which the list that does not control it reaches the item all the same.
    #[must_use]
    pub fn reached_by(&self) -> &[String] {
        let [left, right] = &self.burdens.codes;
        match self.side {
            ListSide::Left => right,
            ListSide::Right => left,
        }
    }

    /// Its code in a stable order.
    fn code(&self) -> &str {
        match &self.subject {
            Subject::Region { pair, .. } => pair.left.first().map_or("", String::as_str),
            Subject::Gap(gap) => &gap.code,
        }
    }
}

/// Weighs every difference of a comparison, those that affect the most destinations first, then by code. `laws` are those
/// whose lists were compared, at the same dates.
#[must_use]
pub fn weigh(found: &ListComparison, laws: [LawAt<'_>; 2]) -> Vec<Weighed> {
    let mut sides = Sides::new(laws);
    let mut weighed = Vec::new();
    for pair in &found.pairs {
        let comparison = &pair.comparison;
        for (side, regions) in [
            (ListSide::Left, &comparison.only_left),
            (ListSide::Right, &comparison.only_right),
        ] {
            for (position, region) in regions.iter().enumerate() {
                let mut one = Weighed {
                    subject: Subject::Region {
                        pair: Arc::clone(pair),
                        position,
                    },
                    side,
                    kind: DivergenceKind::ParameterThresholdGap,
                    burdens: sides.burdens(side, &Asked::Region(pair, region)),
                };
                // The other list reaches the item after all, by an entry that is not this one's counterpart.
                if !one.reached_by().is_empty() {
                    one.kind = DivergenceKind::Classification;
                }
                weighed.push(one);
            }
        }
    }
    for gap in &found.gaps {
        weighed.push(Weighed {
            subject: Subject::Gap(gap.clone()),
            side: gap.side,
            kind: match gap.kind {
                GapKind::ListScope => DivergenceKind::ListScopeGap,
                GapKind::Temporal => DivergenceKind::Temporal,
            },
            burdens: sides.burdens(gap.side, &Asked::Code(&gap.code)),
        });
    }
    // Stable: regions of a pair stay in the order in which they exclude one another.
    weighed.sort_by_cached_key(|w| (std::cmp::Reverse(w.affected()), w.code().to_owned()));
    weighed
}
