//! What generators of clients need of the committed IDLs, beyond what each says by itself.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// The IDLs, by program.
fn idls() -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../idl");
    let idls: BTreeMap<_, _> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let idl = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            (name, idl)
        })
        .collect();
    assert!(idls.len() >= 3, "only {:?}", idls.keys());
    idls
}

fn items<'a>(value: &'a Value, of: &str) -> impl Iterator<Item = &'a Value> {
    value[of].as_array().into_iter().flatten()
}

fn names<'a>(value: &'a Value, of: &str) -> impl Iterator<Item = String> + 'a {
    items(value, of).map(|item| item["name"].as_str().unwrap().to_string())
}

/// "DisputeMarket" and "dispute_market" are one name in generated code.
fn folded(name: &str) -> String {
    name.replace('_', "").to_lowercase()
}

/// Nothing may be found; `found` are complaints.
fn expect_none(found: Vec<String>) {
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn type_of_one_name_is_one_type_in_all_programs() {
    let idls = idls();
    let mut seen: BTreeMap<String, (&String, &Value)> = BTreeMap::new();
    let mut found = Vec::new();
    for (program, idl) in &idls {
        for definition in items(idl, "types") {
            let name = definition["name"].as_str().unwrap().to_string();
            match seen.get(&name) {
                Some((other, known)) if *known != definition => {
                    found.push(format!("{name} differs between {other} and {program}"));
                }
                _ => {
                    seen.insert(name, (program, definition));
                }
            }
        }
    }
    expect_none(found);
}

#[test]
fn no_account_has_the_name_of_an_instruction() {
    let mut found = Vec::new();
    for (program, idl) in &idls() {
        let instructions: Vec<_> = names(idl, "instructions").map(|n| folded(&n)).collect();
        found.extend(
            names(idl, "accounts")
                .filter(|account| instructions.contains(&folded(account)))
                .map(|account| format!("{program}: {account} is an account and an instruction")),
        );
    }
    expect_none(found);
}

#[test]
fn seeds_are_of_accounts_and_top_level_arguments() {
    let mut found = Vec::new();
    for (program, idl) in &idls() {
        for instruction in items(idl, "instructions") {
            for account in items(instruction, "accounts") {
                for seed in items(&account["pda"], "seeds") {
                    let path = seed["path"].as_str().unwrap_or_default();
                    if seed["kind"] == "arg" && path.contains('.') {
                        found.push(format!("{program}: {} has a seed {path}", account["name"]));
                    }
                }
            }
        }
    }
    expect_none(found);
}

#[test]
fn nobody_has_to_pass_padding() {
    let mut found = Vec::new();
    for (program, idl) in &idls() {
        let types: BTreeMap<_, _> = items(idl, "types")
            .map(|definition| (definition["name"].as_str().unwrap(), definition))
            .collect();
        let mut open: Vec<&Value> = items(idl, "instructions")
            .flat_map(|instruction| items(instruction, "args"))
            .collect();
        while let Some(value) = open.pop() {
            let name = value["name"].as_str().unwrap_or_default();
            if name.starts_with("padding") || name.starts_with("reserved") {
                found.push(format!("{program}: an argument has {name}"));
            }
            if let Some(defined) = value["defined"]["name"].as_str() {
                open.push(types[defined]);
            }
            match value {
                Value::Array(values) => open.extend(values),
                Value::Object(fields) => open.extend(fields.values()),
                _ => {}
            }
        }
    }
    expect_none(found);
}

#[test]
fn accounts_can_grow_into_reserved_bytes() {
    let mut found = Vec::new();
    for (program, idl) in &idls() {
        for account in names(idl, "accounts") {
            let definition = items(idl, "types").find(|definition| definition["name"] == account);
            let fields = &definition.unwrap()["type"];
            if !names(fields, "fields").any(|field| field == "reserved") {
                found.push(format!("{program}: {account} has no reserved bytes"));
            }
        }
    }
    expect_none(found);
}

#[test]
fn every_event_starts_with_the_header() {
    let mut found = Vec::new();
    for (program, idl) in &idls() {
        for event in names(idl, "events") {
            let definition = items(idl, "types").find(|definition| definition["name"] == event);
            let first = &definition.unwrap()["type"]["fields"][0];
            if first["type"]["defined"]["name"] != "EventHeader" {
                found.push(format!("{program}: {event} does not start with the header"));
            }
        }
    }
    expect_none(found);
}

#[test]
fn instructions_sysvar_has_its_address() {
    let mut found = Vec::new();
    for (program, idl) in &idls() {
        for instruction in items(idl, "instructions") {
            for account in items(instruction, "accounts") {
                if account["name"] == "instructions" && account["address"].is_null() {
                    found.push(format!("{program}: {} leaves it open", instruction["name"]));
                }
            }
        }
    }
    expect_none(found);
}

/// Files under a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

#[test]
fn accounts_that_the_idl_cannot_list_are_in_the_docs() {
    let idls = idls();
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../programs");
    let mut takers = 0;
    let mut found = Vec::new();
    for file in files(&programs) {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let takes = fs::read_to_string(&file).unwrap();
        if !takes.contains("ctx.remaining_accounts") {
            continue;
        }
        takers += 1;
        let instructions = idls.values().flat_map(|idl| items(idl, "instructions"));
        let mut instructions = instructions.filter(|instruction| instruction["name"] == name);
        if !instructions.any(|instruction| {
            items(instruction, "docs").any(|line| {
                let line = line.as_str().unwrap();
                line.starts_with("Remaining accounts")
            })
        }) {
            found.push(format!("{name} does not say its remaining accounts"));
        }
    }
    assert!(takers > 3, "only {takers} instructions take any");
    expect_none(found);
}
