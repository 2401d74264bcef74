//! Expressions of templates: a member, or functions of members, piped into one another.

use serde_json::Value;

use crate::text::printable;

/// What a template shows at one place.
#[derive(Debug, PartialEq)]
pub(super) struct Expression(Vec<Call>);

/// A function with its arguments; the value before a `|` is the last one.
#[derive(Debug, PartialEq)]
struct Call {
    function: Function,
    operands: Vec<Operand>,
}

/// An argument.
#[derive(Debug, PartialEq)]
enum Operand {
    /// A member, by the names on the way to it; the value itself without any.
    Path(Vec<String>),
    /// A text or a number.
    Literal(Value),
}

/// The functions that docker's templates have, as far as they make sense for results.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Function {
    /// The value as it is.
    Itself,
    /// The value as JSON on one line.
    Json,
    /// The elements of a list with a text between them.
    Join,
    /// The member or element of a name or number.
    Index,
    /// The number of elements or characters.
    Len,
    /// The text in upper case.
    Upper,
    /// The text in lower case.
    Lower,
}

const FUNCTIONS: [(&str, Function, usize); 6] = [
    ("json", Function::Json, 1),
    ("join", Function::Join, 2),
    ("index", Function::Index, 2),
    ("len", Function::Len, 1),
    ("upper", Function::Upper, 1),
    ("lower", Function::Lower, 1),
];

impl Expression {
    /// Parses what stands between `{{` and `}}`.
    ///
    /// # Errors
    /// The first thing that is wrong, in one line.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut calls = Vec::new();
        for (at, words) in words(text)?.split(|word| word == "|").enumerate() {
            calls.push(Call::parse(words, at > 0)?);
        }
        Ok(Self(calls))
    }

    /// The members of the value that it names.
    pub(super) fn members(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|call| &call.operands).filter_map(|operand| match operand {
            Operand::Path(path) => path.first().map(String::as_str),
            Operand::Literal(_) => None,
        })
    }

    /// Its value for a value.
    pub(super) fn of(&self, value: &Value) -> Value {
        let mut piped = None;
        for call in &self.0 {
            let operands = call.operands.iter().map(|operand| operand.of(value)).chain(piped.take());
            piped = Some(call.function.of(operands.collect()));
        }
        piped.unwrap_or_default()
    }
}

impl Call {
    fn parse(words: &[String], is_piped: bool) -> Result<Self, String> {
        let (first, rest) = words.split_first().ok_or("nothing beside a `|`, or where a value is expected")?;
        let shown = printable(first, 40);
        let given = rest.len() + usize::from(is_piped);
        if first.starts_with(['.', '"']) || first.starts_with(|c: char| c.is_ascii_digit()) {
            return match given {
                0 => Ok(Self { function: Function::Itself, operands: vec![Operand::parse(first)?] }),
                _ => Err(format!("`{shown}` takes no values")),
            };
        }
        let Some((_, function, takes)) = FUNCTIONS.into_iter().find(|(name, ..)| name == first) else {
            let known: Vec<String> = FUNCTIONS.iter().map(|(name, ..)| format!("`{name}`")).collect();
            let known = known.join(", ");
            return Err(format!("there is no function `{shown}`; there are {known}, `range`, `if`, `else` and `end`"));
        };
        if given != takes {
            let values = if takes == 1 { "value" } else { "values" };
            return Err(format!("`{shown}` takes {takes} {values}"));
        }
        let operands = rest.iter().map(|word| Operand::parse(word)).collect::<Result<_, _>>()?;
        Ok(Self { function, operands })
    }
}

impl Operand {
    fn parse(word: &str) -> Result<Self, String> {
        if let Some(text) = word.strip_prefix('"') {
            return Ok(Self::Literal(text.strip_suffix('"').unwrap_or(text).into()));
        }
        if let Ok(number) = word.parse::<u64>() {
            return Ok(Self::Literal(number.into()));
        }
        match word.strip_prefix('.') {
            Some("") => Ok(Self::Path(Vec::new())),
            Some(path) if path.split('.').all(|name| !name.is_empty()) => {
                Ok(Self::Path(path.split('.').map(str::to_owned).collect()))
            }
            _ => Err(format!("`{}` is no field: expected one such as `.name`", printable(word, 40))),
        }
    }

    fn of(&self, value: &Value) -> Value {
        match self {
            Self::Literal(literal) => literal.clone(),
            Self::Path(path) => {
                path.iter().try_fold(value, |value, name| member(value, name)).cloned().unwrap_or_default()
            }
        }
    }
}

impl Function {
    fn of(self, operands: Vec<Value>) -> Value {
        let mut operands = operands.into_iter();
        let (first, second) = (operands.next().unwrap_or_default(), operands.next().unwrap_or_default());
        match self {
            Self::Itself => first,
            Self::Json => first.to_string().into(),
            Self::Join => match first {
                Value::Array(elements) => elements.iter().map(shown).collect::<Vec<_>>().join(&shown(&second)).into(),
                other => other,
            },
            Self::Index => match &second {
                Value::Number(number) => {
                    let at = number.as_u64().and_then(|number| usize::try_from(number).ok());
                    at.and_then(|at| first.get(at)).cloned().unwrap_or_default()
                }
                name => member(&first, &shown(name)).cloned().unwrap_or_default(),
            },
            Self::Len => match &first {
                Value::Array(elements) => elements.len().into(),
                Value::Object(members) => members.len().into(),
                other => shown(other).chars().count().into(),
            },
            Self::Upper => shown(&first).to_uppercase().into(),
            Self::Lower => shown(&first).to_lowercase().into(),
        }
    }
}

/// A member of an object; where none has the very name, one whose name differs in case, as docker's begin with a
/// capital letter.
fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let members = value.as_object()?;
    let other_case = || members.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    members.get(name).or_else(other_case)
}

/// A value as text: an absent one is empty, lists and objects are JSON.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Whether a value is neither absent, false, zero nor empty, as Go's `if` has it.
pub(super) fn is_there(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(is_true) => *is_true,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(elements) => !elements.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}

/// The words of an expression: parted by blanks and `|`, texts with their quotes.
fn words(text: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut is_quoted) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        match c {
            '"' if is_quoted => {
                word.push(c);
                words.push(std::mem::take(&mut word));
                is_quoted = false;
            }
            '"' => {
                is_quoted = true;
                word.push(c);
            }
            c if is_quoted => word.push(c),
            '|' => {
                words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()));
                words.push("|".to_owned());
            }
            c if c.is_whitespace() => words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty())),
            c => word.push(c),
        }
    }
    if is_quoted {
        return Err("a quote is open".to_owned());
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    Ok(words)
}
