//! Every kind of order, on both sides, at once and after a trigger, through whatever may become of it: what
//! its owner has in the end, to the unit.

use client::instructions::{orders::*, with_fallback};
use market_core::pool::Order;
use markets::error::MarketError;
use math::{Money, Shares};
use orders::error::OrderError;
use solana_keypair::Keypair;
use testbed::{thousandths, DeskWorld, ExpectError, Expected, MarketsOptions, Trader, PURSE, TIP};

use crate::support::Spoiling;

const SETS: u64 = 100_000_000;
const SLICE: u64 = 2_000_000;
const SLICES: u32 = 4;
const TOTAL: u64 = SLICE * SLICES as u64;
const MINUTE_SLOTS: u64 = 150;
const WINDOW: u32 = 25;

/// How an order is cut up, and whether it waits for a trigger.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Iceberg,
    Twap,
    Gradual,
    Triggered,
}

const ALL: [(Kind, OrderSide); 8] = [
    (Kind::Iceberg, OrderSide::Buy),
    (Kind::Iceberg, OrderSide::Sell),
    (Kind::Twap, OrderSide::Buy),
    (Kind::Twap, OrderSide::Sell),
    (Kind::Gradual, OrderSide::Buy),
    (Kind::Gradual, OrderSide::Sell),
    (Kind::Triggered, OrderSide::Buy),
    (Kind::Triggered, OrderSide::Sell),
];

/// An owner with complete sets, and what the fills of his order came to by the market's own quotes.
struct Scene {
    world: DeskWorld,
    owner: Trader,
    terms: OrderTerms,
    lamports: u64,
    filled: u64,
    got: u64,
    tips: u64,
}

impl Scene {
    fn new(kind: Kind, side: OrderSide) -> Self {
        Self::with(DeskWorld::start(), kind, side, |_| {})
    }

    fn with(
        mut world: DeskWorld,
        kind: Kind,
        side: OrderSide,
        change: impl FnOnce(&mut OrderTerms),
    ) -> Self {
        let owner = world.trader();
        let market = world.market;
        world.markets.split(&owner, market, SETS).expect("sets");
        let lamports = world.lamports(owner.address());
        let mut terms = terms(&world, kind, side);
        change(&mut terms);
        world.place(&owner, 1, terms).expect("an order");
        let mut scene = Self {
            world,
            owner,
            terms,
            lamports,
            filled: 0,
            got: 0,
            tips: 0,
        };
        if terms.trigger.is_some() {
            scene.fire();
        }
        scene
    }

    /// The spot price is beyond from the start.
    fn fire(&mut self) {
        self.world
            .fill(&self.owner, 1)
            .expect_refusal(OrderError::NotTriggered);
        self.world.watch(&self.owner, 1).expect("armed");
        self.world.pass(WINDOW.into());
        self.world.watch(&self.owner, 1).expect("fired");
        self.tips += 1;
    }

    fn fill(&mut self) {
        let order = match self.terms.side {
            OrderSide::Buy => Order::Stake(Money(SLICE)),
            OrderSide::Sell => Order::Sell(Shares(SLICE)),
        };
        let quote = self.world.markets.quote(self.world.market, 0, order);
        let fill = quote.expect("a quote").fill;
        let before = self.world.keeper_lamports();
        self.world.fill(&self.owner, 1).expect("a fill");
        assert_eq!(self.world.keeper_lamports(), before + TIP);
        self.filled += SLICE;
        self.got += match self.terms.side {
            OrderSide::Buy => fill.shares.0,
            OrderSide::Sell => fill.amount.0,
        };
        self.tips += 1;
    }

    /// A crank that the program refuses, which changes nothing and pays nobody.
    #[track_caller]
    fn nothing_is_filled(&mut self, error: impl Expected) {
        let before = (
            format!("{:?}", self.world.order(&self.owner, 1)),
            format!("{:?}", self.world.state()),
            self.world.keeper_lamports(),
        );
        self.world.fill(&self.owner, 1).expect_refusal(error);
        let after = (
            format!("{:?}", self.world.order(&self.owner, 1)),
            format!("{:?}", self.world.state()),
            self.world.keeper_lamports(),
        );
        assert_eq!(before, after);
    }

    /// Money and shares of the first outcome that the owner has while the market is not settled.
    fn owned(&self) -> (u64, u64) {
        match self.terms.side {
            OrderSide::Buy => (PURSE - SETS - self.filled, SETS + self.got),
            OrderSide::Sell => (PURSE - SETS + self.got, SETS - self.filled),
        }
    }

