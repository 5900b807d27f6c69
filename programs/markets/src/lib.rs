//! Standard markets: binary, categorical and scalar questions that anybody opens, funds, trades and
//! resolves.
//!
//! No instruction takes an outcome from a signer: a result is proposed from an observation that the
//! oracle verified, can be disputed for a bond, and is then the arbiter set's to prove; without a
//! word in time a market is void. Settling and closing are open to anybody, and a pause never stops
//! an exit.
//!
//! The curve stops trading at the freeze or at the first proposal, whichever comes first, so nobody
//! trades against a result that the chain knows. Between an event and the proof of it the curve
//! still trades: on event questions that is the providers' risk, for which they earn fees, and
//! flash bets have a bet delay. What is neutral to the result, merging sets and removing liquidity,
//! stays open until the market is settled.
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
use market_core::TradeReceipt;
use state::Terms;

declare_id!("DyPUNi27dUWvNG7NkqY2p9NuLQBRRcUyTP1BBoE35HEK");

#[cfg(all(target_os = "solana", not(feature = "cpi")))]
program_kit::entrypoint!(entry);

#[cfg(not(feature = "cpi"))]
solana_security_txt::security_txt! {
    name: "Strobe markets",
    project_url: "https://github.com/strobe-protocol/strobe",
    contacts: "link:https://github.com/strobe-protocol/strobe/blob/main/SECURITY.md",
    policy: "https://github.com/strobe-protocol/strobe/blob/main/SECURITY.md",
    source_code: "https://github.com/strobe-protocol/strobe"
}

// Dispatch tries one instruction after the other: those that are sent most come first.
#[program]
pub mod markets {
    use super::*;

    /// Buys shares of an outcome for an exact stake.
    pub fn buy(ctx: Context<Buy>, args: BuyArgs) -> Result<TradeReceipt> {
        handle_buy(ctx, args)
    }

    /// Sells an exact number of shares back to the curve.
    pub fn sell(ctx: Context<Sell>, args: SellArgs) -> Result<TradeReceipt> {
        handle_sell(ctx, args)
    }

    /// Buys an exact number of shares of an outcome.
    pub fn buy_shares(ctx: Context<Buy>, args: BuySharesArgs) -> Result<TradeReceipt> {
        handle_buy_shares(ctx, args)
    }

    /// Brings slow prices, cumulative prices and depth up to date; anybody.
    pub fn poke(ctx: Context<Poke>) -> Result<()> {
        handle_poke(ctx)
    }

    /// Makes complete sets of shares out of money; not on an L2 curve.
    pub fn split(ctx: Context<Buy>, amount: u64) -> Result<TradeReceipt> {
        handle_split(ctx, amount)
    }

    /// Makes money out of complete sets of shares; not on an L2 curve.
    pub fn merge(ctx: Context<Sell>, amount: u64) -> Result<TradeReceipt> {
        handle_merge(ctx, amount)
    }

