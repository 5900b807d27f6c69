//! Carries plans out on a chain.

use std::{collections::BTreeMap, error::Error, future::Future, time::Duration};

use futures_util::{stream, StreamExt};
use solana_account::Account;
use solana_clock::Clock;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use thiserror::Error;
use tokio::time::MissedTickBehavior;
use tracing::{debug, info, warn};

use crate::{Action, Settings, Snapshot};

/// Accounts that are worked on at the same time.
const AT_ONCE: usize = 16;

/// A chain as a keeper needs it.
pub trait Driver: Sync {
    type Error: Error + Send + Sync + 'static;

    /// The clock that programs read.
    fn clock(&self) -> impl Future<Output = Result<Clock, Self::Error>> + Send;

    /// Every account of a program.
    fn accounts_of(
        &self,
        program: &Pubkey,
    ) -> impl Future<Output = Result<Vec<(Pubkey, Account)>, Self::Error>> + Send;

    /// The program that owns an account; `None` if there is no account.
    fn owner_of(
        &self,
        address: &Pubkey,
    ) -> impl Future<Output = Result<Option<Pubkey>, Self::Error>> + Send;

    /// Is told of everything that will be due within seconds and takes time to prepare, such as a lookup
    /// table; of what it was told before and is not now, nothing will come any more.
    fn prepare(
        &self,
        upcoming: Vec<Instruction>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Sends a transaction, signed by the keeper, and waits until it is in force.
    fn send(
        &self,
        instruction: Instruction,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// Why a keeper cannot see what there is to do.
#[derive(Debug, Error)]
pub enum KeeperError<E: Error + 'static> {
    #[error("the chain's clock cannot be read: {0}")]
    Clock(#[source] E),
    #[error("the accounts of {program} cannot be read: {cause}")]
    Accounts {
        program: Pubkey,
        #[source]
        cause: E,
    },
    #[error("the mint {mint} cannot be read: {cause}")]
    Mint {
        mint: Pubkey,
        #[source]
        cause: E,
    },
}

/// What came of one look at the chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    pub done: usize,
    pub refused: usize,
}

/// Looks at the chain once and does what is due. A refusal is logged and stops nothing: somebody else
/// may have been faster.
///
/// # Errors
/// Each variant of [`KeeperError`].
pub async fn round<D: Driver>(
    driver: &D,
    settings: &Settings,
) -> Result<Round, KeeperError<D::Error>> {
    let (plans, upcoming) = look(driver, settings).await?;
    // What is due comes first; what could not be prepared is prepared when it is sent.
    let rounds = stream::iter(plans)
        .map(|(account, actions)| carry_out(driver, account, actions))
        .buffer_unordered(AT_ONCE);
    let round = rounds
        .fold(Round::default(), |sum, one| async move {
            Round {
                done: sum.done + one.done,
                refused: sum.refused + one.refused,
            }
        })
        .await;
    let upcoming = upcoming.iter().map(Action::instruction).collect();
    if let Err(error) = driver.prepare(upcoming).await {
        warn!(%error, "what is upcoming cannot be prepared");
    }
    Ok(round)
}

/// Looks at the chain every `period` until `end`, and ends after the round that is on.
pub async fn run<D: Driver>(
    driver: &D,
    settings: &Settings,
    period: Duration,
    end: impl Future<Output = ()>,
) {
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut end = std::pin::pin!(end);
    loop {
        tokio::select! {
            () = &mut end => return,
            _ = ticks.tick() => {}
        }
        match round(driver, settings).await {
            Ok(round) => debug!(done = round.done, refused = round.refused, "round"),
            // The next look may succeed: nothing is lost but time.
            Err(error) => warn!(%error, "the chain cannot be read"),
        }
    }
}

async fn look<D: Driver>(
    driver: &D,
    settings: &Settings,
) -> Result<(BTreeMap<Pubkey, Vec<Action>>, Vec<Action>), KeeperError<D::Error>> {
    let clock = driver.clock().await.map_err(KeeperError::Clock)?;
    let mut accounts = Vec::new();
    for program in Snapshot::PROGRAMS {
        let found = driver.accounts_of(&program).await;
        accounts.extend(found.map_err(|cause| KeeperError::Accounts { program, cause })?);
    }
    let snapshot = Snapshot::new(accounts);
    let mut token_programs = BTreeMap::new();
    for mint in snapshot.mints() {
        let owner = driver.owner_of(&mint).await;
        if let Some(owner) = owner.map_err(|cause| KeeperError::Mint { mint, cause })? {
            token_programs.insert(mint, owner);
        }
    }
    let upcoming = snapshot.upcoming(&token_programs, settings);
    Ok((snapshot.plan(&token_programs, settings, &clock), upcoming))
}

async fn carry_out<D: Driver>(driver: &D, account: Pubkey, actions: Vec<Action>) -> Round {
    let mut round = Round::default();
    // The next one is last.
    let mut left: Vec<_> = actions.into_iter().rev().collect();
    while let Some(action) = left.pop() {
        match driver.send(action.instruction()).await {
            Ok(()) => {
                info!(%account, action = action.name(), "done");
                round.done += 1;
            }
            Err(error) => {
                if let Some([first, second]) = action.halves() {
                    debug!(%account, action = action.name(), %error, "again in halves");
                    left.extend([second, first]);
                } else {
                    warn!(%account, action = action.name(), %error, "refused");
                    round.refused += 1;
                }
            }
        }
    }
    round
}
