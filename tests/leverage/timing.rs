//! What lenders, owners and the admin take from each other by when they come, leave and look, or keep each other from.

use client::instructions::{
    leverage::*,
    oracle::{AcceptAdmin, ProposeAdmin},
};
use leverage::error::LoanError;
use leverage::instructions::MIN_FEE_RATE;
use market_core::Money;
use markets::error::MarketError;
use solana_keypair::Keypair;
use solana_signer::Signer;
use solana_system_interface::instruction::{advance_nonce_account, create_nonce_account};
use testbed::{ExpectError, KeySource, LeverageWorld, Trader, LENT, UNIT};

use super::{
    budgets::{borrow, list_another, listed},
    common::{cheap_world, held, money, pass, sale},
    roles::{around, equity, owing, pool_of, sell_own_loan},
};

const DAY: i64 = 24 * 60 * 60;

/// What a lender's deposit is worth if all that is lent comes back, base units.
fn worth(world: &LeverageWorld, lender: &Trader) -> u64 {
    let shares = world.deposit_state(lender, 1).shares;
    let supply = world.pool_state().book.supply;
    let worth = u128::from(equity(world)) * u128::from(shares) / u128::from(supply);
    u64::try_from(worth).expect("an amount")
}

/// What the shares that an amount buys would be due at once.
fn due_now(world: &LeverageWorld, amount: u64) -> u64 {
    let (_, _, due) = world
        .pool_state()
        .after_deposit(Money(amount))
        .expect("shares");
    due.0
}

/// A lender of 400 and one of 40,000 are the same; his accomplice borrows a hundredth in each of so many markets, the
/// greater lender leaves, somebody deposits 400, and the loans are sold at an end. Returns what the newcomer loses, and
/// what the attackers gain; nothing if his bound sends his money back.
fn newcomer(groups: u64, markets: u64, bound_percent: u64) -> Option<(i64, i64)> {
    let small = 400 * UNIT;
    let (mut world, listings) = listed(pool_of(small), groups, markets);
    let attacker = world.markets.trader(LENT);
    for accounts in &listings {
        let opened = world.markets.open(&attacker, accounts.market);
        opened.expect("a position");
    }
    let deposit = world.deposit(&attacker, 1, 100 * small);
    deposit.expect("a deposit");
    let mut lent_on = vec![];
    for accounts in &listings {
        world.listing = *accounts;
        if borrow(&mut world, &attacker, 0, 390) {
            lent_on.push(*accounts);
        }
    }
    let shares = world.deposit_state(&attacker, 1).shares;
    let asked = world.request_withdraw(&attacker, 1, shares);
    asked.expect("a request");
    let available = world.withdrawal_state(&attacker, 1).available_at;
    pass(&mut world, 150);
    let victim = world.markets.trader(LENT);
    let request = RequestDeposit {
        min_due: due_now(&world, small) / 100 * bound_percent,
        ..world.build_deposit(&victim, 1, small)
    };
    world.remember_deposit(&victim, 1);
    let asked = world.send(&[request.instruction()], &[&victim.key]);
    asked.expect("a request");
    world.markets.go_to_second(available + 60);
    let left = world.execute_withdraw(&attacker, 1);
    left.expect("a withdrawal");
    let executed = world.execute_deposit(&victim, 1);
    executed.expect("an end of the deposit");
    world.find_deposit(&victim, 1)?;
    for accounts in lent_on {
        world.listing = accounts;
        sell_own_loan(&mut world, &attacker, 0);
    }
    let lender = world.lender();
    let gained = money(&world, &attacker) - LENT as i64;
    let gained = gained + worth(&world, &lender) as i64 - small as i64;
    Some((small as i64 - worth(&world, &victim) as i64, gained))
}

