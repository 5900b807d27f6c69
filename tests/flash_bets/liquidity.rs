//! Flash bets, liquidity: deposits and exits with which nobody steps around a result.

use anchor_lang::error::ErrorCode;
use client::{
    addresses::flash_bets as addresses,
    instructions::{flash_bets::*, signed_by},
};
use flash_bets::{
    error::FlashError,
    instructions::{DepositDone, DepositRequested, DepositResult},
};
use math::vault::LEAST_STAYING;
use solana_signer::Signer;
use testbed::{ExpectError, FlashWorld, ProgramKind, Receipt, User};

const LIQUIDITY: u64 = 1_000_000_000;

/// Native programs log no events.
fn check_result(flash: &FlashWorld, receipt: &Receipt, result: DepositResult) {
    if flash.chain().kind() == ProgramKind::Sbf {
        let events: Vec<DepositDone> = receipt.events_of(&flash_bets::ID);
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].result, result);
        assert_eq!(events[0].vault_cash, flash.vault_state().cash);
    }
}

/// Gives back all LP shares of `user` and waits for the notice.
fn request_all(flash: &mut FlashWorld, user: &User) {
    let shares = flash.balance(user.lp_tokens);
    flash.request_withdraw(user, shares).expect("a request");
    flash.pass_to(flash.chain().now().seconds() + 3_600);
}

/// All that `user` gets for the LP shares, base units.
fn exit(flash: &mut FlashWorld, user: &User) -> u64 {
    request_all(flash, user);
    let before = flash.balance(user.tokens);
    flash.withdraw(user).expect("a withdrawal");
    flash.balance(user.tokens) - before
}

/// Somebody bets 5,000,000 on the first outcome of a new market, and a proof of the second is there.
/// Gives what books the pool's gain.
fn known_gain(
    flash: &mut FlashWorld,
) -> [anchor_lang::solana_program::instruction::Instruction; 2] {
    let args = flash.terms(2);
    let market = flash.market(args);
    let loser = flash.user(5_000_000);
    flash.open_ticket(&loser, market).expect("a ticket");
    flash.place(&loser, market, 0, 5_000_000).expect("a bet");
    let observation = flash.observe(market, 1);
    let resolve = Resolve {
        market,
        observation,
        strike_observation: None,
    };
    [
        resolve.instruction(),
        flash.build_release(market).instruction(),
    ]
}

#[test]
fn deposit_waits_for_its_notice_and_is_paid_to_the_base_unit() {
    let (mut flash, first) = FlashWorld::with_liquidity(LIQUIDITY);
    let second = flash.user(3_333_333);
    let address = addresses::deposit(&flash.vault, &second.address());
    let now = flash.chain().now().seconds();
    let receipt = flash.request_deposit(&second, 3_333_333).expect("one");
    let state = flash.deposit_state(&second);
    assert_eq!(
        (state.available_at, state.available_until),
        (now + 3_600, now + 3_900)
    );
    if flash.chain().kind() == ProgramKind::Sbf {
        let events: Vec<DepositRequested> = receipt.events_of(&flash_bets::ID);
        assert_eq!(events[0].amount, 3_333_333);
        assert_eq!(events[0].available_until, now + 3_900);
    }
    let vault = flash.vault_state();
    assert_eq!((vault.cash, vault.pending_deposits), (LIQUIDITY, 3_333_333));
    assert_eq!(vault.equity_at_cost().expect("a sum"), LIQUIDITY);
    assert_eq!(flash.balance(second.tokens), 0);
    assert_eq!(flash.balance(vault.token_account), LIQUIDITY + 3_333_333);

    flash.go_to_second(now + 3_599);
    flash
        .execute_deposit(&second)
        .expect_refusal(FlashError::NoticeNotPassed);
    flash.go_to_second(now + 3_900);
    let lamports = flash.chain().lamports(second.address()).expect("lamports");
    let rent = flash.chain().lamports(address).expect("lamports");
    let receipt = flash.execute_deposit(&second).expect("a deposit");
    // 3,333,333 · (10¹² + 1000) / (10⁹ + 1)
    let shares = 3_333_333_000;
    check_result(&flash, &receipt, DepositResult::Minted { shares });
    assert_eq!(flash.balance(second.lp_tokens), shares);
    let vault = flash.vault_state();
    assert_eq!(
        (vault.cash, vault.pending_deposits),
        (LIQUIDITY + 3_333_333, 0)
    );
    assert_eq!(
        flash.chain().lamports(second.address()).expect("lamports"),
        lamports + rent,
        "the rent goes back to the owner"
    );
    for again in [
        flash.execute_deposit(&second),
        flash.cancel_deposit(&second),
    ] {
        again.expect_refusal(ErrorCode::AccountNotInitialized);
    }
    assert_eq!(exit(&mut flash, &second), 3_333_333);
    assert_eq!(exit(&mut flash, &first), LIQUIDITY);
}

