//! `overlays.yaml`: enforcement beside the text.

use std::collections::BTreeMap;

use concord_controls::problem::Problems;
use concord_controls::yaml::Cursor;

use crate::law::fields::{Fields, each};
use crate::law::us_tables::{Affiliates, DatedState, Overlay, OverlayState, Overlays};

/// `overlays.yaml`.
pub(crate) fn overlays(root: Cursor<'_>, problems: &mut Problems) -> Option<Overlays> {
    let file = Fields::open(root, &["states", "overlays", "affiliates"], problems)?;
    let states: BTreeMap<String, OverlayState> = each(
        file.required_items("states", problems),
        &["id", "enforced", "confirm", "label"],
        problems,
        |state, problems| {
            Some((
                state.text("id", problems)?,
                OverlayState {
                    enforced: state.flag("enforced", problems),
                    confirm: state.flag("confirm", problems),
                    label: state.label("label", problems)?,
                },
            ))
        },
    )
    .into_iter()
    .collect();
    let overlays: BTreeMap<String, Overlay> = each(
        file.required_items("overlays", problems),
        &["id", "label", "cite", "states"],
        problems,
        |overlay, problems| {
            let dated = each(
                overlay.required_items("states", problems),
                &["state", "period", "cite"],
                problems,
                |state, problems| {
                    let word = state.text("state", problems)?;
                    if !states.contains_key(&word) {
                        state.refuse(format!("`{word}` is not a state of this file"), problems);
                    }
                    Some(DatedState {
                        state: word,
                        period: state.period(problems),
                        cite: state.text("cite", problems)?,
                    })
                },
            );
            for (i, a) in dated.iter().enumerate() {
                if dated
                    .iter()
                    .skip(i + 1)
                    .any(|b| a.period.first_common_day(&b.period).is_some())
                {
                    overlay.refuse("two states on one day".to_owned(), problems);
                }
            }
            Some((
                overlay.text("id", problems)?,
                Overlay {
                    label: overlay.label("label", problems)?,
                    states: dated,
                },
            ))
        },
    )
    .into_iter()
    .collect();
    let rule = Fields::open(
        file.map().required("affiliates", problems)?,
        &["overlay", "threshold_percent", "lists", "cite"],
        problems,
    )?;
    let affiliates = Affiliates {
        overlay: rule.text("overlay", problems)?,
        threshold_basis_points: u64::from(rule.number("threshold_percent", problems)?) * 100,
        lists: rule.words("lists", problems),
        cite: rule.text("cite", problems)?,
    };
    if !overlays.contains_key(&affiliates.overlay) {
        rule.refuse(
            format!("`{}` is not an overlay of this file", affiliates.overlay),
            problems,
        );
    }
    Some(Overlays {
        states,
        overlays,
        affiliates,
    })
}
