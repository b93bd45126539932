//! What is missing, so that no lost list ever turns into a clearance.

use concord_kit::config::ConfigError;
use concord_lists::{KNOWN_LISTS, ListId, Snapshot, SourceInfo};
use concord_proto::types as wire;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::loaded::Loaded;
use crate::store::{self, ListRecord};

/// Words of `IncompleteReason.reason` that this service gives.
pub mod why {
    /// A required list is not in the snapshot.
    pub const LIST_MISSING: &str = "LIST_MISSING";
    /// A required list is older than allowed.
    pub const LIST_STALE: &str = "LIST_STALE";
    /// A list is much smaller than it was and nobody has accepted that.
    pub const LIST_SHRUNK: &str = "LIST_SHRUNK";
    /// There is nothing but the fictional list that ships with the program.
    pub const EXAMPLE_LIST_ONLY: &str = "EXAMPLE_LIST_ONLY";
    /// The search for a party was ended at its limit.
    pub const SEARCH_LIMIT: &str = "SEARCH_LIMIT";
    /// A name in a script that the profile does not read, or a listed party without a name that can be read.
    pub const NAME_NOT_READ: &str = "NAME_NOT_READ";
}

/// What a deployment must have before it calls an answer complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    required: Vec<ListId>,
    max_age_days: u32,
    max_shrink_per_mille: u32,
    search_limit: u64,
}

/// The lists that a jurisdiction's law names. United States: 15 CFR 744.8, 744.11, 744.15, 744.16, 744.21 and part 764.
/// Korea: the parties of concern of the Public Notice on strategic items.
pub fn required_by_law(jurisdiction: &str) -> Option<&'static [&'static str]> {
    match jurisdiction {
        "US" => Some(&[
            "denied_persons",
            "entity_list",
            "meu_list",
            "sdn",
            "unverified",
        ]),
        "KR" => Some(&["kr_party_of_concern"]),
        _ => None,
    }
}

impl Policy {
    /// The policy of a deployment; `required` replaces the lists that the law names.
    ///
    /// # Errors
    /// A list that this release does not know, a share above 1000, or a jurisdiction whose lists must be named.
    pub fn new(
        jurisdiction: &str,
        required: Option<&[String]>,
        max_age_days: u32,
        max_shrink_per_mille: u32,
    ) -> Result<Self, ConfigError> {
        let names: Vec<&str> = match (required, required_by_law(jurisdiction)) {
            (Some(names), _) => names.iter().map(String::as_str).collect(),
            (None, Some(names)) => names.to_vec(),
            (None, None) => {
                let text = format!(
                    "is required, since no lists are known for jurisdiction `{jurisdiction}`"
                );
                return Err(ConfigError::invalid("required_lists", text));
            }
        };
        let mut lists = Vec::new();
        for name in names {
            let list = ListId::new(name).ok_or_else(|| {
                let known: Vec<&str> = KNOWN_LISTS.iter().map(|l| l.id).collect();
                let text = format!(
                    "`{name}` is not a list; known are {} and own_…",
                    known.join(", ")
                );
                ConfigError::invalid("required_lists", text)
            })?;
            lists.push(list);
        }
        lists.sort();
        lists.dedup();
        if max_shrink_per_mille > 1000 {
            return Err(ConfigError::invalid(
                "max_shrink_per_mille",
                "is a share in thousandths, 0 to 1000",
            ));
        }
        Ok(Self {
            required: lists,
            max_age_days,
            max_shrink_per_mille,
            search_limit: crate::search_limit(),
        })
    }

    /// The same with another limit on what the search for one party may cost, in names looked at.
    #[must_use]
    pub fn with_search_limit(self, search_limit: u64) -> Self {
        Self {
            search_limit,
            ..self
        }
    }

    /// Names that the search for one party may look at.
    pub fn search_limit(&self) -> u64 {
        self.search_limit
    }

    /// The policy that the shipped settings have: the lists that the law names, thirty days, a tenth.
    ///
    /// # Errors
    /// A jurisdiction whose lists this release does not know.
    pub fn by_law(jurisdiction: &str) -> Result<Self, ConfigError> {
        Self::new(
            jurisdiction,
            None,
            crate::max_age_days(),
            crate::max_shrink_per_mille(),
        )
    }

    /// What is missing at `now`, by list; nothing means complete.
    pub fn missing(&self, loaded: &Loaded, now: Timestamp) -> Vec<wire::IncompleteReason> {
        let mut missing = self.missing_in(loaded.snapshot(), loaded.records(), now);
        for (list, parties) in loaded.unfindable() {
            missing.push(reason(
                why::NAME_NOT_READ,
                list.as_str(),
                &format!("{} has {parties} parties whose names hold neither letter nor digit: nothing finds them", title(list)),
                &format!("목록 `{list}`의 대상자 {parties}건은 이름에 문자나 숫자가 없어 검색되지 않음"),
            ));
        }
        missing
    }