/// One transaction that buys LP shares, books a gain that everybody could know, and so takes nine
/// tenths of it from those who bore the risk.
#[test]
fn known_gain_cannot_be_bought() {
    let (mut flash, old) = FlashWorld::with_liquidity(LIQUIDITY);
    let thief = flash.user(9 * LIQUIDITY);
    let [resolve, release] = known_gain(&mut flash);
    let request = flash.build_deposit(&thief, 9 * LIQUIDITY).instruction();
    let execute = flash.build_execute_deposit(&thief).instruction();
    flash
        .send_all(
            &[
                request.clone(),
                execute.clone(),
                resolve.clone(),
                release.clone(),
            ],
            &[&thief.key],
        )
        .expect_refusal(FlashError::NoticeNotPassed);

    flash.send(request, &[&thief.key]).expect("a request");
    let booking = [execute, resolve.clone(), release.clone()];
    flash
        .send_all(&booking, &[])
        .expect_refusal(FlashError::NoticeNotPassed);
    let available = flash.deposit_state(&thief).available_at;
    flash.go_to_second(available - 1);
    flash
        .send_all(&booking, &[])
        .expect_refusal(FlashError::NoticeNotPassed);
    flash
        .cancel_deposit(&thief)
        .expect_refusal(FlashError::ExecutionPossible);
    // Somebody books within the notice.
    flash.send_all(&[resolve, release], &[]).expect("a gain");
    let vault = flash.vault_state();
    assert!(vault.cash > LIQUIDITY + 4_900_000);
    let shares = u128::from(vault.shares);
    let due = shares * (u128::from(vault.cash) + 1) / (shares + 1_000);

    flash.go_to_second(available);
    flash.execute_deposit(&thief).expect("a deposit");
    // All of the gain is the old provider's; rounding is for who stays.
    assert_eq!(exit(&mut flash, &thief), 9 * LIQUIDITY - 1);
    assert_eq!(u128::from(exit(&mut flash, &old)), due + 1);
}

/// Who could take the money back would ask always, and stay in only after good news.
#[test]
fn deposit_is_no_free_option() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let user = flash.user(LIQUIDITY);
    let address = addresses::deposit(&flash.vault, &user.address());
    flash.request_deposit(&user, LIQUIDITY).expect("a request");
    let state = flash.deposit_state(&user);
    for second in [
        flash.chain().now().seconds(),
        state.available_at - 1,
        state.available_at,
        state.available_until,
    ] {
        flash.pass_to(second);
        flash
            .cancel_deposit(&user)
            .expect_refusal(FlashError::ExecutionPossible);
        flash
            .request_deposit(&user, 1)
            .expect_refusal("AccountAlreadyInUse");
    }
    flash.pass_to(state.available_until + 1);
    flash
        .execute_deposit(&user)
        .expect_refusal(FlashError::ExecutionOver);
    let lamports = flash.chain().lamports(user.address()).expect("lamports");
    let rent = flash.chain().lamports(address).expect("lamports");
    let receipt = flash.cancel_deposit(&user).expect("a cancellation");
    check_result(&flash, &receipt, DepositResult::Cancelled);
    assert_eq!(flash.balance(user.tokens), LIQUIDITY);
    assert_eq!(flash.balance(user.lp_tokens), 0);
    assert_eq!(
        flash.chain().lamports(user.address()).expect("lamports"),
        lamports + rent
    );
    for again in [flash.execute_deposit(&user), flash.cancel_deposit(&user)] {
        again.expect_refusal(ErrorCode::AccountNotInitialized);
    }
    let vault = flash.vault_state();
    assert_eq!((vault.cash, vault.pending_deposits), (LIQUIDITY, 0));
    flash.deposit(&user, LIQUIDITY).expect("another one");
}

#[test]
fn paused_vault_takes_no_deposit_and_gives_back_those_that_wait() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let users = [flash.user(1_000), flash.user(1_000)];
    for user in &users {
        flash.request_deposit(user, 1_000).expect("a request");
    }
    let admin = flash.world.admin.insecure_clone();
    let pause = Pause {
        authority: admin.pubkey(),
        vault: flash.vault,
    };
    flash.send(pause.instruction(), &[&admin]).expect("a pause");
    flash.cancel_deposit(&users[0]).expect("within the notice");
    assert_eq!(flash.balance(users[0].tokens), 1_000);
    flash
        .request_deposit(&users[0], 1_000)
        .expect_refusal(FlashError::Paused);
    flash.pass_to(flash.deposit_state(&users[1]).available_at);
    flash
        .execute_deposit(&users[1])
        .expect_refusal(FlashError::Paused);

    let unpause = Unpause {
        authority: admin.pubkey(),
        vault: flash.vault,
    };
    flash
        .send(unpause.instruction(), &[&admin])
        .expect("an end");
    flash.go_to_second(flash.chain().now().seconds() + flash.world.timelock);
    // Its time has passed meanwhile.
    flash
        .execute_deposit(&users[1])
        .expect_refusal(FlashError::ExecutionOver);
    flash.cancel_deposit(&users[1]).expect("an end");
    assert_eq!(flash.balance(users[1].tokens), 1_000);
    flash.deposit(&users[1], 1_000).expect("a deposit");
    assert_eq!(flash.balance(users[1].lp_tokens), 1_000_000);
}

