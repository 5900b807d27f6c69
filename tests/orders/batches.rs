//! Batches of sealed orders: exact balances, and what each role can try.

use client::{
    addresses::markets::position,
    instructions::{orders::*, signed_by},
};
use math::Price;
use orders::{
    error::OrderError,
    state::{
        BatchStatus, SealedOrder, AVERAGE_SLOTS, BATCH_GRID_SECONDS, MIN_LEFT_SECONDS,
        REVEAL_SECONDS,
    },
};
use rand::{rngs::StdRng, Rng, SeedableRng};
use testbed::{
    BatchWorld, ExpectError, Sealed, Trader, DENOMINATION, DENOMINATION_POWER, PURSE, TIP,
};

use crate::support::with_account;

/// So many traders.
fn traders(world: &mut BatchWorld, count: usize) -> Vec<Trader> {
    (0..count).map(|_| world.desk.trader()).collect()
}

/// An order of each trader in turn: outcome and limit in thousandths.
fn sealed(world: &mut BatchWorld, orders: &[(u8, u64)]) -> (Vec<Trader>, Vec<Sealed>) {
    let owners = traders(world, orders.len());
    let pairs = owners.iter().zip(orders);
    let orders = pairs.map(|(owner, (outcome, limit))| {
        let terms = BatchWorld::terms(*outcome, *limit);
        world.seal(owner, 1, terms).expect("an order");
        Sealed::new(owner, 1, terms)
    });
    let orders = orders.collect();
    (owners, orders)
}

fn spent(world: &BatchWorld, owner: &Trader) -> u64 {
    PURSE - world.desk.markets.balance(owner.tokens)
}

fn shares(world: &BatchWorld, owner: &Trader) -> Vec<u64> {
    let markets = &world.desk.markets;
    markets
        .position(world.desk.market, owner)
        .holdings
        .shares
        .clone()
}

/// All orders are returned and everything is closed; what the treasury got.
fn end(mut world: BatchWorld, owners: &[Trader]) -> u64 {
    for owner in owners {
        world.give_back(owner, 1).expect("a return");
    }
    let seconds = world.desk.markets.seconds();
    let treasury = world.desk.markets.venue_state().treasury.at(seconds);
    let tokens = world.desk.tokens_of(&treasury);
    let before = world.desk.markets.balance(tokens);
    world.close().expect("a closing");
    let got = world.desk.markets.balance(tokens) - before;
    assert_eq!(world.desk.lamports(world.batch.address()), 0);
    assert_eq!(
        (world.desk.state().cash, world.desk.state().open_orders),
        (0, 0)
    );
    world.desk.close().expect("a closing");
    assert_eq!(world.desk.lamports(world.desk.desk), 0);
    got
}

#[test]
fn sides_cross_at_one_price_with_exact_balances() {
    let mut world = BatchWorld::start();
    let keeper = world.desk.keeper_lamports();
    let orders = [(0, 600), (1, 600), (0, 501), (1, 501), (0, 700)];
    let (owners, orders) = sealed(&mut world, &orders);
    let bond = world.order(&owners[0], 1).bond;
    // 0.6 φ(0) √(300 s / left) / 0.5, rounded up.
    let left = 6 * 3_600 - (world.batch.commit_until + 300 - opening(&world));
    let exact = 1.2 * 0.398_942_280_401_432_7 * (300.0 / left as f64).sqrt() * DENOMINATION as f64;
    assert_eq!(bond, exact.ceil() as u64);
    for owner in &owners {
        assert_eq!(spent(&world, owner), DENOMINATION + bond);
    }
    world.fix_price();
    let half = world.state().price;
    assert_eq!(half, 1 << 62);
    for order in &orders {
        world.reveal(*order).expect("revealed");
    }
    // All are revealed: nobody has to wait.
    world.cross().expect("a crossing");
    let state = world.state();
    assert_eq!(state.status, BatchStatus::Crossed);
    assert_eq!(state.claims[0].shares, 40_000_000);
    assert_eq!(state.claims[0].unspent, 10_000_000);
    assert_eq!(state.claims[1].unspent, 0);
    // Five paid for pricing and crossing, in three steps.
    let rest = 5 * TIP - 5 * TIP / 3;
    let steps = 5 * TIP / 3 + rest / 2 + (rest - rest / 2);
    assert_eq!(world.desk.keeper_lamports(), keeper + steps);

    let mut got = [0; 2];
    for owner in &owners {
        world.give_back(owner, 1).expect("a return");
        let held = shares(&world, owner);
        got[0] += held[0];
        got[1] += held[1];
    }
    assert_eq!(got, [40_000_000; 2]);
    assert_eq!(world.desk.keeper_lamports(), keeper + steps + 5 * TIP);
    let paid: Vec<_> = owners.iter().map(|owner| spent(&world, owner)).collect();
    // 20 of 30 units of the heavier side, all of the lighter one.
    assert_eq!(
        paid,
        [6_666_667, 10_000_000, 6_666_667, 10_000_000, 6_666_666]
    );
    assert_eq!(shares(&world, &owners[0]), [13_333_333, 0]);
    assert_eq!(shares(&world, &owners[4]), [13_333_334, 0]);
    assert_eq!(end(world, &[]), 0);
}

