//! The books of the standard markets.

use std::collections::BTreeMap;

use anchor_lang::prelude::Pubkey;
use client::addresses::markets as addresses;
use markets::state::{LiquidityPosition, Market, Position, Venue, MAX_OUTCOMES};
use program_kit::Custody;

use super::{MarketsWorld, StandardMarkets};
use crate::program_world::{Known, MarketProgram};

impl MarketProgram for StandardMarkets {
    type Share = ();

    fn market_tokens(market: &Pubkey) -> Pubkey {
        addresses::market_tokens(market)
    }

    fn check_market(world: &MarketsWorld, market: Pubkey, known: &Known) -> Option<()> {
        let market = world.see_as::<Market>(market)?;
        world.check_market(&market, known);
        Some(())
    }

    fn check_sums(world: &MarketsWorld, _: &BTreeMap<Pubkey, ()>) {
        let venue = world.see_as::<Venue>(world.venue).expect("a venue");
        assert_eq!(
            world.see_balance(venue.token_account),
            venue.protocol_fees + world.donated,
            "the venue's tokens are what it tracks"
        );
    }
}

impl MarketsWorld {
    fn check_market(&self, market: &Market, known: &Known) {
        let mut held = [0u64; MAX_OUTCOMES];
        let positions = self.see_all::<Position>(&known.accounts);
        for (_, position) in &positions {
            for (held, shares) in held.iter_mut().zip(&position.holdings.shares) {
                *held += shares;
            }
        }
        assert_eq!(market.pool.sold, held, "shares sold are in positions");
        assert_eq!(market.open_positions as usize, positions.len(), "positions");
        let liquidity = self.see_all::<LiquidityPosition>(&known.accounts);
        assert_eq!(market.open_liquidity as usize, liquidity.len(), "providers");
        let (mut supply, mut locked, mut fees) = (0, 0, 0);
        for (_, mut liquidity) in liquidity {
            market.credit_fees(&mut liquidity).expect("fees");
            supply += liquidity.shares;
            locked += liquidity.locked_shares;
            fees += liquidity.fees_owed;
        }
        assert_eq!(market.liquidity_supply, supply, "LP shares are somebody's");
        if !market.is_trading_over(self.seconds()) {
            assert_eq!(market.locked_liquidity, locked, "locked LP shares");
        }
        assert!(
            market.liquidity_fees >= fees,
            "providers are owed {fees}, but there is {}",
            market.liquidity_fees
        );
        assert_eq!(market.pool.fees, 0, "fees are distributed at once");

        let owed = if market.settlement.is_settled() {
            market
                .settlement
                .liability(&market.pool)
                .expect("a liability")
        } else {
            market.pool.sold.into_iter().max().unwrap_or(0)
        };
        assert!(market.pool.cash >= owed, "the market can pay whoever wins");
        assert_eq!(
            self.see_balance(market.token_account),
            Custody::tracked(market).expect("a sum") + known.donated,
            "the market's tokens are what it tracks"
        );
    }
}
