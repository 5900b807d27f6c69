//! What the events of rolling chains say.

use anchor_lang::prelude::Pubkey;
use client::{
    addresses::flash_bets as addresses,
    instructions::flash_bets::{FlashMarketTerms, DEFAULT_MAX_ABOVE_SLOW},
    quotes::{self, Quote},
};
use flash_bets::{
    error::FlashError,
    instructions::{
        RollingBought, RollingEnd, RollingEnded, RollingOpened, RollingQueued, RollingRedeemed,
    },
    state::{RollingChain, RollingHolding, ROLLING_STEP_SECONDS},
};
use math::{Money, Price};
use testbed::{Receipt, User};

use super::events::{Story, STAKE};

impl Story {
    /// A chain that rolls into a leg with a bet delay and is won, one that its owner ends and one that stops.
    pub(super) fn rolling(&mut self) {
        let user = self.flash.user(1_000 * STAKE);
        let books: Vec<_> = (0..3).map(|_| self.flash.create_event_book()).collect();
        let [first, delayed, last] =
            [(60, 0), (120, 2_000), (180, 0)].map(|(seconds, delay_ms)| {
                let terms = FlashMarketTerms {
                    delay_ms,
                    execution_seconds: u32::from(delay_ms > 0) * 4,
                    ..self.flash.lasting(2, seconds)
                };
                let book = books[usize::try_from(seconds / 60 - 1).expect("an index")];
                self.flash.announce_on(book, terms)
            });
        let opens_at = self.flash.market_state(last).hours.opens_at;
        self.flash.pass_to(opens_at);

        let won = self.open_rolling(&user, [first, delayed]);
        let stopped = self.open_rolling(&user, [first, last]);
        let ended = self.open_rolling(&user, [first, last]);
        self.flash.open_ticket(&user, first).expect("a ticket");
        let (shares, chain) = self.holding(&user, ended);
        let receipt = self.flash.stop_rolling(&user, ended).expect("an end");
        self.ended(&receipt, &chain, RollingEnd::ByOwner { shares }, 0, 1);

        self.flash.resolve(first, 0).expect("a result");
        self.queues(&user, won);
        self.flash.pass_rolling_delay(&user, won);
        let (before, quote) = {
            let (_, chain) = self.holding(&user, won);
            let RollingHolding::Stake { amount, .. } = chain.holding else {
                panic!("the stake does not wait");
            };
            (chain, self.quote(delayed, amount))
        };
        let receipt = self.flash.execute_rolling(&user, won).expect("a leg");
        self.bought(&receipt, &before, &quote, 1);
        let settled_at = self.flash.market_state(first).settled_at;
        self.flash.pass_to(settled_at + ROLLING_STEP_SECONDS + 1);
        let reason = FlashError::RollingStepLate.into();
        self.pays(&user, stopped, RollingEnd::Stopped { reason });
        self.flash.resolve(delayed, 0).expect("a result");
        self.pays(&user, won, RollingEnd::Won);

        self.flash.settle(first, &[&user]).expect("a payment");
        self.flash.resolve(last, 0).expect("a result");
        for (market, book) in [first, delayed, last].into_iter().zip(books) {
            self.flash.release(market).expect("a release");
            self.flash.close(market).expect("an end");
            self.flash.close_event_book(book).expect("an end");
        }
    }

    /// Shares that a chain has, none while it waits, and the chain.
    fn holding(&self, user: &User, nonce: u64) -> (u64, RollingChain) {
        let chain = self.flash.rolling_state(user, nonce);
        let shares = match chain.holding {
            RollingHolding::Shares { amount } => amount,
            RollingHolding::Stake { .. } => 0,
        };
        (shares, chain)
    }

    fn quote(&self, market: Pubkey, stake: u64) -> Quote {
        let state = self.flash.market_state(market);
        let clock = self.flash.chain().clock();
        quotes::buy(&state, clock, 0, Money(stake)).expect("a quote")
    }

    fn address(chain: &RollingChain) -> Pubkey {
        addresses::rolling_chain(&chain.owner, chain.nonce)
    }

