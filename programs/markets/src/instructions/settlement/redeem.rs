use anchor_lang::{prelude::*, AccountsClose};
use anchor_spl::token_interface::TokenInterface;
use program_kit::{rent_receiver, ClaimAccounts, EventHeader, Purse};

use crate::{
    error::MarketError,
    state::{Market, Position, HOLD_SECONDS},
};

/// Remaining accounts, in fours and all writable:
/// 0. a position in the market,
/// 1. its owner, who signs if the position is held,
/// 2. the owner's associated token account, or any of the owner's if the owner signs, which gets the
///    payout; anything if the payout is 0,
/// 3. who paid the position's rent, and gets it.
#[derive(Accounts)]
pub struct Redeem<'info> {
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// CHECK: checked to be an owner's where money goes to it, which is only if his associated token account cannot receive.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
}

#[event]
pub struct PositionRedeemed {
    pub header: EventHeader,
    pub market: Pubkey,
    pub owner: Pubkey,
    pub payout: u64,
    pub cost_basis: i64,
    /// After it: what the market holds for the positions that are left.
    pub pool_cash: u64,
}

/// Pays and closes positions in a settled market; anybody, several at once. One that is gone
/// already, that is held, or whose owner cannot be paid there, is passed over: nobody can stop a
/// batch by emptying or closing an account of his own just before it.
pub fn handle_redeem<'info>(ctx: Context<'info, Redeem<'info>>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    accounts.market.load()?.require_settled()?;
    let (positions, rest) = ctx.remaining_accounts.as_chunks::<4>();
    require!(
        !positions.is_empty() && rest.is_empty(),
        MarketError::RedemptionAccounts
    );
    let mut is_any_redeemed = false;
    for given in positions {
        is_any_redeemed |= redeem_position(accounts, given, &clock)?;
    }
    require!(is_any_redeemed, MarketError::NothingRedeemed);
    Ok(())
}

/// Whether the position was redeemed.
fn redeem_position<'info>(
    accounts: &Redeem<'info>,
    [claim, claimant, tokens, rent_payer]: &'info [AccountInfo<'info>; 4],
    clock: &Clock,
) -> Result<bool> {
    let given = ClaimAccounts {
        claim,
        claimant,
        tokens,
        rent_payer,
    };
    let position = given.load::<Position>(&accounts.market.key());
    let Some(position) = position.map_err(MarketError::from)? else {
        return Ok(false);
    };
    let mut market = accounts.market.load_mut()?;
    let held_until = market.settled_at.saturating_add(HOLD_SECONDS);
    if position.is_held && !claimant.is_signer && clock.unix_timestamp < held_until {
        return Ok(false);
    }
    let payout = market
        .settlement
        .payout_of(&position.holdings.shares)
        .map_err(MarketError::from)?;
    let fallback = accounts.fallback_tokens.as_deref();
    let payee = given.payee(market.mint, &accounts.token_program, fallback);
    let Some(destination) = payee.destination_of(payout) else {
        return Ok(false);
    };
    market.redeem(&position.holdings.shares)?;
    emit!(PositionRedeemed {
        header: market.next_event(clock)?,
        market: position.market,
        owner: position.owner,
        payout,
        cost_basis: position.holdings.cost_basis,
        pool_cash: market.pool.cash,
    });
    drop(market);
    Purse::new(
        &accounts.market,
        &accounts.market_tokens,
        &accounts.token_program,
    )?
    .pay(destination, payout)?;
    position.close(rent_receiver(rent_payer, claimant))?;
    Ok(true)
}
