use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use market_core::{settlement::MarketStatus, Now};
use program_kit::{new_account::NewAccount, EventHeader, Purse};

use crate::{
    error::MarketError,
    state::{seeds, Dispute, Market, Venue, VERSION},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct DisputeArgs {
    /// SHA-256 of the evidence, which is published elsewhere.
    pub evidence_hash: [u8; 32],
    /// What the disputer calls the mistake; the program gives it no meaning.
    pub reason: u16,
    /// Most base units to put up.
    pub max_bond: u64,
}

#[derive(Accounts)]
pub struct DisputeResolution<'info> {
    #[account(mut)]
    pub disputer: Signer<'info>,
    pub venue: AccountLoader<'info, Venue>,
    #[account(mut, has_one = venue @ MarketError::WrongAccount)]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: created by the handler.
    #[account(mut, seeds = [seeds::DISPUTE, market.key().as_ref()], bump)]
    pub dispute: UncheckedAccount<'info>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: the token program checks mint, balance and authority.
    #[account(mut)]
    pub disputer_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct ResolutionDisputed {
    pub header: EventHeader,
    pub market: Pubkey,
    /// The default key if nobody put up a bond: the oracle showed a conflict or a suspension.
    pub disputer: Pubkey,
    pub evidence_hash: [u8; 32],
    pub reason: u16,
    pub bond: u64,
    /// Unix seconds.
    pub arbitration_until: i64,
}

/// Calls the arbiters by what the oracle shows, without a bond.
///
/// # Errors
/// Those of [`Market::call_arbiters`] and [`Market::next_event`].
pub(super) fn call_arbiters(
    market: &mut Market,
    address: Pubkey,
    now: Now,
    clock: &Clock,
) -> Result<()> {
    market.call_arbiters(now)?;
    emit!(ResolutionDisputed {
        header: market.next_event(clock)?,
        market: address,
        disputer: Pubkey::default(),
        evidence_hash: [0; 32],
        reason: 0,
        bond: 0,
        arbitration_until: market.arbitration_until,
    });
    Ok(())
}

/// Says that the proposal is wrong, and puts up the same bond as the proposer; anybody. From here
/// only the arbiter set can resolve the market.
pub fn handle_dispute_resolution(ctx: Context<DisputeResolution>, args: DisputeArgs) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let now = accounts.venue.load()?.now(&clock);
    let mut market = accounts.market.load_mut()?;
    require!(market.is(MarketStatus::Proposed), MarketError::NotProposed);
    require_gt!(
        market.dispute_until,
        now.seconds,
        MarketError::DisputeWindowOver
    );

    let bond = market.bond;
    require_gte!(args.max_bond, bond, MarketError::BondAboveMaximum);
    market.call_arbiters(now)?;
    market.disputer = accounts.disputer.key();
    market.disputer_claim = bond;
    market.open_disputes = 1;
    let dispute = Dispute {
        version: VERSION,
        bump: ctx.bumps.dispute,
        reason: args.reason,
        market: accounts.market.key(),
        disputer: accounts.disputer.key(),
        evidence_hash: args.evidence_hash,
        opened_at: now.seconds,
        reserved: [0; 32],
    };
    NewAccount {
        payer: &accounts.disputer,
        account: &accounts.dispute,
        system_program: &accounts.system_program,
        seeds: &[seeds::DISPUTE, dispute.market.as_ref(), &[dispute.bump]],
    }
    .write(Dispute::SPACE, &dispute)?;
    emit!(ResolutionDisputed {
        header: market.next_event(&clock)?,
        market: dispute.market,
        disputer: dispute.disputer,
        evidence_hash: args.evidence_hash,
        reason: args.reason,
        bond,
        arbitration_until: market.arbitration_until,
    });
    drop(market);
    Purse::new(
        &accounts.market,
        &accounts.market_tokens,
        &accounts.token_program,
    )?
    .receive(&accounts.disputer_tokens, &accounts.disputer, bond)
}
