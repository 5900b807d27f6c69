use anchor_lang::{prelude::*, AccountsClose};
use anchor_spl::token_interface::TokenInterface;
use oracle::OracleConfig;
use program_kit::tokens::token_amount;
use program_kit::{refuse_durable_nonce, EventHeader, Purse, INSTRUCTIONS_SYSVAR};

use crate::{error::FlashError, state::Vault};

#[derive(Accounts)]
pub struct CloseVault<'info> {
    pub admin: Signer<'info>,
    /// The oracle's configuration. Its type proves it.
    #[account(has_one = admin @ FlashError::NotAdmin)]
    pub config: Account<'info, OracleConfig>,
    #[account(mut, has_one = rent_payer @ FlashError::WrongRentReceiver)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: named by the vault.
    #[account(mut)]
    pub vault_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the vault as who paid its rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// CHECK: checked to be the treasury.
    pub treasury: UncheckedAccount<'info>,
    /// CHECK: checked to be the treasury's where money goes to it.
    #[account(mut)]
    pub treasury_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// CHECK: the instructions sysvar.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

#[event]
pub struct VaultClosed {
    pub header: EventHeader,
    pub vault: Pubkey,
    pub mint: Pubkey,
    pub id: u64,
    /// LP shares that are worth nothing and nobody can give back any more.
    pub shares: u64,
    /// Base units that were nobody's; the protocol keeps them.
    pub left: u64,
}

/// Closes a vault that nobody has anything in: all have left, or all is lost. Its mint of LP tokens
/// stays, so that no other vault is ever at its address; one of another id takes its place.
pub fn handle_close_vault(ctx: Context<CloseVault>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    refuse_durable_nonce(&accounts.instructions).map_err(FlashError::from)?;
    let left = token_amount(&accounts.vault_tokens).map_err(FlashError::from)?;
    {
        let mut vault = accounts.vault.load_mut()?;
        require!(vault.is_unused(), FlashError::VaultInUse);
        require_keys_eq!(
            accounts.treasury.key(),
            vault.treasury.at(clock.unix_timestamp),
            FlashError::WrongAccount
        );
        vault.cash = 0;
        emit!(VaultClosed {
            header: vault.next_event(&clock)?,
            vault: accounts.vault.key(),
            mint: vault.mint,
            id: vault.id,
            shares: vault.shares,
            left,
        });
    }
    let (vault, tokens) = (&accounts.vault, &accounts.vault_tokens);
    let purse = Purse::new(vault, tokens, &accounts.token_program)?;
    if left > 0 {
        purse.pay_owner(&accounts.treasury, &accounts.treasury_tokens, None, left)?;
    }
    purse.close(&accounts.rent_payer)?;
    accounts.vault.close(accounts.rent_payer.to_account_info())
}
