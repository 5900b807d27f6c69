use anchor_lang::prelude::*;
use program_kit::EventHeader;

use super::{
    endings::{end_leg, free_reserve},
    legs::{LegBooks, BOOKS_OF_LEG},
};
use crate::{
    error::FlashError,
    instructions::Verses,
    state::{Chain, ChainStatus, LegStatus, Vault},
};

/// Remaining accounts, in fours for each leg:
/// 0. its market,
/// 1. the market's chain book, writable,
/// 2. its event's book, writable,
/// 3. its feed's book, writable.
///
/// Then the verses of their events and those above them, each once, writable.
#[derive(Accounts)]
pub struct SettleLegs<'info> {
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    #[account(mut, has_one = vault @ FlashError::WrongAccount)]
    pub chain: AccountLoader<'info, Chain>,
}

/// What became of one leg.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegEnd {
    pub market: Pubkey,
    pub status: LegStatus,
}

#[event]
pub struct LegsSettled {
    pub header: EventHeader,
    pub vault: Pubkey,
    pub chain: Pubkey,
    pub legs: Vec<LegEnd>,
    /// After it: legs that are open, what the chain would pay, and what is reserved for all chains.
    pub open_legs: u8,
    pub reserve: u64,
    pub chain_reserve: u64,
}

/// Takes the results of an open chain's legs, in any order; anybody. A lost leg frees what is reserved at
/// once, and drops the legs that are open; a void one counts as one. A leg that is settled already, or whose
/// market is not, is passed over unless all are.
pub fn handle_settle_legs<'info>(ctx: Context<'info, SettleLegs<'info>>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let (legs, verses) = Verses::split(ctx.remaining_accounts);
    let (given, rest) = legs.as_chunks::<BOOKS_OF_LEG>();
    require!(
        !given.is_empty() && rest.is_empty(),
        FlashError::ChainSettlementAccounts
    );
    let mut chain = accounts.chain.load_mut()?;
    require!(!chain.is(ChainStatus::Waiting), FlashError::ChainNotOpen);
    let mut ended = Vec::with_capacity(given.len());
    settle(&mut chain, given, verses, &mut ended)?;
    if chain.is(ChainStatus::Lost) {
        // Those before the lost one that were passed over.
        settle(&mut chain, given, verses, &mut ended)?;
    }
    require!(!ended.is_empty(), FlashError::NothingSettled);
    let mut vault = accounts.vault.load_mut()?;
    free_reserve(&mut vault, &mut chain)?;
    emit!(LegsSettled {
        header: vault.next_event(&clock)?,
        vault: accounts.vault.key(),
        chain: accounts.chain.key(),
        legs: ended,
        open_legs: chain.open_legs,
        reserve: chain.reserve,
        chain_reserve: vault.chain_reserve,
    });
    Ok(())
}

/// Ends each leg that can be, one after the other: one that is given twice is settled the second time.
fn settle<'info>(
    chain: &mut Chain,
    given: &'info [[AccountInfo<'info>; BOOKS_OF_LEG]],
    verses: Verses,
    ended: &mut Vec<LegEnd>,
) -> Result<()> {
    for [market, chain_book, event_book, feed_book] in given {
        let leg = *chain.leg_mut(market.key)?;
        if !leg.is(LegStatus::Open) {
            continue;
        }
        let vault = chain.vault;
        let mut books = LegBooks::load(&vault, [market, chain_book, event_book, feed_book])?;
        let status = if chain.is(ChainStatus::Lost) {
            LegStatus::Dropped
        } else {
            let settlement = books.market.load()?.settlement;
            match LegStatus::by(&settlement, leg.outcome) {
                Some(status) => status,
                None => continue,
            }
        };
        if status == LegStatus::Lost {
            chain.status = ChainStatus::Lost as u8;
        }
        end_leg(chain, &mut books, verses, status)?;
        ended.push(LegEnd {
            market: leg.market,
            status,
        });
    }
    Ok(())
}
