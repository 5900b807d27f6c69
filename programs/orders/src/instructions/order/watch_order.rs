use anchor_lang::prelude::*;
use program_kit::EventHeader;

use crate::{
    error::OrderError,
    state::{now_at, Desk, DeskOrder, MarketCopy, OrderTrigger, Sight, TriggerProgress},
};

#[derive(Accounts)]
pub struct WatchOrder<'info> {
    /// CHECK: any address; gets the tip for firing.
    #[account(mut)]
    pub executor: UncheckedAccount<'info>,
    #[account(
        mut,
        has_one = market @ OrderError::WrongAccount,
        has_one = venue @ OrderError::WrongAccount,
    )]
    pub desk: AccountLoader<'info, Desk>,
    #[account(mut, has_one = desk @ OrderError::WrongAccount)]
    pub order: Account<'info, DeskOrder>,
    /// CHECK: named by the desk.
    pub venue: UncheckedAccount<'info>,
    /// CHECK: named by the desk.
    pub market: UncheckedAccount<'info>,
}

#[event]
pub struct OrderWatched {
    pub header: EventHeader,
    pub desk: Pubkey,
    pub market: Pubkey,
    pub order: Pubkey,
    pub owner: Pubkey,
    pub executor: Pubkey,
    pub progress: TriggerProgress,
    /// The spot price, Q1.63.
    pub price: u64,
    /// After it: the trigger, unless it fired.
    pub trigger: Option<OrderTrigger>,
    pub tip_lamports: u64,
}

/// Notes what the market's price means for an order that waits for its trigger.
pub fn handle_watch_order(ctx: Context<WatchOrder>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let mut trigger = accounts.order.trigger.ok_or(OrderError::NoTrigger)?;
    let is_live = clock.unix_timestamp <= accounts.order.expires_at;
    require!(is_live, OrderError::Expired);
    let sight = accounts.sight(&trigger, &clock)?;
    let progress = trigger.watch(accounts.order.side, sight)?;
    let mut desk = accounts.desk.load_mut()?;
    let header = desk.next_event(&clock)?;
    let order = &mut accounts.order;
    order.trigger = Some(trigger);
    let tip = match progress {
        TriggerProgress::Fired => {
            order.begin(clock.unix_timestamp, header.sequence);
            order.tip_lamports
        }
        _ => 0,
    };
    emit!(OrderWatched {
        header,
        desk: order.desk,
        market: desk.market,
        order: order.key(),
        owner: order.owner,
        executor: accounts.executor.key(),
        progress,
        price: sight.spot.0,
        trigger: order.trigger,
        tip_lamports: tip,
    });
    drop(desk);
    order.sub_lamports(tip)?;
    accounts.executor.add_lamports(tip)?;
    Ok(())
}

impl WatchOrder<'_> {
    /// What there is to see, while anybody could answer a price that is off.
    #[inline(never)]
    fn sight(&self, trigger: &OrderTrigger, clock: &Clock) -> Result<Sight> {
        let now = now_at(&self.venue, clock)?;
        require!(!now.is_paused(), OrderError::VenuePaused);
        let copy = MarketCopy::up_to_date(&self.market, now)?;
        let market = copy.any();
        market.require_trading(now.seconds)?;
        let mut desk = self.desk.load_mut()?;
        desk.read_prices(market);
        Sight::of(market, &desk, self.order.outcome, trigger, now)
    }
}
