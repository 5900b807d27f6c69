//! Fields of a JSON object, read one by one, so that an error can name the one at fault. A field that
//! is null is read as if it were absent.

use serde_json::{Map, Value};

use super::{FieldError, Mark};
use crate::printable::printable;

/// Most characters of a value that an error repeats.
const SHOWN: usize = 60;

/// An object and the way to it, as an error names it.
pub struct Fields<'a> {
    object: &'a Map<String, Value>,
    path: String,
}

impl<'a> Fields<'a> {
    /// # Errors
    /// [`FieldError`] if the value is no object.
    pub fn of(value: &'a Value, path: &str) -> Result<Self, FieldError> {
        let object = value
            .as_object()
            .ok_or_else(|| refused(path, value, "an object"))?;
        Ok(Self {
            object,
            path: path.to_owned(),
        })
    }

    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// How an error names a field.
    pub fn path(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// # Errors
    /// [`FieldError`] for a field of another name.
    pub fn require_only(&self, known: &[&str]) -> Result<(), FieldError> {
        let unknown = |name: &&String| !known.contains(&name.as_str());
        match self.object.keys().find(unknown) {
            None => Ok(()),
            Some(name) => Err(FieldError {
                field: self.path(&printable(name)),
                found: "there".into(),
                expected: "no field of this name",
            }),
        }
    }

    /// # Errors
    /// [`FieldError`] if the field is absent.
    pub fn required(&self, name: &str, expected: &'static str) -> Result<&'a Value, FieldError> {
        self.get(name).ok_or_else(|| FieldError {
            field: self.path(name),
            found: "missing".into(),
            expected,
        })
    }

    fn refused(&self, name: &str, found: &Value, expected: &'static str) -> FieldError {
        refused(&self.path(name), found, expected)
    }

    /// A text, empty if absent.
    pub fn text(&self, name: &str) -> Result<String, FieldError> {
        match self.get(name) {
            None => Ok(String::new()),
            Some(Value::String(text)) => Ok(printable(text.trim())),
            Some(other) => Err(self.refused(name, other, "a text")),
        }
    }

    /// False if absent.
    pub fn flag(&self, name: &str) -> Result<bool, FieldError> {
        match self.get(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(self.refused(name, other, "true or false")),
        }
    }

    pub fn number(&self, name: &str) -> Result<Option<u32>, FieldError> {
        const EXPECTED: &str = "a whole number";
        self.get(name)
            .map(|value| whole(value).ok_or_else(|| self.refused(name, value, EXPECTED)))
            .transpose()
    }

    /// Goals of the two teams, from a list.
    pub fn score(&self, name: &str) -> Result<Option<[u32; 2]>, FieldError> {
        const EXPECTED: &str = "the goals of both teams, as [2, 1]";
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let refused = || self.refused(name, value, EXPECTED);
        match value.as_array().map(Vec::as_slice) {
            Some([first, second]) => {
                let goals = whole(first).zip(whole(second)).ok_or_else(refused)?;
                Ok(Some(goals.into()))
            }
            _ => Err(refused()),
        }
    }

    /// Goals of the two teams, from a field of each.
    pub fn score_of_two(&self, names: [&str; 2]) -> Result<Option<[u32; 2]>, FieldError> {
        let [first, second] = names;
        match (self.number(first)?, self.number(second)?) {
            (None, None) => Ok(None),
            (Some(goals), Some(against)) => Ok(Some([goals, against])),
            (given, _) => Err(FieldError {
                field: self.path(if given.is_some() { second } else { first }),
                found: "missing".into(),
                expected: "the goals of both teams or of none",
            }),
        }
    }

    /// The objects of a list, none if it is absent.
    pub fn objects(&self, name: &str) -> Result<Vec<Fields<'a>>, FieldError> {
        self.list(name)?
            .iter()
            .enumerate()
            .map(|(place, value)| Fields::of(value, &format!("{}[{place}]", self.path(name))))
            .collect()
    }

    /// A list, empty if absent.
    pub fn list(&self, name: &str) -> Result<&'a [Value], FieldError> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Value::Array(list)) => Ok(list),
            Some(other) => Err(self.refused(name, other, "a list")),
        }
    }

    /// A goal's minute: a number, or a text such as "90+4"; or a number and the field `offset`.
    pub fn minute(&self) -> Result<Mark, FieldError> {
        const EXPECTED: &str = "a minute, as 67 or \"67\" or \"90+4\"";
        let value = self.required("minute", EXPECTED)?;
        let (minute, within) = match value {
            Value::String(text) => parse_minute(text),
            other => whole(other).map(|minute| (minute, None)),
        }
        .ok_or_else(|| self.refused("minute", value, EXPECTED))?;
        let beside = match self.get("offset") {
            None => None,
            Some(offset) => {
                let number = match offset {
                    Value::String(text) => digits(text),
                    other => whole(other),
                };
                let expected = "a whole number of minutes";
                Some(number.ok_or_else(|| self.refused("offset", offset, expected))?)
            }
        };
        if let (Some(within), Some(beside)) = (within, beside) {
            if within != beside {
                return Err(FieldError {
                    field: self.path("offset"),
                    found: beside.to_string(),
                    expected: "the stoppage time that the minute has, or none",
                });
            }
        }
        Ok(Mark {
            field: self.path("minute"),
            minute,
            offset: within.or(beside).unwrap_or(0),
        })
    }
}

fn refused(field: &str, found: &Value, expected: &'static str) -> FieldError {
    let mut text: String = found.to_string().chars().take(SHOWN + 1).collect();
    if text.chars().count() > SHOWN {
        text = text.chars().take(SHOWN).collect::<String>() + "…";
    }
    FieldError {
        field: if field.is_empty() { "it" } else { field }.to_owned(),
        found: printable(&text),
        expected,
    }
}

fn whole(value: &Value) -> Option<u32> {
    value.as_u64().and_then(|number| number.try_into().ok())
}

/// `67` or `90+4`, each number with or without the mark of minutes.
fn parse_minute(text: &str) -> Option<(u32, Option<u32>)> {
    match text.split_once('+') {
        None => Some((digits(text)?, None)),
        Some((minute, offset)) => Some((digits(minute)?, Some(digits(offset)?))),
    }
}

fn digits(text: &str) -> Option<u32> {
    let text = text.trim();
    let text = text.strip_suffix(['\'', '’', '′']).unwrap_or(text);
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}