    fn open_rolling(&mut self, user: &User, markets: [Pubkey; 2]) -> u64 {
        let quote = self.quote(markets[0], STAKE);
        let mut open = self
            .flash
            .build_rolling(user, &markets.map(|market| (market, 0)), STAKE);
        open.args.tip_lamports = 5_000;
        let receipt = self
            .flash
            .send_with_table(&open.instruction(), &[&user.key])
            .expect("a chain");
        let chain = self.flash.rolling_state(user, open.nonce);
        let state = self.flash.market_state(markets[0]);
        let delayed = markets.map(|market| self.flash.market_state(market).delay_slots > 0);
        let steps = 2 + delayed.into_iter().map(u64::from).sum::<u64>();
        let event = RollingOpened {
            header: self.header(state.sequence - 1),
            market: markets[0],
            chain: Self::address(&chain),
            owner: user.address(),
            rent_payer: user.address(),
            nonce: open.nonce,
            stake: STAKE,
            tip_lamports: 5_000,
            tips_lamports: steps * 5_000,
            max_above_slow: DEFAULT_MAX_ABOVE_SLOW,
            legs: chain.legs.clone(),
        };
        assert_eq!(chain.legs[1].max_price, Price::ONE.0);
        self.said_among(&receipt, event, 2);
        self.bought(&receipt, &chain, &quote, 2);
        open.nonce
    }

    /// `chain` is in the leg that was bought.
    fn bought(&mut self, receipt: &Receipt, chain: &RollingChain, quote: &Quote, events: usize) {
        let market = chain.market();
        let state = self.flash.market_state(market);
        let event = RollingBought {
            header: self.of_market(market),
            market,
            chain: Self::address(chain),
            owner: chain.owner,
            leg: chain.leg,
            outcome: 0,
            shares: quote.trade.shares.0,
            amount: quote.trade.cost.0 + quote.trade.fee.0,
            fee: quote.trade.fee.0,
            pool_cash: state.pool.cash,
            pool_fees: state.pool.fees,
            escrow: state.escrow,
            outcome_sold: state.pool.sold[0],
        };
        self.said_among(receipt, event, events);
    }

    /// The chain's next leg has a bet delay.
    fn queues(&mut self, user: &User, nonce: u64) {
        let (shares, before) = self.holding(user, nonce);
        let receipt = self.flash.advance(user, nonce).expect("a step");
        self.redeemed(&receipt, &before, shares, 0);
        let (_, chain) = self.holding(user, nonce);
        let RollingHolding::Stake { amount, wait } = chain.holding else {
            panic!("the stake does not wait");
        };
        let market = chain.market();
        let event = RollingQueued {
            header: self.of_market(market),
            market,
            chain: Self::address(&chain),
            owner: user.address(),
            leg: 1,
            outcome: 0,
            stake: amount,
            executable_slot: wait.executable_slot,
            executable_at: wait.executable_at,
            executable_until: wait.executable_until,
            escrow: self.flash.market_state(market).escrow,
        };
        self.said_among(&receipt, event, 2);
    }

    /// The chain's shares won, and are paid to its owner.
    fn pays(&mut self, user: &User, nonce: u64, end: RollingEnd) {
        let (shares, before) = self.holding(user, nonce);
        let receipt = self.flash.advance(user, nonce).expect("an end");
        self.redeemed(&receipt, &before, shares, 1);
        self.ended(&receipt, &before, end, shares, 2);
    }

    /// Before so many more events of the market that the chain left.
    fn redeemed(&mut self, receipt: &Receipt, before: &RollingChain, shares: u64, more: u64) {
        let market = before.market();
        let state = self.flash.market_state(market);
        let event = RollingRedeemed {
            header: self.header(state.sequence - more),
            market,
            chain: Self::address(before),
            owner: before.owner,
            leg: before.leg,
            shares,
            payout: shares,
            pool_cash: state.pool.cash,
            open_tickets: state.open_tickets,
        };
        self.said_among(receipt, event, 2);
    }

    fn ended(
        &mut self,
        receipt: &Receipt,
        before: &RollingChain,
        end: RollingEnd,
        paid: u64,
        events: usize,
    ) {
        let market = before.market();
        let event = RollingEnded {
            header: self.of_market(market),
            market,
            chain: Self::address(before),
            owner: before.owner,
            leg: before.leg,
            end,
            paid,
            escrow: self.flash.market_state(market).escrow,
        };
        self.said_among(receipt, event, events);
    }
}
