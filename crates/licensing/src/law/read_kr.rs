//! Reads the Korean tables (`docs/regimes.md`).

use concord_controls::problem::Problems;
use concord_controls::vocabulary::Vocabulary;
use concord_controls::yaml::Cursor;

use super::fields::{Fields, each};
use super::kr_tables::{
    Act, Authority, ClassificationRule, EncryptionExempt, KrTables, LicenceRow, LicenceType,
    ListEdition, ListedFlag, LowValue, Member, Procedure, ProcedureFact, Process, Region, Removed,
    Sign, Situational,
};
use super::read_us;

/// The four Korean files.
pub(crate) struct Files<'a> {
    pub regions: Cursor<'a>,
    pub licences: Cursor<'a>,
    pub situational: Cursor<'a>,
    pub procedures: Cursor<'a>,
}

/// Reads them together.
pub(crate) fn tables(
    files: &Files<'_>,
    vocabulary: &Vocabulary,
    problems: &mut Problems,
) -> Option<KrTables> {
    let regions_file = Fields::open(files.regions, &["regions", "encryption_exempt"], problems)?;
    let regions = Fields::open(
        regions_file.map().required("regions", problems)?,
        &["cite", "observed", "home", "default", "list", "members"],
        problems,
    )?;
    let licences_file = Fields::open(
        files.licences,
        &["licences", "acts", "default_sensitivity"],
        problems,
    )?;
    let licences = Fields::open(
        licences_file.map().required("licences", problems)?,
        &["cite", "types", "rows", "process"],
        problems,
    )?;
    let procedures_file = Fields::open(
        files.procedures,
        &[
            "procedures",
            "classification_procedures",
            "authorities",
            "low_value",
        ],
        problems,
    )?;
    let read = KrTables {
        home: regions.set("home", problems),
        default_region: regions.text("default", problems)?,
        regions_cite: regions.text("cite", problems)?,
        regions: each(
            regions.required_items("list", problems),
            &["id", "en", "ko", "simplified", "exemptions", "period"],
            problems,
            |region, problems| {
                Some(Region {
                    id: region.text("id", problems)?,
                    label: region.name(problems)?,
                    simplified: region.flag("simplified", problems),
                    exemptions_open: region
                        .map()
                        .required("exemptions", problems)?
                        .word(&[("open", true), ("closed", false)], problems)?,
                    period: region.period(problems),
                })
            },
        ),
        members: each(
            regions.required_items("members", problems),
            &["region", "codes", "period", "basis", "cite"],
            problems,
            |member, problems| {
                Some(Member {
                    region: member.text("region", problems)?,
                    codes: member.set("codes", problems),
                    period: member.period(problems),
                    cite: member.text("cite", problems)?,
                })
            },
        ),
        licence_types: each(
            licences.required_items("types", problems),
            &["id", "en", "ko", "burden", "cite"],
            problems,
            |kind, problems| {
                Some(LicenceType {
                    id: kind.text("id", problems)?,
                    label: kind.name(problems)?,
                    comprehensive: kind.map().required("burden", problems)?.word(
                        &[
                            ("individual_licence", false),
                            ("comprehensive_licence", true),
                        ],
                        problems,
                    )?,
                    cite: kind.text("cite", problems)?,
                })
            },
        ),
        licence_rows: each(
            licences.required_items("rows", problems),
            &[
                "sensitivity",
                "regions",
                "grades",
                "asks",
                "types",
                "cite",
                "doubt",
            ],
            problems,
            |row, problems| {
                Some(LicenceRow {
                    sensitivity: row.words("sensitivity", problems),
                    regions: row.words("regions", problems),
                    grades: row.words("grades", problems),
                    word: row
                        .optional("asks", problems)
                        .inspect(|word| judged(row, word, vocabulary, problems)),
                    types: row.words("types", problems),
                    cite: row.text("cite", problems)?,
                    doubt: row.optional_label("doubt", problems),
                })
            },
        ),
        process: each(
            licences.required_items("process", problems),
            &["regions", "days", "documents", "cite"],
            problems,
            |row, problems| {
                Some(Process {
                    regions: row.words("regions", problems),
                    days: row.number("days", problems)?.to_string(),
                    documents: row.words("documents", problems),
                    cite: row.text("cite", problems)?,
                })
            },
        ),
        acts: each(
            licences_file.required_items("acts", problems),
            &["activity", "outcome", "exempt_regions", "cite"],
            problems,
            |act, problems| {
                Some(Act {
                    activity: act.text("activity", problems)?,
                    outcome: act.text("outcome", problems)?,
                    exempt_regions: act.words("exempt_regions", problems),
                    cite: act.text("cite", problems)?,
                })
            },
        ),
        default_sensitivity: licences_file.text("default_sensitivity", problems)?,
        encryption_exempt: encryption(&regions_file, problems)?,
        situational: situational(files.situational, vocabulary, problems)?,
        procedures: each(
            procedures_file.required_items("procedures", problems),
            &["key", "facts"],
            problems,
            |procedure, problems| {
                Some(Procedure {
                    key: procedure.text("key", problems)?,
                    facts: each(
                        procedure.required_items("facts", problems),
                        &["key", "value", "period", "cite"],
                        problems,
                        |fact, problems| {
                            Some(ProcedureFact {
                                key: fact.text("key", problems)?,
                                value: fact.text("value", problems)?,
                                period: fact.period(problems),
                                cite: fact.text("cite", problems)?,
                            })
                        },
                    ),
                })
            },
        ),
        classification: each(
            procedures_file.required_items("classification_procedures", problems),
            &["key", "kinds", "value", "except_grades", "cite"],
            problems,
            |rule, problems| {
                Some(ClassificationRule {
                    key: rule.text("key", problems)?,
                    kinds: rule.words("kinds", problems),
                    value: rule.text("value", problems)?,
                    except_grades: rule.words("except_grades", problems),
                    cite: rule.text("cite", problems)?,
                })
            },
        ),
        authorities: each(
            procedures_file.required_items("authorities", problems),
            &["id", "value", "en", "ko", "period", "cite"],
            problems,
            |authority, problems| {
                Some(Authority {
                    id: authority.text("id", problems)?,
                    value: authority.text("value", problems)?,
                    label: authority.name(problems)?,
                    period: authority.period(problems),
                    cite: authority.text("cite", problems)?,
                })
            },
        ),
        low_value: low_value(&procedures_file, problems),
    };
    check(&read, &regions, &licences, problems);
    Some(read)
}

