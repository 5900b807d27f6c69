use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use market_core::{pool::Order, Money, Now, Shares, TradeReceipt};
use program_kit::{EventHeader, Purse};

use crate::{
    error::MarketError,
    state::{Market, Traded, Venue},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct BuyArgs {
    pub outcome: u8,
    /// Base units, fee included.
    pub stake: u64,
    /// Least number of shares to accept.
    pub min_shares: u64,
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct BuySharesArgs {
    pub outcome: u8,
    pub shares: u64,
    /// Most base units to pay, fee included.
    pub max_cost: u64,
}

/// Of `buy`, `buy_shares` and `split`, which put money in for shares. The position may be anybody's.
#[derive(Accounts)]
pub struct Buy<'info> {
    pub payer: Signer<'info>,
    pub venue: AccountLoader<'info, Venue>,
    #[account(mut, has_one = venue @ MarketError::WrongAccount)]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: checked to be in the market.
    #[account(mut)]
    pub position: UncheckedAccount<'info>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: the token program checks mint, balance and authority.
    #[account(mut)]
    pub payer_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct Bought {
    pub header: EventHeader,
    pub market: Pubkey,
    /// Of the position.
    pub owner: Pubkey,
    pub payer: Pubkey,
    pub outcome: u8,
    pub shares: u64,
    /// What the payer paid, fee included.
    pub amount: u64,
    pub fee: u64,
    /// After the trade: what the market holds for winners, and the shares of this outcome.
    pub pool_cash: u64,
    pub outcome_sold: u64,
}

/// Buys for an exact stake.
pub fn handle_buy(ctx: Context<Buy>, args: BuyArgs) -> Result<TradeReceipt> {
    require_gt!(args.stake, 0, MarketError::ZeroAmount);
    let order = Order::Stake(Money(args.stake));
    ctx.accounts.trade(args.outcome, order, args.min_shares)
}

/// Buys an exact number of shares.
pub fn handle_buy_shares(ctx: Context<Buy>, args: BuySharesArgs) -> Result<TradeReceipt> {
    require_gt!(args.shares, 0, MarketError::ZeroAmount);
    let order = Order::Buy(Shares(args.shares));
    ctx.accounts.trade(args.outcome, order, args.max_cost)
}

impl<'info> Buy<'info> {
    /// What is due before money comes in for shares; the present time.
    ///
    /// # Errors
    /// `Paused`.
    pub fn admit(&self) -> Result<(Clock, Now)> {
        let clock = Clock::get()?;
        let venue = self.venue.load()?;
        venue.require_not_paused(clock.unix_timestamp)?;
        let now = venue.now(&clock);
        Ok((clock, now))
    }

    fn trade(&self, outcome: u8, order: Order, bound: u64) -> Result<TradeReceipt> {
        let (clock, now) = self.admit()?;
        let mut market = self.market.load_mut()?;
        market.require_trading(now.seconds)?;
        let fill = market.fill(now, outcome, order, bound)?;
        let mut position = self.position()?;
        let basis = position.holdings.cost_basis;
        let basis = basis
            .checked_add_unsigned(fill.amount.0)
            .ok_or(MarketError::Overflow)?;
        let cost = Money(basis.max(0).unsigned_abs());
        let holdings = &mut position.holdings;
        holdings
            .add(outcome, fill.shares)
            .map_err(MarketError::from)?;
        // What is held for others is not one holder's cost, nor his shares.
        if !position.is_held {
            market
                .pool
                .check_holding(cost, &holdings.shares)
                .map_err(MarketError::from)?;
        }
        emit!(Bought {
            header: market.next_event(&clock)?,
            market: self.market.key(),
            owner: position.owner,
            payer: self.payer.key(),
            outcome,
            shares: fill.shares.0,
            amount: fill.amount.0,
            fee: fill.fee.0,
            pool_cash: market.pool.cash,
            outcome_sold: market.pool.sold_of(outcome),
        });
        drop(market);
        self.book_paid(position, fill.amount.0)?;
        self.pay_in(fill.amount.0)?;
        Ok(fill.into())
    }

    /// The position that is bought for.
    ///
    /// # Errors
    /// `WrongAccount`.
    pub fn position(&self) -> Result<Traded<'_, 'info>> {
        Traded::read(&self.position, self.market.as_ref().key)
    }

    /// Books what was paid, base units, and writes the position: only the owner's own money is its cost.
    ///
    /// # Errors
    /// [`MarketError::Overflow`].
    pub fn book_paid(&self, mut position: Traded, amount: u64) -> Result<()> {
        if position.owner == *self.payer.key {
            let booked = position.holdings.book_paid(amount);
            booked.map_err(MarketError::from)?;
        }
        position.write()
    }

    /// Moves money from the payer to the market, and checks the market's books.
    ///
    /// # Errors
    /// Those of the token program and of [`Purse::assert_backed`].
    pub fn pay_in(&self, amount: u64) -> Result<()> {
        Purse::new(&self.market, &self.market_tokens, &self.token_program)?.receive(
            &self.payer_tokens,
            &self.payer,
            amount,
        )
    }
}