/// A newcomer who sets no bound bears loans that were made against the money of who has left: a third of his money by the
/// hundredth of one market, four fifths by those of twelve. One on what his shares are due at once sends it back.
#[test]
fn newcomer_bears_loans_against_money_that_has_left() {
    for (groups, markets, least) in [(1, 1, 130), (4, 3, 325)] {
        let (lost, gained) = newcomer(groups, markets, 0).expect("a deposit");
        println!("{groups} groups of {markets}: {lost} of 400 lost, {gained} gained");
        assert!(lost > least * UNIT as i64 && gained > 100 * UNIT as i64);
        assert_eq!(newcomer(groups, markets, 99), None);
    }
}

/// Whose bound is a hundredth below what he has now, as `strobe pool withdraw` asks, is kept in the pool by three loans
/// that stand for the hour of his withdrawal, again and again.
#[test]
fn bound_of_a_withdrawal_keeps_its_lender_in_for_the_fees_of_three_loans() {
    let each = 20_000 * UNIT;
    let (mut world, listings) = listed(pool_of(each), 1, 3);
    let (victim, attacker) = (world.markets.trader(LENT), world.markets.trader(LENT));
    world.deposit(&victim, 1, each).expect("a deposit");
    for accounts in &listings {
        let opened = world.markets.open(&attacker, accounts.market);
        opened.expect("a position");
    }
    for nonce in 0..2 {
        let shares = world.deposit_state(&victim, 1).shares;
        let mut request = world.build_withdraw(&victim, 1, shares);
        request.min_amount = each * 99 / 100;
        let asked = world.send(&[request.instruction()], &[&victim.key]);
        asked.expect("a request");
        let withdrawal = world.withdrawal_state(&victim, 1);
        world.markets.go_to_second(withdrawal.available_at - 120);
        let before = money(&world, &attacker);
        for accounts in &listings {
            world.listing = *accounts;
            let opened = world.open(&attacker, nonce, 0, 300 * UNIT, 190 * UNIT);
            opened.expect("a loan");
        }
        for second in [withdrawal.available_at, withdrawal.available_until] {
            world.markets.go_to_second(second);
            let paid = world.execute_withdraw(&victim, 1);
            paid.expect_refusal(LoanError::AmountBelowMinimum);
        }
        for accounts in &listings {
            world.listing = *accounts;
            world.close(&attacker, nonce).expect("an end");
            world.claim(&attacker, nonce).expect("a payment");
        }
        let cost = before - money(&world, &attacker);
        println!("{cost} for a lender of {each}");
        assert!(cost < 3 * UNIT as i64);
        let over = withdrawal.available_until + 1;
        world.markets.go_to_second(over);
        let back = world.cancel_withdraw(&victim, 1);
        back.expect("a return");
    }
}

/// The admin makes the notice as long as it may be, in which generations of markets each cost their hundredth: more than one
/// market may, to a lender who has asked to leave.
#[test]
fn longest_notice_holds_lenders_through_generations_of_losses() {
    let mut world = pool_of(40_000 * UNIT);
    let (admin, lender) = (world.admin(), world.lender());
    let terms = PoolTerms {
        notice_seconds: *PoolTerms::NOTICE_SECONDS.end(),
        ..LeverageWorld::pool_terms()
    };
    let set = world.govern_pool(&admin).set_terms(terms);
    world.send(&[set], &[&admin]).expect("a change");
    let from = world.pool_state().terms.active_from;
    world.markets.go_to_second(from);
    let shares = world.deposit_state(&lender, 1).shares / 2;
    let asked = world.request_withdraw(&lender, 1, shares);
    asked.expect("a request");
    let available = world.withdrawal_state(&lender, 1).available_at;
    assert_eq!(available, from + 7 * DAY);
    let attacker = world.markets.trader(LENT);
    let before = equity(&world);
    while world.markets.seconds() + DAY < available {
        list_another(&mut world);
        let opened = world.markets.open(&attacker, world.listing.market);
        opened.expect("a position");
        let opens = world.state();
        world.markets.go_to_second(opens.open_from);
        let slot = world.markets.chain().slot().max(opens.open_from_slot);
        world.markets.go_to(slot);
        assert!(borrow(&mut world, &attacker, 0, 390));
        sell_own_loan(&mut world, &attacker, 0);
        let market = world.listing.market;
        world.markets.resolve(market, 1);
        world.settle_market().expect("a settlement");
    }
    let (lost, days) = (
        before - equity(&world),
        (world.markets.seconds() - from) / DAY,
    );
    println!("{lost} of {before} lost in {days} days");
    assert!(lost > before / 100 * 3 && lost < before / 100 * 8);
}

