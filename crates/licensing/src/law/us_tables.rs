//! The tables of the United States beside its control list: chart, groups, part 740, reviews, overlays, part 746, reach.

use std::collections::{BTreeMap, BTreeSet};

use concord_controls::condition::Condition;
use concord_controls::period::Period;
use jiff::civil::Date;

use crate::decision::{Cite, Text};
use crate::destination::Destinations;

/// Everything the United States flow reads beside the entries.
#[derive(Clone, Debug)]
pub(crate) struct UsTables {
    pub chart: Chart,
    pub groups: Vec<Group>,
    pub exceptions: Vec<Exception>,
    pub bars: Vec<Bar>,
    pub policies: BTreeMap<String, Policy>,
    pub reviews: BTreeMap<String, Review>,
    /// The section of part 742 for each reason for control.
    pub sections: BTreeMap<String, String>,
    pub overlays: Overlays,
    pub sanctions: Vec<Sanction>,
    pub regions: Vec<Region>,
    pub parties: Vec<PartyRule>,
    pub reach: Reach,
    pub end_uses: EndUses,
}

/// 15 CFR 738 Supp. 1.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    pub cite: String,
    pub earliest: Date,
    pub countries: BTreeMap<String, Country>,
}

#[derive(Clone, Debug)]
pub(crate) struct Country {
    pub name: Text,
    pub row: Row,
    /// Footnote 1 of the chart: Security Council sanctions, 746.1(b).
    pub un_noted: bool,
    pub cite: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) enum Row {
    /// Its own marks, and what an earlier edition shows instead.
    Own {
        marks: BTreeSet<String>,
        before: Vec<ChartChange>,
    },
    /// Uses another destination's row.
    Of(String),
    /// No marks at all: part 746 decides.
    Pointer(String),
    /// Neither a row nor a named inheritance.
    Missing,
    /// The United States itself.
    Home,
}

#[derive(Clone, Debug)]
pub(crate) struct ChartChange {
    pub to: Date,
    pub add: Vec<String>,
    pub remove: Vec<String>,
}

/// One Country Group.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub id: String,
    pub members: BTreeSet<String>,
    pub changes: Vec<GroupChange>,
}

#[derive(Clone, Debug)]
pub(crate) struct GroupChange {
    pub code: String,
    pub member: bool,
    pub to: Date,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryRole {
    /// The entry must name the symbol.
    Required,
    /// The entry may name it; silent means out of scope.
    Named,
    /// Part 740 alone decides.
    SilentOk,
}

/// One licence exception.
#[derive(Clone, Debug)]
pub(crate) struct Exception {
    pub symbol: String,
    pub section: String,
    pub label: Text,
    pub period: Period,
    pub entry: EntryRole,
    pub moves_outcome: bool,
    pub notification: bool,
    pub kinds: Vec<String>,
    pub codes: Vec<String>,
    pub activities: Vec<String>,
    pub limbs: Vec<Limb>,
    pub to_check_elsewhere: bool,
    pub value_limit: bool,
    pub conditions: Vec<Text>,
}

/// One way of qualifying: destination, period and the reasons that it overcomes.
#[derive(Clone, Debug)]
pub(crate) struct Limb {
    pub id: String,
    pub to: Destinations,
    pub only_reasons: Vec<String>,
    pub period: Period,
}

/// One paragraph of 740.2, or another bar.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    pub id: String,
    pub label: Text,
    pub codes: Vec<String>,
    /// Codes some of whose items are meant: the bar may apply.
    pub near: Vec<String>,
    /// `6` or `515`, as in [`ItemLimb`].
    pub series: Vec<String>,
    pub reasons: Vec<String>,
    pub to: Destinations,
    /// Everything but these is foreclosed; absent: `forecloses` lists what is.
    pub only: Option<Vec<String>>,
    pub forecloses: Vec<String>,
    pub sanctioned: bool,
    pub party_effect: Option<String>,
    pub unless_supp8: bool,
    /// It closes only where this flag is denied.
    pub denied: Option<String>,
    /// What elsewhere turns on the seat of a party.
    pub headquarters: Option<Text>,
    pub period: Period,
    /// From memory, not compared with the text; the answer says so.
    pub recalled: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub denial: bool,
    pub label: Text,
}

/// A review policy. Rows that name none are given the one whose `codes` or `basis` they fall under.
#[derive(Clone, Debug)]
pub(crate) struct Review {
    pub codes: Vec<String>,
    /// `6` or `515`, as in [`ItemLimb`].
    pub series: Vec<String>,
    /// Reasons for control of rows that nothing more particular chooses.
    pub reasons: Vec<String>,
    pub basis: Vec<String>,
    pub rules: Vec<ReviewRule>,
}

#[derive(Clone, Debug)]
pub(crate) struct ReviewRule {
    pub policy: String,
    pub to: Destinations,
    pub when: Option<Condition>,
    pub home_origin: bool,
    pub conditions: Option<Text>,
    pub period: Period,
    pub cite: String,
}

/// Enforcement beside the text.
#[derive(Clone, Debug)]
pub(crate) struct Overlays {
    pub states: BTreeMap<String, OverlayState>,
    pub overlays: BTreeMap<String, Overlay>,
    pub affiliates: Affiliates,
}

#[derive(Clone, Debug)]
pub(crate) struct OverlayState {
    pub enforced: bool,
    /// An operator must say whether it still holds.
    pub confirm: bool,
    pub label: Text,
}

