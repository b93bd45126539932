//! `end-uses.yaml`: the triggers of part 744 and the general prohibitions as pointers.

use concord_controls::problem::Problems;
use concord_controls::vocabulary::Vocabulary;
use concord_controls::yaml::Cursor;

use super::asked::asked;
use super::reach::item;
use super::{recalled, to};
use crate::law::fields::{Fields, each};
use crate::law::us_tables::{EndUse, EndUses, Prohibition};

/// `end-uses.yaml`.
pub(crate) fn end_uses(
    root: Cursor<'_>,
    vocabulary: &Vocabulary,
    problems: &mut Problems,
) -> Option<EndUses> {
    let file = Fields::open(root, &["end_uses", "general_prohibitions"], problems)?;
    let body = Fields::open(
        file.map().required("end_uses", problems)?,
        &["cite", "observed", "list"],
        problems,
    )?;
    const KEYS: &[&str] = &[
        "id", "section", "label", "to", "codes", "near", "groups", "kinds", "listed", "unstored",
        "asks", "policy", "period", "basis",
    ];
    let triggers = each(
        body.required_items("list", problems),
        KEYS,
        problems,
        |trigger, problems| {
            let mut items = item(trigger, problems);
            let unstored = std::mem::take(&mut items.unstored);
            Some(EndUse {
                id: trigger.text("id", problems)?,
                section: trigger.text("section", problems)?,
                items,
                unstored,
                to: to(trigger, problems),
                asked: asked(trigger, ("label", "asks"), vocabulary, problems)?,
                policy: trigger.text("policy", problems)?,
                period: trigger.period(problems),
                recalled: recalled(trigger, problems),
            })
        },
    );
    let prohibitions = each(
        file.required_items("general_prohibitions", problems),
        &["id", "steps", "beyond", "label"],
        problems,
        |prohibition, problems| {
            Some(Prohibition {
                id: prohibition.text("id", problems)?,
                steps: prohibition.words("steps", problems),
                beyond: prohibition.flag("beyond", problems),
                label: prohibition.label("label", problems)?,
            })
        },
    );
    Some(EndUses {
        cite: body.text("cite", problems)?,
        triggers,
        prohibitions,
    })
}
