//! The one way in which a formula is written: what answers show, and what two editions are compared by.

use std::fmt;

use super::Formula;

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(value) => write!(f, "{value}"),
            Self::All(parts) => joined(f, parts, " and ", |part| {
                matches!(part, Self::All(_) | Self::Any(_))
            }),
            Self::Any(parts) => joined(f, parts, " or ", |part| matches!(part, Self::Any(_))),
            Self::Not(inner) => {
                f.write_str("not ")?;
                grouped(f, inner, matches!(**inner, Self::All(_) | Self::Any(_)))
            }
            Self::Compare {
                parameter,
                operator,
                threshold,
            } => {
                write!(f, "{} {} {threshold}", parameter.text, operator.symbol())
            }
            Self::Between {
                left,
                left_operator,
                parameter,
                right_operator,
                right,
            } => write!(
                f,
                "{left} {} {} {} {right}",
                left_operator.symbol(),
                parameter.text,
                right_operator.symbol()
            ),
            Self::OneOf { attribute, words } => {
                write!(f, "{} in {{", attribute.text)?;
                for (position, word) in words.iter().enumerate() {
                    if position > 0 {
                        f.write_str(", ")?;
                    }
                    if word.contains([',', '{', '}']) {
                        write!(f, "\"{word}\"")?;
                    } else {
                        f.write_str(word)?;
                    }
                }
                f.write_str("}")
            }
            Self::Flag(name) => f.write_str(&name.text),
            Self::Judgement(name) => write!(f, "judgement({})", name.text),
            Self::Reference(name) => write!(f, "[{}]", name.text),
        }
    }
}

fn joined(
    f: &mut fmt::Formatter<'_>,
    parts: &[Formula],
    word: &str,
    parenthesised: impl Fn(&Formula) -> bool,
) -> fmt::Result {
    for (position, part) in parts.iter().enumerate() {
        if position > 0 {
            f.write_str(word)?;
        }
        grouped(f, part, parenthesised(part))?;
    }
    Ok(())
}

fn grouped(f: &mut fmt::Formatter<'_>, formula: &Formula, parenthesised: bool) -> fmt::Result {
    if parenthesised {
        write!(f, "({formula})")
    } else {
        write!(f, "{formula}")
    }
}
