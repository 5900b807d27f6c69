use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use math::{BasisPoints, Money};

use crate::{
    error::FlashError,
    state::{Event, FlashMarket, MarketSigner, Vault},
    tokens::transfer,
};

#[derive(Accounts)]
pub struct ReleaseSurplus<'info> {
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: named by the vault.
    #[account(mut, address = vault.load()?.token_account @ FlashError::WrongAccount)]
    pub vault_tokens: UncheckedAccount<'info>,
    #[account(
        mut,
        has_one = vault @ FlashError::WrongAccount,
        has_one = event @ FlashError::WrongAccount,
        constraint = market.load()?.token_account == market_tokens.key() @ FlashError::WrongAccount,
    )]
    pub market: AccountLoader<'info, FlashMarket>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    #[account(mut)]
    pub event: Account<'info, Event>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct SurplusReleased {
    pub market: Pubkey,
    pub vault: Pubkey,
    pub sequence: u64,
    /// What the pool did not owe, and the parts of the fees.
    pub surplus: u64,
    pub liquidity_fees: u64,
    pub protocol_fees: u64,
    pub operator_fees: u64,
    /// After it.
    pub vault_cash: u64,
    pub vault_allocated: u64,
}

/// Gives the vault what a settled market does not owe to tickets, and the fees; anybody. LPs need
/// not wait for the last ticket, whose owner may be unable to be paid.
pub fn handle_release_surplus(ctx: Context<ReleaseSurplus>) -> Result<()> {
    let accounts = ctx.accounts;
    let signer = {
        let mut vault = accounts.vault.load_mut()?;
        let mut market = accounts.market.load_mut()?;
        market.require_settled()?;
        let surplus = Surplus::take(&mut market)?;
        surplus.book(&mut vault, &mut market, &mut accounts.event)?;
        emit!(SurplusReleased {
            market: accounts.market.key(),
            vault: accounts.vault.key(),
            sequence: market.next_sequence()?,
            surplus: surplus.pool,
            liquidity_fees: surplus.liquidity_fees,
            protocol_fees: surplus.protocol_fees,
            operator_fees: surplus.operator_fees,
            vault_cash: vault.cash,
            vault_allocated: vault.allocated,
        });
        (MarketSigner::of(&market), surplus.total()?)
    };
    let (signer, amount) = signer;
    transfer(
        &accounts.token_program,
        accounts.market_tokens.to_account_info(),
        accounts.vault_tokens.to_account_info(),
        accounts.market.to_account_info(),
        amount,
        &[&signer.seeds()],
    )?;
    accounts
        .vault
        .load()?
        .assert_backed(&accounts.vault_tokens)?;
    accounts
        .market
        .load()?
        .assert_backed(&accounts.market_tokens)
}

/// What a settled market has and does not owe, in base units.
pub struct Surplus {
    pub pool: u64,
    pub liquidity_fees: u64,
    pub protocol_fees: u64,
    pub operator_fees: u64,
}

impl Surplus {
    /// Takes the surplus off a settled market's books. Parts of the fees are rounded down but for
    /// that of LPs, who get the rest.
    ///
    /// # Errors
    /// [`FlashError::Insolvent`], [`FlashError::Overflow`].
    pub fn take(market: &mut FlashMarket) -> Result<Self> {
        let liability = market.liability()?;
        let pool = market
            .pool
            .cash
            .checked_sub(liability)
            .ok_or(FlashError::Insolvent)?;
        let fees = math::vault::split_fee(
            Money(market.pool.fees),
            BasisPoints(market.fee_split.protocol),
            BasisPoints(market.fee_split.operator),
        )
        .map_err(FlashError::from)?;
        market.pool.cash = liability;
        market.pool.fees = 0;
        Ok(Self {
            pool,
            liquidity_fees: fees.liquidity.0,
            protocol_fees: fees.protocol.0,
            operator_fees: fees.operator.0,
        })
    }

    /// Books it in the vault. The first time the market's funding leaves the vault's and the
    /// event's allocation.
    ///
    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn book(
        &self,
        vault: &mut Vault,
        market: &mut FlashMarket,
        event: &mut Event,
    ) -> Result<()> {
        let add =
            |balance: u64, amount: u64| balance.checked_add(amount).ok_or(FlashError::Overflow);
        vault.cash = add(add(vault.cash, self.pool)?, self.liquidity_fees)?;
        vault.protocol_fees = add(vault.protocol_fees, self.protocol_fees)?;
        vault.operator_fees = add(vault.operator_fees, self.operator_fees)?;
        if market.released == 0 {
            market.released = 1;
            vault.allocated = vault
                .allocated
                .checked_sub(market.funding)
                .ok_or(FlashError::Overflow)?;
            event.allocated = event
                .allocated
                .checked_sub(market.funding)
                .ok_or(FlashError::Overflow)?;
        }
        Ok(())
    }

    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn total(&self) -> Result<u64> {
        self.pool
            .checked_add(self.liquidity_fees)
            .and_then(|sum| sum.checked_add(self.protocol_fees))
            .and_then(|sum| sum.checked_add(self.operator_fees))
            .ok_or_else(|| error!(FlashError::Overflow))
    }
}