/// A bound that kept a deposit waiting would make an option of it: the first execution ends it.
#[test]
fn deposit_outside_its_bound_goes_back() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let users = [flash.user(1_000_000), flash.user(1_000_000)];
    let mut requests = users
        .each_ref()
        .map(|user| flash.build_deposit(user, 1_000_000));
    requests[0].args.min_shares = 1_000_000_001;
    flash
        .send(requests[0].instruction(), &[&users[0].key])
        .expect_refusal(FlashError::SlippageExceeded);
    let [resolve, release] = known_gain(&mut flash);
    for (request, (user, min_shares)) in requests
        .iter_mut()
        .zip(users.iter().zip([1_000_000_000, 990_000_000]))
    {
        request.args.min_shares = min_shares;
        flash
            .send(request.instruction(), &[&user.key])
            .expect("a request");
    }
    flash.send_all(&[resolve, release], &[]).expect("a gain");
    flash.pass_to(flash.deposit_state(&users[0]).available_at);
    let receipt = flash.execute_deposit(&users[0]).expect("an end");
    check_result(&flash, &receipt, DepositResult::Returned);
    assert_eq!(flash.balance(users[0].tokens), 1_000_000);
    assert_eq!(flash.balance(users[0].lp_tokens), 0);

    let vault = flash.vault_state();
    let shares = 1_000_000 * (vault.shares + 1_000) / (vault.cash + 1);
    let receipt = flash.execute_deposit(&users[1]).expect("a deposit");
    check_result(&flash, &receipt, DepositResult::Minted { shares });
    assert_eq!(flash.balance(users[1].lp_tokens), shares);
}

/// Lamports at the address of a deposit, sent before it or with it, neither stop it nor stay.
#[test]
fn deposit_is_created_whatever_was_sent_to_its_address() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let user = flash.user(1_000);
    let address = addresses::deposit(&flash.vault, &user.address());
    for sent in [1_000_000, 10_000_000, 100_000_000] {
        flash.world.chain.airdrop(address, sent).expect("some");
        flash.deposit(&user, 10).expect("a deposit");
        let left = flash.chain().find_account(address).expect("the chain");
        assert_eq!(left, None);
    }
    assert_eq!(flash.balance(user.lp_tokens), 30_000);
}

/// Who has no account for LP shares cannot hold up the execution: anybody makes one.
#[test]
fn deposit_goes_to_its_owners_associated_account() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let (user, other) = (flash.user(1_000), flash.user(0));
    flash.request_deposit(&user, 1_000).expect("a request");
    flash.pass_to(flash.deposit_state(&user).available_at);
    let mut execute = flash.build_execute_deposit(&user);
    execute.owner_lp_tokens = other.lp_tokens;
    flash
        .send(execute.instruction(), &[])
        .expect_refusal(FlashError::WrongTokenAccount);
    let lp_mint = testbed::Mint {
        address: addresses::lp_mint(&flash.vault),
        program: flash.mint.program,
    };
    execute.owner_lp_tokens = flash
        .world
        .chain
        .create_token_account(lp_mint, user.address())
        .expect("another account");
    flash
        .send(execute.instruction(), &[])
        .expect_refusal(FlashError::WrongTokenAccount);
    let by_owner = signed_by(execute.instruction(), &user.address());
    flash.send(by_owner, &[&user.key]).expect("a deposit");
    assert_eq!(flash.balance(execute.owner_lp_tokens), 1_000_000);
}

