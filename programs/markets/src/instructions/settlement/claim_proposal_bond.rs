use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::{EventHeader, Purse};

use crate::{error::MarketError, state::Market};

#[derive(Accounts)]
pub struct ClaimProposalBond<'info> {
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: checked to be the market's, once there is one.
    pub proposer: UncheckedAccount<'info>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: checked to be the proposer's.
    #[account(mut)]
    pub proposer_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// Checked to be the proposer's where money goes to it, which is only if the associated token
    /// account cannot receive.
    ///
    /// CHECK: as said.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
}

#[event]
pub struct ProposalBondClaimed {
    pub header: EventHeader,
    pub market: Pubkey,
    pub proposer: Pubkey,
    pub amount: u64,
}

/// Pays the proposer of a settled market what is due of the bonds; anybody. It is apart from the
/// settlement, which nobody's token account can hold up.
pub fn handle_claim_proposal_bond(ctx: Context<ClaimProposalBond>) -> Result<()> {
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    market.require_settled()?;
    let amount = core::mem::take(&mut market.proposer_claim);
    require_gt!(amount, 0, MarketError::NothingToCollect);
    require_keys_eq!(
        accounts.proposer.key(),
        market.proposer,
        MarketError::WrongAccount
    );
    emit!(ProposalBondClaimed {
        header: market.next_event(&Clock::get()?)?,
        market: accounts.market.key(),
        proposer: accounts.proposer.key(),
        amount,
    });
    drop(market);

    let (market, tokens) = (&accounts.market, &accounts.market_tokens);
    let purse = Purse::new(market, tokens, &accounts.token_program)?;
    purse.pay_owner(
        &accounts.proposer,
        &accounts.proposer_tokens,
        accounts.fallback_tokens.as_deref(),
        amount,
    )
}