/// The admin has every loan sold after the timelock, however little it owes, and lends below the least loan of the
/// defaults, for longer after a request.
#[test]
fn parameters_sell_every_loan_and_are_looser_than_the_defaults_in_three() {
    let mut world = cheap_world();
    let owner = world.trader();
    let opened = world.open(&owner, 1, 0, 900 * UNIT, 100 * UNIT);
    opened.expect("a position");
    let admin = world.admin();
    let harsh = LoanParameters {
        opening: 1,
        maintenance: 2,
        target: 1,
        least_loan: 1,
        execution_minutes: 60,
        jump_fee: 100,
        ..world.parameters()
    };
    let set = world.govern_listing(&admin).set_parameters(harsh);
    world.send(&[set], &[&admin]).expect("a change");
    let from = world.state().parameters.active_from;
    world.markets.go_to_second(from);
    world.monitor(&owner, 1).expect("a mark");
    pass(&mut world, 25);
    let sold = world.liquidate(&[(&owner, 1)]);
    sold.expect("a sale of a loan of a tenth");
    let reward = world.markets.balance(world.keeper.tokens);
    println!("{reward} of reward for a debt of 100");
    assert!(reward > 2 * UNIT);
}

/// Marks a loan that owes so many ten-thousandths in one transaction, which nobody can answer: push, mark, back. Returns its
/// owner and the slot.
fn mark_by_a_push(world: &mut LeverageWorld, owed: u64, push: u64) -> (Trader, u64) {
    let owner = owing(world, owed);
    let gained = around(world, &owner, (1, push * UNIT), |world| {
        world.monitor(&owner, 1).expect("a mark");
    });
    println!("owing {owed}: {} paid", -gained);
    let marked = world.position(&owner, 1).marked_slot;
    assert_eq!(marked, world.markets.chain().slot());
    (owner, marked)
}

fn fall(world: &mut LeverageWorld) {
    let (market, other) = (world.listing.market, world.trader());
    let fallen = world.markets.buy(&other, market, 1, 2_000 * UNIT);
    fallen.expect("a fall");
}

/// An owner marks his own loan before a fall, so that the average since the mark is of better prices. It is marked anew as
/// soon as that mark is old enough, and sold for 25 slots later.
#[test]
fn mark_of_a_push_of_a_moment_puts_no_sale_off_for_long() {
    for (owed, push) in [(7_000, 700), (7_200, 500)] {
        let mut world = cheap_world();
        let (owner, marked) = mark_by_a_push(&mut world, owed, push);
        pass(&mut world, 20);
        fall(&mut world);
        world.monitor(&owner, 1).expect("a look");
        assert_eq!(world.position(&owner, 1).marked_slot, marked);
        pass(&mut world, 5);
        let sold = world.liquidate(&[(&owner, 1)]);
        sold.expect_refusal(LoanError::NothingToLiquidate);
        world.monitor(&owner, 1).expect("another mark");
        pass(&mut world, 25);
        world.monitor(&owner, 1).expect("a look");
        assert_eq!(world.position(&owner, 1).marked_slot, marked + 25);
        world.liquidate(&[(&owner, 1)]).expect("a sale");
    }
}

