//! Recursive descent with a depth limit.

use super::{Column, Formula, MAX_DEPTH, MAX_TEXT, Name, Operator, QuantityText, SyntaxError};
use crate::exact::shorten;

pub(super) fn formula(text: &str) -> Result<Formula, SyntaxError> {
    if text.len() > MAX_TEXT {
        let message = format!("the formula is longer than {MAX_TEXT} bytes");
        return Err(SyntaxError { column: 1, message });
    }
    let mut reader = Reader {
        rest: text,
        column: 1,
    };
    let formula = any(&mut reader, 0)?;
    reader.skip_spaces();
    if reader.rest.is_empty() {
        Ok(formula)
    } else {
        Err(reader.expected("`and`, `or` or the end of the formula"))
    }
}

struct Reader<'a> {
    rest: &'a str,
    column: u32,
}

impl<'a> Reader<'a> {
    fn error(&self, message: String) -> SyntaxError {
        SyntaxError {
            column: self.column,
            message,
        }
    }

    fn expected(&self, what: &str) -> SyntaxError {
        let found: String = self
            .rest
            .chars()
            .take_while(|c| !c.is_whitespace())
            .collect();
        if found.is_empty() {
            self.error(format!("expected {what}, found the end of the formula"))
        } else {
            self.error(format!("expected {what}, found `{}`", shorten(&found)))
        }
    }

    /// Takes the first `bytes` bytes, which end at a character boundary.
    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        let width = u32::try_from(taken.chars().count()).unwrap_or(u32::MAX);
        self.column = self.column.saturating_add(width);
        taken
    }

    fn skip_spaces(&mut self) {
        let spaces = self.rest.len() - self.rest.trim_start().len();
        self.take(spaces);
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !accept(c)).unwrap_or(self.rest.len());
        self.take(end)
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        let found = self.rest.starts_with(symbol);
        if found {
            self.take(symbol.len());
        }
        found
    }

    fn peek_word(&self) -> &'a str {
        let end = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
        self.rest.get(..end).unwrap_or_default()
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let found = self.peek_word() == keyword;
        if found {
            self.take(keyword.len());
        }
        found
    }

    fn operator(&mut self) -> Option<Operator> {
        [
            (">=", Operator::AtLeast),
            ("<=", Operator::AtMost),
            (">", Operator::Greater),
            ("<", Operator::Less),
            ("=", Operator::Equal),
        ]
        .into_iter()
        .find(|(symbol, _)| self.symbol(symbol))
        .map(|(_, operator)| operator)
    }

    fn name(&mut self) -> Option<Name> {
        let column = Column(self.column);
        let word = self.peek_word();
        let starts = word.starts_with(|c: char| c.is_ascii_lowercase());
        if !starts
            || matches!(
                word,
                "and" | "or" | "not" | "in" | "true" | "false" | "judgement"
            )
        {
            return None;
        }
        Some(Name {
            text: self.take(word.len()).to_owned(),
            column,
        })
    }

    fn quantity(&mut self) -> Result<QuantityText, SyntaxError> {
        let column = Column(self.column);
        if !self
            .rest
            .starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-'))
        {
            return Err(self.expected("a number"));
        }
        let mut number = String::new();
        if self.rest.starts_with(['+', '-']) {
            number.push_str(self.take(1));
        }
        number.push_str(self.take_while(|c| c.is_ascii_digit() || c == '.'));
        if let Some(tail) = self.rest.strip_prefix(['e', 'E']) {
            let digits = tail.strip_prefix(['+', '-']).unwrap_or(tail);
            if digits.starts_with(|c: char| c.is_ascii_digit()) {
                number.push_str(self.take(self.rest.len() - digits.len()));
                number.push_str(self.take_while(|c| c.is_ascii_digit()));
            }
        }
        self.skip_spaces();
        let end = self.rest.find(|c| !is_unit(c)).unwrap_or(self.rest.len());
        let unit = match self.rest.get(..end).unwrap_or_default() {
            "" | "and" | "or" => None,
            unit => {
                self.take(end);
                Some(unit.to_owned())
            }
        };
        Ok(QuantityText {
            number,
            unit,
            column,
        })
    }
}

const fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn is_unit(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '<' | '>' | '=' | '(' | ')' | '{' | '}' | '[' | ']' | ',')
}

fn any(reader: &mut Reader<'_>, depth: usize) -> Result<Formula, SyntaxError> {
    let first = all(reader, depth)?;
    let mut parts = vec![first];
    loop {
        reader.skip_spaces();
        if !reader.keyword("or") {
            break;
        }
        parts.push(all(reader, depth)?);
    }
    Ok(group(parts, Formula::Any))
}

fn all(reader: &mut Reader<'_>, depth: usize) -> Result<Formula, SyntaxError> {
    let first = unary(reader, depth)?;
    let mut parts = vec![first];
    loop {
        reader.skip_spaces();
        if !reader.keyword("and") {
            break;
        }
        parts.push(unary(reader, depth)?);
    }
    Ok(group(parts, Formula::All))
}

