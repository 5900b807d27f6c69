//! What a failed transaction says, by name.

use std::{collections::BTreeMap, fmt, sync::LazyLock};

use anchor_lang::{
    error::ErrorCode, prelude::Pubkey, solana_program::instruction::error::InstructionError,
};
use anchor_spl::{token, token_2022};
use serde::Deserialize;
use solana_system_interface::error::SystemError;
use solana_transaction_error::TransactionError;

/// IDLs of Strobe's programs, which name their errors.
const IDLS: [&str; 5] = [
    include_str!("../idl/oracle.json"),
    include_str!("../idl/flash_bets.json"),
    include_str!("../idl/markets.json"),
    include_str!("../idl/orders.json"),
    include_str!("../idl/leverage.json"),
];

/// Why a transaction failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedError {
    /// The program that refused; `None` if the transaction did not get as far as a program.
    pub program: Option<Pubkey>,
    /// The program's own code; `None` for an error of the runtime.
    pub code: Option<u32>,
    /// The variant's name.
    pub name: String,
    /// One sentence for a reader.
    pub message: String,
}

impl std::error::Error for NamedError {}

impl fmt::Display for NamedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)?;
        if let Some(code) = self.code {
            write!(f, " ({code})")?;
        }
        if let Some(program) = &self.program {
            write!(f, " from {}", program_name(program))?;
        }
        write!(f, ": {}", self.message)
    }
}

impl NamedError {
    /// The meaning of a program's code. Strobe's programs share code, and so pass on each other's
    /// errors: their codes are all different.
    pub fn of_code(program: &Pubkey, code: u32) -> Self {
        let own = PROGRAMS.get(program);
        let (name, message) = own
            .into_iter()
            .chain(own.iter().flat_map(|_| PROGRAMS.values()))
            .flat_map(|idl| &idl.errors)
            .find(|error| error.code == code)
            .map(|error| (error.name.clone(), error.msg.clone()))
            .or_else(|| framework_error(program, code))
            .unwrap_or_else(|| {
                let message = "The program's error has no name here".to_string();
                (format!("Custom{code}"), message)
            });
        Self {
            program: Some(*program),
            code: Some(code),
            name,
            message,
        }
    }

    /// The meaning of a failed transaction. `logs` tell which program refused, which is not always
    /// the one that was called.
    pub fn of_transaction(error: &TransactionError, logs: &[String]) -> Self {
        let TransactionError::InstructionError(_, error) = error else {
            return Self {
                program: None,
                code: None,
                name: variant_name(error),
                message: error.to_string(),
            };
        };
        match (first_failed(logs), error) {
            (Some(program), InstructionError::Custom(code)) => Self::of_code(&program, *code),
            (program, error) => Self {
                program,
                code: None,
                name: variant_name(error),
                message: error.to_string(),
            },
        }
    }
}

/// A program's name, or its address if it has none here.
pub fn program_name(program: &Pubkey) -> String {
    PROGRAMS
        .get(program)
        .map_or_else(|| program.to_string(), |idl| idl.metadata.name.clone())
}

/// The program whose failure the log reports first: an inner one fails before its caller does.
fn first_failed(logs: &[String]) -> Option<Pubkey> {
    logs.iter().find_map(|line| {
        let (program, what) = line.strip_prefix("Program ")?.split_once(' ')?;
        what.starts_with("failed").then_some(())?;
        program.parse().ok()
    })
}

/// "AccountNotFound" of `AccountNotFound { .. }`.
fn variant_name(error: &impl fmt::Debug) -> String {
    let text = format!("{error:?}");
    let end = text
        .find(|character: char| !character.is_alphanumeric())
        .unwrap_or(text.len());
    text[..end].to_string()
}

/// The part of an IDL that names things.
#[derive(Deserialize)]
struct Idl {
    address: String,
    metadata: IdlMetadata,
    errors: Vec<IdlError>,
}

#[derive(Deserialize)]
struct IdlMetadata {
    name: String,
}

#[derive(Deserialize)]
struct IdlError {
    code: u32,
    name: String,
    msg: String,
}

/// IDLs by program. One that cannot be read names nothing; a test shows that all can.
static PROGRAMS: LazyLock<BTreeMap<Pubkey, Idl>> = LazyLock::new(|| {
    IDLS.iter()
        .filter_map(|text| serde_json::from_str::<Idl>(text).ok())
        .filter_map(|idl| Some((idl.address.parse().ok()?, idl)))
        .collect()
});

/// Errors of the programs that Strobe's call, and of Anchor within Strobe's own.
fn framework_error(program: &Pubkey, code: u32) -> Option<(String, String)> {
    fn named<E: fmt::Debug + fmt::Display>(error: E) -> (String, String) {
        (variant_name(&error), error.to_string())
    }
    if *program == anchor_lang::system_program::ID {
        SystemError::try_from(code).ok().map(named)
    } else if *program == token::ID {
        token::spl_token::error::TokenError::try_from(code)
            .ok()
            .map(named)
    } else if *program == token_2022::ID {
        token_2022::spl_token_2022::error::TokenError::try_from(code)
            .ok()
            .map(named)
    } else if PROGRAMS.contains_key(program) {
        ANCHOR_ERRORS
            .iter()
            .find(|error| u32::from(**error) == code)
            .map(named)
    } else {
        None
    }
}

