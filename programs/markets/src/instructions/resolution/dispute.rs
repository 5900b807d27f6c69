use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::new_account::NewAccount;

use crate::{
    error::MarketError,
    state::{seeds, Dispute, Market, MarketStatus, VERSION},
    tokens::transfer,
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
    #[account(
        mut,
        constraint = market.load()?.token_account == market_tokens.key() @ MarketError::WrongAccount,
    )]
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
    pub market: Pubkey,
    pub sequence: u64,
    /// The default key if the oracle showed a conflict.
    pub disputer: Pubkey,
    pub evidence_hash: [u8; 32],
    pub reason: u16,
    pub bond: u64,
    pub arbitration_deadline: i64,
}

/// Says that the proposal is wrong, and puts up the same bond as the proposer; anybody. From here
/// only the arbiter set can resolve the market.
pub fn handle_dispute(ctx: Context<DisputeResolution>, args: DisputeArgs) -> Result<()> {
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    require_eq!(
        market.status,
        MarketStatus::Proposed as u8,
        MarketError::NotProposed
    );
    require_gt!(market.dispute_deadline, now, MarketError::DisputeWindowOver);

    let bond = market.bond;
    require_gte!(args.max_bond, bond, MarketError::BondAboveMaximum);
    market.call_arbiters(&clock)?;
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
        opened_at: now,
    };
    NewAccount {
        payer: &accounts.disputer,
        account: &accounts.dispute,
        system_program: &accounts.system_program,
        seeds: &[seeds::DISPUTE, dispute.market.as_ref(), &[dispute.bump]],
    }
    .write(8 + Dispute::INIT_SPACE, &dispute)?;
    emit!(ResolutionDisputed {
        market: dispute.market,
        sequence: market.next_sequence()?,
        disputer: dispute.disputer,
        evidence_hash: args.evidence_hash,
        reason: args.reason,
        bond,
        arbitration_deadline: market.arbitration_deadline,
    });
    drop(market);

    transfer(
        &accounts.token_program,
        accounts.disputer_tokens.to_account_info(),
        accounts.market_tokens.to_account_info(),
        accounts.disputer.to_account_info(),
        bond,
        &[],
    )?;
    accounts
        .market
        .load()?
        .assert_backed(&accounts.market_tokens)
}
