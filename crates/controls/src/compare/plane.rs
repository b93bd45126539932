//! What both sides control over two parameters, everything else being as in an item of a region: what a picture shows.

use std::sync::Arc;

use super::cell::{Cell, Domain, Interval};
use super::logic::{End, Literal, Logic, Node, NodeId, Variable};
use super::print::quantity;
use super::settled::Settled;
use super::space::Space;
use super::{Comparer, Region, nodes, roots};
use crate::entry::Code;
use crate::exact::Rational;
use crate::item::{Item, Judgements};
use crate::vocabulary::ParameterId;
use crate::yaml::Label;

/// Thresholds along an axis at most; more are no picture.
const MOST_THRESHOLDS: usize = 40;

/// Who controls a part of a plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Control {
    /// No side.
    Neither,
    /// The left side alone.
    Left,
    /// The right side alone.
    Right,
    /// Both.
    Both,
}

/// One parameter of a plane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axis {
    /// Its id.
    pub parameter: Arc<str>,
    /// Its canonical unit; `1` for plain numbers.
    pub unit: Arc<str>,
    /// In words, where the vocabulary has some.
    pub label: Option<Label>,
    /// Where something changes, from low to high, each number with its unit.
    pub thresholds: Vec<String>,
}

/// A plane of two parameters cut at the thresholds of both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plane {
    /// The horizontal and the vertical parameter.
    pub axes: [Axis; 2],
    /// Along the first axis: below the first threshold, at it, between it and the next, and so on; in each the parts along the
    /// second axis, cut alike.
    pub parts: Vec<Vec<Control>>,
}

/// A stretch of an axis: a threshold, or what lies between two.
#[derive(Clone, Copy)]
enum Stretch {
    At(Rational),
    Between(Option<Rational>, Option<Rational>),
}

impl Comparer<'_> {
    /// The plane of a region that bounds exactly two parameters. What its first item states beside them stays as it is, what
    /// it does not state does not hold. `None`: another number of parameters, no item, too many thresholds, a third
    /// parameter that decides as well, or features that our data lacks.
    #[must_use]
    pub fn plane(&mut self, left: &[Code], right: &[Code], region: &Region) -> Option<Plane> {
        let [across, up] = region.parameters.as_slice() else {
            return None;
        };
        let vocabulary = &self.left.regime.vocabulary;
        let [across, up] = [across, up].map(|id| vocabulary.parameter_id(id));
        let ids = [across?, up?];
        let left = self.side(self.left, 0, left);
        let right = self.side(self.right, 1, right);
        let tested = self.logic.variables(&roots(&left, &right));
        let sides = [&left, &right].map(nodes);
        if Settled::between(&self.logic, vocabulary, sides).leaves_open() {
            return None;
        }
        let space = Space::new(&self.left.regime.vocabulary, &tested);
        let base = stated(region, &tested, ids, &space)?;
        let thresholds = ids.map(|id| {
            let mut found = bounds(&self.logic, &roots(&left, &right), id, &space);
            let whole = Interval::sensible(&space, id);
            found.retain(|value| whole.contains(*value) && *value != whole.low.value);
            found
        });
        if thresholds.iter().any(|t| t.len() > MOST_THRESHOLDS) {
            return None;
        }
        let [xs, ys] = [0, 1].map(|axis: usize| {
            let of_axis: &[Rational] = thresholds.get(axis).map_or(&[], Vec::as_slice);
            stretches(of_axis)
        });
        let controls = |x: Stretch, y: Stretch| {
            let mut cell = base.clone();
            for (id, stretch) in ids.into_iter().zip([x, y]) {
                let interval = stretch.interval(&space, id);
                cell.set(Variable::Parameter(id), Domain::Interval(interval));
            }
            let met = |side: &super::Side<'_>| {
                let mut parts = side.parts.iter();
                parts.any(|(_, node)| holds(&self.logic, *node, &cell, &space) == Some(true))
            };
            match (met(&left), met(&right)) {
                (false, false) => Control::Neither,
                (true, false) => Control::Left,
                (false, true) => Control::Right,
                (true, true) => Control::Both,
            }
        };
        let parts: Vec<Vec<Control>> = xs
            .iter()
            .map(|x| ys.iter().map(|y| controls(*x, *y)).collect())
            .collect();
        let axis = |id: ParameterId, values: &[Rational]| {
            let found = space.parameter(id)?;
            Some(Axis {
                parameter: Arc::clone(&found.id),
                unit: Arc::clone(found.unit.symbol()),
                label: found.label.clone(),
                thresholds: (values.iter())
                    .map(|value| quantity(id, *value, &self.logic, &space))
                    .collect(),
            })
        };
        let ([first, second], [horizontal, vertical]) = (ids, &thresholds);
        let mut plane = Plane {
            axes: [axis(first, horizontal)?, axis(second, vertical)?],
            parts,
        };
        plane.drop_idle();
        let differs = plane.parts.iter().flatten();
        let both_axes = plane.axes.iter().all(|axis| !axis.thresholds.is_empty());
        let shown = differs
            .into_iter()
            .any(|c| matches!(c, Control::Left | Control::Right));
        (both_axes && shown).then_some(plane)
    }
}