#[derive(Clone, Debug)]
pub(crate) struct Overlay {
    pub label: Text,
    pub states: Vec<DatedState>,
}

#[derive(Clone, Debug)]
pub(crate) struct DatedState {
    pub state: String,
    pub period: Period,
    pub cite: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Affiliates {
    pub overlay: String,
    pub threshold_basis_points: u64,
    pub lists: Vec<String>,
    pub cite: String,
}

/// One destination of part 746.
#[derive(Clone, Debug)]
pub(crate) struct Sanction {
    pub code: String,
    pub basis: String,
    /// Everything subject to the EAR, or only items of an ECCN.
    pub any_item: bool,
    pub policy: String,
    pub label: Text,
    pub exceptions: Vec<String>,
    pub also: Vec<String>,
    pub note: Option<Text>,
    pub period: Period,
    pub cite: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Region {
    pub code: String,
    pub id: String,
    pub label: Text,
    /// The rule for the region could raise the burden.
    pub open: bool,
}

/// What a hit on certain lists does.
#[derive(Clone, Debug)]
pub(crate) struct PartyRule {
    pub effect: PartyEffect,
    pub lists: Vec<String>,
    pub reason: String,
    pub basis: String,
    pub policy: Option<String>,
    pub label: Text,
    pub cite: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PartyEffect {
    Prohibited,
    LicenceRequired,
    MilitaryEndUser,
    ExceptionsForeclosed,
    RedFlag,
    SituationalLicence,
}

/// Part 744 beside its lists, and part 736.
#[derive(Clone, Debug)]
pub(crate) struct EndUses {
    pub cite: String,
    pub triggers: Vec<EndUse>,
    pub prohibitions: Vec<Prohibition>,
}

/// One end use or end user that requires a licence.
#[derive(Clone, Debug)]
pub(crate) struct EndUse {
    pub id: String,
    pub section: String,
    pub items: ItemLimb,
    /// A supplement names the items, which is not stored.
    pub unstored: bool,
    pub to: Destinations,
    pub asked: Asked,
    pub policy: String,
    pub period: Period,
    /// As of a [`Bar`].
    pub recalled: bool,
}

/// One general prohibition (736.2(b)).
#[derive(Clone, Debug)]
pub(crate) struct Prohibition {
    pub id: String,
    /// The steps that examine it; none: no step does.
    pub steps: Vec<String>,
    /// It binds persons also for items outside the EAR.
    pub beyond: bool,
    pub label: Text,
}

/// 15 CFR 734: does the law reach an item outside the United States?
#[derive(Clone, Debug)]
pub(crate) struct Reach {
    pub home: BTreeSet<String>,
    pub de_minimis_cite: String,
    pub default_percent: u32,
    pub lower_percent: u32,
    pub lower_to: Destinations,
    pub zero_percent: Vec<ZeroPercent>,
    pub direct_product: Vec<DirectProduct>,
}

/// Which items a limb is about; nothing named: any.
#[derive(Clone, Debug, Default)]
pub(crate) struct ItemLimb {
    pub codes: Vec<String>,
    /// Codes some of whose items are meant.
    pub near: Vec<String>,
    /// Paragraphs of these codes that are not meant.
    pub except: Vec<String>,
    /// Product groups of a category, for example `3B`.
    pub groups: Vec<String>,
    /// Kinds of items; none: any.
    pub kinds: Vec<String>,
    /// `6` or `515`: entries whose number after category and group begins so.
    pub series: Vec<String>,
    pub categories: Vec<String>,
    pub reasons: Vec<String>,
    pub types: Vec<String>,
    /// Any item of an ECCN.
    pub listed: bool,
    /// Tables by HTS code are meant as well, which are not stored.
    pub unstored: bool,
}

/// Something about the item or its use that a word of the vocabulary may answer.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub text: Text,
    /// Id of a flag or judgement; without such a word in the vocabulary it stays unknown.
    pub word: Option<String>,
    /// The word answers one of several ways only: a no leaves the others open.
    pub one_of_several: bool,
}

/// One case without a de minimis threshold (734.4(a)).
#[derive(Clone, Debug)]
pub(crate) struct ZeroPercent {
    pub id: String,
    pub cite: String,
    pub item: ItemLimb,
    pub content: Asked,
    pub to: Destinations,
    pub period: Period,
}

/// One direct product rule (734.9): product limb and reach limb.
#[derive(Clone, Debug)]
pub(crate) struct DirectProduct {
    pub id: String,
    pub cite: String,
    pub item: ItemLimb,
    pub made: Asked,
    /// Absent: no destination alone meets the reach limb.
    pub to: Option<Destinations>,
    /// Destinations parts of which are meant.
    pub regions: Vec<String>,
    pub end_use: Option<Asked>,
    pub elsewhere: Option<Asked>,
    pub parties: bool,
    /// Types for which an end use that is not stated holds the answer open; empty: any.
    pub held_open_for: Vec<String>,
    /// An exclusion that is not stored.
    pub exempt: Option<(String, Text)>,
    pub period: Period,
    /// As of a [`Bar`].
    pub recalled: bool,
}

impl Reach {
    /// The citation of the content test.
    pub(crate) fn content_cite(&self) -> Cite {
        Cite::new(self.de_minimis_cite.clone())
    }
}