/// Where the average is due too, but far above the price, it is not: that mark stands for its 150 slots, unless somebody
/// has looked at it before the fall, as `strobe keep` does.
#[test]
fn mark_of_a_push_of_a_moment_is_taken_away_by_a_look() {
    let mut world = cheap_world();
    let (owner, marked) = mark_by_a_push(&mut world, 7_400, 200);
    pass(&mut world, 20);
    fall(&mut world);
    for age in [25, 60, 100, 150, 151, 175] {
        world.markets.go_to(marked + age);
        world.monitor(&owner, 1).expect("a look");
        let sold = world.liquidate(&[(&owner, 1)]);
        sold.expect_refusal(LoanError::NothingToLiquidate);
    }
    world.markets.go_to(marked + 176);
    world.liquidate(&[(&owner, 1)]).expect("a sale");

    let mut world = cheap_world();
    let (owner, _) = mark_by_a_push(&mut world, 7_400, 200);
    pass(&mut world, 1);
    world.monitor(&owner, 1).expect("a look");
    assert_eq!(world.position(&owner, 1).marked_slot, 0);
    pass(&mut world, 19);
    fall(&mut world);
    world.monitor(&owner, 1).expect("a mark");
    pass(&mut world, 25);
    world.liquidate(&[(&owner, 1)]).expect("a sale");
}

/// A mark that is of use is not made anew, by a push down of a moment either: what is due at the average stays marked.
#[test]
fn mark_that_is_of_use_is_not_made_anew() {
    let mut world = cheap_world();
    let (owner, other) = (owing(&mut world, 7_000), world.trader());
    fall(&mut world);
    world.monitor(&owner, 1).expect("a mark");
    let marked = world.position(&owner, 1).marked_slot;
    pass(&mut world, 25);
    around(&mut world, &other, (1, 3_000 * UNIT), |world| {
        world.monitor(&owner, 1).expect("a look");
    });
    assert_eq!(world.position(&owner, 1).marked_slot, marked);
    world.liquidate(&[(&owner, 1)]).expect("a sale");
}

/// Who provides all of a market's liquidity and made it has four fifths of the fees of his own push back.
#[test]
fn provider_who_pushes_has_most_of_his_fees_back() {
    let mut world = cheap_world();
    let (creator, pusher) = (world.markets.creator(), world.trader());
    let (market, had) = (world.listing.market, world.markets.balance(creator.tokens));
    let before = money(&world, &pusher);
    let bought = world.markets.buy(&pusher, market, 0, 4_800 * UNIT);
    bought.expect("a purchase");
    pass(&mut world, 1);
    let shares = held(&world, &pusher, 0);
    let sold = world.markets.sell(&pusher, market, 0, shares);
    sold.expect("a sale");
    assert!(world.markets.state(market).calm_in_slots > 0);
    let paid = before - money(&world, &pusher);
    pass(&mut world, 10_000);
    let collected = world.markets.collect(&creator, market);
    collected.expect("fees");
    let back = world.markets.balance(creator.tokens) - had;
    let back = back + world.markets.state(market).creator_fees;
    println!("{paid} paid, {back} back");
    assert!(back as i64 > paid * 3 / 4);
}

/// Those too that end something, of which one pays out the insurance.
#[test]
fn admin_instructions_refuse_durable_nonces() {
    let mut world = cheap_world();
    let (admin, lender) = (world.admin(), world.lender());
    let (authority, nonce) = (admin.pubkey(), Keypair::new());
    let rent = world.markets.chain().rent(80);
    let create = create_nonce_account(&authority, &nonce.pubkey(), &authority, rent);
    let created = world.markets.send_all(&create, &[&admin, &nonce]);
    created.expect("a nonce");
    let advance = advance_nonce_account(&nonce.pubkey(), &authority);
    world.withdraw(&lender, 1).expect("a withdrawal");
    let pool = world.listing.pool.pool;
    let create = CreateGroup {
        admin: authority,
        pool,
        id: 9,
    };
    let close = |group| CloseGroup {
        admin: authority,
        pool,
        group,
        rent_payer: authority,
    };
    let delist = Delist {
        authority,
        listing: world.listing,
        rent_payer: authority,
    };
    let close_pool = ClosePool {
        admin: authority,
        pool: world.listing.pool,
        rent_payer: authority,
        rest_tokens: lender.tokens,
    };
    let mut taken = vec![];
    for (name, instruction) in [
        ("create_group", create.instruction()),
        ("close_group", close(create.group()).instruction()),
        ("delist", delist.instruction()),
        ("close_group", close(world.listing.group).instruction()),
        ("close_pool", close_pool.instruction()),
    ] {
        let chain = &mut world.markets.world.chain;
        chain.new_blockhash().expect("a blockhash");
        let sent = world
            .markets
            .send_all(&[advance.clone(), instruction], &[&admin]);
        if sent.is_ok() {
            taken.push(name);
        }
    }
    assert!(taken.is_empty(), "{taken:?}");
}

