use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;

use crate::{
    error::MarketError,
    state::{Dispute, Market, MarketSigner},
    tokens::{destination, transfer, Payee},
};

#[derive(Accounts)]
pub struct ClaimDisputeBond<'info> {
    #[account(
        mut,
        constraint = market.load()?.token_account == market_tokens.key() @ MarketError::WrongAccount,
    )]
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
        close = disputer,
        has_one = market @ MarketError::WrongAccount,
        has_one = disputer @ MarketError::WrongAccount,
    )]
    pub dispute: Account<'info, Dispute>,
    /// CHECK: named by the dispute; gets its rent.
    #[account(mut)]
    pub disputer: UncheckedAccount<'info>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: checked to be the disputer's where money goes to it.
    #[account(mut)]
    pub disputer_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// CHECK: checked to be the disputer's where money goes to it, which is only if the associated token
    /// account cannot receive.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
}

#[event]
pub struct DisputeBondClaimed {
    pub market: Pubkey,
    pub disputer: Pubkey,
    pub sequence: u64,
    pub amount: u64,
}

/// Pays the disputer of a settled market what is due of the bonds, if anything, and closes the
/// dispute; anybody.
pub fn handle_claim_dispute_bond(ctx: Context<ClaimDisputeBond>) -> Result<()> {
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    market.require_settled()?;
    let amount = core::mem::take(&mut market.disputer_claim);
    market.open_disputes = 0;
    emit!(DisputeBondClaimed {
        market: accounts.market.key(),
        disputer: accounts.disputer.key(),
        sequence: market.next_sequence()?,
        amount,
    });
    let (signer, mint) = (MarketSigner::of(&market), market.mint);
    drop(market);

    if amount > 0 {
        let destination = destination(Payee {
            owner: &accounts.disputer,
            mint,
            token_program: &accounts.token_program,
            tokens: &accounts.disputer_tokens,
            fallback: accounts.fallback_tokens.as_deref(),
        })?;
        transfer(
            &accounts.token_program,
            accounts.market_tokens.to_account_info(),
            destination,
            accounts.market.to_account_info(),
            amount,
            &[&signer.seeds()],
        )?;
    }
    accounts
        .market
        .load()?
        .assert_backed(&accounts.market_tokens)
}
