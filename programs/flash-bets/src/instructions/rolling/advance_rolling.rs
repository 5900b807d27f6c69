use anchor_lang::{prelude::*, AccountsClose};
use anchor_spl::token_interface::TokenInterface;
use program_kit::Purse;

use super::{
    endings::{pay_tip, report_end, RollingEnd},
    leg::{book_taken, redeem, take_leg},
};
use crate::{
    error::FlashError,
    instructions::OrderMoment,
    state::{FlashMarket, RollingChain, Vault},
};

/// Accounts of the next leg.
const ACCOUNTS_OF_NEXT: usize = 4;

/// Remaining accounts, unless it is in its last leg, of the next one:
/// 0. its market, writable,
/// 1. the market's token account, writable,
/// 2. the market's vault,
/// 3. where the market's observation is, or would be.
#[derive(Accounts)]
pub struct AdvanceRolling<'info> {
    #[account(
        mut,
        has_one = owner @ FlashError::WrongAccount,
        has_one = rent_payer @ FlashError::WrongRentReceiver,
    )]
    pub rolling_chain: Account<'info, RollingChain>,
    /// The one that it is in, which is settled.
    #[account(mut, address = rolling_chain.market() @ FlashError::WrongAccount)]
    pub market: AccountLoader<'info, FlashMarket>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
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

/// Takes what a settled leg paid, and with it the next leg, at once or after its market's bet delay; anybody,
/// for the tip. Where the next leg cannot be taken within the owner's bound, or there is none, the money goes
/// to the owner and the chain is closed. A leg that does not trade yet, or is suspended, is waited for, as long as
/// [`ROLLING_STEP_SECONDS`](crate::state::ROLLING_STEP_SECONDS) allow.
pub fn handle_advance_rolling<'info>(ctx: Context<'info, AdvanceRolling<'info>>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    let proceeds = redeem(&mut market, &accounts.rolling_chain, &clock)?;
    drop(market);
    let end = match accounts.rolling_chain.next() {
        _ if proceeds == 0 => RollingEnd::Lost,
        None => RollingEnd::Won,
        Some(_) => match roll(accounts, ctx.remaining_accounts, proceeds, &clock)? {
            None => return pay_tip(&accounts.rolling_chain, &accounts.executor),
            Some(reason) => RollingEnd::stopped(reason),
        },
    };
    let mut market = accounts.market.load_mut()?;
    report_end(&mut market, &accounts.rolling_chain, end, proceeds, &clock)?;
    drop(market);
    let (market, tokens) = (&accounts.market, &accounts.market_tokens);
    let purse = Purse::new(market, tokens, &accounts.token_program)?;
    let fallback = accounts.fallback_tokens.as_deref();
    purse.pay_owner(&accounts.owner, &accounts.owner_tokens, fallback, proceeds)?;
    pay_tip(&accounts.rolling_chain, &accounts.executor)?;
    accounts
        .rolling_chain
        .close(accounts.rent_payer.to_account_info())
}

/// Takes the next leg for the proceeds of this one; or says why that cannot be, and leaves all as it is.
///
/// # Errors
/// [`FlashError::WrongAccount`] and the like for accounts that are not the leg's, `TradingNotStarted` and
/// [`FlashError::MarketSuspended`]: the chain goes on later.
fn roll<'info>(
    accounts: &mut AdvanceRolling<'info>,
    given: &'info [AccountInfo<'info>],
    proceeds: u64,
    clock: &Clock,
) -> Result<Option<FlashError>> {
    let (index, leg) = accounts
        .rolling_chain
        .next()
        .ok_or(FlashError::WrongAccount)?;
    let given: &[_; ACCOUNTS_OF_NEXT] =
        given.try_into().map_err(|_| FlashError::NextLegAccounts)?;
    let [market, tokens, vault, observation] = given;
    require_keys_eq!(*market.key, leg.market, FlashError::WrongAccount);
    if *market.owner != crate::ID {
        return Ok(Some(FlashError::LegGone));
    }
    let next = AccountLoader::<FlashMarket>::try_from(market)?;
    let purse = |market, tokens| Purse::new(market, tokens, &accounts.token_program);
    let to = purse(&next, tokens)?;
    let from = purse(&accounts.market, &accounts.market_tokens)?;
    let mut market = next.load_mut()?;
    require_keys_eq!(market.vault, *vault.key, FlashError::WrongAccount);
    let moment = OrderMoment {
        now: AccountLoader::<Vault>::try_from(vault)?.load()?.now(clock),
        is_observed: market.find_result(observation)?.is_some(),
        clock: clock.clone(),
    };
    let until = RollingChain::step_until(&*accounts.market.load()?, &market);
    if clock.unix_timestamp > until {
        return Ok(Some(FlashError::RollingStepLate));
    }
    match take_leg(&mut market, &accounts.rolling_chain, leg, proceeds, &moment) {
        Ok(taken) => {
            accounts.rolling_chain.leg = index;
            book_taken(&mut market, &mut accounts.rolling_chain, taken, clock)?;
        }
        Err(later @ (FlashError::TradingNotStarted | FlashError::MarketSuspended)) => {
            return Err(later.into())
        }
        Err(reason) => return Ok(Some(reason)),
    }
    drop(market);
    from.pay_to(&to, proceeds)?;
    Ok(None)
}
