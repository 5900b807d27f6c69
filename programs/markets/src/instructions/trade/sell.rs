use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use market_core::{
    pool::{Fill, Order},
    Holdings, Money, Shares, TradeReceipt,
};
use math::CurveKind;
use program_kit::{EventHeader, Purse};

use crate::{
    error::MarketError,
    state::{Market, Traded, Venue},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct SellArgs {
    pub outcome: u8,
    pub shares: u64,
    /// Least number of base units to accept, fee deducted.
    pub min_return: u64,
}

/// Of `sell` and `merge`, which take money out for shares. A pause stops neither.
#[derive(Accounts)]
pub struct Sell<'info> {
    pub owner: Signer<'info>,
    pub venue: AccountLoader<'info, Venue>,
    #[account(mut, has_one = venue @ MarketError::WrongAccount)]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: checked to be the owner's in the market.
    #[account(mut)]
    pub position: UncheckedAccount<'info>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: the token program checks the mint; the owner may have the money sent anywhere.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct Sold {
    pub header: EventHeader,
    pub market: Pubkey,
    pub owner: Pubkey,
    pub outcome: u8,
    pub shares: u64,
    /// What the owner got, fee deducted.
    pub amount: u64,
    pub fee: u64,
    /// After the trade: what the market holds for winners, and the shares of this outcome.
    pub pool_cash: u64,
    pub outcome_sold: u64,
}

/// Sells an exact number of shares.
pub fn handle_sell(ctx: Context<Sell>, args: SellArgs) -> Result<TradeReceipt> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let now = accounts.venue.load()?.now(&clock);
    require_gt!(args.shares, 0, MarketError::ZeroAmount);
    let mut market = accounts.market.load_mut()?;
    market.require_trading(now.seconds)?;
    let order = Order::Sell(Shares(args.shares));
    let fill = market.fill(now, args.outcome, order, args.min_return)?;
    let mut position = accounts.position()?;
    book_sale(&mut position.holdings, &market, args.outcome, fill)?;
    position.write()?;
    emit!(Sold {
        header: market.next_event(&clock)?,
        market: accounts.market.key(),
        owner: accounts.owner.key(),
        outcome: args.outcome,
        shares: args.shares,
        amount: fill.amount.0,
        fee: fill.fee.0,
        pool_cash: market.pool.cash,
        outcome_sold: market.pool.sold_of(args.outcome),
    });
    drop(market);
    accounts.pay_out(fill.amount.0)?;
    Ok(fill.into())
}

/// Takes sold shares from a position, and what they returned from its cost. On an L2 curve, which
/// bounds the cost by what the shares can pay, a loss that was taken counts no longer.
fn book_sale(holdings: &mut Holdings, market: &Market, outcome: u8, fill: Fill) -> Result<()> {
    let held = holdings.shares.iter().copied().fold(0, u64::saturating_add);
    let cost = Money(holdings.cost_basis.max(0).unsigned_abs());
    holdings
        .take(outcome, fill.shares)
        .and_then(|()| holdings.book_received(fill.amount.0))
        .map_err(MarketError::from)?;
    if market.pool.kind == CurveKind::L2 as u8 && cost > Money::ZERO {
        let left = math::l2::cost_after_sale(cost, fill.amount, fill.shares, Shares(held));
        let left = i64::try_from(left.0).map_err(|_| MarketError::Overflow)?;
        holdings.cost_basis = holdings.cost_basis.min(left);
    }
    Ok(())
}

impl<'info> Sell<'info> {
    /// The owner's position.
    ///
    /// # Errors
    /// `WrongAccount`.
    pub fn position(&self) -> Result<Traded<'_, 'info>> {
        let position = Traded::read(&self.position, self.market.as_ref().key)?;
        require_keys_eq!(position.owner, *self.owner.key, MarketError::WrongAccount);
        Ok(position)
    }

    /// Moves money from the market to where the owner wants it, and checks the market's books.
    ///
    /// # Errors
    /// Those of the token program and of [`Purse::assert_backed`].
    pub fn pay_out(&self, amount: u64) -> Result<()> {
        Purse::new(&self.market, &self.market_tokens, &self.token_program)?
            .pay(&self.owner_tokens, amount)
    }
}
