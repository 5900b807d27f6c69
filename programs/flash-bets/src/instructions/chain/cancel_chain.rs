use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::Purse;

use super::endings::{book_returned, ChainReturned};
use crate::{
    error::FlashError,
    state::{Chain, ChainStatus, Vault},
};

/// Of every instruction that ends with the payment of a chain's owner and needs none of its legs.
#[derive(Accounts)]
pub struct EndChain<'info> {
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: named by the vault.
    #[account(mut)]
    pub vault_tokens: UncheckedAccount<'info>,
    #[account(
        mut,
        close = rent_payer,
        has_one = vault @ FlashError::WrongAccount,
        has_one = owner @ FlashError::WrongAccount,
        has_one = rent_payer @ FlashError::WrongRentReceiver,
    )]
    pub chain: AccountLoader<'info, Chain>,
    /// CHECK: named by the chain.
    pub owner: UncheckedAccount<'info>,
    /// CHECK: checked to be the owner's where money goes to it.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the chain; gets its rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// Checked to be the owner's where money goes to it, which is only if the associated token
    /// account cannot receive.
    ///
    /// CHECK: as said.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
}

impl EndChain<'_> {
    /// Pays the owner out of the vault, whose books are written.
    ///
    /// # Errors
    /// Those of [`Purse::pay_owner`].
    pub fn pay(&self, amount: u64) -> Result<()> {
        let (vault, tokens) = (&self.vault, &self.vault_tokens);
        let purse = Purse::new(vault, tokens, &self.token_program)?;
        let fallback = self.fallback_tokens.as_deref();
        purse.pay_owner(&self.owner, &self.owner_tokens, fallback, amount)
    }
}

/// Gives back the stake of a chain that nobody can open any more, or while the vault is paused; anybody.
/// Before that it would be a free option: to ask, to wait for news, and to take the money back. The tip goes
/// back with the rent.
pub fn handle_cancel_chain(ctx: Context<EndChain>) -> Result<()> {
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let accounts = ctx.accounts;
    let stake = {
        let chain = accounts.chain.load()?;
        let mut vault = accounts.vault.load_mut()?;
        require!(chain.is(ChainStatus::Waiting), FlashError::ChainNotWaiting);
        let is_over = now > chain.wait.executable_until;
        require!(
            is_over || vault.pauses.is_paused(now),
            FlashError::ExecutionPossible
        );
        book_returned(&mut vault, &chain)?;
        emit!(ChainReturned {
            header: vault.next_event(&clock)?,
            vault: accounts.vault.key(),
            chain: accounts.chain.key(),
            owner: chain.owner,
            stake: chain.stake,
            reason: FlashError::ExecutionOver.into(),
            chain_stakes: vault.chain_stakes,
        });
        chain.stake
    };
    accounts.pay(stake)
}
