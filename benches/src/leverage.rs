//! The loans' instructions.

use client::instructions::{
    leverage::{CloseGroup, ClosePool, CreateGroup, CreatePool, PoolAccounts, RequestOpenArgs},
    signed_by,
};
use leverage::state::CALL_NOTICE_SECONDS;
use solana_signer::Signer;
use testbed::{KeySource, LeverageWorld, Receipt, SendError, Trader, LENT, UNIT};

use crate::{Measured, SEED};

const EIGHT: usize = 8;

pub fn measure(measured: &mut Measured) {
    let world = LeverageWorld::with_pool(KeySource::seeded(SEED), 2, |_| {});
    let mut scenario = Scenario { world, measured };
    scenario.pool();
    scenario.lenders();
    scenario.positions();
    scenario.liquidations();
    scenario.governance();
    scenario.end();
    let world = LeverageWorld::start_with(KeySource::seeded(SEED), 2, |_| {});
    Scenario { world, measured }.deleverage();
    let world = LeverageWorld::start_with(KeySource::seeded(SEED), 2, |_| {});
    Scenario { world, measured }.stops();
}

struct Scenario<'a> {
    world: LeverageWorld,
    measured: &'a mut Measured,
}

impl Scenario<'_> {
    fn take(&mut self, name: &str, sent: Result<Receipt, SendError>) {
        let receipt = sent.expect(name);
        self.measured.take(&format!("leverage {name}"), &receipt);
    }

    /// A pool and a group, made and ended, and the listing.
    fn pool(&mut self) {
        let admin = self.world.admin();
        let create = CreatePool {
            admin: admin.pubkey(),
            mint: self.world.markets.mint.address,
            token_program: self.world.markets.token_program(),
            id: 2,
            terms: LeverageWorld::pool_terms(),
        };
        let group = CreateGroup {
            admin: admin.pubkey(),
            pool: create.pool(),
            id: 1,
        };
        let close_group = CloseGroup {
            admin: admin.pubkey(),
            pool: create.pool(),
            group: group.group(),
            rent_payer: admin.pubkey(),
        };
        let close_pool = ClosePool {
            admin: admin.pubkey(),
            pool: PoolAccounts {
                pool: create.pool(),
                ..self.world.listing.pool
            },
            rent_payer: admin.pubkey(),
            rest_tokens: self.world.keeper.tokens,
        };
        for (name, instruction) in [
            ("create_pool", create.instruction()),
            ("create_group", group.instruction()),
            ("close_group", close_group.instruction()),
            ("close_pool", close_pool.instruction()),
        ] {
            let sent = self.world.send(&[instruction], &[&admin]);
            self.take(name, sent);
        }
        let sent = self.world.list();
        self.take("list_market", sent);
    }

    fn lenders(&mut self) {
        let lender = self.world.lender();
        let sent = self.world.request_deposit(&lender, 1, LENT);
        self.take("request_deposit", sent);
        let until = self.world.deposit_state(&lender, 1).available_until;
        self.world.markets.go_to_second(until + 1);
        let sent = self.world.cancel_deposit(&lender, 1);
        self.take("cancel_deposit", sent);
        self.world
            .request_deposit(&lender, 1, LENT)
            .expect("a request");
        let from = self.world.deposit_state(&lender, 1).available_at;
        self.world.markets.go_to_second(from);
        let sent = self.world.execute_deposit(&lender, 1);
        self.take("execute_deposit", sent);
        let shares = self.world.deposit_state(&lender, 1).shares / 10;
        let sent = self.world.request_withdraw(&lender, 1, shares);
        self.take("request_withdraw", sent);
        let until = self.world.withdrawal_state(&lender, 1).available_until;
        self.world.markets.go_to_second(until + 1);
        let sent = self.world.cancel_withdraw(&lender, 1);
        self.take("cancel_withdraw", sent);
        self.world
            .request_withdraw(&lender, 1, shares)
            .expect("a request");
        let from = self.world.withdrawal_state(&lender, 1).available_at;
        self.world.markets.go_to_second(from);
        let sent = self.world.execute_withdraw(&lender, 1);
        self.take("execute_withdraw", sent);
        let open_from = self
            .world
            .state()
            .open_from
            .max(self.world.markets.seconds());
        self.world.markets.go_to_second(open_from);
        let slot = self.world.state().open_from_slot;
        let slot = slot.max(self.world.markets.chain().slot());
        self.world.markets.go_to(slot);
    }

    fn positions(&mut self) {
        let owner = self.world.trader();
        let args = RequestOpenArgs {
            outcome: 0,
            margin: 300 * UNIT,
            loan: 200 * UNIT,
            min_shares: 0,
        };
        let sent = self.world.request(&owner, 1, args);
        self.take("request_open", sent);
        let cancel = self.world.build_cancel(&owner, 1).instruction();
        let signed = signed_by(cancel, &owner.address());
        let sent = self.world.send(&[signed], &[&owner.key]);
        self.take("cancel_open", sent);
        self.world.request(&owner, 1, args).expect("a request");
        self.world.wait_for_execution();
        let sent = self.world.execute(&owner, 1);
        self.take("execute_open (LMSR, 2 outcomes)", sent);
        let sent = self.world.monitor(&owner, 1);
        self.take("monitor_health (healthy)", sent);
        let sent = self.world.add_margin(&owner, 1, UNIT);
        self.take("add_margin", sent);
        let sent = self.world.reduce(&owner, 1, UNIT);
        self.take("reduce", sent);
        let sent = self.world.close(&owner, 1);
        self.take("close", sent);
        let sent = self.world.claim(&owner, 1);
        self.take("withdraw_claim", sent);
        let sent = self.world.close_position(&owner, 1);
        self.take("close_position", sent);
        self.world
            .open(&owner, 1, 0, 300 * UNIT, 200 * UNIT)
            .expect("a position");
        let sent = self.world.repay(&owner, 1);
        self.take("repay", sent);
        self.world.close_position(&owner, 1).expect("an end");
    }

    /// Somebody buys the other outcome until a position would be sold, whole or not.
    fn push_down(&mut self, pusher: &Trader, owner: &Trader, is_whole: bool) {
        loop {
            let health = self.world.health(owner, 1);
            let shares = self.world.position(owner, 1).shares;
            if health.shares_to_sell > 0 && (!is_whole || health.shares_to_sell == shares) {
                return;
            }
            let market = self.world.listing.market;
            let buy = self.world.markets.buy(pusher, market, 1, 100 * UNIT);
            buy.expect("a purchase");
        }
    }

    /// Of one in part, of one whole, and of eight whole at once.
    fn liquidations(&mut self) {
        let pusher = self.world.trader();
        let owner = self.world.trader();
        self.world
            .open(&owner, 1, 0, 150 * UNIT, 150 * UNIT)
            .expect("a position");
        self.push_down(&pusher, &owner, false);
        let sent = self.world.monitor(&owner, 1);
        self.take("monitor_health (marked)", sent);
        self.world.wait_for_execution();
        let sent = self.world.liquidate(&[(&owner, 1)]);
        self.take("liquidate (1, a part)", sent);
        self.push_down(&pusher, &owner, true);
        self.world.monitor(&owner, 1).expect("a mark");
        self.world.wait_for_execution();
        let sent = self.world.liquidate(&[(&owner, 1)]);
        self.take("liquidate (1, whole)", sent);

        let mut world = LeverageWorld::start_with(KeySource::seeded(SEED), 2, |_| {});
        std::mem::swap(&mut world, &mut self.world);
        let pusher = self.world.trader();
        let owners: Vec<_> = (0..EIGHT).map(|_| self.world.trader()).collect();
        for owner in &owners {
            self.world
                .open(owner, 1, 0, 50 * UNIT, 50 * UNIT)
                .expect("a position");
        }
        for owner in &owners {
            self.push_down(&pusher, owner, true);
            self.world.monitor(owner, 1).expect("a mark");
        }
        self.world.wait_for_execution();
        let all: Vec<_> = owners.iter().map(|owner| (owner, 1)).collect();
        let liquidate = self.world.build_liquidate(&all).liquidate();
        let chain = &mut self.world.markets.world.chain;
        let sent = chain.send_with_all_units(&liquidate, &[]);
        self.take("liquidate (8, whole)", sent);
        std::mem::swap(&mut world, &mut self.world);
    }

    fn governance(&mut self) {
        let admin = self.world.admin();
        let (pool, listing) = (
            self.world.govern_pool(&admin),
            self.world.govern_listing(&admin),
        );
        let parameters = self.world.parameters();
        for (name, instruction) in [
            ("set_parameters", listing.set_parameters(parameters)),
            (
                "set_pool_terms",
                pool.set_terms(LeverageWorld::pool_terms()),
            ),
            ("trip_pool", pool.trip()),
            ("release_pool", pool.release()),
        ] {
            let sent = self.world.send(&[instruction], &[&admin]);
            self.take(name, sent);
        }
        let sent = self.world.send(&[listing.trip()], &[&admin]);
        self.take("trip", sent);
        let sent = self.world.send(&[listing.release()], &[&admin]);
        self.take("release", sent);
    }

    fn end(&mut self) {
        self.world = LeverageWorld::start_with(KeySource::seeded(SEED), 2, |_| {});
        let owner = self.world.trader();
        self.world
            .open(&owner, 1, 0, 300 * UNIT, 200 * UNIT)
            .expect("a position");
        let market = self.world.listing.market;
        self.world.markets.resolve(market, 0);
        let sent = self.world.settle_market();
        self.take("settle_market", sent);
        let sent = self.world.settle_position(&owner, 1);
        self.take("settle_position", sent);
        self.world.claim(&owner, 1).expect("a payment");
        self.world.close_position(&owner, 1).expect("an end");
        let sent = self.world.delist();
        self.take("delist", sent);
    }

    fn deleverage(&mut self) {
        let owner = self.world.trader();
        self.world
            .open(&owner, 1, 0, 300 * UNIT, 200 * UNIT)
            .expect("a position");
        let until = self
            .world
            .markets
            .state(self.world.listing.market)
            .hours
            .trading_until;
        let decay = i64::from(self.world.parameters().decay_seconds);
        self.world.markets.go_to_second(until - decay / 8);
        self.world.monitor(&owner, 1).expect("a mark");
        self.world.wait_for_execution();
        let sent = self.world.force_deleverage(&[(&owner, 1)]);
        self.take("force_deleverage (1, a part)", sent);
    }

    /// What anybody does by what the chain shows: breakers, and a call on all loans of an outcome.
    fn stops(&mut self) {
        let (owner, pusher) = (self.world.trader(), self.world.trader());
        self.world
            .open(&owner, 1, 0, 450 * UNIT, 450 * UNIT)
            .expect("a position");
        self.push_down(&pusher, &owner, false);
        let market = self.world.listing.market;
        let pushed = self.world.markets.buy(&pusher, market, 1, 2_000 * UNIT);
        pushed.expect("a purchase");
        let sent = self.world.trip_by_price(0);
        self.take("trip_by_price", sent);
        let mut called = self.world.call_deleverage(0);
        while called.is_err() {
            let then = self.world.markets.seconds() + 600;
            self.world.markets.go_to_second(then);
            called = self.world.call_deleverage(0);
        }
        self.take("call_deleverage", called);
        let then = self.world.markets.seconds() + CALL_NOTICE_SECONDS;
        self.world.markets.go_to_second(then);
        let sent = self.world.deleverage_pro_rata(&[(&owner, 1)]);
        self.take("deleverage_pro_rata (1, a part)", sent);
        let lender = self.world.lender();
        self.world.withdraw(&lender, 1).expect("a withdrawal");
        let sent = self.world.trip_by_utilisation();
        self.take("trip_by_utilisation", sent);
    }
}