/// When the market opened.
fn opening(world: &BatchWorld) -> i64 {
    world.desk.markets.state(world.desk.market).hours.opens_at
}

#[test]
fn who_does_not_reveal_loses_the_bond_to_the_others_and_the_treasury() {
    let mut world = BatchWorld::start();
    let (owners, orders) = sealed(&mut world, &[(0, 600), (1, 600), (1, 600), (0, 400)]);
    let bond = world.order(&owners[0], 1).bond;
    world.fix_price();
    // The third does not reveal; the limit of the fourth is not met.
    for number in [0, 1, 3] {
        world.reveal(orders[number]).expect("revealed");
    }
    world.cross().expect_refusal(OrderError::StillRevealing);
    world.pass_revealing();
    let late = world.reveal(orders[2]);
    late.expect_refusal(OrderError::NotRevealing);
    world.cross().expect("a crossing");
    for owner in &owners {
        world.give_back(owner, 1).expect("a return");
    }
    let each = bond / 4;
    let paid: Vec<_> = owners.iter().map(|owner| spent(&world, owner)).collect();
    let crossed = DENOMINATION - each;
    assert_eq!(paid, [crossed, crossed, bond, 0]);
    assert_eq!(shares(&world, &owners[0]), [20_000_000, 0]);
    assert_eq!(shares(&world, &owners[2]), [0, 0]);
    assert_eq!(end(world, &[]), bond - 2 * each);
}

/// Who puts orders on both sides in, to reveal the one that turns out better, gets of the bonds of the other
/// one part in all orders: a third here, so two thirds of a bond are lost, which is what the option on one
/// honest order is worth.
#[test]
fn both_sides_of_one_owner_cost_what_the_choice_is_worth() {
    let mut world = BatchWorld::start();
    let (owners, orders) = sealed(&mut world, &[(0, 900), (0, 900), (1, 900)]);
    let bond = world.order(&owners[0], 1).bond;
    world.fix_price();
    for number in [0, 2] {
        world.reveal(orders[number]).expect("revealed");
    }
    world.pass_revealing();
    world.cross().expect("a crossing");
    for owner in &owners {
        world.give_back(owner, 1).expect("a return");
    }
    let [honest, other, chosen] = [0, 1, 2].map(|number| spent(&world, &owners[number]));
    assert_eq!(honest, DENOMINATION - bond / 3);
    assert_eq!(other + chosen, DENOMINATION + bond - bond / 3);
    end(world, &[]);
}

