use anchor_lang::{prelude::*, AccountsClose};
use anchor_spl::token_interface::TokenInterface;
use market_core::{Price, TradeReceipt};
use program_kit::Purse;

use super::{
    endings::{pay_tip, report_end, RollingEnd},
    leg::{book_taken, Taken},
};
use crate::{
    error::FlashError,
    instructions::{end_of, take_off, OrderMoment},
    state::{FlashMarket, OrderResult, RollingChain, RollingHolding, Vault},
};

#[derive(Accounts)]
pub struct ExecuteRolling<'info> {
    #[account(
        mut,
        has_one = owner @ FlashError::WrongAccount,
        has_one = rent_payer @ FlashError::WrongRentReceiver,
    )]
    pub rolling_chain: Account<'info, RollingChain>,
    pub vault: AccountLoader<'info, Vault>,
    /// The one in which its stake waits.
    #[account(
        mut,
        address = rolling_chain.market() @ FlashError::WrongAccount,
        has_one = vault @ FlashError::WrongAccount,
    )]
    pub market: AccountLoader<'info, FlashMarket>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the market as where its observation is, or would be.
    pub observation: UncheckedAccount<'info>,
    /// CHECK: named by the chain.
    pub owner: UncheckedAccount<'info>,
    /// CHECK: checked to be the owner's where money goes to it.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the chain; gets its rent if it ends.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// CHECK: any address; gets the tip.
    #[account(mut)]
    pub executor: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// Checked to be the owner's where money goes to it, which is only if the associated token
    /// account cannot receive.
    ///
    /// CHECK: as said.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
}

/// Buys the leg whose bet delay has passed at the price of this moment, within the owner's bound; or, as with
/// any order that waits, gives the stake back where that cannot be, and closes the chain; anybody, for the tip.
pub fn handle_execute_rolling(ctx: Context<ExecuteRolling>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let chain = &mut accounts.rolling_chain;
    let RollingHolding::Stake { amount, wait } = chain.holding else {
        return Err(FlashError::RollingNotWaiting.into());
    };
    let leg = chain.current()?;
    let mut market = accounts.market.load_mut()?;
    let moment = OrderMoment {
        now: accounts.vault.load()?.now(&clock),
        is_observed: market.find_result(&accounts.observation)?.is_some(),
        clock: clock.clone(),
    };
    let order = if market.require_trading(&clock).is_ok() {
        leg.order(amount, chain.slow_limit(&market, leg.outcome, moment.now)?)
    } else {
        leg.order(amount, Price::ONE)
    };
    let result = end_of(&mut market, leg.outcome, order, &wait, &moment)?;
    take_off(&mut market, order)?;
    let end = match result {
        OrderResult::Bought {
            shares,
            amount,
            fee,
        } => {
            let bought = TradeReceipt {
                shares,
                amount,
                fee,
            };
            book_taken(&mut market, chain, Taken::Bought(bought), &clock)?;
            None
        }
        OrderResult::Lapsed => Some(RollingEnd::Lapsed),
        OrderResult::Returned | OrderResult::Sold { .. } => Some(RollingEnd::Returned),
    };
    if let Some(end) = end {
        report_end(&mut market, chain, end, amount, &clock)?;
    }
    drop(market);
    let (market, tokens) = (&accounts.market, &accounts.market_tokens);
    let purse = Purse::new(market, tokens, &accounts.token_program)?;
    if end.is_none() {
        purse.assert_backed()?;
        return pay_tip(&accounts.rolling_chain, &accounts.executor);
    }
    let fallback = accounts.fallback_tokens.as_deref();
    purse.pay_owner(&accounts.owner, &accounts.owner_tokens, fallback, amount)?;
    pay_tip(&accounts.rolling_chain, &accounts.executor)?;
    accounts
        .rolling_chain
        .close(accounts.rent_payer.to_account_info())
}