    #[track_caller]
    fn has_all_back(&self) {
        let markets = &self.world.markets;
        let held = markets
            .position(self.world.market, &self.owner)
            .holdings
            .shares;
        let (money, shares) = self.owned();
        assert_eq!(
            (markets.balance(self.owner.tokens), held[0]),
            (money, shares)
        );
        assert_eq!(
            self.world.lamports(self.owner.address()),
            self.lamports - self.tips * TIP,
            "rent and tips that nobody earned"
        );
        assert!(self.world.find_order(&self.owner, 1).is_none());
    }
}

fn terms(world: &DeskWorld, kind: Kind, side: OrderSide) -> OrderTerms {
    let (limit, limit_to) = match side {
        OrderSide::Buy => (thousandths(540), thousandths(560)),
        OrderSide::Sell => (thousandths(460), thousandths(440)),
    };
    let plan = match kind {
        Kind::Iceberg | Kind::Triggered => OrderPlan::Iceberg {
            shown: SLICE,
            interval_seconds: 60,
            limit,
        },
        Kind::Twap => OrderPlan::Twap {
            slices: SLICES,
            limit,
        },
        Kind::Gradual => OrderPlan::Gradual {
            slices: SLICES,
            limit_from: limit,
            limit_to,
        },
    };
    // Where the price is already: worse for the owner than its stop.
    let stop = match side {
        OrderSide::Buy => 400,
        OrderSide::Sell => 600,
    };
    let trigger = TriggerTerms {
        stop: Some(thousandths(stop)),
        take: None,
        trail: None,
        window_slots: WINDOW,
    };
    OrderTerms {
        plan,
        total: TOTAL,
        expires_at: world.markets.seconds() + 4 * 60,
        trigger: matches!(kind, Kind::Triggered).then_some(trigger),
        ..world.iceberg(side, TOTAL, 500)
    }
}

#[test]
fn filled_whole_in_part_or_not_at_all_everything_comes_back() {
    for (kind, side) in ALL {
        for slices in [0, 2, SLICES] {
            let mut scene = Scene::new(kind, side);
            for slice in 0..slices {
                scene.fill();
                if slice + 1 < SLICES {
                    scene.nothing_is_filled(OrderError::NotDue);
                } else {
                    scene.nothing_is_filled(OrderError::NothingLeft);
                }
                scene
                    .world
                    .pass(if slice + 1 < slices { MINUTE_SLOTS } else { 0 });
            }
            scene.world.take_back(&scene.owner, 1).expect("a return");
            scene.has_all_back();
        }
    }
}

#[test]
fn limit_and_expiry_bind_every_kind() {
    for (kind, side) in ALL {
        let mut scene = Scene::with(DeskWorld::start(), kind, side, |terms| {
            let half = thousandths(500);
            match &mut terms.plan {
                OrderPlan::Iceberg { limit, .. } | OrderPlan::Twap { limit, .. } => *limit = half,
                OrderPlan::Gradual {
                    limit_from,
                    limit_to,
                    ..
                } => (*limit_from, *limit_to) = (half, half),
            }
        });
        // A share costs more than one half with its fee, and returns less.
        scene.nothing_is_filled(MarketError::SlippageExceeded);
        scene
            .world
            .give_back(&scene.owner, 1)
            .expect_refusal(OrderError::StillFillable);
        scene.world.markets.go_to_second(scene.terms.expires_at + 1);
        scene.nothing_is_filled(OrderError::Expired);
        scene.world.give_back(&scene.owner, 1).expect("a return");
        scene.tips += 1;
        scene.has_all_back();
    }
}

#[test]
fn pause_and_proposal_keep_nothing_of_any_kind() {
    for (kind, side) in ALL {
        let mut scene = Scene::new(kind, side);
        scene.fill();
        scene.world.pass(MINUTE_SLOTS);
        scene.world.markets.pause().expect("a pause");
        match side {
            OrderSide::Buy => scene.nothing_is_filled(MarketError::Paused),
            OrderSide::Sell => scene.fill(),
        }
        scene.world.take_back(&scene.owner, 1).expect("a return");
        scene.has_all_back();

        let mut scene = Scene::new(kind, side);
        scene.fill();
        let (creator, market) = (scene.world.markets.creator(), scene.world.market);
        scene
            .world
            .markets
            .propose(&creator, market, 0)
            .expect("a proposal");
        scene.nothing_is_filled(match scene.world.order(&scene.owner, 1).next_at {
            next if next > scene.world.markets.seconds() => OrderError::NotDue,
            _ => OrderError::TradingOver,
        });
        scene.world.give_back(&scene.owner, 1).expect("a return");
        scene.tips += 1;
        scene.has_all_back();
    }
}

/// What becomes of a market for good.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ending {
    Won,
    Lost,
    Void,
    Closed,
}

