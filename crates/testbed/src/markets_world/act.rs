//! What people do with standard markets.

use anchor_lang::prelude::Pubkey;
use client::{
    addresses::markets as addresses,
    instructions::{
        markets::*,
        oracle::{ReportConflict, ReportConflictArgs, VerifyObservation, VerifyObservationArgs},
    },
};
use markets::{
    instructions::MAX_LATE_OPENING_SECONDS,
    state::{LiquidityPosition, Market, Position},
};
use oracle::Observation;
use solana_signer::Signer;

use super::{MarketsWorld, Trader};
use crate::{simulation::element, Receipt, SendError};

/// Doing what is right.
impl MarketsWorld {
    /// A market of the world's creator; gives its address.
    #[track_caller]
    pub fn market(&mut self, args: CreateMarketArgs) -> Pubkey {
        let creator = self.creator();
        let create = self.build_market(&creator, args);
        self.create(&creator, &create).expect("a market");
        create.market()
    }

    /// # Errors
    /// Those of [`Chain::send`], here and below.
    pub fn try_market(
        &mut self,
        creator: &Trader,
        args: CreateMarketArgs,
    ) -> Result<Receipt, SendError> {
        let create = self.build_market(creator, args);
        self.create(creator, &create)
    }

    /// Sends what [`Self::build_market`] made.
    pub fn create(
        &mut self,
        creator: &Trader,
        create: &CreateMarket,
    ) -> Result<Receipt, SendError> {
        let market = create.market();
        let result = self.send(create.instruction(), &[&creator.key]);
        if self.find::<Market>(market).is_none() {
            self.forget(market);
        }
        result
    }

    /// Has it cost so many base units to move a price for a second, once the timelock has passed.
    pub fn price_feed(&mut self, feed_id: [u8; 32], cost_per_second: u64) {
        let admin = self.world.admin.insecure_clone();
        let set = SetPriceFeed {
            authority: admin.pubkey(),
            venue: self.venue,
            feed_id,
            cost_per_second,
        };
        self.send(set.instruction(), &[&admin]).expect("a feed");
        self.world.pass_timelock();
    }

    /// Opens a position.
    pub fn open(&mut self, trader: &Trader, market: Pubkey) -> Result<Receipt, SendError> {
        let open = self.build_position(trader, market);
        self.send(open.instruction(), &[&trader.key])
    }

    /// Opens what a provider needs.
    pub fn open_provider(&mut self, trader: &Trader, market: Pubkey) {
        let position = addresses::position(&market, &trader.address());
        if self.find::<Position>(position).is_none() {
            let open = self.build_position(trader, market);
            self.send(open.instruction(), &[&trader.key])
                .expect("a position");
        }
        let liquidity = addresses::liquidity(&market, &trader.address());
        if self.find::<LiquidityPosition>(liquidity).is_none() {
            let open = self.build_liquidity(trader, market);
            self.send(open.instruction(), &[&trader.key])
                .expect("a liquidity position");
        }
    }

    pub fn buy(
        &mut self,
        trader: &Trader,
        market: Pubkey,
        outcome: u8,
        stake: u64,
    ) -> Result<Receipt, SendError> {
        let buy = self.build_buy(trader, market, outcome, stake);
        self.send(buy.instruction(), &[&trader.key])
    }

    pub fn buy_shares(
        &mut self,
        trader: &Trader,
        market: Pubkey,
        outcome: u8,
        shares: u64,
    ) -> Result<Receipt, SendError> {
        let buy = self.build_buy_shares(trader, market, outcome, shares);
        self.send(buy.instruction(), &[&trader.key])
    }

    pub fn sell(
        &mut self,
        trader: &Trader,
        market: Pubkey,
        outcome: u8,
        shares: u64,
    ) -> Result<Receipt, SendError> {
        let sell = self.build_sell(trader, market, outcome, shares);
        self.send(sell.instruction(), &[&trader.key])
    }

    /// Gives shares to somebody who has a position.
    pub fn transfer_shares(
        &mut self,
        from: &Trader,
        to: &Trader,
        market: Pubkey,
        outcome: u8,
        shares: u64,
    ) -> Result<Receipt, SendError> {
        let transfer = TransferShares {
            owner: from.address(),
            market,
            receiver: to.address(),
            outcome,
            shares,
        };
        self.send(transfer.instruction(), &[&from.key])
    }

    /// Locks LP shares until trading is over.
    pub fn lock(
        &mut self,
        trader: &Trader,
        market: Pubkey,
        shares: u64,
    ) -> Result<Receipt, SendError> {
        let lock = LockLiquidity {
            owner: trader.address(),
            market,
            shares,
        };
        self.send(lock.instruction(), &[&trader.key])
    }

    pub fn split(
        &mut self,
        trader: &Trader,
        market: Pubkey,
        amount: u64,
    ) -> Result<Receipt, SendError> {
        let split = self.build_split(trader, market, amount);
        self.send(split.instruction(), &[&trader.key])
    }

