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
    #[error(
        "the line {line:?} is not `PDA: \"literal\", account name, account name.field, arg name, \
         program name`, with names of the instruction"
    )]
    Address { line: String },
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
    resolve_addresses(&mut idl)?;
    trim_docs(&mut idl);
    prune_types(&mut idl);
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

/// How the docs of an account name the seeds of its address. A program that finds the bump in a
/// cheaper way than Anchor's constraint has no other way to say them.
const ADDRESS: &str = "PDA: ";

/// Gives each account of an instruction whose docs name its seeds the address that clients find it
/// at, and takes the line out of the docs.
fn resolve_addresses(idl: &mut Value) -> Result<(), AssembleError> {
    let instructions = idl.get_mut("instructions").and_then(Value::as_array_mut);
    for instruction in instructions.into_iter().flatten() {
        let names = |of: &str| -> BTreeSet<String> {
            let items = instruction.get(of).and_then(Value::as_array);
            let names = items
                .into_iter()
                .flatten()
                .filter_map(|item| item.get("name")?.as_str());
            names.map(str::to_string).collect()
        };
        let (account_names, arg_names) = (names("accounts"), names("args"));
        let accounts = instruction
            .get_mut("accounts")
            .and_then(Value::as_array_mut);
        for account in accounts.into_iter().flatten() {
            let Some(line) = take_address_line(account) else {
                continue;
            };
            let refused = || AssembleError::Address { line: line.clone() };
            let text = line.strip_prefix(ADDRESS).unwrap_or_default();
            let mut seeds = Vec::new();
            let mut program = None;
            for part in text.split(", ") {
                match part.split_once(' ') {
                    None => seeds.push(literal_seed(part).ok_or_else(refused)?),
                    Some(("account", path)) => {
                        let name = path.split('.').next().unwrap_or(path);
                        if !account_names.contains(name) {
                            return Err(refused());
                        }
                        seeds.push(serde_json::json!({ "kind": "account", "path": path }));
                    }
                    Some(("arg", name)) if arg_names.contains(name) => {
                        seeds.push(serde_json::json!({ "kind": "arg", "path": name }));
                    }
                    Some(("program", name)) if account_names.contains(name) => {
                        program = Some(serde_json::json!({ "kind": "account", "path": name }));
                    }
                    Some(_) => return Err(refused()),
                }
            }
            let mut pda = serde_json::json!({ "seeds": seeds });
            if let (Some(program), Some(pda)) = (program, pda.as_object_mut()) {
                pda.insert("program".to_string(), program);
            }
            if let Some(account) = account.as_object_mut() {
                account.insert("pda".to_string(), pda);
            }
        }
    }
    Ok(())
}

fn take_address_line(account: &mut Value) -> Option<String> {
    let docs = account.get_mut("docs")?.as_array_mut()?;
    let is_address = |line: &Value| line.as_str().is_some_and(|line| line.starts_with(ADDRESS));
    let place = docs.iter().position(is_address)?;
    let line = docs.remove(place).as_str()?.to_string();
    Some(line)
}

/// Takes away empty lines at the end of docs: Anchor drops the line `CHECK`, which stood after them.
fn trim_docs(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(trim_docs),
        Value::Object(fields) => {
            if let Some(docs) = fields.get_mut("docs").and_then(Value::as_array_mut) {
                while docs.last().is_some_and(|line| line.as_str() == Some("")) {
                    docs.pop();
                }
            }
            fields.values_mut().for_each(trim_docs);
        }
        _ => {}
    }
}

/// Takes away the types that nothing in the IDL leads to: those of other programs' accounts that an
/// instruction only reads.
fn prune_types(idl: &mut Value) {
    let mut reached = BTreeSet::new();
    let mut found = BTreeSet::new();
    for section in ["instructions", "constants"] {
        collect_types(idl.get(section).unwrap_or(&Value::Null), &mut found);
    }
    for section in ["accounts", "events"] {
        let items = idl.get(section).and_then(Value::as_array);
        let names = items.into_iter().flatten();
        found.extend(names.filter_map(|item| Some(item.get("name")?.as_str()?.to_string())));
    }
    let name_of = |definition: &Value| Some(definition.get("name")?.as_str()?.to_string());
    let Some(types) = idl.get_mut("types").and_then(Value::as_array_mut) else {
        return;
    };
    while let Some(name) = found.pop_first() {
        if !reached.insert(name.clone()) {
            continue;
        }
        let definition = types
            .iter()
            .find(|definition| name_of(definition).as_deref() == Some(name.as_str()));
        collect_types(definition.unwrap_or(&Value::Null), &mut found);
    }
    types.retain(|definition| name_of(definition).is_some_and(|name| reached.contains(&name)));
}

/// Adds the names of the types that `value` is made of.
fn collect_types(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| collect_types(value, names)),
        Value::Object(fields) => {
            let defined = fields
                .get("defined")
                .and_then(|defined| defined.get("name"));
            names.extend(defined.and_then(Value::as_str).map(str::to_string));
            fields
                .values()
                .for_each(|value| collect_types(value, names));
        }
        _ => {}
    }
}

/// A seed that is text in quotes.
fn literal_seed(part: &str) -> Option<Value> {
    let text = part.strip_prefix('"')?.strip_suffix('"')?;
    Some(serde_json::json!({ "kind": "const", "value": text.as_bytes() }))
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
