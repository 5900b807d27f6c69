//! Standard markets, leaving once trading is over: nothing can be sold any more, so that every provider
//! gets exactly his part of what the pool holds, to the base unit.

use anchor_lang::prelude::Pubkey;
use client::{addresses::markets as addresses, instructions::markets::*};
use markets::{
    error::MarketError,
    state::{Market, Position},
};
use testbed::{ExpectError, MarketsWorld, Trader};

const PURSE: u64 = 1_000_000_000_000;

const CURVES: [(Curve, u8); 3] = [
    (Curve::Lmsr, 3),
    (Curve::PmAmm { micro_tau: false }, 2),
    (Curve::PmAmm { micro_tau: true }, 2),
];

/// How trading came to be over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Time,
    Proposal,
    Dispute,
}

struct Scene {
    markets: MarketsWorld,
    market: Pubkey,
}

impl Scene {
    /// A market that a trader has traded in, of the creator and of a second provider who has very
    /// little of it; the scene, the trader and the second provider.
    fn new(curve: Curve, outcomes: u8) -> (Self, Trader, Trader) {
        let mut markets = MarketsWorld::start(&Default::default());
        let mut args = markets.terms(outcomes);
        args.curve = curve;
        let market = markets.market(args);
        let (creator, trader, stayer) = (
            markets.creator(),
            markets.trader(PURSE),
            markets.trader(PURSE),
        );
        markets.open(&trader, market).expect("a position");
        for provider in [&creator, &stayer] {
            markets.open_provider(provider, market);
        }
        markets.add(&stayer, market, 150).expect("liquidity");
        for (outcome, stake) in [(0, 300_000_000), (1, 50_000_000)] {
            markets.buy(&trader, market, outcome, stake).expect("a buy");
        }
        (Self { markets, market }, trader, stayer)
    }

    fn state(&self) -> Box<Market> {
        self.markets.state(self.market)
    }

    fn end_trading(&mut self, end: End) {
        let market = self.market;
        if end == End::Time {
            self.markets.go_to_second(self.state().hours.trading_until);
            return;
        }
        let creator = self.markets.creator();
        self.markets
            .propose(&creator, market, 0)
            .expect("a proposal");
        if end == End::Dispute {
            self.markets.dispute(&creator, market).expect("a dispute");
        }
    }

    /// Settles the market on its first outcome.
    fn settle(&mut self, end: End) {
        let market = self.market;
        match end {
            End::Time => self.markets.resolve(market, 0),
            End::Proposal => {
                self.markets.go_to_second(self.state().dispute_until);
                self.markets.finalize(market).expect("an end");
            }
            End::Dispute => {
                self.markets.resolve_dispute(market, 0).expect("a word");
            }
        }
    }

    /// Shares that the curve gave back to a provider.
    fn returned(&self, provider: &Trader) -> Vec<u64> {
        let position = addresses::position(&self.market, &provider.address());
        self.markets.read::<Position>(position).holdings.shares
    }

    /// Lets a provider leave with `shares`, and checks to the unit what he and the others have then.
    fn leave(&mut self, provider: &Trader, shares: u64) {
        let mut before = self.state();
        before
            .observe(self.markets.moment())
            .expect("prices up to date");
        let returned_before = self.returned(provider);
        let purse = self.markets.balance(provider.tokens);
        self.markets
            .remove(provider, self.market, shares)
            .expect("an exit");
        let after = self.state();
        let outcomes = usize::from(before.pool.outcomes);
        let reserves = |market: &Market| -> Vec<u64> {
            let sold = &market.pool.sold[..outcomes];
            sold.iter().map(|sold| market.pool.cash - sold).collect()
        };
        let supply = u128::from(before.liquidity_supply);
        let parts: Vec<u64> = reserves(&before)
            .into_iter()
            .map(|reserve| {
                u64::try_from(u128::from(reserve) * u128::from(shares) / supply).expect("a part")
            })
            .collect();
        let cash = *parts.iter().min().expect("outcomes");
        assert_eq!(self.markets.balance(provider.tokens), purse + cash);
        assert_eq!(after.pool.cash, before.pool.cash - cash);
        let returned = self.returned(provider);
        for (outcome, part) in parts.into_iter().enumerate() {
            assert_eq!(returned[outcome] - returned_before[outcome], part - cash);
            assert_eq!(reserves(&after)[outcome], reserves(&before)[outcome] - part);
        }
        assert_eq!(after.pool.slow_prices, before.pool.slow_prices);
        assert_eq!(after.pool.depth, 0, "the curve is given up");
    }

    /// What a redeemed position pays, and that it is paid.
    fn redeem(&mut self, owner: &Trader, shares: &[u64]) {
        let due = self.state().settlement.payout_of(shares).expect("a payout");
        let purse = self.markets.balance(owner.tokens);
        self.markets
            .redeem(self.market, &[owner])
            .expect("a payout");
        assert_eq!(self.markets.balance(owner.tokens), purse + due);
    }

