//! Writes down every instruction of every program, from the IDLs in the folder given, for
//! `docs/instructions.md`.

use std::{env, fmt::Write, fs, path::Path, process::ExitCode};

use anchor_lang_idl_spec::{
    Idl, IdlInstruction, IdlInstructionAccount, IdlInstructionAccountItem, IdlType,
};
use thiserror::Error;

/// In the order in which money meets them.
const PROGRAMS: [&str; 5] = ["oracle", "flash_bets", "markets", "orders", "leverage"];

/// What other protocols call it, the program and instruction here, and how.
const NAMES_ELSEWHERE: [(&str, &str, &str, &str); 21] = [
    (
        "cancel order",
        "orders",
        "return_order",
        "by its owner, in any state, but `cancel_order` while a slice is in the market; of a bet that waits, its end is \
         `flash_bets::execute_orders`",
    ),
    ("place iceberg", "orders", "place_order", "kind `Iceberg`"),
    (
        "execute iceberg fill",
        "orders",
        "fill_order",
        "by anybody, for the order's tip",
    ),
    (
        "execute fill in a market with a bet delay",
        "orders",
        "place_slice",
        "by anybody; `flash_bets::execute_orders` and `orders::book_slice` follow",
    ),
    ("place TWAP", "orders", "place_order", "kind `Twap`"),
    (
        "execute TWAP interval",
        "orders",
        "fill_order",
        "by anybody, for the order's tip",
    ),
    ("place TWG", "orders", "place_order", "kind `Gradual`"),
    (
        "place stop, take-profit, trailing stop, one-cancels-other",
        "orders",
        "place_order",
        "any kind, with a `trigger`",
    ),
    (
        "trigger order",
        "orders",
        "watch_order",
        "by anybody: arms it, and fires it for the order's tip",
    ),
    (
        "dark pool, commit and reveal",
        "orders",
        "seal_order",
        "into a batch: `open_batch`, `price_batch`, `reveal_order`, `cross_batch`",
    ),
    (
        "quantum collapse",
        "flash_bets",
        "collapse_quantum",
        "by the condition market's own proof, by anybody; `create_quantum`, `trade_branch` before it",
    ),
    (
        "initialize hybrid AMM",
        "markets",
        "create_market",
        "choice of curve `Auto`; `switch_curve` turns it over near its end",
    ),
    (
        "settle bet, claim winnings",
        "flash_bets",
        "settle_tickets",
        "by anybody; in standard markets `markets::redeem`",
    ),
    (
        "open parlay, accumulator, express or chain",
        "flash_bets",
        "request_chain",
        "by its owner; `execute_chain` by anybody, after the delay",
    ),
    (
        "settle parlay leg",
        "flash_bets",
        "settle_legs",
        "by anybody, in any order; `close_chain` pays",
    ),
    (
        "cash out parlay",
        "flash_bets",
        "request_cash_out",
        "by its owner; `execute_cash_out` by anybody, after the delay",
    ),
    (
        "open rolling parlay, if bet or let it ride",
        "flash_bets",
        "open_rolling",
        "by its owner; `advance_rolling` by anybody takes each next leg, for the tip",
    ),
    (
        "borrow step of a chain",
        "flash_bets",
        "open_rolling",
        "kind `Borrow` is refused as `BorrowNotOffered`: held through a result it leaves what the stake alone pays",
    ),
    (
        "open leveraged position",
        "leverage",
        "request_open",
        "by its owner; `execute_open` by anybody, after the delay",
    ),
    (
        "close leveraged position",
        "leverage",
        "close",
        "by its owner; `repay` in money for its shares, `settle_position` after the market's end",
    ),
    (
        "monitor position health, liquidate position",
        "leverage",
        "liquidate",
        "by anybody, for a part of the sale; `monitor_health` says and marks what is due",
    ),
];

