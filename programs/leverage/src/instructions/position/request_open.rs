use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use markets::state::Market;
use program_kit::{increment, new_account::NewAccount, EventHeader, Purse};

use crate::{
    error::LoanError,
    state::{
        seeds, LeveredPosition, ListedMarket, PendingOpen, MARK_BOUNTY_LAMPORTS, OPEN_TIP_LAMPORTS,
        VERSION,
    },
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct RequestOpenArgs {
    pub outcome: u8,
    /// Base units of the owner's, and of the pool's.
    pub margin: u64,
    pub loan: u64,
    /// The fewest shares that both have to buy.
    pub min_shares: u64,
}

#[derive(Accounts)]
#[instruction(nonce: u64)]
pub struct RequestOpen<'info> {
    /// Pays rent, bounty and tip, and gets what is left of them.
    #[account(mut)]
    pub rent_payer: Signer<'info>,
    pub owner: Signer<'info>,
    #[account(mut, has_one = market @ LoanError::WrongAccount)]
    pub listing: AccountLoader<'info, ListedMarket>,
    pub market: AccountLoader<'info, Market>,
    /// CHECK: created by the handler.
    #[account(
        mut,
        seeds = [
            seeds::PENDING_OPEN,
            listing.key().as_ref(),
            owner.key().as_ref(),
            &nonce.to_le_bytes(),
        ],
        bump,
    )]
    pub pending_open: UncheckedAccount<'info>,
    /// CHECK: the token program checks mint, balance and authority.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the listing.
    #[account(mut)]
    pub listing_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct OpenRequested {
    pub header: EventHeader,
    pub listing: Pubkey,
    pub pending_open: Pubkey,
    pub owner: Pubkey,
    pub rent_payer: Pubkey,
    pub nonce: u64,
    pub terms: RequestOpenArgs,
    /// From when on it can be executed, both have to be reached, and the last second.
    pub executable_from: i64,
    pub executable_from_slot: u64,
    pub expires_at: i64,
    /// After it.
    pub listing_cash: u64,
}

/// Takes the margin of a position that is opened after the delay, at the prices of that moment, or not
/// at all.
pub fn handle_request_open(
    ctx: Context<RequestOpen>,
    nonce: u64,
    args: RequestOpenArgs,
) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    require_gt!(args.margin, 0, LoanError::ZeroAmount);
    let is_over = accounts.market.load()?.is_trading_over(now);
    require!(!is_over, LoanError::TradingOver);
    let mut listing = accounts.listing.load_mut()?;
    listing.require_open(&clock)?;
    require_gt!(listing.outcomes, args.outcome, LoanError::OutcomeOutOfRange);
    let parameters = listing.parameters.at(now);
    require_gte!(args.loan, parameters.least_loan, LoanError::LoanTooSmall);
    let execution_seconds = i64::from(parameters.execution_minutes).saturating_mul(60);
    let executable_from = now.saturating_add(parameters.delay_seconds.into());
    let pending = PendingOpen {
        version: VERSION,
        bump: ctx.bumps.pending_open,
        outcome: args.outcome,
        listing: accounts.listing.key(),
        owner: accounts.owner.key(),
        rent_payer: accounts.rent_payer.key(),
        nonce,
        margin: args.margin,
        loan: args.loan,
        min_shares: args.min_shares,
        executable_from,
        executable_from_slot: clock.slot.saturating_add(parameters.delay_slots.into()),
        expires_at: executable_from.saturating_add(execution_seconds),
        reserved: [0; 32],
    };
    listing.change_cash(args.margin, 0)?;
    increment(&mut listing.open_requests).map_err(LoanError::from)?;
    emit!(OpenRequested {
        header: listing.next_event(&clock)?,
        listing: pending.listing,
        pending_open: accounts.pending_open.key(),
        owner: pending.owner,
        rent_payer: pending.rent_payer,
        nonce,
        terms: args,
        executable_from,
        executable_from_slot: pending.executable_from_slot,
        expires_at: pending.expires_at,
        listing_cash: listing.cash,
    });
    drop(listing);
    accounts.create(&pending)?;
    let (listing, tokens) = (&accounts.listing, &accounts.listing_tokens);
    let purse = Purse::new(listing, tokens, &accounts.token_program)?;
    purse.receive(&accounts.owner_tokens, &accounts.owner, args.margin)
}

impl RequestOpen<'_> {
    /// Creates the request with the lamports that the position will need.
    fn create(&self, pending: &PendingOpen) -> Result<()> {
        NewAccount {
            payer: &self.rent_payer,
            account: &self.pending_open,
            system_program: &self.system_program,
            seeds: &[
                seeds::PENDING_OPEN,
                pending.listing.as_ref(),
                pending.owner.as_ref(),
                &pending.nonce.to_le_bytes(),
                &[pending.bump],
            ],
        }
        .write(8 + PendingOpen::INIT_SPACE, pending)?;
        let prepaid = Rent::get()?
            .minimum_balance(LeveredPosition::SPACE)
            .saturating_add(OPEN_TIP_LAMPORTS)
            .saturating_add(MARK_BOUNTY_LAMPORTS);
        let transfer = anchor_lang::system_program::Transfer {
            from: self.rent_payer.to_account_info(),
            to: self.pending_open.to_account_info(),
        };
        let system = self.system_program.key();
        anchor_lang::system_program::transfer(CpiContext::new(system, transfer), prepaid)
    }
}
