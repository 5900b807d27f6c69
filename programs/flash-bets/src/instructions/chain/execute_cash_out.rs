use anchor_lang::prelude::*;
use program_kit::{EventHeader, Purse};

use super::{
    endings::{book_paid, end_leg},
    execute_chain::ExecuteChain,
    legs::{load_legs_in_verses, Leg},
    offer::{cash_out_offer, Moment},
};
use crate::{
    error::FlashError,
    state::{Chain, ChainStatus, LegStatus},
};

#[event]
pub struct ChainCashedOut {
    pub header: EventHeader,
    pub vault: Pubkey,
    pub chain: Pubkey,
    pub owner: Pubkey,
    pub stake: u64,
    /// Base units that it would have paid.
    pub payout: u64,
    /// Base units that the owner was paid.
    pub paid: u64,
    pub tip_lamports: u64,
    /// After it.
    pub vault_cash: u64,
    pub chain_reserve: u64,
}

/// Cashes a chain out whose owner asked for it, once the delay has passed, at the prices of its open legs,
/// while all of them trade; anybody, for its tip. The accounts are those of its execution, the remaining
/// ones of the legs that are open, in their order.
pub fn handle_execute_cash_out<'info>(ctx: Context<'info, ExecuteChain<'info>>) -> Result<()> {
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let accounts = ctx.accounts;
    let (mut legs, verses) = load_legs_in_verses(&accounts.vault.key(), ctx.remaining_accounts)?;
    let (paid, tip_lamports) = {
        let mut chain = accounts.chain.load_mut()?;
        let mut vault = accounts.vault.load_mut()?;
        require_cash_out(&chain, &legs, &clock)?;
        let moment = Moment {
            clock: &clock,
            now: vault.now(&clock),
            terms: vault.chain_terms.at(now),
        };
        let paid = cash_out_offer(&chain, &legs, &moment)?;
        require_gte!(paid, chain.bound, FlashError::SlippageExceeded);
        for leg in &mut legs {
            end_leg(&mut chain, &mut leg.books, verses, LegStatus::Dropped)?;
        }
        book_paid(&mut vault, &chain, paid, now)?;
        emit!(ChainCashedOut {
            header: vault.next_event(&clock)?,
            vault: accounts.vault.key(),
            chain: accounts.chain.key(),
            owner: chain.owner,
            stake: chain.stake,
            payout: chain.reserve,
            paid,
            tip_lamports: chain.tip_lamports,
            vault_cash: vault.cash,
            chain_reserve: vault.chain_reserve,
        });
        (paid, chain.tip_lamports)
    };
    let (vault, tokens) = (&accounts.vault, &accounts.vault_tokens);
    let purse = Purse::new(vault, tokens, &accounts.token_program)?;
    let fallback = accounts.fallback_tokens.as_deref();
    purse.pay_owner(&accounts.owner, &accounts.owner_tokens, fallback, paid)?;
    let info = accounts.chain.to_account_info();
    info.sub_lamports(tip_lamports)?;
    accounts.executor.add_lamports(tip_lamports)?;
    accounts.chain.close(accounts.rent_payer.to_account_info())
}

/// Whether the chain may be cashed out now, and these are its open legs.
fn require_cash_out(chain: &Chain, legs: &[Leg], clock: &Clock) -> Result<()> {
    require!(chain.is(ChainStatus::Open), FlashError::ChainNotOpen);
    require_eq!(chain.cash_out_waits, 1, FlashError::NoCashOutWaiting);
    chain.wait.require_executable(clock)?;
    require_gt!(chain.open_legs, 0, FlashError::NoLegsOpen);
    require_eq!(
        usize::from(chain.open_legs),
        legs.len(),
        FlashError::ChainLegAccounts
    );
    let open = chain.legs().iter().filter(|leg| leg.is(LegStatus::Open));
    for (place, leg) in open.zip(legs) {
        require_keys_eq!(
            place.market,
            leg.books.market.key(),
            FlashError::WrongAccount
        );
    }
    Ok(())
}