    /// Pays and closes positions in a settled market; anybody.
    /// Remaining accounts, all writable, for each position: the position, its owner, the owner's token
    /// account, rent payer.
    pub fn redeem<'info>(ctx: Context<'info, Redeem<'info>>) -> Result<()> {
        handle_redeem(ctx)
    }

    /// Puts money into a pool at unmoved prices.
    pub fn add_liquidity(ctx: Context<ChangeLiquidity>, args: AddLiquidityArgs) -> Result<()> {
        handle_add_liquidity(ctx, args)
    }

    /// Takes liquidity out of a pool at unmoved prices.
    pub fn remove_liquidity(
        ctx: Context<ChangeLiquidity>,
        args: RemoveLiquidityArgs,
    ) -> Result<()> {
        handle_remove_liquidity(ctx, args)
    }

    /// Pays a provider its fees so far; anybody.
    pub fn collect_liquidity_fees(ctx: Context<CollectLiquidityFees>) -> Result<()> {
        handle_collect_liquidity_fees(ctx)
    }

    /// Opens the owner's position in a market.
    pub fn open_position(ctx: Context<OpenPosition>, is_held: bool) -> Result<()> {
        handle_open_position(ctx, is_held)
    }

    /// Gives shares to another position in the same market.
    pub fn transfer_shares(ctx: Context<TransferShares>, outcome: u8, shares: u64) -> Result<()> {
        handle_transfer_shares(ctx, outcome, shares)
    }

    /// Returns what an order would trade now.
    pub fn quote(ctx: Context<Quote>, outcome: u8, order: TradeOrder) -> Result<TradeReceipt> {
        handle_quote(ctx, outcome, order)
    }

    /// Closes an empty position.
    pub fn close_position(ctx: Context<ClosePosition>) -> Result<()> {
        handle_close_position(ctx)
    }

    /// Opens the owner's liquidity position in a market.
    pub fn open_liquidity(ctx: Context<OpenLiquidity>) -> Result<()> {
        handle_open_liquidity(ctx)
    }

    /// Locks liquidity until trading is over.
    pub fn lock_liquidity(ctx: Context<LockLiquidity>, shares: u64) -> Result<()> {
        handle_lock_liquidity(ctx, shares)
    }

    /// Gives LP shares to another provider's position in the same market.
    pub fn transfer_liquidity(ctx: Context<TransferLiquidity>, shares: u64) -> Result<()> {
        handle_transfer_liquidity(ctx, shares)
    }

    /// Closes an empty liquidity position.
    pub fn close_liquidity(ctx: Context<CloseLiquidity>) -> Result<()> {
        handle_close_liquidity(ctx)
    }

    /// Proposes what an observation shows, for a bond of at most `max_bond`; anybody.
    pub fn propose_resolution(ctx: Context<ProposeResolution>, max_bond: u64) -> Result<()> {
        handle_propose_resolution(ctx, max_bond)
    }

    /// Proposes a result in a verified root, for a bond; anybody.
    pub fn propose_from_root(
        ctx: Context<ProposeFromRoot>,
        args: ProposeFromRootArgs,
    ) -> Result<()> {
        handle_propose_from_root(ctx, args)
    }

    /// Sets the strike of an up/down market from the observation at its opening; anybody.
    pub fn set_strike(ctx: Context<SetStrike>) -> Result<()> {
        handle_set_strike(ctx)
    }

    /// Disputes a proposal, for a bond; anybody.
    pub fn dispute_resolution(ctx: Context<DisputeResolution>, args: DisputeArgs) -> Result<()> {
        handle_dispute_resolution(ctx, args)
    }

    /// Calls the arbiters when the oracle knows of a contradiction; anybody, without a bond.
    pub fn dispute_conflict(ctx: Context<DisputeConflict>) -> Result<()> {
        handle_dispute_conflict(ctx)
    }

    /// Calls the arbiters when the providers or their key are suspended; anybody, without a bond.
    pub fn dispute_suspension(ctx: Context<DisputeSuspension>) -> Result<()> {
        handle_dispute_suspension(ctx)
    }

    /// Settles a disputed market on the arbiters' observation; anybody.
    pub fn resolve_dispute(ctx: Context<ResolveDispute>) -> Result<()> {
        handle_resolve_dispute(ctx)
    }

    /// Settles a market on an undisputed proposal; anybody.
    pub fn finalize(ctx: Context<Finalize>) -> Result<()> {
        handle_finalize(ctx)
    }

    /// Settles a market past its deadline at its slow prices; anybody.
    pub fn void(ctx: Context<Void>) -> Result<()> {
        handle_void(ctx)
    }

    /// Pays a provider its part of a settled market, and closes its position; anybody.
    pub fn redeem_liquidity(ctx: Context<RedeemLiquidity>) -> Result<()> {
        handle_redeem_liquidity(ctx)
    }

    /// Pays the proposer what is due of the bonds; anybody.
    pub fn claim_proposal_bond(ctx: Context<ClaimProposalBond>) -> Result<()> {
        handle_claim_proposal_bond(ctx)
    }

    /// Pays the disputer what is due of the bonds, and closes the dispute; anybody.
    pub fn claim_dispute_bond(ctx: Context<ClaimDisputeBond>) -> Result<()> {
        handle_claim_dispute_bond(ctx)
    }

    /// Closes a settled market after the last claim; anybody.
    pub fn close_market(ctx: Context<CloseMarket>) -> Result<()> {
        handle_close_market(ctx)
    }

    /// Creates and funds a market; anybody.
    pub fn create_market<'info>(
        ctx: Context<'info, CreateMarket<'info>>,
        terms_hash: [u8; 32],
        args: CreateMarketArgs,
    ) -> Result<()> {
        handle_create_market(ctx, terms_hash, args)
    }

    /// Turns an LMSR that offers it into a pm-AMM near the market's end; anybody.
    pub fn switch_curve(ctx: Context<SwitchCurve>) -> Result<()> {
        handle_switch_curve(ctx)
    }

    /// Pays the creator its part of the fees; anybody.
    pub fn collect_creator_fees(ctx: Context<CollectCreatorFees>) -> Result<()> {
        handle_collect_creator_fees(ctx)
    }

    /// Gives the venue the protocol's part of the fees; anybody.
    pub fn release_protocol_fees(ctx: Context<ReleaseProtocolFees>) -> Result<()> {
        handle_release_protocol_fees(ctx)
    }

    /// Pays the treasury what markets have released to the venue; anybody.
    pub fn collect_protocol_fees(ctx: Context<CollectProtocolFees>) -> Result<()> {
        handle_collect_protocol_fees(ctx)
    }

    /// Creates the venue of a mint; the admin.
    pub fn create_venue(ctx: Context<CreateVenue>, args: CreateVenueArgs) -> Result<()> {
        handle_create_venue(ctx, args)
    }

    /// Says what it costs to move a price for a second, base units: lower at once (admin or guardian), higher after
    /// the timelock (admin).
    pub fn set_price_feed(ctx: Context<SetPriceFeed>, feed_id: [u8; 32], cost: u64) -> Result<()> {
        handle_set_price_feed(ctx, feed_id, cost)
    }

    /// Closes the account of a price on which nothing is at stake; the admin.
    pub fn close_price_feed(ctx: Context<ClosePriceFeed>) -> Result<()> {
        handle_close_price_feed(ctx)
    }

    /// Lowers terms at once (admin or guardian), changes them otherwise after the timelock (admin).
    pub fn set_venue_terms(ctx: Context<SetVenueTerms>, terms: Terms) -> Result<()> {
        handle_set_venue_terms(ctx, terms)
    }

    /// Changes after the timelock who gets the protocol's fees; the admin.
    pub fn set_treasury(ctx: Context<SetTreasury>, treasury: Pubkey) -> Result<()> {
        handle_set_treasury(ctx, treasury)
    }

    /// Stops new risk at once; admin or guardian.
    pub fn pause(ctx: Context<Pause>) -> Result<()> {
        handle_pause(ctx)
    }

    /// Ends a pause after the timelock; the admin.
    pub fn unpause(ctx: Context<Unpause>) -> Result<()> {
        handle_unpause(ctx)
    }
}