    /// Redeems everything, and closes the market.
    fn close(mut self, trader: &Trader, stayer: &Trader) {
        let creator = self.markets.creator();
        let held = self.markets.position(self.market, trader).holdings.shares;
        self.redeem(trader, &held);
        for provider in [&creator, stayer] {
            let shares = self.returned(provider);
            self.redeem(provider, &shares);
            let mut books = self.state();
            let mut liquidity = self.markets.liquidity(self.market, provider);
            let fees = books
                .take_fees(&mut liquidity, self.markets.moment())
                .expect("fees");
            let value = books.redeem_liquidity(liquidity.shares).expect("a value");
            let purse = self.markets.balance(provider.tokens);
            self.markets
                .redeem_liquidity(self.market, provider)
                .expect("a payout");
            let paid = self.markets.balance(provider.tokens) - purse;
            assert_eq!(paid, value + fees);
        }
        assert_eq!(self.state().pool.cash, 0, "nothing is left in the pool");
        if self.state().proposer_claim > 0 {
            self.markets
                .claim_proposal(self.market, &creator)
                .expect("a bond");
        }
        if self.state().open_disputes > 0 {
            self.markets
                .claim_dispute(self.market, &creator)
                .expect("a bond");
        }
        self.markets.close(self.market).expect("a closing");
    }
}

/// Who holds nearly all of the pool cannot leave while it trades: too little would stay to trade with.
/// When trading is over he gets his exact part, and so does who is left.
#[test]
fn all_leave_with_their_part_after_trading() {
    for (curve, outcomes) in CURVES {
        for end in [End::Time, End::Proposal, End::Dispute] {
            println!("{curve:?}, {outcomes} outcomes, {end:?}");
            let (mut scene, trader, stayer) = Scene::new(curve, outcomes);
            let (creator, market) = (scene.markets.creator(), scene.market);
            let shares = scene.markets.liquidity(market, &creator).shares;
            scene
                .markets
                .remove(&creator, market, shares)
                .expect_refusal(MarketError::LiquidityLeftTooSmall);
            scene.end_trading(end);
            scene.leave(&creator, shares / 3);
            scene.leave(&creator, shares - shares / 3);
            scene.leave(&stayer, 1);
            let left = scene.state();
            let supply = scene.markets.liquidity(market, &stayer).shares;
            assert_eq!(left.liquidity_supply, supply);
            scene
                .markets
                .add(&stayer, market, 1_000_000)
                .expect_refusal(if end == End::Time {
                    MarketError::TradingOver
                } else {
                    MarketError::MarketNotOpen
                });
            scene.settle(end);
            // Whoever stayed owns what the winners leave: of the winning outcome's reserve all.
            let state = scene.state();
            let winners = state
                .settlement
                .liability(&state.pool)
                .expect("a liability");
            assert_eq!(winners, state.pool.sold[0]);
            scene.close(&trader, &stayer);
        }
    }
}

/// The last one to leave after trading takes all that the pool does not owe, and the market goes on to
/// its end.
#[test]
fn the_whole_supply_leaves_after_trading() {
    for (curve, outcomes) in CURVES {
        println!("{curve:?}, {outcomes} outcomes");
        let (mut scene, trader, stayer) = Scene::new(curve, outcomes);
        let (creator, market) = (scene.markets.creator(), scene.market);
        scene.end_trading(End::Time);
        for provider in [&stayer, &creator] {
            let shares = scene.markets.liquidity(market, provider).shares;
            scene.leave(provider, shares);
        }
        let state = scene.state();
        assert_eq!(state.liquidity_supply, 0);
        for sold in &state.pool.sold[..usize::from(outcomes)] {
            assert_eq!(*sold, state.pool.cash);
        }
        scene.markets.poke(market).expect("no harm");
        scene.settle(End::Time);
        scene.close(&trader, &stayer);
    }
}

/// A void after exits pays what it would have paid without them.
#[test]
fn exits_after_trading_do_not_touch_a_void() {
    for (curve, outcomes) in CURVES {
        println!("{curve:?}, {outcomes} outcomes");
        let (mut scene, trader, stayer) = Scene::new(curve, outcomes);
        let (creator, market) = (scene.markets.creator(), scene.market);
        scene.end_trading(End::Time);
        let mut untouched = scene.state();
        let shares = scene.markets.liquidity(market, &creator).shares;
        scene.leave(&creator, shares);
        scene.markets.go_to_second(untouched.proposal_until);
        scene.markets.void(market).expect("a void");
        untouched.void(scene.markets.moment()).expect("a void");
        assert_eq!(
            scene.state().settlement.payouts,
            untouched.settlement.payouts
        );
        scene.close(&trader, &stayer);
    }
}
