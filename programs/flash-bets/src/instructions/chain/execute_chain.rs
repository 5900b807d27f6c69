use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::{EventHeader, Purse};

use super::{
    endings::{book_returned, ChainReturned},
    legs::{load_legs_in_verses, Leg},
    offer::{offer, require_within_caps, ChainOdds, Moment},
};
use crate::{
    error::FlashError,
    instructions::Verses,
    state::{Chain, ChainLeg, ChainStatus, Risk, Vault},
};

/// Remaining accounts, in fives for each leg, in their order:
/// 0. its market,
/// 1. the market's chain book, writable,
/// 2. its event's book, writable,
/// 3. its feed's book, writable,
/// 4. where its observation is, or would be.
///
/// Then the verses of their events and those above them, each once, writable.
#[derive(Accounts)]
pub struct ExecuteChain<'info> {
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: named by the vault.
    #[account(mut)]
    pub vault_tokens: UncheckedAccount<'info>,
    #[account(
        mut,
        has_one = vault @ FlashError::WrongAccount,
        has_one = owner @ FlashError::WrongAccount,
        has_one = rent_payer @ FlashError::WrongRentReceiver,
    )]
    pub chain: AccountLoader<'info, Chain>,
    /// CHECK: named by the chain.
    pub owner: UncheckedAccount<'info>,
    /// CHECK: checked to be the owner's where money goes to it.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the chain; gets its rent if it is returned.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// CHECK: any address; gets the tip.
    #[account(mut)]
    pub executor: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// Checked to be the owner's where money goes to it, which is only if the associated token
    /// account cannot receive.
    ///
    /// CHECK: as said.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
}

#[event]
pub struct ChainOpened {
    pub header: EventHeader,
    pub vault: Pubkey,
    pub chain: Pubkey,
    pub owner: Pubkey,
    pub stake: u64,
    pub odds: ChainOdds,
    pub fee_rate: u16,
    pub legs: Vec<ChainLeg>,
    pub tip_lamports: u64,
    /// After it.
    pub vault_cash: u64,
    pub chain_reserve: u64,
    pub chain_stakes: u64,
}

/// Opens a chain whose delay has passed at the odds of this moment, and returns what it comes to; or gives
/// the stake back if it cannot be opened, or not within its bound, and returns nothing; anybody, for its
/// tip.
///
/// Nothing is opened once the observation exists that a leg waits for: whoever holds a proof would bet on
/// what it shows.
pub fn handle_execute_chain<'info>(
    ctx: Context<'info, ExecuteChain<'info>>,
) -> Result<Option<ChainOdds>> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let (legs, verses) = load_legs_in_verses(&accounts.vault.key(), ctx.remaining_accounts)?;
    let mut chain = accounts.chain.load_mut()?;
    require!(chain.is(ChainStatus::Waiting), FlashError::ChainNotWaiting);
    require_its_legs(&chain, &legs)?;
    let reason = match chain.wait.require_executable(&clock) {
        Err(FlashError::ExecutionOver) => error!(FlashError::ExecutionOver),
        Err(early) => return Err(early.into()),
        Ok(()) => match open(accounts, &mut chain, &legs, verses, &clock) {
            Ok(odds) => {
                drop(chain);
                return finish_open(accounts, legs, odds, &clock).map(Some);
            }
            Err(reason) => reason,
        },
    };
    drop(chain);
    give_back(accounts, &reason, &clock)?;
    Ok(None)
}

fn require_its_legs(chain: &Chain, legs: &[Leg]) -> Result<()> {
    require_eq!(chain.legs().len(), legs.len(), FlashError::ChainLegAccounts);
    for (place, leg) in chain.legs().iter().zip(legs) {
        require_keys_eq!(
            place.market,
            leg.books.market.key(),
            FlashError::WrongAccount
        );
    }
    Ok(())
}

