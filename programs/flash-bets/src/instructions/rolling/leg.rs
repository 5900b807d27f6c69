//! How a rolling chain gets into a leg, and out of it.

use anchor_lang::prelude::*;
use market_core::{sum, Money, TradeReceipt};
use program_kit::{decrement, increment, EventHeader};

use crate::{
    error::FlashError,
    instructions::OrderMoment,
    state::{ChainWait, FlashMarket, RollingChain, RollingHolding, RollingLeg},
};

#[event]
pub struct RollingBought {
    pub header: EventHeader,
    pub market: Pubkey,
    pub chain: Pubkey,
    pub owner: Pubkey,
    /// Index of the leg.
    pub leg: u8,
    pub outcome: u8,
    pub shares: u64,
    /// Base units that were paid, fee included.
    pub amount: u64,
    pub fee: u64,
    /// After it: what the market holds for winners, its fees, what waits in escrow, the shares of this outcome
    /// outstanding.
    pub pool_cash: u64,
    pub pool_fees: u64,
    pub escrow: u64,
    pub outcome_sold: u64,
}

#[event]
pub struct RollingQueued {
    pub header: EventHeader,
    pub market: Pubkey,
    pub chain: Pubkey,
    pub owner: Pubkey,
    /// Index of the leg.
    pub leg: u8,
    pub outcome: u8,
    /// Base units.
    pub stake: u64,
    pub executable_slot: u64,
    /// First and last second in which anybody may execute it.
    pub executable_at: i64,
    pub executable_until: i64,
    /// After it: what waits in escrow.
    pub escrow: u64,
}

#[event]
pub struct RollingRedeemed {
    pub header: EventHeader,
    pub market: Pubkey,
    pub chain: Pubkey,
    pub owner: Pubkey,
    /// Index of the leg.
    pub leg: u8,
    pub shares: u64,
    /// Base units that they paid.
    pub payout: u64,
    /// After it: what the market holds for the tickets that are left, and how many those are.
    pub pool_cash: u64,
    pub open_tickets: u32,
}

/// How a leg was taken.
pub enum Taken {
    Bought(TradeReceipt),
    /// For the bet delay of its market.
    Waits {
        stake: u64,
        wait: ChainWait,
    },
}

/// Buys a leg for a stake, which its market has got or is to get, or says how long the stake has to wait.
/// Leaves the market as it is if that is refused.
///
/// # Errors
/// What keeps the leg from being taken: those of the market's hours, [`FlashError::MarketSuspended`], `Paused`,
/// [`FlashError::LegResultKnown`], [`FlashError::DelayPastFreeze`], those of [`FlashMarket::trade`].
pub fn take_leg(
    market: &mut FlashMarket,
    chain: &RollingChain,
    leg: RollingLeg,
    stake: u64,
    moment: &OrderMoment,
) -> core::result::Result<Taken, FlashError> {
    market.require_trading(&moment.clock)?;
    moment.now.require_not_paused()?;
    if moment.is_observed {
        return Err(FlashError::LegResultKnown);
    }
    if market.delay_slots > 0 {
        let wait = market.wait_from(&moment.clock)?;
        return Ok(Taken::Waits { stake, wait });
    }
    let order = leg.order(stake, chain.slow_limit(market, leg.outcome, moment.now)?);
    let fill = market.try_trade(moment.now, leg.outcome, order)?;
    Ok(Taken::Bought(fill.into()))
}

/// Books the leg that the chain is in as taken.
///
/// # Errors
/// [`FlashError::Overflow`].
pub fn book_taken(
    market: &mut FlashMarket,
    chain: &mut Account<RollingChain>,
    taken: Taken,
    clock: &Clock,
) -> core::result::Result<(), FlashError> {
    match taken {
        Taken::Bought(bought) => book_bought(market, chain, bought, clock),
        Taken::Waits { stake, wait } => book_waiting(market, chain, stake, wait, clock),
    }
}

fn book_bought(
    market: &mut FlashMarket,
    chain: &mut Account<RollingChain>,
    bought: TradeReceipt,
    clock: &Clock,
) -> core::result::Result<(), FlashError> {
    let leg = chain.current()?;
    increment(&mut market.open_tickets)?;
    chain.holding = RollingHolding::Shares {
        amount: bought.shares,
    };
    emit!(RollingBought {
        header: market.next_event(clock)?,
        market: leg.market,
        chain: chain.key(),
        owner: chain.owner,
        leg: chain.leg,
        outcome: leg.outcome,
        shares: bought.shares,
        amount: bought.amount,
        fee: bought.fee,
        pool_cash: market.pool.cash,
        pool_fees: market.pool.fees,
        escrow: market.escrow,
        outcome_sold: market.pool.sold_of(leg.outcome),
    });
    Ok(())
}

fn book_waiting(
    market: &mut FlashMarket,
    chain: &mut Account<RollingChain>,
    stake: u64,
    wait: ChainWait,
    clock: &Clock,
) -> core::result::Result<(), FlashError> {
    let leg = chain.current()?;
    increment(&mut market.pending_orders)?;
    market.escrow = sum([market.escrow, stake])?;
    chain.holding = RollingHolding::Stake {
        amount: stake,
        wait,
    };
    emit!(RollingQueued {
        header: market.next_event(clock)?,
        market: leg.market,
        chain: chain.key(),
        owner: chain.owner,
        leg: chain.leg,
        outcome: leg.outcome,
        stake,
        executable_slot: wait.executable_slot,
        executable_at: wait.executable_at,
        executable_until: wait.executable_until,
        escrow: market.escrow,
    });
    Ok(())
}

/// Takes the chain's shares off the books of a settled market; base units that they pay.
///
/// # Errors
/// [`FlashError::RollingWaiting`], `MarketNotSettled`, `Insolvent`, `Overflow`.
pub fn redeem(
    market: &mut FlashMarket,
    chain: &Account<RollingChain>,
    clock: &Clock,
) -> core::result::Result<u64, FlashError> {
    let shares = chain.shares()?;
    market.settlement.require_settled()?;
    let FlashMarket {
        settlement, pool, ..
    } = market;
    let Money(payout) = settlement.redeem(pool, &shares)?;
    decrement(&mut market.open_tickets)?;
    emit!(RollingRedeemed {
        header: market.next_event(clock)?,
        market: chain.market(),
        chain: chain.key(),
        owner: chain.owner,
        leg: chain.leg,
        shares: shares.into_iter().max().unwrap_or(0),
        payout,
        pool_cash: market.pool.cash,
        open_tickets: market.open_tickets,
    });
    Ok(payout)
}
