//! Does what can be done, each step once.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use client::transport::{Prepared, Transport, TransportError};
use solana_signer::Signer;
use thiserror::Error;

use crate::{Authority, Journal, JournalError, Look, Objection, Parties, Plan, Step};

/// Transactions signed for one step, each after the one before can no longer land.
const SIGNINGS: usize = 3;

/// Keys on this machine.
pub struct Keys<'a> {
    /// Pays the fees, and is the upgrade authority until it is handed over.
    pub deployer: &'a dyn Signer,
    /// `None` if the admin's key is elsewhere, as that of a multisig is: its steps are then told and not
    /// done.
    pub admin: Option<&'a dyn Signer>,
}

/// How a step stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is on the chain; by the transaction of this signature, if this journal sent it.
    Done { signature: Option<String> },
    /// It can be done now.
    Ready,
    /// It can be done now, by the admin alone, whose key is not here.
    ForAdmin {
        admin: Pubkey,
        instruction: Box<Instruction>,
    },
    /// Something has to happen first.
    Waits { reason: String },
    /// It was done, and governance has ended since what it made.
    Ended { reason: String },
}

/// A step and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub step: String,
    pub summary: String,
    pub standing: Standing,
}

/// Why a plan is not applied to its end.
#[derive(Debug, Error)]
pub enum ApplyError {
    #[error("the plan is refused on mainnet: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Refused(Vec<Objection>),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("{step}: {cause}")]
    Chain {
        step: String,
        cause: Box<TransportError>,
    },
    #[error("{step}: {found}; a step changes nothing that is there, so either the plan is for another deployment or the change is a new step")]
    Differs { step: String, found: String },
    #[error("{step}: its transaction was in force and is not on the chain; look at the cluster before you go on")]
    Vanished { step: String },
}

/// How every step stands; sends nothing, but notes in the journal what it finds to be done.
///
/// # Errors
/// Each variant of [`ApplyError`].
pub fn status(
    plan: &Plan,
    chain: &mut dyn Transport,
    journal: &mut Journal,
    parties: &Parties,
    admin_is_here: bool,
) -> Result<Vec<Report>, ApplyError> {
    check(plan, journal)?;
    let steps = plan.steps().map(|step| {
        let standing = stand(step, chain, journal, parties, admin_is_here)?;
        Ok(report(step, standing))
    });
    steps.collect()
}

/// Does every step that can be done, in their order; gives how each stands then. Whoever is interrupted
/// calls it again.
///
/// # Errors
/// Each variant of [`ApplyError`].
pub fn apply(
    plan: &Plan,
    chain: &mut dyn Transport,
    journal: &mut Journal,
    parties: &Parties,
    keys: &Keys,
) -> Result<Vec<Report>, ApplyError> {
    check(plan, journal)?;
    let steps = plan.steps().map(|step| {
        let mut standing = stand(step, chain, journal, parties, keys.admin.is_some())?;
        if standing == Standing::Ready {
            perform(step, chain, journal, parties, keys)?;
            standing = stand(step, chain, journal, parties, keys.admin.is_some())?;
            if !matches!(standing, Standing::Done { .. } | Standing::Ended { .. }) {
                let step = step.name.clone();
                return Err(ApplyError::Vanished { step });
            }
        }
        Ok(report(step, standing))
    });
    steps.collect()
}

fn check(plan: &Plan, journal: &Journal) -> Result<(), ApplyError> {
    let objections = plan.objections();
    if !objections.is_empty() {
        return Err(ApplyError::Refused(objections));
    }
    for step in plan.steps() {
        journal.require_unedited(step)?;
    }
    Ok(())
}

fn report(step: &Step, standing: Standing) -> Report {
    Report {
        step: step.name.clone(),
        summary: step.summary(),
        standing,
    }
}

/// The chain decides; the journal only says by which transaction.
fn stand(
    step: &Step,
    chain: &mut dyn Transport,
    journal: &mut Journal,
    parties: &Parties,
    admin_is_here: bool,
) -> Result<Standing, ApplyError> {
    let look = step.look(chain, parties);
    Ok(match look.map_err(of(step))? {
        Look::Done => {
            journal.confirmed(step)?;
            let signature = journal.signature(step).map(ToOwned::to_owned);
            Standing::Done { signature }
        }
        Look::Ended(reason) => {
            journal.confirmed(step)?;
            Standing::Ended { reason }
        }
        Look::Ready if step.authority() == Authority::Admin && !admin_is_here => {
            let admin = parties.admin;
            let instruction = Box::new(step.instruction(parties));
            Standing::ForAdmin { admin, instruction }
        }
        Look::Ready => Standing::Ready,
        Look::Waits(reason) => Standing::Waits { reason },
        Look::Differs(found) => {
            let step = step.name.clone();
            return Err(ApplyError::Differs { step, found });
        }
    })
}

fn of(step: &Step) -> impl FnOnce(TransportError) -> ApplyError + '_ {
    |cause| ApplyError::Chain {
        step: step.name.clone(),
        cause: Box::new(cause),
    }
}

/// Whether a transaction has the instruction, with its accounts and data.
fn does(sent: &Prepared, instruction: &Instruction) -> bool {
    let message = &sent.transaction.message;
    let keys = message.static_account_keys();
    message.instructions().iter().any(|compiled| {
        let accounts = compiled.accounts.iter();
        compiled.program_id(keys) == &instruction.program_id
            && compiled.data == instruction.data
            && accounts
                .map(|place| keys.get(usize::from(*place)))
                .eq(instruction.accounts.iter().map(|meta| Some(&meta.pubkey)))
    })
}

/// Sends what was sent already while that may still land, else a new transaction. What was signed for
/// something else is not sent again, and followed by another only once it can no longer land.
fn perform(
    step: &Step,
    chain: &mut dyn Transport,
    journal: &mut Journal,
    parties: &Parties,
    keys: &Keys,
) -> Result<(), ApplyError> {
    for left in (0..SIGNINGS).rev() {
        let fate = match journal.sent(step)? {
            Some(sent) if does(&sent, &step.instruction(parties)) => chain.submit(&sent),
            // Roles were corrected since it was signed: what it would do is no longer declared.
            Some(sent) => {
                tracing::warn!(step = step.name, signature = %sent.signature(), "what was signed before is for other roles than now: waiting until it cannot land");
                chain.watch(&sent)
            }
            None => {
                let made = prepare(step, chain, journal, parties, keys)?;
                chain.submit(&made)
            }
        };
        match fate {
            Ok(landed) => {
                tracing::info!(step = step.name, signature = %landed.signature, "done");
                return Ok(());
            }
            Err(TransportError::Expired { .. }) if left > 0 => journal.expired(step)?,
            Err(TransportError::Refused(refused)) => {
                // It landed and failed, so it is of no effect for ever.
                journal.expired(step)?;
                return Err(of(step)(TransportError::Refused(refused)));
            }
            Err(cause) => return Err(of(step)(cause)),
        }
    }
    Ok(())
}

fn prepare(
    step: &Step,
    chain: &mut dyn Transport,
    journal: &mut Journal,
    parties: &Parties,
    keys: &Keys,
) -> Result<Prepared, ApplyError> {
    let mut signers = vec![keys.deployer];
    if step.authority() == Authority::Admin {
        let admin = keys
            .admin
            .filter(|admin| admin.pubkey() != keys.deployer.pubkey());
        signers.extend(admin);
    }
    let prepared = chain.prepare(&[step.instruction(parties)], &signers);
    let prepared = prepared.map_err(of(step))?;
    journal.pending(step, &prepared)?;
    Ok(prepared)
}