#[derive(Debug, Error)]
enum DocumentError {
    #[error("usage: document-idls FOLDER, with the folder of the IDLs")]
    Usage,
    #[error("{file} cannot be read: {cause}")]
    Read { file: String, cause: std::io::Error },
    #[error("{file} is no IDL: {cause}")]
    Parse {
        file: String,
        cause: serde_json::Error,
    },
    #[error("{program} has no instruction {instruction}, which is named for {name:?}")]
    NoInstruction {
        name: &'static str,
        program: &'static str,
        instruction: &'static str,
    },
    #[error(transparent)]
    Write(#[from] std::fmt::Error),
}

fn main() -> ExitCode {
    match document() {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("document-idls: {error}");
            ExitCode::FAILURE
        }
    }
}

fn document() -> Result<String, DocumentError> {
    let folder = env::args().nth(1).ok_or(DocumentError::Usage)?;
    let idls = PROGRAMS
        .iter()
        .map(|program| read(Path::new(&folder), program))
        .collect::<Result<Vec<_>, _>>()?;
    let mut text = String::from(
        "# Instructions\n\n\
         Written by `scripts/build-idl` from the IDLs; `scripts/check-idl` fails when it is not up to \
         date. Accounts, errors and events are in `idl/`.\n\n\
         ## By the names that others use\n\n\
         | elsewhere | here | how |\n|---|---|---|\n",
    );
    for (name, program, instruction, how) in NAMES_ELSEWHERE {
        let is_there = idls.iter().any(|idl| {
            idl.metadata.name == program
                && idl.instructions.iter().any(|one| one.name == instruction)
        });
        if !is_there {
            return Err(DocumentError::NoInstruction {
                name,
                program,
                instruction,
            });
        }
        writeln!(text, "| {name} | `{program}::{instruction}` | {how} |")?;
    }
    for idl in &idls {
        writeln!(text, "\n## {}\n", idl.metadata.name)?;
        text.push_str("| instruction | what it does | signed by | arguments | returns |\n");
        text.push_str("|---|---|---|---|---|\n");
        for instruction in &idl.instructions {
            writeln!(text, "{}", row(instruction))?;
        }
    }
    Ok(text)
}

fn read(folder: &Path, program: &str) -> Result<Idl, DocumentError> {
    let file = folder.join(format!("{program}.json"));
    let name = file.display().to_string();
    let text = fs::read_to_string(&file).map_err(|cause| DocumentError::Read {
        file: name.clone(),
        cause,
    })?;
    serde_json::from_str(&text).map_err(|cause| DocumentError::Parse { file: name, cause })
}

fn row(instruction: &IdlInstruction) -> String {
    let args = instruction
        .args
        .iter()
        .map(|arg| format!("`{}: {}`", arg.name, type_name(&arg.ty)));
    let signers = signers(&instruction.accounts);
    format!(
        "| `{}` | {} | {} | {} | {} |",
        instruction.name,
        instruction.docs.join(" ").replace('|', "\\|"),
        signers.join(", "),
        args.collect::<Vec<_>>().join(", "),
        instruction
            .returns
            .as_ref()
            .map(|returned| format!("`{}`", type_name(returned)))
            .unwrap_or_default(),
    )
}

fn signers(accounts: &[IdlInstructionAccountItem]) -> Vec<String> {
    let name = |account: &IdlInstructionAccount| {
        let optional = if account.optional { " (optional)" } else { "" };
        format!("{}{optional}", account.name)
    };
    accounts
        .iter()
        .flat_map(|item| match item {
            IdlInstructionAccountItem::Single(account) if account.signer => vec![name(account)],
            IdlInstructionAccountItem::Single(_) => Vec::new(),
            IdlInstructionAccountItem::Composite(group) => signers(&group.accounts),
        })
        .collect()
}

fn type_name(of: &IdlType) -> String {
    match of {
        IdlType::Defined { name, .. } => name.clone(),
        IdlType::Vec(item) => format!("[{}]", type_name(item)),
        IdlType::Option(item) => format!("{}?", type_name(item)),
        IdlType::Array(item, anchor_lang_idl_spec::IdlArrayLen::Value(len)) => {
            format!("[{}; {len}]", type_name(item))
        }
        other => format!("{other:?}").to_lowercase(),
    }
}