#[test]
fn every_kind_is_paid_by_the_result_exactly() {
    use Ending::{Closed, Lost, Void, Won};
    for (kind, side) in ALL {
        for ending in [Won, Lost, Void, Closed] {
            let mut scene = Scene::new(kind, side);
            scene.fill();
            let market = scene.world.market;
            let markets = &mut scene.world.markets;
            match ending {
                Won | Closed => markets.resolve(market, 0),
                Lost => markets.resolve(market, 1),
                Void => {
                    let until = markets.state(market).proposal_until;
                    markets.go_to_second(until);
                    markets.void(market).expect("a void");
                }
            }
            let payout = markets.state(market).settlement.payouts[0];
            scene.world.settle().expect("a settlement");
            let of_own = SETS - if side == OrderSide::Sell { TOTAL } else { 0 };
            if ending == Closed {
                let markets = &mut scene.world.markets;
                markets.resolve_all(market, &[&scene.owner]);
                assert_eq!(scene.world.lamports(market), 0);
            }
            scene.world.give_back(&scene.owner, 1).expect("a return");
            let (money, shares) = match side {
                OrderSide::Buy => (TOTAL - scene.filled, scene.got),
                OrderSide::Sell => (scene.got, TOTAL - scene.filled),
            };
            let paid = (u128::from(shares) * u128::from(payout)) >> 63;
            let put_in = if side == OrderSide::Buy { TOTAL } else { 0 };
            let redeemed = if ending == Closed { of_own } else { 0 };
            let expected = PURSE - SETS - put_in + money + u64::try_from(paid).expect("money");
            assert_eq!(
                scene.world.markets.balance(scene.owner.tokens),
                expected + redeemed,
                "{kind:?} {side:?} {ending:?}"
            );
            scene.world.close().expect("a closing");
        }
    }
}

/// Whose associated token account takes no money is paid to another of his, by anybody; whose is closed,
/// to it once it is there again.
#[test]
fn owner_without_an_account_that_receives_is_paid_elsewhere() {
    for (kind, side) in [
        (Kind::Twap, OrderSide::Buy),
        (Kind::Iceberg, OrderSide::Sell),
    ] {
        for spoiling in Spoiling::ALL {
            let freezer = Keypair::new();
            let options = MarketsOptions {
                mint: spoiling.mint(&freezer),
                ..MarketsOptions::default()
            };
            let world = DeskWorld::start_on(&options, 2, |_| {});
            let mut scene = Scene::with(world, kind, side, |_| {});
            scene.fill();
            let other = scene.world.markets.token_account(scene.owner.address(), 0);
            let (mint, tokens, key) = (
                scene.world.markets.mint,
                scene.owner.tokens,
                scene.owner.key.insecure_clone(),
            );
            let chain = &mut scene.world.markets.world.chain;
            spoiling.spoil(chain, mint, tokens, &key, &freezer);
            scene.world.markets.go_to_second(scene.terms.expires_at + 1);
            let give = scene.world.build_return(&scene.owner, 1).instruction();
            let refused = scene.world.send(std::slice::from_ref(&give), &[]);
            assert!(refused.is_err(), "{spoiling:?}");
            let elsewhere = with_fallback(give, other);
            scene.world.send(&[elsewhere], &[]).expect("a return");
            let due = match side {
                OrderSide::Buy => TOTAL - SLICE,
                OrderSide::Sell => scene.got,
            };
            assert_eq!(scene.world.markets.balance(other), due);
        }
    }
    // Never there, as one that was closed: anybody opens it again.
    let mut world = DeskWorld::start();
    let key = world.markets.world.chain.new_actor().expect("an actor");
    let tokens = {
        use solana_signer::Signer;
        world.markets.token_account(key.pubkey(), PURSE)
    };
    let owner = Trader::new(key, tokens);
    let market = world.market;
    world.markets.open(&owner, market).expect("a position");
    let terms = terms(&world, Kind::Twap, OrderSide::Buy);
    world.place(&owner, 1, terms).expect("an order");
    world.markets.go_to_second(terms.expires_at + 1);
    let give = ReturnOrder {
        owner_tokens: world.tokens_of(&owner.address()),
        ..world.build_return(&owner, 1)
    };
    world
        .send(&[give.instruction()], &[])
        .expect_refusal(OrderError::WrongTokenAccount);
    let elsewhere = with_fallback(give.instruction(), tokens);
    world
        .send(&[elsewhere], &[])
        .expect_refusal(OrderError::WrongTokenAccount);
    let opened = world.markets.associated_account(owner.address(), 0);
    world.send(&[give.instruction()], &[]).expect("a return");
    assert_eq!(world.markets.balance(opened), TOTAL);
    assert_eq!(world.markets.balance(tokens), PURSE - TOTAL);
}