/// A pool that has lost nearly everything: what a deposit would buy cannot be counted, and nothing
/// of it is lost. A smaller one goes, and takes nothing from anybody.
#[test]
fn deposit_after_ruin_is_refused_or_fair() {
    const VAST: u64 = 10_000_000_000_000;
    let (mut flash, old) = FlashWorld::with_liquidity(10_000_000_000);
    let early = flash.user(VAST);
    flash.request_deposit(&early, VAST).expect("a request");
    let mut args = flash.terms(2);
    args.depth = 14_426_900_000;
    args.fee_rate = 0;
    let market = flash.market(args);
    let winner = flash.user(200_000_000_000);
    flash.open_ticket(&winner, market).expect("a ticket");
    flash
        .place(&winner, market, 0, 8 * 14_426_900_000)
        .expect("a bet");
    flash.resolve(market, 0).expect("a resolution");
    flash.release(market).expect("a release");
    let left = flash.vault_state().cash;
    assert!(left < 10_000_000, "{left} is left of 10¹⁰");

    flash.pass_to(flash.deposit_state(&early).available_at);
    let receipt = flash.execute_deposit(&early).expect("an end");
    check_result(&flash, &receipt, DepositResult::Returned);
    assert_eq!(flash.balance(early.tokens), VAST);
    flash
        .request_deposit(&early, VAST)
        .expect_refusal(FlashError::TooManyShares);

    flash.deposit(&early, VAST / 10).expect("a smaller one");
    assert_eq!(exit(&mut flash, &early), VAST / 10 - 1);
    assert!(exit(&mut flash, &old) <= left + 1);
}

/// Withdrawals that wait come before new markets, to the base unit: a share is worth a thousandth of
/// one, rounded up.
#[test]
fn waiting_withdrawals_come_before_new_markets() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let args = flash.terms(2);
    let market = flash.market(args);
    let funding = flash.market_state(market).funding;
    let covered = 1_000 * (LIQUIDITY - funding);
    for (shares, is_refused) in [(covered + 1, true), (covered, false)] {
        let (mut flash, provider) = FlashWorld::with_liquidity(LIQUIDITY);
        flash.request_withdraw(&provider, shares).expect("one");
        let event = flash.create_event_book();
        let terms = flash.terms(2);
        let created = flash.try_market(event, terms);
        if is_refused {
            created.expect_refusal(FlashError::WithdrawalsWaiting);
        } else {
            created.expect("a market");
            assert_eq!(flash.vault_state().cash, LIQUIDITY - funding);
        }
        flash.pass_to(flash.chain().now().seconds() + 3_600);
        flash.withdraw(&provider).expect("a withdrawal");
    }
}

/// One share less than may stay while a market holds money is one too few.
#[test]
fn shares_that_stay_are_enough_to_own_what_comes_back() {
    for (least, is_refused) in [(LEAST_STAYING.0 - 1, true), (LEAST_STAYING.0, false)] {
        let (mut flash, provider) = FlashWorld::with_liquidity(LIQUIDITY);
        let args = flash.terms(2);
        let market = flash.market(args);
        let shares = flash.balance(provider.lp_tokens) - least;
        flash.request_withdraw(&provider, shares).expect("one");
        flash.pass_to(flash.withdrawal_state(&provider).available_at);
        let result = flash.withdraw(&provider);
        if is_refused {
            result.expect_refusal(FlashError::LastShares);
        } else {
            result.expect("a withdrawal");
        }
        flash.resolve(market, 0).expect("a resolution");
        flash.release(market).expect("a release");
        if is_refused {
            flash.withdraw(&provider).expect("a withdrawal");
        }
        exit(&mut flash, &provider);
        let back = flash.balance(provider.tokens);
        assert!(back > LIQUIDITY - LIQUIDITY / 1_000, "{back}");
    }
}

/// What markets hold would belong to nobody if the last LP left. Since all shares are asked for, no
/// new market is opened; those that are end by their deadlines, and anybody sees to it.
#[test]
fn last_provider_leaves_with_everything() {
    let (mut flash, last) = FlashWorld::with_liquidity(LIQUIDITY);
    let first = flash.user(LIQUIDITY);
    flash.deposit(&first, LIQUIDITY).expect("a deposit");
    let mut terms = flash.terms(2);
    // The exits wait for an hour each.
    terms.resolution_seconds = 2 * 3_600 + 600;
    let market = flash.market(terms);
    assert!(exit(&mut flash, &first) < LIQUIDITY);

    request_all(&mut flash, &last);
    flash.withdraw(&last).expect_refusal(FlashError::LastShares);
    let event = flash.create_event_book();
    let mut small = flash.terms(2);
    small.depth = 1_000_000;
    flash
        .try_market(event, small)
        .expect_refusal(FlashError::WithdrawalsWaiting);
    flash.pass_to(flash.market_state(market).void_from);
    flash.void(market).expect("a void");
    flash.withdraw(&last).expect_refusal(FlashError::LastShares);
    flash.release(market).expect("a release");
    flash.withdraw(&last).expect("a withdrawal");
    // Who left first waived a share of what was in the market.
    assert!(flash.balance(last.tokens) > LIQUIDITY);
    let vault = flash.vault_state();
    assert_eq!((vault.shares, vault.allocated), (0, 0));
    assert!(vault.cash <= 2, "{} stay with nobody", vault.cash);
}