/// Those of Anchor's errors that the constraints in use can give.
const ANCHOR_ERRORS: [ErrorCode; 30] = [
    ErrorCode::InstructionMissing,
    ErrorCode::InstructionFallbackNotFound,
    ErrorCode::InstructionDidNotDeserialize,
    ErrorCode::ConstraintMut,
    ErrorCode::ConstraintHasOne,
    ErrorCode::ConstraintSigner,
    ErrorCode::ConstraintRaw,
    ErrorCode::ConstraintOwner,
    ErrorCode::ConstraintRentExempt,
    ErrorCode::ConstraintSeeds,
    ErrorCode::ConstraintAssociated,
    ErrorCode::ConstraintClose,
    ErrorCode::ConstraintAddress,
    ErrorCode::ConstraintTokenMint,
    ErrorCode::ConstraintTokenOwner,
    ErrorCode::ConstraintTokenTokenProgram,
    ErrorCode::ConstraintMintTokenProgram,
    ErrorCode::ConstraintDuplicateMutableAccount,
    ErrorCode::AccountDiscriminatorAlreadySet,
    ErrorCode::AccountDiscriminatorNotFound,
    ErrorCode::AccountDiscriminatorMismatch,
    ErrorCode::AccountDidNotDeserialize,
    ErrorCode::AccountNotEnoughKeys,
    ErrorCode::AccountNotMutable,
    ErrorCode::AccountOwnedByWrongProgram,
    ErrorCode::InvalidProgramId,
    ErrorCode::AccountNotSigner,
    ErrorCode::AccountNotInitialized,
    ErrorCode::AccountNotProgramData,
    ErrorCode::AccountSysvarMismatch,
];

#[cfg(test)]
mod tests {
    use super::*;
    use oracle::error::OracleError;

    fn custom(code: u32) -> TransactionError {
        TransactionError::InstructionError(0, InstructionError::Custom(code))
    }

    #[test]
    fn idls_are_all_read() {
        assert_eq!(PROGRAMS.len(), IDLS.len());
        assert!(PROGRAMS.contains_key(&oracle::ID));
        assert!(PROGRAMS.contains_key(&flash_bets::ID));
        assert!(PROGRAMS.contains_key(&markets::ID));
        assert!(PROGRAMS.contains_key(&orders::ID));
        assert!(PROGRAMS.contains_key(&leverage::ID));
    }

    #[test]
    fn codes_of_the_programs_are_all_different() {
        let mut codes: Vec<_> = PROGRAMS
            .values()
            .flat_map(|idl| idl.errors.iter().map(|error| error.code))
            .collect();
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
    }

    #[test]
    fn every_error_of_every_program_has_its_name_and_its_sentence() {
        let mut seen = 0;
        for (program, idl) in PROGRAMS.iter() {
            let logs = [format!("Program {program} failed: custom program error")];
            for error in &idl.errors {
                let said = NamedError::of_transaction(&custom(error.code), &logs).to_string();
                let (name, code, message) = (&error.name, error.code, &error.msg);
                let expected = format!("{name} ({code}) from {}: {message}", idl.metadata.name);
                assert_eq!(said, expected);
                assert!(message.contains(' '), "{name} has no sentence");
                seen += 1;
            }
        }
        assert!(seen > 100, "{seen}");
    }

    #[test]
    fn code_passed_on_by_another_program_has_its_name() {
        let code = OracleError::ProviderSetSuspended.into();
        let error = NamedError::of_code(&flash_bets::ID, code);
        assert_eq!(error.name, "ProviderSetSuspended");
    }

    #[test]
    fn code_of_a_program_has_its_name_and_message() {
        let error = NamedError::of_code(&oracle::ID, OracleError::ProofInvalid.into());
        assert_eq!(error.name, "ProofInvalid");
        assert_eq!(error.message, OracleError::ProofInvalid.to_string());
        let text = error.to_string();
        assert!(
            text.starts_with("ProofInvalid (6020) from oracle: "),
            "{text}"
        );
    }

    #[test]
    fn code_of_anchor_or_unknown_is_named_too() {
        let seeds = NamedError::of_code(&oracle::ID, ErrorCode::ConstraintSeeds.into());
        assert_eq!(seeds.name, "ConstraintSeeds");
        let unknown = NamedError::of_code(&Pubkey::new_unique(), 7);
        assert_eq!(unknown.name, "Custom7");
    }

    #[test]
    fn inner_failure_names_the_inner_program() {
        let logs = [
            format!("Program {} invoke [1]", oracle::ID),
            format!("Program {} invoke [2]", anchor_lang::system_program::ID),
            format!(
                "Program {} failed: custom program error: 0x0",
                anchor_lang::system_program::ID
            ),
            format!("Program {} failed: custom program error: 0x0", oracle::ID),
        ];
        let error = NamedError::of_transaction(&custom(0), &logs);
        assert_eq!(error.program, Some(anchor_lang::system_program::ID));
        assert_eq!(error.name, "AccountAlreadyInUse");
    }

    #[test]
    fn failure_before_any_program_has_the_runtimes_name() {
        let error = NamedError::of_transaction(&TransactionError::BlockhashNotFound, &[]);
        assert_eq!((error.program, error.code), (None, None));
        assert_eq!(error.name, "BlockhashNotFound");
    }
}
