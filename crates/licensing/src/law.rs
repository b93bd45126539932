//! One edition of one jurisdiction's law: its control list with the tables that decide about licences.

mod alike;
pub(crate) mod fields;
pub(crate) mod kr_tables;
mod read_facts;
mod read_kr;
mod read_us;
pub(crate) mod us_tables;

use std::sync::Arc;

use concord_controls::problem::{LoadError, Location, ProblemKind, Problems};
use concord_controls::regime::{Regime, RegimeSource};
use concord_controls::yaml::Document;

use crate::decision::LineDecision;
use crate::facts::{Facts, Transaction};
use kr_tables::KrTables;
use us_tables::{Row, UsTables};

/// The tables of one jurisdiction. A third country is one more variant and one more module.
#[derive(Clone, Debug)]
pub(crate) enum Tables {
    /// The flow of 15 CFR 730-774.
    Us(Box<UsTables>),
    /// The flow of the Korean Foreign Trade Act.
    Kr(Box<KrTables>),
}

/// One jurisdiction's law, immutable and named by digest; it is read at the date of the facts.
#[derive(Clone, Debug)]
pub struct LawEdition {
    regime: Arc<Regime>,
    tables: Tables,
}

/// A field of a transaction that no decision can be made from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` in {field} {expected}")]
pub struct TransactionError {
    /// The field, for example `transaction.destination`.
    pub field: String,
    /// What the asker wrote.
    pub value: String,
    /// What would be right.
    pub expected: &'static str,
}

impl LawEdition {
    /// Reads the edition in `folder` (for example `us`): the control list and the licensing tables.
    ///
    /// # Errors
    /// [`LoadError`] with every problem found, each with `file:line:column`.
    pub fn load(source: &RegimeSource, folder: &str) -> Result<Self, LoadError> {
        let regime = Regime::load(source, folder)?;
        Self::with_regime(source, folder, Arc::new(regime))
    }

    /// Reads the licensing tables for a control list that is already loaded from the same source.
    ///
    /// # Errors
    /// [`LoadError`] with every problem found; also when there is no flow for the regime's jurisdiction.
    pub fn with_regime(
        source: &RegimeSource,
        folder: &str,
        regime: Arc<Regime>,
    ) -> Result<Self, LoadError> {
        let mut problems = Problems::new();
        let tables = match &**regime.jurisdiction() {
            "US" => us(source, folder, &regime, &mut problems).map(|t| Tables::Us(Box::new(t))),
            "KR" => kr(source, folder, &regime, &mut problems).map(|t| Tables::Kr(Box::new(t))),
            other => {
                let what = format!("there is no decision flow for the jurisdiction `{other}`");
                let at = Location {
                    file: format!("{folder}/regime.yaml").into(),
                    line: 1,
                    column: 1,
                };
                problems.push(at, ProblemKind::Invalid { what });
                None
            }
        };
        let nothing_said = tables.is_none() && problems.is_empty();
        if nothing_said {
            let at = Location {
                file: folder.into(),
                line: 1,
                column: 1,
            };
            problems.push(at, ProblemKind::MissingFile);
        }
        match (problems.finish(), tables) {
            (Ok(()), Some(tables)) => Ok(Self { regime, tables }),
            (Err(error), _) => Err(error),
            (Ok(()), None) => Err(LoadError {
                problems: Vec::new(),
            }),
        }
    }

    /// The control list.
    #[must_use]
    pub const fn regime(&self) -> &Arc<Regime> {
        &self.regime
    }

    /// The jurisdiction, for example `US`.
    #[must_use]
    pub fn jurisdiction(&self) -> &str {
        self.regime.jurisdiction()
    }

    /// The agency that answers, for example `BIS`.
    #[must_use]
    pub fn agency(&self) -> &str {
        self.regime.agency()
    }

    /// `sha256:…` of the edition, control list and tables together.
    #[must_use]
    pub fn digest(&self) -> &str {
        self.regime.digest()
    }