/// Dangling words between the tables.
fn check(tables: &KrTables, regions: &Fields<'_>, licences: &Fields<'_>, problems: &mut Problems) {
    let region = |id: &str| tables.regions.iter().any(|r| r.id == id);
    let unknown = tables
        .members
        .iter()
        .map(|m| &m.region)
        .chain([&tables.default_region])
        .chain(tables.licence_rows.iter().flat_map(|r| &r.regions))
        .chain(tables.process.iter().flat_map(|p| &p.regions))
        .chain(tables.acts.iter().flat_map(|a| &a.exempt_regions))
        .find(|id| !region(id));
    if let Some(id) = unknown {
        regions.refuse(format!("`{id}` is not a region of this file"), problems);
    }
    let kind = |id: &str| tables.licence_types.iter().any(|t| t.id == id);
    if let Some(id) = tables
        .licence_rows
        .iter()
        .flat_map(|r| &r.types)
        .find(|id| !kind(id))
    {
        licences.refuse(
            format!("`{id}` is not a licence type of this file"),
            problems,
        );
    }
    for act in &tables.acts {
        if crate::facts::Activity::parse(&act.activity).is_none()
            || crate::outcome::Outcome::parse(&act.outcome).is_none()
        {
            let what = format!(
                "`{}` or `{}` is not a known word",
                act.activity, act.outcome
            );
            licences.refuse(what, problems);
        }
    }
}

