//! Versions of one node must not overlap, and must touch unless a gap is declared.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::period::Period;
use crate::problem::{Location, ProblemKind, Problems};

/// Checks the versions of nodes that share an id. `gaps` holds the places of the nodes that declare a gap before them.
pub(super) fn check_versions<'a>(
    nodes: impl Iterator<Item = (&'a str, Period, &'a Location)>,
    gaps: &[Location],
    problems: &mut Problems,
) {
    let mut versions: BTreeMap<&str, Vec<(Period, &Location)>> = BTreeMap::new();
    for (id, period, at) in nodes {
        versions.entry(id).or_default().push((period, at));
    }
    for (id, mut versions) in versions {
        versions.sort_by_key(|(period, _)| period.from.unwrap_or(Date::MIN));
        let mut earlier: Option<Period> = None;
        for (period, at) in versions {
            let declared = gaps.contains(at);
            let Some(before) = earlier.replace(period) else {
                if declared {
                    problems.push(
                        at.clone(),
                        ProblemKind::NoGap {
                            node: id.to_owned(),
                        },
                    );
                }
                continue;
            };
            let start = period.from.unwrap_or(Date::MIN);
            match before.to {
                Some(end) if end == start => {
                    if declared {
                        problems.push(
                            at.clone(),
                            ProblemKind::NoGap {
                                node: id.to_owned(),
                            },
                        );
                    }
                }
                Some(end) if end < start => {
                    if !declared {
                        let kind = ProblemKind::Gap {
                            node: id.to_owned(),
                            from: end.to_string(),
                            to: start.to_string(),
                        };
                        problems.push(at.clone(), kind);
                    }
                }
                _ => {
                    let kind = ProblemKind::OverlappingPeriods {
                        node: id.to_owned(),
                        day: start.to_string(),
                    };
                    problems.push(at.clone(), kind);
                }
            }
        }
    }
}