#[test]
fn nothing_tells_the_side_before_it_is_revealed() {
    let mut world = BatchWorld::start();
    let owner = world.desk.trader();
    let mut accounts = vec![];
    let mut data = vec![];
    for (nonce, outcome) in [(1, 0), (2, 1)] {
        let terms = BatchWorld::terms(outcome, 300 + 400 * u64::from(outcome));
        let before = spent(&world, &owner);
        data.push(world.build_seal(&owner, nonce, terms).instruction().data);
        world.seal(&owner, nonce, terms).expect("an order");
        let state: SealedOrder = world.order(&owner, nonce);
        assert_eq!(spent(&world, &owner) - before, DENOMINATION + state.bond);
        accounts.push(state);
    }
    assert_eq!(data[0].len(), data[1].len());
    // Behind the nonce there is the commitment only, and what is the same.
    assert_eq!(data[0][16 + 32..], data[1][16 + 32..]);
    let blind = |order: &SealedOrder| {
        (
            order.bond,
            order.tip_lamports,
            order.revealed,
            order.owner,
            order.batch,
        )
    };
    assert_eq!(blind(&accounts[0]), blind(&accounts[1]));
    assert_ne!(accounts[0].commitment, accounts[1].commitment);
}

#[test]
fn owner_takes_an_order_back_before_the_end_only() {
    let mut world = BatchWorld::start();
    let (owners, orders) = sealed(&mut world, &[(0, 600), (1, 600)]);
    let stranger = world.give_back(&owners[0], 1);
    stranger.expect_refusal(OrderError::BatchNotDone);
    let lamports = world.desk.lamports(owners[0].address());
    world.take_back(&owners[0], 1).expect("a return");
    assert_eq!(spent(&world, &owners[0]), 0);
    let rent = world.desk.markets.chain().rent(8 + SealedOrder::SPACE);
    assert_eq!(
        world.desk.lamports(owners[0].address()),
        lamports + rent + TIP
    );
    assert_eq!(world.state().committed, 1);

    world.fix_price();
    let late = world.take_back(&owners[1], 1);
    late.expect_refusal(OrderError::BatchNotDone);
    let gone = world.reveal(orders[0]);
    assert!(gone.is_err());
    world.reveal(orders[1]).expect("revealed");
    world.cross().expect("a crossing");
    assert_eq!(world.state().claims[1].unspent, DENOMINATION);
    assert_eq!(end(world, &owners[1..]), 0);
}

#[test]
fn batch_without_a_price_in_time_gives_everything_back() {
    let mut world = BatchWorld::start();
    let (owners, _) = sealed(&mut world, &[(0, 600), (1, 600)]);
    world.price().expect_refusal(OrderError::NotPricing);
    let until = world.batch.commit_until;
    world.desk.markets.go_to_second(until - 1);
    world.price().expect_refusal(OrderError::NotPricing);
    world.desk.markets.go_to_second(until);
    let late = world.desk.trader();
    let sealed = world.seal(&late, 1, BatchWorld::terms(0, 600));
    sealed.expect_refusal(OrderError::CommitmentsOver);
    world.price().expect("a first reading");
    world.desk.pass(AVERAGE_SLOTS - 1);
    world.price().expect_refusal(OrderError::AverageTooShort);
    world.desk.markets.go_to_second(until + 120);
    world.cross().expect_refusal(OrderError::StillRevealing);
    world.desk.markets.go_to_second(until + 121);
    world.price().expect_refusal(OrderError::NotPricing);
    world.cross().expect("void");
    assert_eq!(world.state().status, BatchStatus::Void);
    world.cross().expect_refusal(OrderError::BatchDone);
    for owner in &owners {
        world.give_back(owner, 1).expect("a return");
        assert_eq!(spent(&world, owner), 0);
    }
    assert_eq!(end(world, &[]), 0);
}

#[test]
fn batch_of_which_nobody_reveals_gives_everything_back() {
    let mut world = BatchWorld::start();
    let (owners, _) = sealed(&mut world, &[(0, 600), (1, 600)]);
    world.fix_price();
    world.pass_revealing();
    world.cross().expect("void");
    assert_eq!(world.state().status, BatchStatus::Void);
    for owner in &owners {
        world.give_back(owner, 1).expect("a return");
        assert_eq!(spent(&world, owner), 0);
    }
    assert_eq!(end(world, &[]), 0);
}