    pub fn merge(
        &mut self,
        trader: &Trader,
        market: Pubkey,
        amount: u64,
    ) -> Result<Receipt, SendError> {
        let merge = self.build_merge(trader, market, amount);
        self.send(merge.instruction(), &[&trader.key])
    }

    pub fn add(
        &mut self,
        trader: &Trader,
        market: Pubkey,
        amount: u64,
    ) -> Result<Receipt, SendError> {
        let add = self.build_add(trader, market, amount);
        self.send(add.instruction(), &[&trader.key])
    }

    pub fn remove(
        &mut self,
        trader: &Trader,
        market: Pubkey,
        shares: u64,
    ) -> Result<Receipt, SendError> {
        let remove = self.build_remove(trader, market, shares);
        self.send(remove.instruction(), &[&trader.key])
    }

    pub fn poke(&mut self, market: Pubkey) -> Result<Receipt, SendError> {
        let venue = self.venue;
        self.send(Poke { venue, market }.instruction(), &[])
    }

    pub fn switch(&mut self, market: Pubkey) -> Result<Receipt, SendError> {
        let venue = self.venue;
        self.send(SwitchCurve { venue, market }.instruction(), &[])
    }

    /// Has the primary set's observation for the market verified; gives its address.
    pub fn observe(&mut self, market: Pubkey, value: i64) -> Pubkey {
        let time = self.state(market).evidence.observe_at_ms;
        self.observe_at(market, time, value)
    }

    /// Has an observation of the market's feed at any time verified; gives its address.
    pub fn observe_at(&mut self, market: Pubkey, time: u64, value: i64) -> Pubkey {
        self.wait_for(time);
        let feed = element(&self.state(market).evidence.feed_id);
        let observation = self.world.observe(feed, time, value);
        observation.expect("an observation")
    }

    /// Nobody observes a time that has not come.
    fn wait_for(&mut self, time_ms: u64) {
        if self.chain().now().0 < time_ms {
            let second = time_ms.div_ceil(1_000);
            self.go_to_second(second.try_into().expect("a time"));
        }
    }

    /// Has the arbiters' observation for the market verified; gives its address.
    pub fn arbitrate(&mut self, market: Pubkey, value: i64) -> Pubkey {
        let time = self.state(market).evidence.observe_at_ms;
        self.arbitrate_at(market, time, value)
    }

    /// Has the arbiters' observation of the market's feed at any time verified; gives its address.
    pub fn arbitrate_at(&mut self, market: Pubkey, time: u64, value: i64) -> Pubkey {
        self.wait_for(time);
        let verify = self.build_arbitration(market, time, value);
        self.world.send_verify(&verify).expect("an observation");
        verify.observation()
    }

    /// The arbiters' proof of a value of the market's feed.
    pub fn build_arbitration(&self, market: Pubkey, time: u64, value: i64) -> VerifyObservation {
        let state = self.state(market);
        VerifyObservation {
            payer: self.world.keeper.pubkey(),
            provider_set: self.arbiter_set,
            verifying_key: state.arbiter_key,
            args: VerifyObservationArgs {
                feed_id: state.evidence.feed_id,
                observe_at_ms: time,
                value,
                proof: self.prove_as_arbiters(market, time, value),
            },
        }
    }

    /// A report that the arbiters also said `value`.
    pub fn build_arbiters_conflict(
        &self,
        market: Pubkey,
        observation: Pubkey,
        value: i64,
    ) -> ReportConflict {
        let time = self.read::<Observation>(observation).observe_at_ms;
        ReportConflict {
            provider_set: self.arbiter_set,
            verifying_key: self.state(market).arbiter_key,
            observation,
            args: ReportConflictArgs {
                value,
                proof: self.prove_as_arbiters(market, time, value),
            },
        }
    }

    fn prove_as_arbiters(&self, market: Pubkey, time: u64, value: i64) -> [u8; 256] {
        let feed = element(&self.state(market).evidence.feed_id);
        let mut statement = self
            .world
            .statement(feed, time, value)
            .expect("a statement");
        statement.root = self.arbiters.root();
        statement.threshold = self.arbiters.threshold();
        self.world.trapdoor.prove(statement.hash())
    }

    /// Proposes what a new observation shows.
    pub fn propose(
        &mut self,
        trader: &Trader,
        market: Pubkey,
        value: i64,
    ) -> Result<Receipt, SendError> {
        let observation = self.observe(market, value);
        self.propose_on(trader, market, observation)
    }

    pub fn propose_on(
        &mut self,
        trader: &Trader,
        market: Pubkey,
        observation: Pubkey,
    ) -> Result<Receipt, SendError> {
        let propose = self.build_propose(trader, market, observation);
        self.send(propose.instruction(), &[&trader.key])
    }

    pub fn set_strike(
        &mut self,
        market: Pubkey,
        observation: Pubkey,
    ) -> Result<Receipt, SendError> {
        let set = self.build_set_strike(market, observation);
        self.send(set.instruction(), &[])
    }

