use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use market_core::sum;
use program_kit::tokens::token_amount;
use program_kit::{new_account::NewAccount, tokens::burn, EventHeader};

use crate::{
    error::FlashError,
    state::{seeds, Vault, Withdrawal, VERSION},
};

/// Seconds after the notice in which a withdrawal can be paid.
#[constant]
pub const WITHDRAWAL_EXECUTION_SECONDS: i64 = 3_600;

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct RequestWithdrawArgs {
    pub shares: u64,
    /// Least number of base units to accept.
    pub min_amount: u64,
}

#[derive(Accounts)]
pub struct RequestWithdraw<'info> {
    pub owner: Signer<'info>,
    /// Pays the rent and gets it back.
    #[account(mut)]
    pub rent_payer: Signer<'info>,
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: named by the vault.
    #[account(mut, address = vault.load()?.lp_mint @ FlashError::WrongAccount)]
    pub lp_mint: UncheckedAccount<'info>,
    /// CHECK: the token program checks mint, balance and authority.
    #[account(mut)]
    pub owner_lp_tokens: UncheckedAccount<'info>,
    /// CHECK: created by the handler.
    #[account(
        mut,
        seeds = [seeds::WITHDRAWAL, vault.key().as_ref(), owner.key().as_ref()],
        bump,
    )]
    pub withdrawal: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct WithdrawRequested {
    pub header: EventHeader,
    pub vault: Pubkey,
    pub owner: Pubkey,
    pub shares: u64,
    pub min_amount: u64,
    /// First and last second in which anybody may have it paid.
    pub available_at: i64,
    pub available_until: i64,
    /// After it.
    pub requested_shares: u64,
}

/// Burns the LP tokens; what they are worth is decided at the withdrawal.
pub fn handle_request_withdraw(
    ctx: Context<RequestWithdraw>,
    args: RequestWithdrawArgs,
) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    require_gt!(args.shares, 0, FlashError::ZeroAmount);
    require_gte!(
        token_amount(&accounts.owner_lp_tokens).map_err(FlashError::from)?,
        args.shares,
        FlashError::NotEnoughLpShares
    );
    let [available_at, available_until] = book(accounts, args, &clock)?;
    let withdrawal = Withdrawal {
        version: VERSION,
        bump: ctx.bumps.withdrawal,
        vault: accounts.vault.key(),
        owner: accounts.owner.key(),
        rent_payer: accounts.rent_payer.key(),
        shares: args.shares,
        min_amount: args.min_amount,
        available_at,
        available_until,
        reserved: [0; 32],
    };
    NewAccount {
        payer: &accounts.rent_payer,
        account: &accounts.withdrawal,
        system_program: &accounts.system_program,
        seeds: &[
            seeds::WITHDRAWAL,
            withdrawal.vault.as_ref(),
            withdrawal.owner.as_ref(),
            &[withdrawal.bump],
        ],
    }
    .write(8 + Withdrawal::INIT_SPACE, &withdrawal)?;

    burn(
        &accounts.token_program,
        accounts.lp_mint.to_account_info(),
        accounts.owner_lp_tokens.to_account_info(),
        accounts.owner.to_account_info(),
        args.shares,
    )
}

/// Counts the shares as requested; returns when they can be paid.
fn book(accounts: &RequestWithdraw, args: RequestWithdrawArgs, clock: &Clock) -> Result<[i64; 2]> {
    let mut vault = accounts.vault.load_mut()?;
    let times = vault.notice_from(clock.unix_timestamp, WITHDRAWAL_EXECUTION_SECONDS)?;
    vault.requested_shares =
        sum([vault.requested_shares, args.shares]).map_err(FlashError::from)?;
    require_gte!(
        vault.shares,
        vault.requested_shares,
        FlashError::SharesMismatch
    );
    emit!(WithdrawRequested {
        header: vault.next_event(clock)?,
        vault: accounts.vault.key(),
        owner: accounts.owner.key(),
        shares: args.shares,
        min_amount: args.min_amount,
        available_at: times[0],
        available_until: times[1],
        requested_shares: vault.requested_shares,
    });
    Ok(times)
}
