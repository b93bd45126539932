//! Reading the vocabulary files.

mod judgements;

use std::collections::HashMap;
use std::sync::Arc;

use super::{Attribute, Derivation, Flag, FlagId, Named, Parameter, ParameterId, Vocabulary};
use crate::exact::{Decimal, MAX_POWER, Rational};
use crate::problem::{Location, ProblemKind, Problems};
use crate::regime::RegimeSource;
use crate::regime::{VOCABULARY, VOCABULARY_EXTRA, VOCABULARY_FOLDER};
use crate::unit::{Dimension, Unit};
use crate::yaml::{Cursor, Document, Label, MapReader};

impl Vocabulary {
    /// Reads `vocabulary.yaml` and, where present, `vocabulary-extra.yaml` and then the files below `vocabulary/` in path
    /// order. A file may name the words of those before it.
    pub fn load(source: &RegimeSource, problems: &mut Problems) -> Self {
        let mut vocabulary = Self {
            parameters: Vec::new(),
            flags: Vec::new(),
            judgements: Vec::new(),
            names: HashMap::new(),
            derived: Vec::new(),
            words: HashMap::new(),
            transaction: Vec::new(),
            digest: source.vocabulary_digest().into(),
        };
        let mut places = HashMap::new();
        if let Some(document) = document(source, VOCABULARY, true, problems) {
            shared(&mut vocabulary, document.root(), &mut places, problems);
        }
        let folder = source.below(VOCABULARY_FOLDER).map(|(path, _)| path);
        for path in std::iter::once(VOCABULARY_EXTRA).chain(folder) {
            if let Some(document) = document(source, path, false, problems) {
                extra(&mut vocabulary, document.root(), &mut places, problems);
            }
        }
        vocabulary.derived = (0..=u16::MAX)
            .map(ParameterId)
            .zip(&vocabulary.parameters)
            .filter(|(_, parameter)| parameter.derived.is_some())
            .map(|(id, _)| id)
            .collect();
        vocabulary
    }
}

