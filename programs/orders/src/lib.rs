//! Orders on standard and flash markets that anybody executes for their owners: icebergs, evenly timed ones
//! (TWAP), and ones whose limit moves with the time (time-weighted gradual); any of them at once or after a
//! stop, a price to take, or a trailing stop, whichever comes first.
//!
//! Who executes an order decides only whether to, and when within what the order allows: size, bound,
//! order of fills and where the money goes are the order's. A fill is within the owner's limit, near
//! the average price of the last minute or so, and too small to be worth a sandwich.
//!
//! All orders of a market share one desk, which holds their money in one token account and their
//! shares in one position of the market, or ticket of a flash market. What is an order's stands in its
//! own account. Its owner takes it back at any time; anybody may give it back once the order is done, has
//! expired, or its market trades no more.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::integer_division,
    clippy::unwrap_used
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::integer_division,
        clippy::unwrap_used,
        reason = "tests fail by panicking, and read better with plain operators"
    )
)]

pub mod error;
pub mod instructions;
pub mod state;

use anchor_lang::prelude::*;
use instructions::*;
use state::SealedTerms;

declare_id!("EtNxmb7dt5kyN6EyShqJHxGfYZfFerdu1dKBPhDEiug5");

#[cfg(all(target_os = "solana", not(feature = "cpi")))]
program_kit::entrypoint!(entry);

#[cfg(not(feature = "cpi"))]
solana_security_txt::security_txt! {
    name: "Strobe orders",
    project_url: "https://github.com/strobe-protocol/strobe",
    contacts: "link:https://github.com/strobe-protocol/strobe/blob/main/SECURITY.md",
    policy: "https://github.com/strobe-protocol/strobe/blob/main/SECURITY.md",
    source_code: "https://github.com/strobe-protocol/strobe"
}

// Dispatch tries one instruction after the other: those that are sent most come first.
#[program]
pub mod orders {
    use super::*;

    /// Fills the next slice of an order; anybody, for the order's tip.
    pub fn fill_order(ctx: Context<FillOrder>) -> Result<()> {
        handle_fill_order(ctx)
    }

    /// Has the next slice of an order wait in a market with a bet delay; anybody, who pays for the rent of
    /// the market's order and has it back, with the order's tip, once the slice is booked.
    pub fn place_slice(ctx: Context<PlaceSlice>, tip_lamports: u64) -> Result<()> {
        handle_place_slice(ctx, tip_lamports)
    }

    /// Books how a slice ended that waited in the market; anybody.
    pub fn book_slice(ctx: Context<BookSlice>) -> Result<()> {
        handle_book_slice(ctx)
    }

    /// Puts money or shares into an order that others execute.
    pub fn place_order(ctx: Context<PlaceOrder>, nonce: u64, terms: OrderTerms) -> Result<()> {
        handle_place_order(ctx, nonce, terms)
    }

    /// Fills two orders of a market whose limits cross against each other, at the older one's; anybody,
    /// for the tips of slices that are filled whole.
    pub fn match_orders(ctx: Context<MatchOrders>) -> Result<()> {
        handle_match_orders(ctx)
    }

    /// Gives an order's owner what is his and closes the order: the owner at any time; anybody, for a
    /// tip, when there is nothing left to fill.
    pub fn return_order(ctx: Context<ReturnOrder>) -> Result<()> {
        handle_return_order(ctx)
    }

    /// Lets an order take no slice any more, so that anybody returns it once the slice that is in the market
    /// is booked; the owner.
    pub fn cancel_order(ctx: Context<CancelOrder>) -> Result<()> {
        handle_cancel_order(ctx)
    }

    /// Looks at the trigger that an order waits for: arms it where the price is beyond it, and fires it,
    /// for the order's tip, where the average price has been since; anybody.
    pub fn watch_order(ctx: Context<WatchOrder>) -> Result<()> {
        handle_watch_order(ctx)
    }

    /// Reads the market's average prices, so that fills have a recent price to be near to; anybody.
    pub fn observe_prices(ctx: Context<ObservePrices>) -> Result<()> {
        handle_observe_prices(ctx)
    }

    /// Opens the desk of a market; anybody, once.
    pub fn open_desk(ctx: Context<OpenDesk>) -> Result<()> {
        handle_open_desk(ctx)
    }

    /// Redeems the desk's shares in a settled market; anybody.
    pub fn settle_desk(ctx: Context<SettleDesk>) -> Result<()> {
        handle_settle_desk(ctx)
    }

    /// Opens a batch of sealed orders of one size; anybody.
    pub fn open_batch(
        ctx: Context<OpenBatch>,
        denomination_power: u8,
        commit_until: i64,
    ) -> Result<()> {
        handle_open_batch(ctx, denomination_power, commit_until)
    }

    /// Puts an order of unknown side and limit into a batch.
    pub fn seal_order(ctx: Context<SealOrder>, nonce: u64, args: SealArgs) -> Result<()> {
        handle_seal_order(ctx, nonce, args)
    }

    /// Begins to average a batch's price, or fixes it; anybody, for a tip.
    pub fn price_batch(ctx: Context<PriceBatch>) -> Result<()> {
        handle_price_batch(ctx)
    }

    /// Shows what a sealed order buys; whoever has its terms.
    pub fn reveal_order(ctx: Context<RevealOrder>, terms: SealedTerms) -> Result<()> {
        handle_reveal_order(ctx, terms)
    }

    /// Crosses the sides of a batch, or makes it void where nothing can cross; anybody, for a tip.
    pub fn cross_batch(ctx: Context<CrossBatch>) -> Result<()> {
        handle_cross_batch(ctx)
    }

    /// Gives an owner what his sealed order came to: anybody, for a tip, once the batch is done; the owner
    /// also before its commitments end.
    pub fn return_sealed_order(ctx: Context<ReturnSealedOrder>) -> Result<()> {
        handle_return_sealed_order(ctx)
    }

    /// Closes a batch whose orders are returned; anybody.
    pub fn close_batch(ctx: Context<CloseBatch>) -> Result<()> {
        handle_close_batch(ctx)
    }

    /// Closes a desk without orders; anybody.
    pub fn close_desk(ctx: Context<CloseDesk>) -> Result<()> {
        handle_close_desk(ctx)
    }
}
