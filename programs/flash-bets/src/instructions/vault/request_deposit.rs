use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use market_core::sum;
use program_kit::{new_account::NewAccount, EventHeader, Purse};

use crate::{
    error::FlashError,
    state::{seeds, Deposit, Vault, VERSION},
};

/// Seconds after the notice in which a deposit can be executed. Short, since who waits in it for good
/// news has an option until somebody else executes.
#[constant]
pub const DEPOSIT_EXECUTION_SECONDS: i64 = 300;

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct RequestDepositArgs {
    /// Base units.
    pub amount: u64,
    /// Least number of LP shares to accept.
    pub min_shares: u64,
}

#[derive(Accounts)]
pub struct RequestDeposit<'info> {
    pub owner: Signer<'info>,
    /// Pays the rent and gets it back.
    #[account(mut)]
    pub rent_payer: Signer<'info>,
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: named by the vault.
    #[account(mut)]
    pub vault_tokens: UncheckedAccount<'info>,
    /// CHECK: the token program checks mint, balance and authority.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    /// CHECK: created by the handler.
    #[account(
        mut,
        seeds = [seeds::DEPOSIT, vault.key().as_ref(), owner.key().as_ref()],
        bump,
    )]
    pub deposit: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct DepositRequested {
    pub header: EventHeader,
    pub vault: Pubkey,
    pub owner: Pubkey,
    pub amount: u64,
    pub min_shares: u64,
    /// First and last second in which anybody may execute the deposit.
    pub available_at: i64,
    pub available_until: i64,
    /// After it.
    pub pending_deposits: u64,
}

/// Takes the money of a deposit; what it buys is decided at the execution.
///
/// LP shares are priced with open markets at cost, but a market that the pool has won is worth more,
/// and whoever knows that first can book it. Shares bought at once would take a part of that gain
/// from those who bore the risk. The notice lets everybody book what was known at the request.
pub fn handle_request_deposit(
    ctx: Context<RequestDeposit>,
    args: RequestDepositArgs,
) -> Result<()> {
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let accounts = ctx.accounts;
    require_gt!(args.amount, 0, FlashError::ZeroAmount);
    let mut vault = accounts.vault.load_mut()?;
    vault.require_not_paused(now)?;
    vault.shares_for(args.amount, args.min_shares)?;

    let [available_at, available_until] = vault.notice_from(now, DEPOSIT_EXECUTION_SECONDS)?;
    vault.pending_deposits =
        sum([vault.pending_deposits, args.amount]).map_err(FlashError::from)?;
    emit!(DepositRequested {
        header: vault.next_event(&clock)?,
        vault: accounts.vault.key(),
        owner: accounts.owner.key(),
        amount: args.amount,
        min_shares: args.min_shares,
        available_at,
        available_until,
        pending_deposits: vault.pending_deposits,
    });
    drop(vault);
    let deposit = Deposit {
        version: VERSION,
        bump: ctx.bumps.deposit,
        vault: accounts.vault.key(),
        owner: accounts.owner.key(),
        rent_payer: accounts.rent_payer.key(),
        amount: args.amount,
        min_shares: args.min_shares,
        available_at,
        available_until,
        reserved: [0; 32],
    };
    NewAccount {
        payer: &accounts.rent_payer,
        account: &accounts.deposit,
        system_program: &accounts.system_program,
        seeds: &[
            seeds::DEPOSIT,
            deposit.vault.as_ref(),
            deposit.owner.as_ref(),
            &[deposit.bump],
        ],
    }
    .write(8 + Deposit::INIT_SPACE, &deposit)?;

    let (vault, tokens) = (&accounts.vault, &accounts.vault_tokens);
    let purse = Purse::new(vault, tokens, &accounts.token_program)?;
    purse.receive(&accounts.owner_tokens, &accounts.owner, args.amount)
}