#[test]
fn pause_while_the_price_is_averaged_makes_the_batch_void() {
    let mut world = BatchWorld::start();
    let (owners, _) = sealed(&mut world, &[(0, 600), (1, 600)]);
    let until = world.batch.commit_until;
    world.desk.markets.go_to_second(until);
    world.price().expect("a first reading");
    world.desk.markets.pause().expect("a pause");
    world.price().expect_refusal(OrderError::VenuePaused);
    world.desk.markets.go_to_second(until + 121);
    world.cross().expect("void");
    for owner in &owners {
        world.give_back(owner, 1).expect("a return");
        assert_eq!(spent(&world, owner), 0);
    }
}

#[test]
fn market_that_ends_before_the_crossing_makes_the_batch_void() {
    let mut world = BatchWorld::start();
    let (owners, orders) = sealed(&mut world, &[(0, 600), (1, 600)]);
    world.fix_price();
    world.reveal(orders[0]).expect("revealed");
    // Nobody crosses until the market is over; then the second has lost nothing either.
    let market = world.desk.market;
    let locks_at = world.desk.markets.state(market).hours.locks_at;
    world.desk.markets.go_to_second(locks_at);
    world.cross().expect("void");
    assert_eq!(world.state().status, BatchStatus::Void);
    world.desk.markets.resolve(market, 0);
    world.desk.settle().expect("settled");
    for owner in &owners {
        world.give_back(owner, 1).expect("a return");
        assert_eq!(spent(&world, owner), 0);
    }
    assert_eq!(end(world, &[]), 0);
}

#[test]
fn shares_that_are_not_fetched_before_the_settlement_are_paid() {
    let mut world = BatchWorld::start();
    let (owners, orders) = sealed(&mut world, &[(0, 600), (1, 600)]);
    world.fix_price();
    for order in &orders {
        world.reveal(*order).expect("revealed");
    }
    world.cross().expect("a crossing");
    let market = world.desk.market;
    let locks_at = world.desk.markets.state(market).hours.locks_at;
    world.desk.markets.go_to_second(locks_at);
    world.desk.markets.resolve(market, 1);
    let early = world.give_back(&owners[0], 1);
    early.expect_refusal(OrderError::DeskNotSettled);
    world.desk.settle().expect("settled");
    for owner in &owners {
        world.give_back(owner, 1).expect("a return");
    }
    assert_eq!(spent(&world, &owners[0]), DENOMINATION);
    // Twenty million shares for ten million.
    let balance = world.desk.markets.balance(owners[1].tokens);
    assert_eq!(balance, PURSE + DENOMINATION);
    assert_eq!(end(world, &[]), 0);
}

#[test]
fn paused_venue_puts_a_crossing_off_for_a_day_at_most() {
    let mut world = BatchWorld::start();
    let (owners, orders) = sealed(&mut world, &[(0, 600), (1, 600)]);
    world.fix_price();
    for order in &orders {
        world.reveal(*order).expect("revealed");
    }
    world.desk.markets.pause().expect("a pause");
    world.cross().expect_refusal(OrderError::VenuePaused);
    let market = world.desk.market;
    let locks_at = world.desk.markets.state(market).hours.locks_at;
    world.desk.markets.go_to_second(locks_at);
    world.cross().expect("void");
    for owner in &owners {
        world.give_back(owner, 1).expect("a return");
        assert_eq!(spent(&world, owner), 0);
    }
}

#[test]
fn terms_reveal_one_order_once() {
    let mut world = BatchWorld::start();
    let owners = traders(&mut world, 2);
    let terms = BatchWorld::terms(0, 600);
    world.seal(&owners[0], 1, terms).expect("an order");
    let order = Sealed::new(&owners[0], 1, terms);
    // A copy of the commitment, without knowing what is in it.
    let mut copy = world.build_seal(&owners[1], 1, terms).instruction();
    let original = world.order(&owners[0], 1).commitment;
    copy.data[16..48].copy_from_slice(&original);
    let batch = world.batch;
    world.desk.sealed.push((batch, owners[1].address(), 1));
    world
        .desk
        .send(&[copy], &[&owners[1].key])
        .expect("an order");
    world.reveal(order).expect_refusal(OrderError::NotRevealing);
    world.fix_price();
    let copied = Sealed {
        owner: owners[1].address(),
        ..order
    };
    world.reveal(copied).expect_refusal(OrderError::WrongTerms);
    let mut other = order;
    other.terms.outcome = 1;
    world.reveal(other).expect_refusal(OrderError::WrongTerms);
    world.reveal(order).expect("revealed");
    world
        .reveal(order)
        .expect_refusal(OrderError::AlreadyRevealed);
}