fn situational(
    root: Cursor<'_>,
    vocabulary: &Vocabulary,
    problems: &mut Problems,
) -> Option<Situational> {
    let file = Fields::open(root, &["situational", "parties"], problems)?;
    let body = Fields::open(
        file.map().required("situational", problems)?,
        &["cite", "list", "knowledge", "signs"],
        problems,
    )?;
    const LIST: &[&str] = &[
        "id",
        "destinations",
        "cite",
        "policy",
        "policy_cite",
        "prior_contract_policy",
        "editions",
        "flags",
        "removed",
    ];
    let list = Fields::open(body.map().required("list", problems)?, LIST, problems)?;
    Some(Situational {
        cite: body.text("cite", problems)?,
        list_id: list.text("id", problems)?,
        list_cite: list.text("cite", problems)?,
        destinations: list.set("destinations", problems),
        policy: list.text("policy", problems)?,
        policy_cite: list.text("policy_cite", problems)?,
        prior_contract_policy: list.text("prior_contract_policy", problems)?,
        editions: each(
            list.required_items("editions", problems),
            &["from", "count"],
            problems,
            |edition, problems| {
                Some(ListEdition {
                    from: edition.map().required("from", problems)?.date(problems)?,
                    count: edition.number("count", problems)?,
                })
            },
        ),
        flags: each(
            list.required_items("flags", problems),
            &["flag", "from"],
            problems,
            |flag, problems| {
                Some(ListedFlag {
                    flag: flag.text("flag", problems)?,
                    from: flag.map().required("from", problems)?.date(problems)?,
                })
            },
        ),
        removed: each(
            list.items("removed", problems),
            &["from", "en", "ko"],
            problems,
            |removed, problems| {
                Some(Removed {
                    from: removed.map().required("from", problems)?.date(problems)?,
                    label: removed.name(problems)?,
                })
            },
        ),
        knowledge: signs(&body, "knowledge", vocabulary, problems),
        signs: signs(&body, "signs", vocabulary, problems),
        parties: read_us::parties(&file, problems),
    })
}

/// What a person can answer by a judgement of the vocabulary.
fn signs(
    body: &Fields<'_>,
    key: &str,
    vocabulary: &Vocabulary,
    problems: &mut Problems,
) -> Vec<Sign> {
    each(
        body.required_items(key, problems),
        &["id", "en", "ko", "asks"],
        problems,
        |sign, problems| {
            let word = sign.text("asks", problems)?;
            judged(sign, &word, vocabulary, problems);
            Some(Sign {
                id: sign.text("id", problems)?,
                label: sign.name(problems)?,
                word,
            })
        },
    )
}

/// Refuses a word that nobody can answer.
fn judged(fields: &Fields<'_>, word: &str, vocabulary: &Vocabulary, problems: &mut Problems) {
    if vocabulary.judgement_id(word).is_none() {
        let what = format!("`{word}` is no judgement of the vocabulary");
        fields.refuse(what, problems);
    }
}

fn low_value(file: &Fields<'_>, problems: &mut Problems) -> Option<LowValue> {
    let cursor = file.map().optional("low_value")?;
    let body = Fields::open(cursor, &["en", "ko", "cite"], problems)?;
    Some(LowValue {
        label: body.name(problems)?,
        cite: body.text("cite", problems)?,
    })
}

fn encryption(file: &Fields<'_>, problems: &mut Problems) -> Option<EncryptionExempt> {
    let body = Fields::open(
        file.map().required("encryption_exempt", problems)?,
        &["cite", "entries", "codes"],
        problems,
    )?;
    Some(EncryptionExempt {
        cite: body.text("cite", problems)?,
        entries: body.set("entries", problems),
        codes: body.set("codes", problems),
    })
}