/// Once the admin is another, it closes what the one before made, and the rent goes back to that one.
#[test]
fn group_of_a_former_admin_keeps_no_pool_open() {
    let mut world = cheap_world();
    let (old, new, lender) = (
        world.admin(),
        world.keeper.key.insecure_clone(),
        world.lender(),
    );
    world.delist().expect("an end");
    world.withdraw(&lender, 1).expect("a withdrawal");
    let propose = ProposeAdmin {
        admin: old.pubkey(),
        new_admin: new.pubkey(),
    };
    let proposed = world.markets.send(propose.instruction(), &[&old]);
    proposed.expect("a proposal");
    world.markets.world.pass_timelock();
    let accept = AcceptAdmin {
        pending_admin: new.pubkey(),
    };
    let accepted = world.markets.send(accept.instruction(), &[&new]);
    accepted.expect("an admin");
    let group = CloseGroup {
        admin: new.pubkey(),
        pool: world.listing.pool.pool,
        group: world.listing.group,
        rent_payer: old.pubkey(),
    };
    let pool = ClosePool {
        admin: new.pubkey(),
        pool: world.listing.pool,
        rent_payer: old.pubkey(),
        rest_tokens: world.keeper.tokens,
    };
    let closed = world
        .markets
        .send_all(&[group.instruction(), pool.instruction()], &[&new]);
    closed.expect("an end by the admin");
}

/// Who gives a listing's position a single share keeps the admin from closing the listing until the market is settled,
/// and no longer.
#[test]
fn gift_of_a_share_keeps_a_listing_open_until_the_settlement() {
    let mut world = cheap_world();
    let stranger = world.trader();
    let market = world.listing.market;
    let bought = world.markets.buy(&stranger, market, 0, UNIT);
    bought.expect("a purchase");
    let give = client::instructions::markets::TransferShares {
        owner: stranger.address(),
        market,
        receiver: world.listing.listing(),
        outcome: 0,
        shares: 1,
    };
    let given = world.markets.send(give.instruction(), &[&stranger.key]);
    given.expect("a gift");
    let code = MarketError::PositionNotEmpty;
    world.delist().expect_refusal(code);
    world.markets.resolve(market, 0);
    world.settle_market().expect("a settlement");
    world.delist().expect("an end");
}

/// A market of which a quarter of the liquidity is locked, and a loan in it that owes so many thousandths of what its
/// shares return on all of it.
fn lent_on_a_quarter(owed: u64) -> (LeverageWorld, Trader) {
    let mut world = LeverageWorld::with_pool(KeySource::Random, 2, |_| {});
    let mut args = LeverageWorld::market_terms(&mut world.markets, 2);
    args.fee_rate = MIN_FEE_RATE;
    let market = world.markets.market(args);
    world.listing.market = market;
    let creator = world.markets.creator();
    let locked = world.markets.liquidity(market, &creator).shares / 4 + 1;
    let lock = world.markets.lock(&creator, market, locked);
    lock.expect("a lock");
    world.list().expect("a listing");
    let lender = world.lender();
    world.deposit(&lender, 1, LENT).expect("a deposit");
    world.markets.go_to_second(world.state().open_from);
    let (owner, other) = (world.trader(), world.trader());
    let loan = 190 * UNIT;
    let opened = world.open(&owner, 1, 0, loan, loan);
    opened.expect("a loan");
    let shares = world.position(&owner, 1).shares;
    while sale(&world, 0, shares) > loan * 1_000 / owed {
        let bought = world.markets.buy(&other, market, 1, 10 * UNIT);
        bought.expect("a purchase");
    }
    pass(&mut world, 1);
    (world, owner)
}