#[test]
fn outcome_that_does_not_exist_is_not_revealed() {
    let mut world = BatchWorld::start();
    let (_, orders) = sealed(&mut world, &[(2, 100), (7, 900)]);
    world.fix_price();
    for order in orders {
        world
            .reveal(order)
            .expect_refusal(OrderError::OutcomeOutOfRange);
    }
}

#[test]
fn batches_are_refused_out_of_their_times_and_sizes() {
    let mut world = BatchWorld::start();
    let opener = world.desk.opener.key.insecure_clone();
    let now = world.desk.markets.seconds();
    let good = BatchWorld::next_batch(&world.desk);
    let mut refuse = |batch: BatchKey, error: OrderError| {
        let payer = world.desk.opener.address();
        let open = OpenBatch { payer, batch }.instruction();
        world.desk.send(&[open], &[&opener]).expect_refusal(error);
    };
    for commit_until in [
        good.commit_until - 1,
        good.commit_until - 2 * BATCH_GRID_SECONDS,
        good.commit_until + 2 * BATCH_GRID_SECONDS,
        i64::MAX / 900 * 900,
        i64::MIN / 900 * 900,
    ] {
        let batch = BatchKey {
            commit_until,
            ..good
        };
        refuse(batch, OrderError::BatchTimesOutOfRange);
    }
    for denomination_power in [0, 2, 19, 255] {
        let batch = BatchKey {
            denomination_power,
            ..good
        };
        refuse(batch, OrderError::DenominationOutOfRange);
    }
    // The last that leaves four hours of trading is an hour and more from the end.
    let locks_at = opening(&world) + 6 * 3_600;
    world
        .desk
        .markets
        .go_to_second(locks_at - MIN_LEFT_SECONDS - REVEAL_SECONDS - 120);
    let late = BatchWorld::next_batch(&world.desk);
    assert!(late.commit_until > now);
    let payer = world.desk.opener.address();
    let open = OpenBatch { payer, batch: late }.instruction();
    world
        .desk
        .send(&[open], &[&opener])
        .expect_refusal(OrderError::BatchTooLate);
}

#[test]
fn bond_is_bounded_by_its_owner_and_by_what_it_has_to_cover() {
    let mut world = BatchWorld::start();
    let owner = world.desk.trader();
    let mut seal = world.build_seal(&owner, 1, BatchWorld::terms(0, 600));
    seal.max_bond = 1;
    world
        .desk
        .send(&[seal.instruction()], &[&owner.key])
        .expect_refusal(OrderError::BondAboveBound);
    // Whoever pushes the price pays by it, whatever the average says.
    let (market, pusher) = (world.desk.market, world.desk.trader());
    world
        .seal(&owner, 2, BatchWorld::terms(0, 600))
        .expect("an order");
    let bond = world.order(&owner, 2).bond;
    let push = world.desk.markets.buy(&pusher, market, 0, 800_000_000);
    push.expect("a purchase");
    world
        .seal(&owner, 3, BatchWorld::terms(0, 600))
        .expect("an order");
    assert!(world.order(&owner, 3).bond > bond * 4 / 3);
    // At a price of some 3 % the option is worth more than a tenth of the escrow.
    let whale = world.desk.trader();
    world
        .desk
        .markets
        .buy(&whale, market, 0, 3_500_000_000)
        .expect("a purchase");
    for _ in 0..3 {
        world.desk.pass(AVERAGE_SLOTS);
        world.desk.observe().expect("a reading");
    }
    let sealed = world.seal(&owner, 1, BatchWorld::terms(0, 600));
    sealed.expect_refusal(OrderError::BondTooGreat);
}

