//! What a difference between two lists means to an exporter: the burdens that both laws put on such an item, destination by
//! destination (`domain.md` 4.8 step 5), and of which kind of the taxonomy (4.7) it is.

mod sides;

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
#[derive(Clone, Copy, Debug)]
pub enum Subject<'c> {
    /// Items between the thresholds of two entries.
    Region(&'c Pair, &'c Region),
    /// A whole entry or paragraph.
    Gap(&'c Gap),
}

/// One difference with what it means.
#[derive(Clone, Debug)]
pub struct Weighed<'c> {
    /// The difference.
    pub subject: Subject<'c>,
    /// The side that controls it.
    pub side: ListSide,
    /// Its kind.
    pub kind: DivergenceKind,
    /// What both laws ask.
    pub burdens: Burdens,
}

impl Weighed<'_> {
    /// For how many destinations the controlling side asks more than the other.
    #[must_use]
    pub fn affected(&self) -> usize {
        self.burdens.affected(self.side)
    }

    /// Its code in a stable order.
    fn code(&self) -> &str {
        match self.subject {
            Subject::Region(pair, _) => pair.left.first().map_or("", String::as_str),
            Subject::Gap(gap) => &gap.code,
        }
    }
}

/// Weighs every difference of a comparison, those that affect the most destinations first, then by code. `laws` are those
/// whose lists were compared, at the same dates.
#[must_use]
pub fn weigh<'c>(found: &'c ListComparison, laws: [LawAt<'_>; 2]) -> Vec<Weighed<'c>> {
    let mut sides = Sides::new(laws);
    let mut weighed = Vec::new();
    for pair in &found.pairs {
        for (side, region) in pair.regions() {
            let burdens = sides.burdens(side, &Asked::Region(pair, region));
            let elsewhere = match side {
                ListSide::Left => burdens.codes.last(),
                ListSide::Right => burdens.codes.first(),
            };
            // The other list reaches the item after all, by an entry that is not this one's counterpart.
            let kind = if elsewhere.is_some_and(|codes| !codes.is_empty()) {
                DivergenceKind::Classification
            } else {
                DivergenceKind::ParameterThresholdGap
            };
            let subject = Subject::Region(pair, region);
            weighed.push(Weighed {
                subject,
                side,
                kind,
                burdens,
            });
        }
    }
    for gap in &found.gaps {
        weighed.push(Weighed {
            subject: Subject::Gap(gap),
            side: gap.side,
            kind: match gap.kind {
                GapKind::ListScope => DivergenceKind::ListScopeGap,
                GapKind::Temporal => DivergenceKind::Temporal,
            },
            burdens: sides.burdens(gap.side, &Asked::Code(&gap.code)),
        });
    }
    // Stable: regions of a pair stay in the order in which they exclude one another.
    weighed.sort_by(|a, b| (b.affected(), a.code()).cmp(&(a.affected(), b.code())));
    weighed
}
