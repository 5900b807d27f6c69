use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::{EventHeader, Purse};

use crate::{
    error::OrderError,
    instructions::trading::{trading, Waiting},
    state::{now_at, Desk, DeskOrder, Fill, MarketCopy, OrderSide, SliceInFlight},
};

#[derive(Accounts)]
pub struct PlaceSlice<'info> {
    /// Pays rent and tip of the market's order; gets the rent, and the tip of this one, when the slice is
    /// booked.
    #[account(mut)]
    pub rent_payer: Signer<'info>,
    #[account(
        mut,
        has_one = market @ OrderError::WrongAccount,
        has_one = venue @ OrderError::WrongAccount,
        has_one = market_program @ OrderError::WrongAccount,
    )]
    pub desk: AccountLoader<'info, Desk>,
    #[account(mut, has_one = desk @ OrderError::WrongAccount)]
    pub order: Account<'info, DeskOrder>,
    /// CHECK: named by the desk.
    pub venue: UncheckedAccount<'info>,
    /// CHECK: named by the desk.
    #[account(mut)]
    pub market: UncheckedAccount<'info>,
    /// CHECK: checked to be the desk's.
    #[account(mut)]
    pub desk_position: UncheckedAccount<'info>,
    /// CHECK: the market's program checks it.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the desk.
    #[account(mut)]
    pub desk_tokens: UncheckedAccount<'info>,
    /// Where the market's order will be.
    ///
    /// CHECK: the market's program creates it at the desk's address for the order.
    #[account(mut)]
    pub pending: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// CHECK: named by the desk.
    pub market_program: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct SlicePlaced {
    pub header: EventHeader,
    pub desk: Pubkey,
    pub market: Pubkey,
    pub order: Pubkey,
    pub owner: Pubkey,
    pub rent_payer: Pubkey,
    pub pending: Pubkey,
    pub side: OrderSide,
    pub outcome: u8,
    /// Base units of a purchase, shares of a sale; and the fewest shares, or least base units, for it.
    pub amount: u64,
    pub bound: u64,
    /// Base units of all orders after it, and shares of this outcome.
    pub desk_cash: u64,
    pub desk_shares: u64,
}

/// Has the next slice wait in the market, within bounds that hold whenever it is executed there. It is placed
/// only where it would be filled now: nobody keeps an order busy with slices that cannot be.
pub fn handle_place_slice(ctx: Context<PlaceSlice>, tip_lamports: u64) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let (fill, slice) = accounts.next_slice(&clock)?;
    accounts.set_aside(fill, slice, &clock)?;
    accounts.place(fill, tip_lamports)?;
    let (desk, position) = (&accounts.desk, &accounts.desk_position);
    desk.load()?.require_shares(&desk.key(), position)?;
    Purse::new(desk, &accounts.desk_tokens, &accounts.token_program)?.assert_backed()
}

impl PlaceSlice<'_> {
    #[inline(never)]
    fn next_slice(&self, clock: &Clock) -> Result<(Fill, SliceInFlight)> {
        let now = now_at(&self.venue, clock)?;
        let mut copy = MarketCopy::up_to_date(&self.market, now)?;
        let mut desk = self.desk.load_mut()?;
        desk.read_prices(copy.any());
        desk.next_slice(&mut copy, &self.order, now)
    }

    fn set_aside(&mut self, fill: Fill, slice: SliceInFlight, clock: &Clock) -> Result<()> {
        let order = &mut self.order;
        let mut desk = self.desk.load_mut()?;
        desk.send_slice(order, slice, clock.slot)?;
        emit!(SlicePlaced {
            header: desk.next_event(clock)?,
            desk: order.desk,
            market: desk.market,
            order: order.key(),
            owner: order.owner,
            rent_payer: self.rent_payer.key(),
            pending: self.pending.key(),
            side: order.side,
            outcome: order.outcome,
            amount: fill.amount,
            bound: fill.bound,
            desk_cash: desk.cash,
            desk_shares: desk.shares_held(order.outcome),
        });
        Ok(())
    }

    fn place(&self, fill: Fill, tip_lamports: u64) -> Result<()> {
        let trading = trading!(self, market_program);
        let waiting = Waiting {
            pending: &self.pending,
            rent_payer: &self.rent_payer,
            system_program: &self.system_program,
            nonce: DeskOrder::slice_nonce(&self.order.key()),
            tip_lamports,
        };
        let order = &self.order;
        trading.trade_later(order.side, order.outcome, fill, waiting)
    }
}