/// Prices the chain, and books it in the vault if that is within all caps. Nothing is written but the chain,
/// which is closed if this fails, and the vault if it does not.
fn open(
    accounts: &ExecuteChain,
    chain: &mut Chain,
    legs: &[Leg],
    verses: Verses,
    clock: &Clock,
) -> Result<ChainOdds> {
    let now = clock.unix_timestamp;
    let mut vault = accounts.vault.load_mut()?;
    let moment = Moment {
        clock,
        now: vault.now(clock),
        terms: vault.chain_terms.at(now),
    };
    let odds = offer(chain, legs, &moment, Some(chain.wait.requested_slot))?;
    require_within_caps(legs, odds.payout, &vault.caps.at(now))?;
    let mut after = Box::new(*vault);
    after.open_chain(chain.stake, odds.payout, now)?;
    add_to_verses(legs, verses, odds.payout)?;
    *vault = *after;
    chain.status = ChainStatus::Open as u8;
    Ok(odds)
}

/// Counts the payout in the verses of every leg, or in none. Legs may share some.
fn add_to_verses(legs: &[Leg], verses: Verses, payout: u64) -> Result<()> {
    let mut counted = Vec::with_capacity(legs.len());
    for leg in legs {
        let verse = leg.books.event_book.verse;
        if let Err(refused) = verses.add(verse, Risk::Chain(payout)) {
            for verse in counted {
                verses.take(verse, Risk::Chain(payout))?;
            }
            return Err(refused);
        }
        counted.push(verse);
    }
    Ok(())
}

/// Books the chain with its legs, and pays the tip.
fn finish_open(
    accounts: &ExecuteChain,
    mut legs: Vec<Leg>,
    odds: ChainOdds,
    clock: &Clock,
) -> Result<ChainOdds> {
    let mut chain = accounts.chain.load_mut()?;
    for (place, leg) in chain.legs().iter().zip(&mut legs) {
        leg.books.open(place, odds.payout)?;
    }
    let tip_lamports = core::mem::take(&mut chain.tip_lamports);
    let mut vault = accounts.vault.load_mut()?;
    emit!(ChainOpened {
        header: vault.next_event(clock)?,
        vault: accounts.vault.key(),
        chain: accounts.chain.key(),
        owner: chain.owner,
        stake: chain.stake,
        odds,
        fee_rate: chain.fee_rate,
        legs: chain.legs().to_vec(),
        tip_lamports,
        vault_cash: vault.cash,
        chain_reserve: vault.chain_reserve,
        chain_stakes: vault.chain_stakes,
    });
    drop((vault, chain));
    let info = accounts.chain.to_account_info();
    info.sub_lamports(tip_lamports)?;
    accounts.executor.add_lamports(tip_lamports)?;
    let (vault, tokens) = (&accounts.vault, &accounts.vault_tokens);
    Purse::new(vault, tokens, &accounts.token_program)?.assert_backed()?;
    Ok(odds)
}

/// Gives the stake back, pays the tip and closes the chain.
fn give_back(accounts: &ExecuteChain, reason: &Error, clock: &Clock) -> Result<()> {
    let reason = match reason {
        Error::AnchorError(error) => error.error_code_number,
        Error::ProgramError(_) => 0,
    };
    let (stake, tip_lamports) = {
        let chain = accounts.chain.load()?;
        let mut vault = accounts.vault.load_mut()?;
        book_returned(&mut vault, &chain)?;
        emit!(ChainReturned {
            header: vault.next_event(clock)?,
            vault: accounts.vault.key(),
            chain: accounts.chain.key(),
            owner: chain.owner,
            stake: chain.stake,
            reason,
            chain_stakes: vault.chain_stakes,
        });
        (chain.stake, chain.tip_lamports)
    };
    let (vault, tokens) = (&accounts.vault, &accounts.vault_tokens);
    let purse = Purse::new(vault, tokens, &accounts.token_program)?;
    let fallback = accounts.fallback_tokens.as_deref();
    purse.pay_owner(&accounts.owner, &accounts.owner_tokens, fallback, stake)?;
    let info = accounts.chain.to_account_info();
    info.sub_lamports(tip_lamports)?;
    accounts.executor.add_lamports(tip_lamports)?;
    accounts.chain.close(accounts.rent_payer.to_account_info())
}
