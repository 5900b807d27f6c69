//! Puts together the IDL of a program from what its `__anchor_private_print_idl` tests print, as
//! Anchor's own command does, without rebuilding every dependency under other compiler flags.
//!
//! Reads the tests' output from standard input, writes the IDL to standard output.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read,
    process::ExitCode,
};

use anchor_lang_idl_spec::{Idl, IdlEvent, IdlTypeDef};
use serde::{de::DeserializeOwned, Deserialize};
use serde_json::Value;
use thiserror::Error;

#[derive(Debug, Error)]
enum AssembleError {
    #[error("standard input cannot be read: {0}")]
    Read(#[from] std::io::Error),
    #[error("the output has no {0} section; did the tests of the feature idl-build run?")]
    Missing(&'static str),
    #[error("the {section} section is not what the IDL needs: {cause}")]
    Section {
        section: &'static str,
        cause: serde_json::Error,
    },
    #[error("two types are called {0}; give one of them another name")]
    SameName(String),
    #[error("the IDL cannot be written: {0}")]
    Write(serde_json::Error),
}

#[derive(Deserialize)]
struct PrintedEvent {
    event: IdlEvent,
    types: Vec<IdlTypeDef>,
}

fn main() -> ExitCode {
    match assemble() {
        Ok(idl) => {
            println!("{idl}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("assemble-idl: {error}");
            ExitCode::FAILURE
        }
    }
}

fn assemble() -> Result<String, AssembleError> {
    let mut output = String::new();
    std::io::stdin().read_to_string(&mut output)?;

    let mut idl: Idl = first(&output, "program")?;
    idl.address = first(&output, "address")?;
    idl.errors = all::<Vec<_>>(&output, "errors")?
        .into_iter()
        .flatten()
        .collect();
    idl.constants = all(&output, "const")?;

    let mut types: BTreeMap<String, IdlTypeDef> = BTreeMap::new();
    for printed in all::<PrintedEvent>(&output, "event")? {
        idl.events.push(printed.event);
        types.extend(by_name(printed.types));
    }
    types.extend(by_name(std::mem::take(&mut idl.types)));
    idl.types = types.into_values().collect();

    let mut idl = serde_json::to_value(&idl).map_err(AssembleError::Write)?;
    shorten_names(&mut idl, &mut BTreeSet::new())?;
    let mut idl: Idl = read("program", &idl.to_string())?;
    idl.accounts.sort_by(|a, b| a.name.cmp(&b.name));
    idl.constants.sort_by(|a, b| a.name.cmp(&b.name));
    idl.events.sort_by(|a, b| a.name.cmp(&b.name));
    idl.instructions.sort_by(|a, b| a.name.cmp(&b.name));
    idl.types.sort_by(|a, b| a.name.cmp(&b.name));
    serde_json::to_string_pretty(&idl).map_err(AssembleError::Write)
}

fn by_name(types: Vec<IdlTypeDef>) -> impl Iterator<Item = (String, IdlTypeDef)> {
    types
        .into_iter()
        .map(|definition| (definition.name.clone(), definition))
}

fn first<T: DeserializeOwned>(output: &str, section: &'static str) -> Result<T, AssembleError> {
    all(output, section)?
        .into_iter()
        .next()
        .ok_or(AssembleError::Missing(section))
}

/// Every section of one kind, in the order of the output.
fn all<T: DeserializeOwned>(output: &str, section: &'static str) -> Result<Vec<T>, AssembleError> {
    let begin = format!("--- IDL begin {section} ---\n");
    let end = format!("--- IDL end {section} ---");
    output
        .split(&begin)
        .skip(1)
        .filter_map(|rest| rest.split_once(&end))
        .map(|(body, _)| read(section, body))
        .collect()
}

fn read<T: DeserializeOwned>(section: &'static str, body: &str) -> Result<T, AssembleError> {
    serde_json::from_str(body).map_err(|cause| AssembleError::Section { section, cause })
}

/// Replaces the full path of a type by its last part wherever one is named.
fn shorten_names(value: &mut Value, seen: &mut BTreeSet<String>) -> Result<(), AssembleError> {
    match value {
        Value::String(text) if is_path(text) => {
            let short = text.rsplit("::").next().unwrap_or_default().to_string();
            seen.insert(text.clone());
            let suffix = format!("::{short}");
            if seen.iter().filter(|path| path.ends_with(&suffix)).count() > 1 {
                return Err(AssembleError::SameName(short));
            }
            *text = short;
            Ok(())
        }
        Value::Array(values) => values.iter_mut().try_for_each(|v| shorten_names(v, seen)),
        Value::Object(fields) => fields
            .values_mut()
            .try_for_each(|value| shorten_names(value, seen)),
        _ => Ok(()),
    }
}

fn is_path(text: &str) -> bool {
    text.contains("::")
        && text
            .chars()
            .all(|character| character.is_alphanumeric() || matches!(character, '_' | ':'))
}
