use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use market_core::difference;
use program_kit::{EventHeader, Purse};

use crate::{
    error::FlashError,
    state::{OperatorFees, Vault},
};

#[derive(Accounts)]
pub struct CollectFees<'info> {
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: named by the vault.
    #[account(mut)]
    pub vault_tokens: UncheckedAccount<'info>,
    /// CHECK: checked to be the treasury or the operator.
    pub receiver: UncheckedAccount<'info>,
    /// CHECK: checked to be the receiver's.
    #[account(mut)]
    pub receiver_tokens: UncheckedAccount<'info>,
    /// What an operator has earned, who is the receiver; without it the protocol's part goes to the
    /// treasury.
    #[account(mut, has_one = vault @ FlashError::WrongAccount)]
    pub operator_fees: Option<Account<'info, OperatorFees>>,
    pub token_program: Interface<'info, TokenInterface>,
    /// Checked to be the receiver's where money goes to it, which is only if the associated token
    /// account cannot receive.
    ///
    /// CHECK: as said.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
}

#[event]
pub struct FeesCollected {
    pub header: EventHeader,
    pub vault: Pubkey,
    pub receiver: Pubkey,
    pub is_operator: bool,
    pub amount: u64,
    /// After it.
    pub protocol_fees: u64,
    pub operator_fees: u64,
}

/// Pays out the protocol's part of the fees, or what one operator has earned, be it the operator still
/// or not; anybody.
pub fn handle_collect_fees(ctx: Context<CollectFees>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let mut vault = accounts.vault.load_mut()?;
    let is_operator = accounts.operator_fees.is_some();
    let (receiver, amount) = match &mut accounts.operator_fees {
        None => (
            vault.treasury.at(clock.unix_timestamp),
            core::mem::take(&mut vault.protocol_fees),
        ),
        Some(earned) => {
            let amount = core::mem::take(&mut earned.amount);
            vault.operator_fees =
                difference(vault.operator_fees, amount).map_err(FlashError::from)?;
            (earned.operator, amount)
        }
    };
    require_gt!(amount, 0, FlashError::NothingToCollect);
    require_keys_eq!(accounts.receiver.key(), receiver, FlashError::WrongAccount);
    emit!(FeesCollected {
        header: vault.next_event(&clock)?,
        vault: accounts.vault.key(),
        receiver,
        is_operator,
        amount,
        protocol_fees: vault.protocol_fees,
        operator_fees: vault.operator_fees,
    });
    drop(vault);

    let (vault, tokens) = (&accounts.vault, &accounts.vault_tokens);
    let purse = Purse::new(vault, tokens, &accounts.token_program)?;
    let (receiver, to) = (&accounts.receiver, &accounts.receiver_tokens);
    purse.pay_owner(receiver, to, accounts.fallback_tokens.as_deref(), amount)
}