    /// The same for a snapshot that is not indexed. `records` say when its lists were loaded.
    pub fn missing_in(
        &self,
        snapshot: &Snapshot,
        records: &[ListRecord],
        now: Timestamp,
    ) -> Vec<wire::IncompleteReason> {
        if snapshot.only_examples() {
            return vec![reason(
                why::EXAMPLE_LIST_ONLY,
                "",
                "only the fictional example list is loaded; add official lists with `concord lists add`",
                "가상의 예시 목록만 적재되어 있음. `concord lists add`로 공식 목록을 추가해야 함",
            )];
        }
        let today = crate::answer::today(now);
        let mut reasons = Vec::new();
        for list in &self.required {
            let sources = snapshot
                .sources()
                .iter()
                .filter(|s| s.list == *list && !s.example);
            // Where two publications hold a list, the fresher one counts.
            let newest = sources.map(|s| day_of(records, s)).max();
            match newest {
                None => reasons.push(reason(
                    why::LIST_MISSING,
                    list.as_str(),
                    &format!("{} is required and not loaded", title(list)),
                    &format!("필수 목록 `{list}`이(가) 적재되어 있지 않음"),
                )),
                Some(day) if older(day, today, self.max_age_days) => {
                    let day = day.map_or_else(|| "an unknown day".to_owned(), |d| d.to_string());
                    reasons.push(reason(
                        why::LIST_STALE,
                        list.as_str(),
                        &format!(
                            "{} is of {day}, more than {} days ago",
                            title(list),
                            self.max_age_days
                        ),
                        &format!(
                            "목록 `{list}`의 기준일 {day}이(가) {}일을 초과함",
                            self.max_age_days
                        ),
                    ));
                }
                Some(_) => {}
            }
        }
        for loss in records.iter().filter_map(|r| r.shrunk.as_ref()) {
            if store::too_much(loss, self.max_shrink_per_mille) {
                reasons.push(reason(
                    why::LIST_SHRUNK,
                    loss.list.as_str(),
                    &format!(
                        "{} went from {} parties to {} and nobody has accepted that",
                        title(&loss.list),
                        loss.before,
                        loss.after
                    ),
                    &format!(
                        "목록 `{}`의 대상자가 {}에서 {}(으)로 줄었으나 확인되지 않음",
                        loss.list, loss.before, loss.after
                    ),
                ));
            }
        }
        reasons
    }
}

/// The day a list is of: the publisher's where known, else the day it was loaded.
fn day_of(records: &[ListRecord], source: &SourceInfo) -> Option<Date> {
    source.data_date.parse().ok().or_else(|| {
        let record = records
            .iter()
            .find(|r| r.source == source.source && r.list == source.list)?;
        Some(record.loaded_at.to_zoned_datetime(TimeZone::UTC).date())
    })
}

/// A list of an unknown day is old: nothing says otherwise.
fn older(day: Option<Date>, today: Date, max_days: u32) -> bool {
    day.is_none_or(|day| (today - day).get_days() > i32::try_from(max_days).unwrap_or(i32::MAX))
}

fn title(list: &ListId) -> String {
    list.known()
        .map_or_else(|| format!("list `{list}`"), |known| known.title.to_owned())
}

fn reason(word: &str, subject: &str, en: &str, ko: &str) -> wire::IncompleteReason {
    let text = [("en", en), ("ko", ko)].map(|(language, text)| wire::LocalizedText {
        language: language.to_owned(),
        text: text.to_owned(),
    });
    wire::IncompleteReason {
        reason: word.to_owned(),
        subject: subject.to_owned(),
        text: text.into(),
    }
}

/// The search for a party went only so far.
pub fn search_limit_reached(limit: u64) -> wire::IncompleteReason {
    reason(
        why::SEARCH_LIMIT,
        "",
        &format!(
            "the search was ended after {limit} names: there may be other hits; give the name in full or raise `search_limit`"
        ),
        &format!(
            "이름 {limit}건에서 검색을 중단함. 다른 일치가 있을 수 있음. 이름을 완전하게 적거나 `search_limit`을 높여야 함"
        ),
    )
}

/// The profile does not read the script of the name that was asked for.
pub fn name_not_read(profile: &str) -> wire::IncompleteReason {
    reason(
        why::NAME_NOT_READ,
        profile,
        &format!(
            "profile `{profile}` reads Latin letters only: ask with the name in Latin letters or with another profile"
        ),
        &format!(
            "프로필 `{profile}`은(는) 로마자만 읽음. 로마자 이름이나 다른 프로필로 조회해야 함"
        ),
    )
}