/// Nobody has read the prices for more than an hour, so the average is still near a half, and whoever seals
/// pushes the price back there for one transaction.
#[test]
fn old_average_and_a_push_buy_no_cheap_bond() {
    let mut world = BatchWorld::start();
    let (market, whale, pusher) = (world.desk.market, world.desk.trader(), world.desk.trader());
    let chance = |world: &BatchWorld| {
        world
            .desk
            .markets
            .state(market)
            .pool
            .prices()
            .expect("prices")[0]
    };
    let now = world.desk.markets.seconds();
    world.desk.markets.go_to_second(now + 3_600);
    let rise = world.desk.markets.buy(&whale, market, 0, 3_500_000_000);
    rise.expect("a purchase");
    assert!(chance(&world).0 > Price::ONE.0 / 100 * 95);
    world.desk.markets.go_to_second(now + 4_800);
    let batch = BatchWorld::next_batch(&world.desk);
    let (payer, opener) = (
        world.desk.opener.address(),
        world.desk.opener.key.insecure_clone(),
    );
    let open = OpenBatch { payer, batch }.instruction();
    world.desk.batches.push(batch);
    world.desk.send(&[open], &[&opener]).expect("a batch");
    world.batch = batch;

    let push = world.desk.markets.buy(&pusher, market, 1, 650_000_000);
    push.expect("a purchase");
    let pushed = chance(&world).0;
    assert!((Price::ONE.0 / 100 * 45..Price::ONE.0 / 100 * 55).contains(&pushed));
    world
        .seal(&pusher, 1, BatchWorld::terms(1, 900))
        .expect("an order");
    let left = opening(&world) + 6 * 3_600 - (batch.commit_until + REVEAL_SECONDS);
    let at_half = 1.2 * 0.398_942_280_401_432_7 * (300.0 / left as f64).sqrt();
    let bond = world.order(&pusher, 1).bond as f64 / DENOMINATION as f64;
    assert!(bond > 1.5 * at_half, "{bond} for {at_half}");
}

#[test]
fn accounts_of_others_are_refused() {
    let mut world = BatchWorld::start();
    let mut other = BatchWorld::start();
    let (owners, _) = sealed(&mut world, &[(0, 600), (1, 600)]);
    let (_, _) = sealed(&mut other, &[(0, 600)]);
    let stranger = world.desk.trader();
    let other_market = {
        let args = world.desk.markets.terms(2);
        world.desk.markets.market(args)
    };
    let refused = |result: Result<testbed::Receipt, testbed::SendError>| assert!(result.is_err());
    // Not the owner's signature, position, order or rent.
    let take = world.build_return(&owners[0], 1).instruction();
    refused(world.desk.send(std::slice::from_ref(&take), &[]));
    let forged = signed_by(take, &stranger.address());
    refused(world.desk.send(&[forged], &[&stranger.key]));
    world.fix_price();
    for instruction in [
        world.build_price().instruction(),
        world.build_cross().instruction(),
    ] {
        refused(world.desk.send(
            &[with_account(instruction, world.desk.market, other_market)],
            &[],
        ));
    }
    world.pass_revealing();
    world.cross().expect("void");
    let give = world.build_return(&owners[0], 1);
    let robbed = ReturnSealedOrder {
        owner_tokens: stranger.tokens,
        ..give
    };
    refused(world.desk.send(&[robbed.instruction()], &[]));
    let rent = ReturnSealedOrder {
        rent_payer: stranger.address(),
        ..give
    };
    let result = world.desk.send(&[rent.instruction()], &[]);
    result.expect_refusal(OrderError::WrongRentReceiver);
    let twice = [give.instruction(), give.instruction()];
    refused(world.desk.send(&twice, &[]));
    world.close().expect_refusal(OrderError::BatchInUse);
    world.give_back(&owners[0], 1).expect("a return");
    refused(world.give_back(&owners[0], 1));
    world.give_back(&owners[1], 1).expect("a return");
    let seconds = world.desk.markets.seconds();
    let close = CloseBatch {
        batch: world.batch,
        rent_payer: stranger.address(),
        venue: world.desk.markets.venue,
        treasury: world.desk.markets.venue_state().treasury.at(seconds),
        mint: world.desk.markets.mint.address,
        token_program: world.desk.markets.token_program(),
    };
    let result = world.desk.send(&[close.instruction()], &[]);
    result.expect_refusal(OrderError::WrongRentReceiver);
    assert_eq!(end(world, &[]), 0);
}