/// What owes as much as it may on the liquidity that cannot leave keeps its mark at a look, although nothing is due of
/// it: so its owner puts a sale off by 150 slots, whoever looks before the fall and after it.
#[test]
fn mark_of_a_push_of_a_moment_outlasts_looks_where_liquidity_can_leave() {
    for (owed, push, fall_at, looked_at_after, kept, expected) in [
        (690, 3_000, 20, 0, false, 25),
        (710, 2_500, 20, 0, true, 156),
        (730, 1_500, 60, 2, true, 27),
        (730, 1_500, 60, 4, true, 116),
    ] {
        let (mut world, owner) = lent_on_a_quarter(owed);
        assert_eq!(world.health(&owner, 1).shares_to_sell, 0);
        let paid = around(&mut world, &owner, (1, push * UNIT), |world| {
            world.monitor(&owner, 1).expect("a mark");
        });
        let marked = world.position(&owner, 1).marked_slot;
        assert_eq!(marked, world.markets.chain().slot());
        for _ in 0..4 {
            pass(&mut world, fall_at / 4);
            world.monitor(&owner, 1).expect("a look");
        }
        assert_eq!(world.position(&owner, 1).marked_slot == marked, kept);
        let (market, other) = (world.listing.market, world.trader());
        let fallen = world.markets.buy(&other, market, 1, 8_000 * UNIT);
        fallen.expect("a fall");
        let fell = world.markets.chain().slot();
        pass(&mut world, looked_at_after);
        let sold_after = loop {
            world.monitor(&owner, 1).expect("a look");
            if world.liquidate(&[(&owner, 1)]).is_ok() {
                break world.markets.chain().slot() - fell;
            }
            pass(&mut world, 1);
        };
        println!(
            "owing {owed}: {} paid, sold {sold_after} slots after the fall",
            -paid
        );
        assert_eq!(sold_after, expected);
    }
}

/// Who bounds a deposit by a hundredth less than it is due now is kept out by three loans that stand while it can be
/// executed, and so is everybody else who does. `strobe pool deposit` leaves all that may be lent.
#[test]
fn bound_of_a_deposit_keeps_lenders_out_for_the_fees_of_three_loans() {
    let each = 20_000 * UNIT;
    let (mut world, listings) = listed(pool_of(each), 1, 3);
    let attacker = world.markets.trader(LENT);
    for accounts in &listings {
        let opened = world.markets.open(&attacker, accounts.market);
        opened.expect("a position");
    }
    let victims = [each, 400 * UNIT].map(|amount| (world.markets.trader(LENT), amount));
    for (victim, amount) in &victims {
        let request = RequestDeposit {
            min_due: due_now(&world, *amount) / 100 * 99,
            ..world.build_deposit(victim, 1, *amount)
        };
        world.remember_deposit(victim, 1);
        let asked = world.send(&[request.instruction()], &[&victim.key]);
        asked.expect("a request");
    }
    let available = world.deposit_state(&victims[0].0, 1).available_at;
    world.markets.go_to_second(available - 120);
    let before = money(&world, &attacker);
    for accounts in &listings {
        world.listing = *accounts;
        let opened = world.open(&attacker, 0, 0, 300 * UNIT, 190 * UNIT);
        opened.expect("a loan");
    }
    let second = world.deposit_state(&victims[1].0, 1).available_at;
    world.markets.go_to_second(available.max(second));
    for (victim, amount) in &victims {
        let executed = world.execute_deposit(victim, 1);
        executed.expect("an end of the deposit");
        assert!(world.find_deposit(victim, 1).is_none());
        assert_eq!(money(&world, victim), LENT as i64, "{amount} went back");
    }
    for accounts in &listings {
        world.listing = *accounts;
        world.close(&attacker, 0).expect("an end");
        world.claim(&attacker, 0).expect("a payment");
    }
    let cost = before - money(&world, &attacker);
    println!("{cost} for lenders of {each} and 400");
    assert!(cost < 3 * UNIT as i64);
}