pub(crate) fn document(
    source: &RegimeSource,
    path: &str,
    required: bool,
    problems: &mut Problems,
) -> Option<Document> {
    let Some(bytes) = source.get(path) else {
        if required {
            let at = Location {
                file: path.into(),
                line: 1,
                column: 1,
            };
            problems.push(at, ProblemKind::MissingFile);
        }
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

type Places = HashMap<Arc<str>, Location>;

/// Registers a name; a name means one thing only.
fn define(
    vocabulary: &mut Vocabulary,
    places: &mut Places,
    name: &str,
    named: Named,
    at: Location,
    problems: &mut Problems,
) -> bool {
    let shape = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !shape {
        let what = format!(
            "`{name}` is not an id: small letters, digits and `_`, beginning with a letter"
        );
        problems.push(at, ProblemKind::Invalid { what });
        return false;
    }
    if let Some(first) = places.get(name) {
        let kind = ProblemKind::DuplicateId {
            id: name.to_owned(),
            first: first.clone(),
        };
        problems.push(at, kind);
        return false;
    }
    let name: Arc<str> = name.into();
    places.insert(Arc::clone(&name), at);
    vocabulary.names.insert(name, named);
    true
}

fn index(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}

fn shared(v: &mut Vocabulary, root: Cursor<'_>, places: &mut Places, problems: &mut Problems) {
    let keys = [
        "schema_version",
        "parameters",
        "flags",
        "item",
        "transaction",
    ];
    let Some(map) = MapReader::open(root, &keys, problems) else {
        return;
    };
    if let Some(version) = map.required("schema_version", problems) {
        version.word(&[("1", ())], problems);
    }
    if let Some(parameters) = map.required("parameters", problems) {
        for (id, at, cursor) in parameters.pairs(problems) {
            let Some(fields) = MapReader::open(cursor, &["unit", "meaning"], problems) else {
                continue;
            };
            let (unit, meaning) = (unit(&fields, problems), fields.text("meaning", problems));
            if let (Some(unit), Some(meaning)) = (unit, meaning) {
                parameter(v, places, id, at, unit, meaning, None, problems);
            }
        }
    }
    if let Some(flags) = map.required("flags", problems) {
        for (id, at, cursor) in flags.pairs(problems) {
            if let Some(meaning) = cursor.text(problems) {
                flag(v, places, id, at, meaning.into(), None, problems);
            }
        }
    }
    if let Some(item) = map.required("item", problems) {
        for (key, _, cursor) in item.pairs(problems) {
            let text = cursor.text(problems).unwrap_or_default();
            // `a | b | c` is a closed set, with `...` an open one; a remark in parentheses may follow.
            let words = text.split(" (").next().unwrap_or_default();
            let words: Vec<Arc<str>> = words.split('|').map(|word| word.trim().into()).collect();
            if let Some(attribute) = Attribute::from_id(key)
                && words.len() > 1
                && !words.iter().any(|word| &**word == "...")
            {
                v.words.insert(attribute, words);
            }
        }
    }
    if let Some(transaction) = map.required("transaction", problems) {
        for (key, _, cursor) in transaction.pairs(problems) {
            let text = cursor.text(problems).unwrap_or_default();
            v.transaction.push((key.into(), text.into()));
        }
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "what one line of a file says, and where it goes"
)]
fn parameter(
    v: &mut Vocabulary,
    places: &mut Places,
    id: &str,
    at: Location,
    unit: Unit,
    meaning: Arc<str>,
    label: Option<Label>,
    problems: &mut Problems,
) {
    let named = Named::Parameter(ParameterId(index(v.parameters.len())));
    if define(v, places, id, named, at, problems) {
        let minimum = lowest(&unit);
        v.parameters.push(Parameter {
            id: id.into(),
            unit,
            meaning,
            label,
            derived: None,
            maximum: None,
            at_most: None,
            minimum,
            whole: false,
        });
    }
}

fn flag(
    v: &mut Vocabulary,
    places: &mut Places,
    id: &str,
    at: Location,
    meaning: Arc<str>,
    label: Option<Label>,
    problems: &mut Problems,
) {
    let named = Named::Flag(FlagId(index(v.flags.len())));
    if define(v, places, id, named, at, problems) {
        v.flags.push(Flag {
            id: id.into(),
            meaning,
            label,
        });
    }
}

fn unit(fields: &MapReader<'_>, problems: &mut Problems) -> Option<Unit> {
    let cursor = fields.required("unit", problems)?;
    match Unit::parse(cursor.text(problems)?) {
        Ok(unit) => Some(unit),
        Err(error) => {
            problems.push(cursor.location(), error.into());
            None
        }
    }
}

/// Zero, absolute zero in the unit of a temperature, or for a level the smallest number that is exact here.
fn lowest(unit: &Unit) -> Rational {
    if unit.is_level() {
        return Rational::power_of_ten(MAX_POWER)
            .and_then(|largest| Rational::ZERO.checked_sub(largest))
            .unwrap_or(Rational::ZERO);
    }
    let kelvin = Unit::parse("K");
    kelvin
        .and_then(|kelvin| kelvin.convert(Rational::ZERO, unit))
        .unwrap_or(Rational::ZERO)
}

fn extra(v: &mut Vocabulary, root: Cursor<'_>, places: &mut Places, problems: &mut Problems) {
    let keys = [
        "parameters",
        "flags",
        "derived",
        "labels",
        "judgements",
        "limits",
        "words",
    ];
    let Some(map) = MapReader::open(root, &keys, problems) else {
        return;
    };
    if let Some(parameters) = map.optional("parameters") {
        for (id, at, cursor) in parameters.pairs(problems) {
            let Some(fields) = MapReader::open(cursor, &["unit", "label"], problems) else {
                continue;
            };
            let (unit, label) = (unit(&fields, problems), fields.label("label", problems));
            if let (Some(unit), Some(label)) = (unit, label) {
                let meaning = Arc::clone(&label.en);
                parameter(v, places, id, at, unit, meaning, Some(label), problems);
            }
        }
    }
    if let Some(flags) = map.optional("flags") {
        for (id, at, cursor) in flags.pairs(problems) {
            if let Some(label) = Label::read(cursor, problems) {
                let meaning = Arc::clone(&label.en);
                flag(v, places, id, at, meaning, Some(label), problems);
            }
        }
    }
    if let Some(all) = map.optional("judgements") {
        judgements::read(v, all, places, problems);
    }
    if let Some(words) = map.optional("words") {
        for (key, at, cursor) in words.pairs(problems) {
            let more = cursor.texts(problems);
            match Attribute::from_id(key).and_then(|attribute| v.words.get_mut(&attribute)) {
                Some(known) => known.extend(more.into_iter().map(Arc::from)),
                None => {
                    let what = format!("`{key}` has no closed set of words to add to");
                    problems.push(at, ProblemKind::Invalid { what });
                }
            }
        }
    }
    if let Some(labels) = map.optional("labels") {
        for (id, at, cursor) in labels.pairs(problems) {
            let label = Label::read(cursor, problems);
            match v.names.get(id) {
                Some(Named::Parameter(id)) => {
                    if let Some(parameter) = v.parameters.get_mut(usize::from(id.0)) {
                        parameter.label = label;
                    }
                }
                Some(Named::Flag(id)) => {
                    if let Some(flag) = v.flags.get_mut(usize::from(id.0)) {
                        flag.label = label;
                    }
                }
                _ => unknown(v, "parameter or flag", id, at, problems),
            }
        }
    }
    if let Some(limits) = map.optional("limits") {
        for (id, at, cursor) in limits.pairs(problems) {
            limit(v, id, &at, cursor, problems);
        }
    }
    if let Some(derived) = map.optional("derived") {
        for (id, at, cursor) in derived.pairs(problems) {
            let Some(parameter) = v.parameter_id(id) else {
                unknown(v, "parameter", id, at, problems);
                continue;
            };
            let Some(derivation) = derivation(v, parameter, cursor, problems) else {
                continue;
            };
            if let Some(parameter) = v.parameters.get_mut(usize::from(parameter.0)) {
                parameter.derived = Some(derivation);
            }
        }
    }
}

fn unknown(v: &Vocabulary, what: &'static str, id: &str, at: Location, problems: &mut Problems) {
    let hint = v.nearest(id).map(str::to_owned);
    problems.push(
        at,
        ProblemKind::UnknownName {
            what,
            id: id.to_owned(),
            hint,
        },
    );
}

fn limit(v: &mut Vocabulary, id: &str, at: &Location, cursor: Cursor<'_>, problems: &mut Problems) {
    let Some(fields) = MapReader::open(cursor, &["min", "max", "whole", "at_most"], problems)
    else {
        return;
    };
    let whole = fields.flag("whole", problems);
    let Some(position) = v.parameter_id(id).map(|id| usize::from(id.0)) else {
        unknown(v, "parameter", id, at.clone(), problems);
        return;
    };
    let at_most = match fields.optional_text("at_most", problems) {
        None => None,
        Some(other) => match v.parameter_id(&other) {
            Some(id) => Some(id),
            None => {
                unknown(v, "parameter", &other, at.clone(), problems);
                return;
            }
        },
    };
    let Some(parameter) = v.parameters.get_mut(position) else {
        return;
    };
    parameter.whole = whole;
    parameter.at_most = at_most;
    if let Some(max) = bound(&fields, "max", &parameter.unit, problems) {
        parameter.maximum = Some(max);
    }
    if let Some(min) = bound(&fields, "min", &parameter.unit, problems) {
        parameter.minimum = min;
    }
}

/// `100 %`, in the canonical unit.
fn bound(
    fields: &MapReader<'_>,
    key: &str,
    unit: &Unit,
    problems: &mut Problems,
) -> Option<Rational> {
    let cursor = fields.optional(key)?;
    let text = cursor.text(problems)?;
    let (number, symbol) = text.split_once(' ').unwrap_or((text, "1"));
    let value = Decimal::parse(number)
        .and_then(Decimal::to_rational)
        .map_err(ProblemKind::from)
        .and_then(|number| Ok(Unit::parse(symbol)?.convert(number, unit)?));
    match value {
        Ok(value) => Some(value),
        Err(kind) => {
            problems.push(cursor.location(), kind);
            None
        }
    }
}

/// `0.25 * source_wavelength / numerical_aperture`: a product of numbers and parameters that are not derived.
fn derivation(
    v: &Vocabulary,
    target: ParameterId,
    cursor: Cursor<'_>,
    problems: &mut Problems,
) -> Option<Derivation> {
    let text = cursor.text(problems)?;
    let target = v.parameter(target)?;
    let (mut numerator, mut denominator) = (Vec::new(), Vec::new());
    let (mut scale, mut dimension) = (Rational::ONE, Dimension::default());
    let mut divide = false;
    for (position, word) in text.split(' ').enumerate() {
        let at = || cursor.location();
        if position % 2 == 1 {
            divide = match word {
                "*" => false,
                "/" => true,
                _ => {
                    let what = format!("expected `*` or `/` between spaces, found `{word}`");
                    problems.push(at(), ProblemKind::Invalid { what });
                    return None;
                }
            };
            continue;
        }
        let factor = if word.starts_with(|c: char| c.is_ascii_digit()) {
            Decimal::parse(word).and_then(Decimal::to_rational)
        } else {
            let Some((id, parameter)) = v
                .parameter_id(word)
                .and_then(|id| Some((id, v.parameter(id)?)))
            else {
                unknown(v, "parameter", word, at(), problems);
                return None;
            };
            if parameter.derived.is_some() {
                let what = format!("`{word}` is itself derived: write out what it derives from");
                problems.push(at(), ProblemKind::Invalid { what });
                return None;
            }
            if divide {
                denominator.push(id);
                dimension = dimension.over(parameter.unit.dimension());
            } else {
                numerator.push(id);
                dimension = dimension.times(parameter.unit.dimension());
            }
            Ok(parameter.unit.factor())
        };
        let scaled = factor.and_then(|factor| {
            if divide {
                scale.checked_div(factor)
            } else {
                scale.checked_mul(factor)
            }
        });
        match scaled {
            Ok(scaled) => scale = scaled,
            Err(error) => {
                problems.push(at(), error.into());
                return None;
            }
        }
    }
    if dimension != target.unit.dimension() {
        let what = format!(
            "`{text}` has the dimension {dimension}, `{}` has {}",
            target.id,
            target.unit.dimension()
        );
        problems.push(cursor.location(), ProblemKind::Invalid { what });
        return None;
    }
    match scale.checked_div(target.unit.factor()) {
        Ok(scale) => Some(Derivation {
            text: text.into(),
            scale,
            numerator,
            denominator,
        }),
        Err(error) => {
            problems.push(cursor.location(), error.into());
            None
        }
    }
}