/// The markets' program lets anybody pay for anybody's shares: only the desk's own position may get those of
/// a batch.
#[test]
fn crossing_into_a_strangers_position_is_refused() {
    let mut world = BatchWorld::start();
    let (owners, orders) = sealed(&mut world, &[(0, 600), (1, 600)]);
    let thief = world.desk.trader();
    world.fix_price();
    for order in &orders {
        world.reveal(*order).expect("revealed");
    }
    let market = world.desk.market;
    let [own, stolen] = [world.desk.desk, thief.address()].map(|owner| position(&market, &owner));
    let cross = with_account(world.build_cross().instruction(), own, stolen);
    world
        .desk
        .send(&[cross], &[])
        .expect_refusal(OrderError::WrongAccount);
    assert_eq!(shares(&world, &thief), [0, 0]);
    world.cross().expect("a crossing");
    for (owner, held) in owners.iter().zip([[20_000_000, 0], [0, 20_000_000]]) {
        world.give_back(owner, 1).expect("a return");
        assert_eq!(shares(&world, owner), held);
    }
    assert_eq!(end(world, &[]), 0);
}

/// Random owners, sides, limits, prices and omissions: after each step the books balance, and in the end
/// nothing is left.
#[test]
fn random_batches_leave_nothing() {
    for seed in 0..6 {
        let mut random = StdRng::seed_from_u64(seed);
        let mut below = |bound: u32| random.gen_range(0..bound);
        let mut world = BatchWorld::start();
        let whale = world.desk.trader();
        let market = world.desk.market;
        let mut owners = vec![];
        let mut orders = vec![];
        for _ in 0..1 + below(9) {
            let owner = world.desk.trader();
            let terms = BatchWorld::terms(u8::from(below(2) == 0), u64::from(350 + below(400)));
            world.seal(&owner, 1, terms).expect("an order");
            let order = Sealed::new(&owner, 1, terms);
            if below(6) == 0 {
                world.take_back(&owner, 1).expect("a return");
            } else {
                owners.push(owner);
                orders.push(order);
            }
        }
        let stake = u64::from(1 + below(300_000_000));
        let outcome = u8::from(below(2) == 0);
        world
            .desk
            .markets
            .buy(&whale, market, outcome, stake)
            .expect("a purchase");
        world.fix_price();
        for order in &orders {
            if below(5) > 0 {
                world.reveal(*order).expect("revealed");
            }
        }
        world.pass_revealing();
        world.cross().expect("done");
        let bonds: u64 = owners.iter().map(|owner| world.order(owner, 1).bond).sum();
        let sets = world.state().claims[0]
            .shares
            .max(world.state().claims[1].shares);
        let (mut money, mut gained, mut bought) = (0, 0, [0; 2]);
        let treasury = {
            for owner in &owners {
                world.give_back(owner, 1).expect("a return");
                let held = shares(&world, owner);
                assert!(held[0] == 0 || held[1] == 0);
                bought[0] += held[0];
                bought[1] += held[1];
                money += PURSE - world.desk.markets.balance(owner.tokens).min(PURSE);
                gained += world
                    .desk
                    .markets
                    .balance(owner.tokens)
                    .saturating_sub(PURSE);
            }
            end(world, &[])
        };
        assert_eq!(bought, [sets; 2], "seed {seed}");
        assert_eq!(money, sets + treasury + gained, "seed {seed}");
        assert!(gained <= bonds, "seed {seed}");
    }
    assert_eq!(DENOMINATION, 10u64.pow(DENOMINATION_POWER.into()));
}
