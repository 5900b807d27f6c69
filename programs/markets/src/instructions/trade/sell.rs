use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use math::{Money, Shares};

use crate::{
    error::MarketError,
    state::{Market, MarketSigner, Position},
    tokens::transfer,
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
    #[account(
        mut,
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
    /// CHECK: the token program checks the mint; the owner may have the money sent anywhere.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct Sold {
    pub market: Pubkey,
    pub owner: Pubkey,
    pub sequence: u64,
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
pub fn handle_sell(ctx: Context<Sell>, args: SellArgs) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    require_gt!(args.shares, 0, MarketError::ZeroAmount);
    accounts.position.require_tradable()?;
    let mut market = accounts.market.load_mut()?;
    market.require_trading(&clock)?;
    accounts.position.take(args.outcome, Shares(args.shares))?;
    let (trade, amount) = market.sell(
        &clock,
        args.outcome,
        Shares(args.shares),
        Money(args.min_return),
    )?;
    accounts.position.book_received(amount)?;
    emit!(Sold {
        market: accounts.market.key(),
        owner: accounts.owner.key(),
        sequence: market.next_sequence()?,
        outcome: args.outcome,
        shares: args.shares,
        amount,
        fee: trade.fee.0,
        pool_cash: market.pool.cash,
        outcome_sold: market.pool.sold_of(args.outcome),
    });
    drop(market);
    accounts.pay_out(amount)
}

impl Sell<'_> {
    /// Moves money from the market to where the owner wants it, and checks the market's books.
    ///
    /// # Errors
    /// Those of the token program and of [`Market::assert_backed`].
    pub fn pay_out(&self, amount: u64) -> Result<()> {
        let signer = MarketSigner::of(&*self.market.load()?);
        transfer(
            &self.token_program,
            self.market_tokens.to_account_info(),
            self.owner_tokens.to_account_info(),
            self.market.to_account_info(),
            amount,
            &[&signer.seeds()],
        )?;
        self.market.load()?.assert_backed(&self.market_tokens)
    }
}
