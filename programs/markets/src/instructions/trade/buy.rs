use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use math::{Money, Shares, Trade};

use crate::{
    error::MarketError,
    state::{Market, Position, Venue},
    tokens::transfer,
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

/// Of `buy`, `buy_shares` and `split`, which put money in for shares.
#[derive(Accounts)]
pub struct Buy<'info> {
    pub owner: Signer<'info>,
    pub venue: AccountLoader<'info, Venue>,
    #[account(
        mut,
        has_one = venue @ MarketError::WrongAccount,
        constraint = market.load()?.token_account == market_tokens.key() @ MarketError::WrongAccount,
    )]
    pub market: AccountLoader<'info, Market>,
    // `dup`: Anchor need not hash its address, it is the only account that is written at the end.
    #[account(
        mut,
        dup,
        has_one = market @ MarketError::WrongAccount,
        has_one = owner @ MarketError::WrongAccount,
    )]
    pub position: Account<'info, Position>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: the token program checks mint, balance and authority.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct Bought {
    pub market: Pubkey,
    pub owner: Pubkey,
    pub sequence: u64,
    pub outcome: u8,
    pub shares: u64,
    /// What the owner paid, fee included.
    pub amount: u64,
    pub fee: u64,
    /// After the trade: what the market holds for winners, and the shares of this outcome.
    pub pool_cash: u64,
    pub outcome_sold: u64,
}

/// Buys for an exact stake.
pub fn handle_buy(ctx: Context<Buy>, args: BuyArgs) -> Result<()> {
    require_gt!(args.stake, 0, MarketError::ZeroAmount);
    ctx.accounts.trade(args.outcome, |market, clock| {
        let trade = market.buy(
            clock,
            args.outcome,
            Money(args.stake),
            Shares(args.min_shares),
        )?;
        Ok((trade, args.stake))
    })
}

/// Buys an exact number of shares.
pub fn handle_buy_shares(ctx: Context<Buy>, args: BuySharesArgs) -> Result<()> {
    require_gt!(args.shares, 0, MarketError::ZeroAmount);
    ctx.accounts.trade(args.outcome, |market, clock| {
        market.buy_shares(
            clock,
            args.outcome,
            Shares(args.shares),
            Money(args.max_cost),
        )
    })
}

impl Buy<'_> {
    /// What is due before money comes in for shares; the present time.
    ///
    /// # Errors
    /// [`MarketError::VenuePaused`], [`MarketError::PositionRedeemOnly`].
    pub fn admit(&self) -> Result<Clock> {
        let clock = Clock::get()?;
        self.venue
            .load()?
            .require_not_paused(clock.unix_timestamp)?;
        self.position.require_tradable()?;
        Ok(clock)
    }

    fn trade(
        &mut self,
        outcome: u8,
        trade: impl FnOnce(&mut Market, &Clock) -> Result<(Trade, u64)>,
    ) -> Result<()> {
        let clock = self.admit()?;
        let mut market = self.market.load_mut()?;
        market.require_trading(&clock)?;
        let (trade, amount) = trade(&mut market, &clock)?;
        self.position.add(outcome, trade.shares)?;
        self.position.book_paid(amount)?;
        emit!(Bought {
            market: self.market.key(),
            owner: self.owner.key(),
            sequence: market.next_sequence()?,
            outcome,
            shares: trade.shares.0,
            amount,
            fee: trade.fee.0,
            pool_cash: market.pool.cash,
            outcome_sold: market.pool.sold_of(outcome),
        });
        drop(market);
        self.pay_in(amount)
    }

    /// Moves money from the owner to the market, and checks the market's books.
    ///
    /// # Errors
    /// Those of the token program and of [`Market::assert_backed`].
    pub fn pay_in(&self, amount: u64) -> Result<()> {
        transfer(
            &self.token_program,
            self.owner_tokens.to_account_info(),
            self.market_tokens.to_account_info(),
            self.owner.to_account_info(),
            amount,
            &[],
        )?;
        self.market.load()?.assert_backed(&self.market_tokens)
    }
}