    /// Checks what the types cannot: country codes that no table knows. Call it at the edge, before deciding.
    ///
    /// # Errors
    /// The first wrong field, with its path below the request.
    pub fn check(&self, transaction: &Transaction) -> Result<(), TransactionError> {
        let routes = [
            ("transaction.origin", &transaction.origin),
            ("transaction.destination", &transaction.destination),
        ];
        let parties = transaction
            .parties
            .iter()
            .enumerate()
            .map(|(i, p)| (format!("transaction.parties[{i}].country"), &p.country));
        for (field, code) in routes
            .into_iter()
            .map(|(f, c)| (f.to_owned(), c))
            .chain(parties)
        {
            let Some(code) = code else { continue };
            let known = crate::iso::is_country(code);
            if !known {
                let expected = "is not a country code of ISO 3166 alpha-2 such as `KR`";
                return Err(TransactionError {
                    field,
                    value: code.clone(),
                    expected,
                });
            }
        }
        Ok(())
    }

    /// The tables of the flow of the United States.
    #[cfg(test)]
    pub(crate) fn us_tables(&self) -> Option<&UsTables> {
        match &self.tables {
            Tables::Us(tables) => Some(tables),
            Tables::Kr(_) => None,
        }
    }

    /// The burden that [`Self::decide`] gives, for many questions about plain exports.
    pub(crate) fn burden(&self, facts: &Facts<'_>) -> crate::outcome::Burden {
        let short = match &self.tables {
            Tables::Us(tables) => crate::us::burden(self, tables, facts),
            Tables::Kr(_) => None,
        };
        short.unwrap_or_else(|| self.decide(facts).burden)
    }

    /// Decides one line under this law. The same facts give the same decision.
    #[must_use]
    pub fn decide(&self, facts: &Facts<'_>) -> LineDecision {
        match &self.tables {
            Tables::Us(tables) => crate::us::decide(self, tables, facts),
            Tables::Kr(tables) => crate::kr::decide(self, tables, facts),
        }
    }
}

/// Opens a file of the edition; a missing one is a problem.
fn open(source: &RegimeSource, path: &str, problems: &mut Problems) -> Option<Document> {
    let at = || Location {
        file: path.into(),
        line: 1,
        column: 1,
    };
    let Some(bytes) = source.get(path) else {
        problems.push(at(), ProblemKind::MissingFile);
        return None;
    };
    match Document::parse(path, bytes) {
        Ok(document) => Some(document),
        Err(problem) => {
            problems.push(problem.at, problem.kind);
            None
        }
    }
}

fn us(
    source: &RegimeSource,
    folder: &str,
    regime: &Regime,
    problems: &mut Problems,
) -> Option<UsTables> {
    let mut file = |name: &str| open(source, &format!("{folder}/{name}.yaml"), problems);
    let (countries, groups, exceptions) = (file("countries"), file("groups"), file("exceptions"));
    let (reviews, overlays) = (file("reviews"), file("overlays"));
    let (sanctions, reach) = (file("sanctions"), file("reach"));
    let end_uses = file("end-uses");
    let chart = read_us::chart(countries.as_ref()?.root(), problems);
    let groups = read_us::groups(groups.as_ref()?.root(), problems);
    let exceptions = read_us::exceptions(exceptions.as_ref()?.root(), problems);
    let reviews = read_us::reviews(reviews.as_ref()?.root(), regime.vocabulary(), problems);
    let overlays = read_us::overlays(overlays.as_ref()?.root(), problems);
    let sanctions = read_us::sanctions(sanctions.as_ref()?.root(), problems);
    let reach = read_us::reach(reach.as_ref()?.root(), regime.vocabulary(), problems);
    let end_uses = read_us::end_uses(end_uses.as_ref()?.root(), regime.vocabulary(), problems);
    let (exceptions, bars) = exceptions?;
    let read_us::ReviewTables {
        policies,
        reviews,
        sections,
    } = reviews?;
    let (sanctions, regions, parties) = sanctions?;
    let tables = UsTables {
        chart: chart?,
        groups: groups?,
        exceptions,
        bars,
        policies,
        reviews,
        sections,
        overlays: overlays?,
        sanctions,
        regions,
        parties,
        reach: reach?,
        end_uses: end_uses?,
    };
    cross_check(&tables, regime, folder, problems);
    Some(tables)
}