impl Plane {
    /// Leaves out thresholds at which nothing changes.
    fn drop_idle(&mut self) {
        let [across, up] = &mut self.axes;
        // A threshold is at an odd position, between the stretches below and above it.
        let idle = |columns: &[Vec<Control>], threshold: usize| {
            let around = columns.get(2 * threshold..2 * threshold + 3);
            around.is_some_and(|around| around.windows(2).all(|pair| pair.first() == pair.last()))
        };
        for threshold in (0..across.thresholds.len()).rev() {
            if idle(&self.parts, threshold) {
                across.thresholds.remove(threshold);
                self.parts.drain(2 * threshold..2 * threshold + 2);
            }
        }
        for threshold in (0..up.thresholds.len()).rev() {
            let rows = |position: usize| self.parts.iter().map(move |c| c.get(position));
            let at = 2 * threshold;
            if rows(at).eq(rows(at + 1)) && rows(at).eq(rows(at + 2)) {
                up.thresholds.remove(threshold);
                for column in &mut self.parts {
                    column.drain(at..at + 2);
                }
            }
        }
    }
}

impl Stretch {
    fn interval(self, space: &Space<'_>, parameter: ParameterId) -> Interval {
        let whole = Interval::sensible(space, parameter);
        let end = |value, open| End { value, open };
        match self {
            Self::At(value) => Interval {
                low: end(value, false),
                high: Some(end(value, false)),
            },
            Self::Between(low, high) => {
                let above = low.map_or(whole, |low| whole.with_low(end(low, true)));
                high.map_or(above, |high| above.with_high(end(high, true)))
            }
        }
    }
}

fn stretches(thresholds: &[Rational]) -> Vec<Stretch> {
    let mut out = Vec::with_capacity(2 * thresholds.len() + 1);
    let mut low = None;
    for value in thresholds {
        out.push(Stretch::Between(low, Some(*value)));
        out.push(Stretch::At(*value));
        low = Some(*value);
    }
    out.push(Stretch::Between(low, None));
    out
}

/// Every bound that some formula sets to a parameter, sorted. After a count comes the next one: up to 3 ends below 4.
fn bounds(
    logic: &Logic,
    roots: &[NodeId],
    parameter: ParameterId,
    space: &Space<'_>,
) -> Vec<Rational> {
    let whole = space.parameter(parameter).is_some_and(|p| p.whole);
    let mut found = Vec::new();
    logic.each_literal(roots, &mut |literal| match literal {
        Literal::High(id, end) if *id == parameter && whole => {
            found.extend(end.value.checked_add(Rational::ONE));
        }
        Literal::Low(id, end) | Literal::High(id, end) if *id == parameter => {
            found.push(end.value);
        }
        _ => {}
    });
    found.sort();
    found.dedup();
    found
}

/// A box with what the region's first item says, but for the two parameters; other numbers that it leaves open stay open.
fn stated(
    region: &Region,
    tested: &[Variable],
    axes: [ParameterId; 2],
    space: &Space<'_>,
) -> Option<Cell> {
    let witness = region.witnesses.first()?;
    let item = Item::read(&witness.item, space).ok()?;
    let answers = witness.judgements.iter();
    let answers = answers.map(|(id, value)| (id.as_str(), *value));
    let judgements = Judgements::read(answers, space).ok()?;
    let mut cell = Cell::default();
    for variable in tested {
        let domain = match variable {
            Variable::Parameter(id) if axes.contains(id) => continue,
            Variable::Parameter(id) => {
                let Some(value) = item.parameter(*id) else {
                    continue;
                };
                let end = End {
                    value: value.exact,
                    open: false,
                };
                Domain::Interval(Interval {
                    low: end,
                    high: Some(end),
                })
            }
            Variable::Attribute(attribute) => Domain::Words {
                words: item.compared(*attribute).into_iter().cloned().collect(),
                inside: true,
            },
            Variable::Flag(id) => Domain::Truth(item.flag(*id) == Some(true)),
            Variable::Judgement(id) => Domain::Truth(judgements.answer(*id) == Some(true)),
            Variable::Opaque(_) => Domain::Truth(false),
        };
        cell.set(*variable, domain);
    }
    Some(cell)
}

/// Whether a formula holds everywhere in the box, or nowhere; `None`: the box does not decide it.
fn holds(logic: &Logic, id: NodeId, cell: &Cell, space: &Space<'_>) -> Option<bool> {
    let (parts, all) = match logic.node(id) {
        Node::Constant(value) => return Some(*value),
        Node::Literal(literal) => return cell.truth(literal, space),
        Node::All(parts) => (parts, true),
        Node::Any(parts) => (parts, false),
    };
    let mut decided = Some(all);
    for part in &**parts {
        match holds(logic, *part, cell, space) {
            Some(value) if value == all => {}
            Some(_) => return Some(!all),
            None => decided = None,
        }
    }
    decided
}