    pub fn dispute(&mut self, trader: &Trader, market: Pubkey) -> Result<Receipt, SendError> {
        let dispute = self.build_dispute(trader, market);
        self.send(dispute.instruction(), &[&trader.key])
    }

    /// Calls the arbiters by the suspension of the market's set or key.
    pub fn dispute_suspension(&mut self, market: Pubkey) -> Result<Receipt, SendError> {
        let dispute = self.build_dispute_suspension(market);
        self.send(dispute.instruction(), &[])
    }

    /// Settles a dispute on a new observation of the arbiters'.
    pub fn resolve_dispute(&mut self, market: Pubkey, value: i64) -> Result<Receipt, SendError> {
        let observation = self.arbitrate(market, value);
        let resolve = self.build_resolve_dispute(market, observation);
        self.send(resolve.instruction(), &[])
    }

    pub fn finalize(&mut self, market: Pubkey) -> Result<Receipt, SendError> {
        let finalize = self.build_finalize(market);
        self.send(finalize.instruction(), &[])
    }

    pub fn void(&mut self, market: Pubkey) -> Result<Receipt, SendError> {
        let venue = self.venue;
        self.send(Void { venue, market }.instruction(), &[])
    }

    /// Has a proposal of the creator's finalized.
    pub fn resolve(&mut self, market: Pubkey, value: i64) {
        let creator = self.creator();
        self.propose(&creator, market, value).expect("a proposal");
        self.go_to_second(self.state(market).dispute_until);
        self.finalize(market).expect("an end");
    }

    /// Ends a market and pays everybody, whatever comes first, and closes it. Of `traders` each has a
    /// position, or liquidity, or both.
    pub fn resolve_all(&mut self, market: Pubkey, traders: &[&Trader]) {
        let creator = self.creator();
        let state = self.state(market);
        if !state.settlement.is_settled() {
            let now = self.chain().now().seconds();
            if now < state.proposal_until {
                self.resolve(market, 0);
            } else {
                self.void(market).expect("a void");
            }
        }
        let all: Vec<_> = traders.iter().copied().chain([&creator]).collect();
        let redeem = self.build_redeem(market, &all);
        if !redeem.positions.is_empty() {
            self.send(redeem.instruction(), &[]).expect("payouts");
        }
        for provider in all {
            let address = addresses::liquidity(&market, &provider.address());
            if self.find::<LiquidityPosition>(address).is_some() {
                self.redeem_liquidity(market, provider).expect("a payout");
            }
        }
        if self.state(market).proposer_claim > 0 {
            self.claim_proposal(market, &creator).expect("a bond");
        }
        self.close(market).expect("a closing");
    }

    pub fn redeem(&mut self, market: Pubkey, traders: &[&Trader]) -> Result<Receipt, SendError> {
        let redeem = self.build_redeem(market, traders);
        self.send(redeem.instruction(), &[])
    }

    pub fn redeem_liquidity(
        &mut self,
        market: Pubkey,
        trader: &Trader,
    ) -> Result<Receipt, SendError> {
        let redeem = self.build_redeem_liquidity(market, trader);
        self.send(redeem.instruction(), &[])
    }

    pub fn claim_proposal(
        &mut self,
        market: Pubkey,
        proposer: &Trader,
    ) -> Result<Receipt, SendError> {
        let claim = self.build_claim_proposal(market, proposer);
        self.send(claim.instruction(), &[])
    }

    pub fn claim_dispute(
        &mut self,
        market: Pubkey,
        disputer: &Trader,
    ) -> Result<Receipt, SendError> {
        let claim = self.build_claim_dispute(market, disputer);
        self.send(claim.instruction(), &[])
    }

    /// Closes a market and asserts that nothing is left of it.
    pub fn close(&mut self, market: Pubkey) -> Result<Receipt, SendError> {
        // Which is 60 s after its opening at the earliest.
        let earliest = self.state(market).hours.opens_at + MAX_LATE_OPENING_SECONDS + 1;
        if self.seconds() < earliest {
            self.go_to_second(earliest);
        }
        let close = self.build_close(market);
        let receipt = self.send(close.instruction(), &[])?;
        self.forget(market);
        Ok(receipt)
    }

    pub fn collect(&mut self, trader: &Trader, market: Pubkey) -> Result<Receipt, SendError> {
        let collect = self.build_collect(trader, market);
        self.send(collect.instruction(), &[])
    }

    /// Stops new risk, as the guardian.
    pub fn pause(&mut self) -> Result<Receipt, SendError> {
        let guardian = self.world.guardian.insecure_clone();
        let pause = Pause {
            authority: guardian.pubkey(),
            venue: self.venue,
        };
        self.send(pause.instruction(), &[&guardian])
    }

    /// Ends a pause, as the admin, and waits for it.
    pub fn unpause(&mut self) -> Result<Receipt, SendError> {
        let admin = self.world.admin.insecure_clone();
        let unpause = Unpause {
            admin: admin.pubkey(),
            venue: self.venue,
        };
        let result = self.send(unpause.instruction(), &[&admin]);
        if result.is_ok() {
            self.world.pass_timelock();
        }
        result
    }
}