/// References between the tables, and from the entries into them.
fn cross_check(tables: &UsTables, regime: &Regime, folder: &str, problems: &mut Problems) {
    let at = |file: &str| Location {
        file: format!("{folder}/{file}.yaml").into(),
        line: 1,
        column: 1,
    };
    let mut invalid = |at: Location, what: String| problems.push(at, ProblemKind::Invalid { what });
    let countries = &tables.chart.countries;
    for code in crate::iso::countries().filter(|code| !countries.contains_key(*code)) {
        invalid(
            at("countries"),
            format!("`{code}` is missing; give it `no_row: true` at least"),
        );
    }
    for (code, country) in countries {
        if let Row::Of(other) = &country.row
            && !countries
                .get(other)
                .is_some_and(|c| !matches!(c.row, Row::Of(_)))
        {
            invalid(
                at("countries"),
                format!("`{code}` uses the row of `{other}`, which has none"),
            );
        }
    }
    for group in &tables.groups {
        let codes = group
            .members
            .iter()
            .chain(group.changes.iter().map(|c| &c.code));
        for code in codes.filter(|code| !countries.contains_key(*code)) {
            invalid(
                at("groups"),
                format!("`{code}` in group `{}` is not a country", group.id),
            );
        }
    }
    for policy in tables
        .sanctions
        .iter()
        .map(|s| &s.policy)
        .chain(tables.parties.iter().filter_map(|p| p.policy.as_ref()))
        .filter(|policy| !tables.policies.contains_key(*policy))
    {
        invalid(
            at("sanctions"),
            format!("`{policy}` is not a policy of reviews.yaml"),
        );
    }
    for trigger in &tables.end_uses.triggers {
        if !tables.policies.contains_key(&trigger.policy) {
            let what = format!("`{}` is not a policy of reviews.yaml", trigger.policy);
            invalid(at("end-uses"), what);
        }
    }
    for row in regime.entries().iter().flat_map(|e| &e.requirements) {
        if let Some(id) = &row.overlay
            && !tables.overlays.overlays.contains_key(&**id)
        {
            invalid(
                row.at.clone(),
                format!("`{id}` is not an overlay of overlays.yaml"),
            );
        }
        if let Some(id) = &row.review
            && !tables.reviews.contains_key(&**id)
        {
            invalid(
                row.at.clone(),
                format!("`{id}` is not a review of reviews.yaml"),
            );
        }
    }
    for line in regime.entries().iter().flat_map(|e| &e.exceptions) {
        if !tables.exceptions.iter().any(|x| x.symbol == *line.symbol) {
            let what = format!("`{}` is not an exception of exceptions.yaml", line.symbol);
            invalid(line.at.clone(), what);
        }
    }
}

fn kr(
    source: &RegimeSource,
    folder: &str,
    regime: &Regime,
    problems: &mut Problems,
) -> Option<KrTables> {
    let mut file = |name: &str| open(source, &format!("{folder}/{name}.yaml"), problems);
    let (regions, licences) = (file("regions"), file("licences"));
    let (situational, procedures) = (file("situational"), file("procedures"));
    let files = read_kr::Files {
        regions: regions.as_ref()?.root(),
        licences: licences.as_ref()?.root(),
        situational: situational.as_ref()?.root(),
        procedures: procedures.as_ref()?.root(),
    };
    read_kr::tables(&files, regime.vocabulary(), problems)
}