fn group(mut parts: Vec<Formula>, join: fn(Vec<Formula>) -> Formula) -> Formula {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            join(parts)
        }
        None => Formula::Constant(false),
    }
}

fn unary(reader: &mut Reader<'_>, depth: usize) -> Result<Formula, SyntaxError> {
    reader.skip_spaces();
    if depth >= MAX_DEPTH {
        return Err(reader.error(format!("nested deeper than {MAX_DEPTH} levels")));
    }
    if reader.keyword("not") {
        return Ok(Formula::Not(Box::new(unary(reader, depth + 1)?)));
    }
    if reader.symbol("(") {
        let inner = any(reader, depth + 1)?;
        reader.skip_spaces();
        return if reader.symbol(")") {
            Ok(inner)
        } else {
            Err(reader.expected("`)`, `and` or `or`"))
        };
    }
    atom(reader)
}

fn atom(reader: &mut Reader<'_>) -> Result<Formula, SyntaxError> {
    if reader.keyword("true") {
        return Ok(Formula::Constant(true));
    }
    if reader.keyword("false") {
        return Ok(Formula::Constant(false));
    }
    if reader.keyword("judgement") {
        return judgement(reader);
    }
    if reader.symbol("[") {
        let column = Column(reader.column);
        let text = reader.take_while(|c| is_word(c) || c == '.').to_owned();
        if text.is_empty() {
            return Err(reader.expected("an entry code such as `3A090.a`"));
        }
        return if reader.symbol("]") {
            Ok(Formula::Reference(Name { text, column }))
        } else {
            Err(reader.expected("`]`"))
        };
    }
    if reader
        .rest
        .starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-'))
    {
        return between(reader);
    }
    let Some(name) = reader.name() else {
        return Err(reader.expected("a parameter, a flag, `not`, `(`, `[` or a number"));
    };
    reader.skip_spaces();
    if reader.keyword("in") {
        return Ok(Formula::OneOf {
            attribute: name,
            words: words(reader)?,
        });
    }
    if let Some(operator) = reader.operator() {
        reader.skip_spaces();
        let threshold = reader.quantity()?;
        return Ok(Formula::Compare {
            parameter: name,
            operator,
            threshold,
        });
    }
    Ok(Formula::Flag(name))
}

fn judgement(reader: &mut Reader<'_>) -> Result<Formula, SyntaxError> {
    reader.skip_spaces();
    if !reader.symbol("(") {
        return Err(reader.expected("`(` after `judgement`"));
    }
    reader.skip_spaces();
    let Some(name) = reader.name() else {
        return Err(reader.expected("the id of a judgement"));
    };
    reader.skip_spaces();
    if reader.symbol(")") {
        Ok(Formula::Judgement(name))
    } else {
        Err(reader.expected("`)`"))
    }
}

fn between(reader: &mut Reader<'_>) -> Result<Formula, SyntaxError> {
    let left = reader.quantity()?;
    reader.skip_spaces();
    let Some(left_operator) = reader.operator() else {
        return Err(reader.expected("`<` or `<=` after the lower bound"));
    };
    reader.skip_spaces();
    let Some(parameter) = reader.name() else {
        return Err(reader.expected("a parameter between two bounds"));
    };
    reader.skip_spaces();
    let column = reader.column;
    let Some(right_operator) = reader.operator() else {
        return Err(
            reader.expected("a second bound; write a single bound as `parameter >= quantity`")
        );
    };
    let rising = |operator| matches!(operator, Operator::Less | Operator::AtMost);
    if !rising(left_operator) || !rising(right_operator) {
        let message = "a range is written from low to high with `<` or `<=`".to_owned();
        return Err(SyntaxError { column, message });
    }
    reader.skip_spaces();
    let right = reader.quantity()?;
    Ok(Formula::Between {
        left,
        left_operator,
        parameter,
        right_operator,
        right,
    })
}

fn words(reader: &mut Reader<'_>) -> Result<Vec<String>, SyntaxError> {
    reader.skip_spaces();
    if !reader.symbol("{") {
        return Err(reader.expected("`{` after `in`"));
    }
    let mut words = Vec::new();
    loop {
        reader.skip_spaces();
        let word = if reader.symbol("\"") {
            let word = reader.take_while(|c| c != '"').trim();
            if !reader.symbol("\"") {
                return Err(reader.expected("a closing `\"`"));
            }
            word
        } else {
            reader
                .take_while(|c| !matches!(c, ',' | '}' | '{' | '"'))
                .trim()
        };
        if word.is_empty() {
            return Err(reader.expected("a word"));
        }
        words.push(word.to_owned());
        reader.skip_spaces();
        if reader.symbol("}") {
            return Ok(words);
        }
        if !reader.symbol(",") {
            return Err(reader.expected("`,` or `}`"));
        }
    }
}
