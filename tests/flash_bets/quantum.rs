//! Flash bets, groups of branches: a question traded once for each outcome of another.

use anchor_lang::{error::ErrorCode, prelude::Pubkey, solana_program::instruction::Instruction};
use client::{
    addresses::flash_bets as addresses,
    instructions::{
        flash_bets::*,
        oracle::{RetireProviderSet, RetireVerifyingKey},
    },
};
use flash_bets::{error::FlashError, state::GroupStatus};
use market_core::NO_OUTCOME;
use math::Price;
use oracle::error::OracleError;
use rand::{rngs::StdRng, Rng, SeedableRng};
use solana_signer::Signer;
use testbed::{feed, ExpectError, FlashOptions, FlashWorld, PassedOn, User, World};

use crate::support::{suspension, with_account};

const LIQUIDITY: u64 = 100_000_000_000;
const PURSE: u64 = 10_000_000_000;
const DEPTH: u64 = 1_000_000_000;
const DEPOSIT: u64 = 2_000_000_000;

/// A group on who wins of so many, whose branches trade a question of so many outcomes, and two who have
/// deposited.
struct Story {
    flash: FlashWorld,
    condition: Pubkey,
    asset: Pubkey,
    group: Pubkey,
    users: [User; 2],
}

fn stake(stake: u64) -> Order {
    Order::Stake {
        stake,
        min_shares: 0,
    }
}

fn sale(shares: u64) -> Order {
    Order::Sell {
        shares,
        min_return: 0,
    }
}

impl Story {
    fn start(branches: u8, outcomes: u8) -> Self {
        let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
        let condition = flash.market(flash.lasting(branches, 300));
        let asset = flash.market(flash.lasting(outcomes, 300));
        let group = flash.group(condition, asset, DEPTH);
        let users = [flash.user(PURSE), flash.user(PURSE)];
        let mut story = Self {
            flash,
            condition,
            asset,
            group,
            users,
        };
        for user in 0..2 {
            story.deposit(user, DEPOSIT);
        }
        story
    }

    fn deposit(&mut self, user: usize, amount: u64) {
        let deposit = self
            .flash
            .deposit_quantum(&self.users[user], self.group, amount);
        deposit.expect("a deposit");
    }

    fn trade(&mut self, user: usize, place: [u8; 2], order: Order) {
        let user = &self.users[user];
        let trade = self.flash.trade_branch(user, self.group, place, order);
        trade.expect("a trade");
    }

    fn balances(&self) -> [u64; 2] {
        [0, 1].map(|user| self.flash.balance(self.users[user].tokens))
    }

    /// Pays both and closes the group and its markets; what people have then, and the vault: cash, the
    /// protocol's fees and operators'.
    fn finish(mut self) -> ([u64; 2], [u64; 3]) {
        for user in &self.users {
            let paid = self.flash.settle_quantum_ticket(user, self.group);
            paid.expect("a payment");
        }
        self.flash.release_group(self.group).expect("a surplus");
        let events = [self.condition, self.asset].map(|market| {
            let event = self.flash.market_state(market).event_book;
            self.flash.release(market).expect("a surplus");
            event
        });
        self.flash.close(self.asset).expect("a closing");
        self.flash.close(self.condition).expect("a closing");
        self.flash.close_group(self.group).expect("a closing");
        let balances = self.balances();
        for event in events {
            self.flash.close_event_book(event).expect("a closing");
        }
        let vault = self.flash.vault_state();
        assert_eq!(vault.allocated, 0);
        let owned = [vault.cash, vault.protocol_fees, vault.operator_fees];
        (balances, owned)
    }
}

/// Trades of two people in three branches.
const TRADES: [(usize, [u8; 2], u64); 7] = [
    (0, [0, 0], 300_000_000),
    (1, [1, 1], 500_000_000),
    (0, [2, 0], 100_000_000),
    (1, [0, 1], 250_000_000),
    (0, [1, 0], 900_000_000),
    (1, [2, 1], 333_333_333),
    (0, [0, 1], 77_777_777),
];

/// What all have at the end, if only the trades of some branches are made: people, and the vault's cash and
/// the fees that are owed.
fn end_of(survivor: u8, winner: u8, is_made: impl Fn(u8) -> bool) -> ([u64; 2], [u64; 3]) {
    let mut story = Story::start(3, 2);
    for (user, place, amount) in TRADES {
        if is_made(place[0]) {
            story.trade(user, place, stake(amount));
        }
    }
    for (user, branch) in [(0, 0), (0, 1), (1, 2)] {
        if is_made(branch) {
            let ticket = story.flash.quantum_ticket(story.group, &story.users[user]);
            let [first, second] = [0, 1].map(|outcome| ticket.shares[usize::from(branch)][outcome]);
            let outcome = u8::from(second > first);
            story.trade(user, [branch, outcome], sale(first.max(second) / 3));
        }
    }
    story
        .flash
        .resolve(story.condition, i64::from(survivor))
        .expect("a result");
    story.flash.collapse(story.group).expect("a collapse");
    story
        .flash
        .resolve(story.asset, i64::from(winner))
        .expect("a result");
    story.flash.settle_group(story.group).expect("an end");
    let state = story.flash.group_state(story.group);
    assert_eq!(state.survivor, survivor);
    assert!(state.is(GroupStatus::Settled));
    assert!(state.pools[usize::from(survivor)].fees > 0);
    story.finish()
}

#[test]
fn balances_are_those_of_having_traded_in_the_surviving_branch_alone() {
    for survivor in 0..3 {
        for winner in 0..2 {
            let all = end_of(survivor, winner, |_| true);
            let alone = end_of(survivor, winner, |branch| branch == survivor);
            assert_eq!(all, alone, "branch {survivor}, outcome {winner}");
        }
    }
}

/// Ten branches of ten outcomes: each transaction stays within what one may take.
#[test]
fn group_of_ten_branches_goes_through_its_life() {
    let mut story = Story::start(10, 10);
    for branch in 0..10 {
        story.trade(0, [branch, branch], stake(50_000_000));
        story.trade(1, [branch, 9 - branch], stake(60_000_000));
    }
    let user = &story.users[0];
    let merge = story
        .flash
        .merge_branches(user, story.group, DEPOSIT - 50_000_000);
    merge.expect("the exit");
    story.flash.resolve(story.condition, 7).expect("a result");
    story.flash.collapse(story.group).expect("a collapse");
    story.flash.resolve(story.asset, 7).expect("a result");
    story.flash.settle_group(story.group).expect("an end");
    let ticket = story.flash.quantum_ticket(story.group, &story.users[0]);
    assert_eq!(ticket.credits[7], 0);
    let ([first, second], _) = story.finish();
    assert_eq!(first, PURSE - 50_000_000 + ticket.shares[7][7]);
    assert_eq!(second, PURSE - 60_000_000);
}

/// Everybody gets what each branch's slow prices say, by the condition's slow prices.
#[test]
fn void_condition_pays_each_branch_by_its_weight() {
    let mut story = Story::start(2, 2);
    story.trade(0, [0, 0], stake(400_000_000));
    story.trade(1, [1, 0], stake(700_000_000));
    let void_from = story.flash.market_state(story.condition).void_from;
    story.flash.pass_to(void_from);
    story.flash.void(story.condition).expect("a void market");
    story.flash.collapse(story.group).expect("a collapse");
    let state = story.flash.group_state(story.group);
    assert_eq!(state.survivor, NO_OUTCOME);
    assert!(state.is(GroupStatus::Settled));
    let expected = [0, 1].map(|user: usize| {
        let ticket = story.flash.quantum_ticket(story.group, &story.users[user]);
        let branches = (0..2).map(|branch| {
            let shares = (0..2).map(|outcome| {
                u128::from(ticket.shares[branch][outcome])
                    * u128::from(state.payouts[branch][outcome])
            });
            let whole = u128::from(ticket.credits[branch]) + (shares.sum::<u128>() >> 63);
            whole * u128::from(state.weights[branch])
        });
        let paid = u64::try_from(branches.sum::<u128>() >> 63).expect("money");
        PURSE - DEPOSIT + paid
    });
    let sum: u64 = state.weights.iter().sum();
    assert!(sum <= Price::ONE.0 && sum > Price::ONE.0 - 1_000, "{sum}");
    story
        .flash
        .settle_group(story.group)
        .expect_refusal(FlashError::GroupSettled);
    story.flash.resolve(story.asset, 0).expect("a result");
    assert_eq!(story.finish().0, expected);
}

/// The branch that came true pays its own slow prices.
#[test]
fn void_asset_pays_the_slow_prices_of_the_branch() {
    let mut story = Story::start(2, 2);
    story.trade(0, [1, 0], stake(400_000_000));
    story.trade(1, [0, 0], stake(700_000_000));
    story.flash.resolve(story.condition, 1).expect("a result");
    story.flash.collapse(story.group).expect("a collapse");
    story
        .flash
        .settle_group(story.group)
        .expect_refusal(FlashError::MarketNotSettled);
    let void_from = story.flash.market_state(story.asset).void_from;
    story.flash.pass_to(void_from);
    story.flash.void(story.asset).expect("a void market");
    story.flash.settle_group(story.group).expect("an end");
    let state = story.flash.group_state(story.group);
    let ticket = story.flash.quantum_ticket(story.group, &story.users[0]);
    let shares = u128::from(ticket.shares[1][0]) * u128::from(state.payouts[1][0]);
    let shares = u64::try_from(shares >> 63).expect("money");
    assert!(shares > 0 && shares < ticket.shares[1][0]);
    let first = PURSE - DEPOSIT + ticket.credits[1] + shares;
    assert_eq!(story.finish().0, [first, PURSE]);
}

/// What somebody knows of the condition before the end of trading is worth nothing, and after it, proven or
/// not, nothing can be put in.
#[test]
fn whoever_knows_the_condition_gains_nothing() {
    let mut story = Story::start(2, 2);
    let late = story.flash.user(PURSE);
    story.flash.pass_to(
        story
            .flash
            .market_state(story.condition)
            .hours
            .locks_at
            .min(story.flash.group_state(story.group).hours.trading_until)
            - 20,
    );
    // He buys in the branch that will not be, and keeps the credit of the other.
    let group = story.group;
    let deposit = story.flash.deposit_quantum(&late, group, 500_000_000);
    deposit.expect("a deposit");
    let bet = stake(500_000_000);
    let dead = story.flash.trade_branch(&late, group, [1, 0], bet);
    dead.expect("a trade in the branch that will not be");
    let merge = story.flash.merge_branches(&late, group, 1);
    merge.expect_refusal(FlashError::NotEnoughCredit);
    story.flash.resolve(story.condition, 0).expect("a result");
    story
        .flash
        .deposit_quantum(&late, group, 1)
        .expect_refusal(FlashError::TradingOver);
    story.flash.collapse(group).expect("a collapse");
    story
        .flash
        .deposit_quantum(&late, group, 1)
        .expect_refusal(FlashError::GroupCollapsed);
    for user in [&late, &story.users[0]] {
        let merge = story.flash.merge_branches(user, group, 1);
        merge.expect_refusal(FlashError::GroupCollapsed);
    }
    story.flash.resolve(story.asset, 0).expect("a result");
    story.flash.settle_group(group).expect("an end");
    let paid = story.flash.settle_quantum_ticket(&late, group);
    paid.expect("what he put in");
    assert_eq!(story.flash.balance(late.tokens), PURSE);
    assert_eq!(story.finish().0, [PURSE, PURSE]);
}

/// Two who trade with each other in opposite branches, through the pools, move nothing from one branch to
/// another: whichever comes true, together they have no more than they deposited, less fees.
#[test]
fn accomplices_move_no_value_between_branches() {
    for survivor in 0..2 {
        let mut story = Story::start(2, 2);
        for _ in 0..5 {
            story.trade(0, [0, 0], stake(150_000_000));
            story.trade(1, [0, 1], stake(150_000_000));
            story.trade(0, [1, 1], stake(150_000_000));
            story.trade(1, [1, 0], stake(150_000_000));
        }
        for user in 0..2 {
            let ticket = story.flash.quantum_ticket(story.group, &story.users[user]);
            for branch in 0..2u8 {
                for outcome in 0..2u8 {
                    let shares = ticket.shares[usize::from(branch)][usize::from(outcome)];
                    if shares > 0 {
                        story.trade(user, [branch, outcome], sale(shares));
                    }
                }
            }
        }
        story
            .flash
            .resolve(story.condition, survivor)
            .expect("a result");
        story.flash.collapse(story.group).expect("a collapse");
        story.flash.resolve(story.asset, 0).expect("a result");
        story.flash.settle_group(story.group).expect("an end");
        let fees = story.flash.group_state(story.group).pools[survivor as usize].fees;
        let (balances, _) = story.finish();
        let sum: u64 = balances.iter().sum();
        assert!(sum + fees <= 2 * PURSE, "{sum} and fees of {fees}");
        assert!(sum + fees + 40 >= 2 * PURSE, "nobody else gains either");
    }
}

#[test]
fn trades_are_bounded_by_credit_shares_and_the_orders_bound() {
    let mut story = Story::start(2, 2);
    let (group, [user, _]) = (story.group, &story.users);
    let flash = &mut story.flash;
    let mut try_it = |place, order| flash.trade_branch(user, group, place, order);
    try_it([0, 0], stake(DEPOSIT + 1)).expect_refusal(FlashError::NotEnoughCredit);
    try_it([2, 0], stake(1_000)).expect_refusal(FlashError::BranchOutOfRange);
    try_it([0, 2], stake(1_000)).expect_refusal(FlashError::OutcomeOutOfRange);
    try_it([0, 0], stake(0)).expect_refusal(FlashError::ZeroAmount);
    try_it([0, 0], sale(1_000)).expect_refusal(FlashError::NotEnoughShares);
    let bounded = Order::Stake {
        stake: 1_000_000,
        min_shares: 2_000_000,
    };
    try_it([0, 0], bounded).expect_refusal(FlashError::SlippageExceeded);
    try_it([0, 0], stake(DEPOSIT)).expect("all of a branch's credit");
    try_it([0, 0], stake(1_000)).expect_refusal(FlashError::NotEnoughCredit);
    try_it([1, 0], stake(DEPOSIT)).expect("and all of the other's");
    let merge = story.flash.merge_branches(user, group, 1);
    merge.expect_refusal(FlashError::NotEnoughCredit);
}

#[test]
fn accounts_of_others_are_refused() {
    let mut story = Story::start(2, 2);
    let other = story.flash.market(story.flash.terms(2));
    let another = story.flash.group(other, story.asset, DEPTH);
    let [owner, thief] = &story.users;
    let right = story.flash.group_accounts(story.group);
    let flash = &mut story.flash;
    flash.deposit_quantum(thief, another, 1_000).expect("one");
    let ticket = |group: Pubkey, user: &User| addresses::quantum_ticket(&group, &user.address());
    let mut refused = |index: usize, account: Pubkey, mut instruction: Instruction| {
        instruction.accounts[index].pubkey = account;
        flash.send(instruction, &[&thief.key])
    };
    let trade = || right.trade(thief.address(), 0, 0, stake(1_000));
    refused(2, another, trade()).expect_refusal(FlashError::WrongAccount);
    refused(3, other, trade()).expect_refusal(FlashError::WrongAccount);
    refused(4, other, trade()).expect_refusal(FlashError::WrongAccount);
    refused(5, ticket(story.group, owner), trade()).expect_refusal(FlashError::WrongAccount);
    refused(5, ticket(another, thief), trade()).expect_refusal(FlashError::WrongAccount);
    let merge = || right.merge(thief.address(), thief.tokens, 1_000);
    refused(1, another, merge()).expect_refusal(FlashError::WrongAccount);
    refused(2, ticket(story.group, owner), merge()).expect_refusal(FlashError::WrongAccount);
    refused(3, addresses::market_tokens(&another), merge())
        .expect_refusal(FlashError::WrongAccount);
    let deposit = || right.deposit(thief.address(), thief.tokens, thief.address(), 1_000);
    refused(3, ticket(story.group, owner), deposit()).expect_refusal(FlashError::WrongAccount);
    refused(3, ticket(another, thief), deposit()).expect_refusal(FlashError::WrongAccount);
    refused(5, owner.tokens, deposit()).expect_refusal("OwnerMismatch");
}

#[test]
fn terms_that_fit_no_group_are_refused() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let condition = flash.market(flash.lasting(3, 300));
    let asset = flash.market(flash.lasting(2, 300));
    let right = flash.quantum_terms(condition, asset, DEPTH);
    let with = |change: &dyn Fn(&mut QuantumTerms)| {
        let mut terms = right.clone();
        change(&mut terms);
        terms
    };
    let refused = FlashError::BranchPriorsOutOfRange;
    for terms in [
        with(&|terms| terms.priors.truncate(2)),
        with(&|terms| terms.priors.push(vec![5_000, 5_000])),
        with(&|terms| terms.priors[2] = vec![10_000]),
        with(&|terms| terms.priors[1] = vec![5_000, 4_999]),
        with(&|terms| terms.priors[1] = vec![5_000, 5_000, 0]),
    ] {
        let group = flash.try_group(condition, asset, terms);
        group.expect_refusal(refused);
    }
    let never = with(&|terms| terms.priors[1] = vec![10_000, 0]);
    flash
        .try_group(condition, asset, never)
        .expect_refusal(FlashError::PriorOutOfRange);
    let soon = with(&|terms| terms.opens_in_seconds = 4);
    flash
        .try_group(condition, asset, soon)
        .expect_refusal(FlashError::OpensTooSoon);
    let late = with(&|terms| terms.opens_in_seconds = 300);
    flash
        .try_group(condition, asset, late)
        .expect_refusal(FlashError::HoursInvalid);
    flash
        .try_group(asset, asset, flash.quantum_terms(asset, asset, DEPTH))
        .expect_refusal(FlashError::GroupMarkets);
    let early = flash.market(flash.question(2));
    for [condition, asset] in [[early, asset], [condition, early]] {
        flash
            .try_group(condition, asset, right.clone())
            .expect_refusal(FlashError::GroupResultEarly);
    }
    let mut delayed = flash.lasting(2, 300);
    (delayed.delay_ms, delayed.execution_seconds) = (2_000, 4);
    let delayed = flash.market(delayed);
    flash
        .try_group(condition, delayed, right.clone())
        .expect_refusal(FlashError::AssetHasDelay);
    flash.pause().expect("a pause");
    flash
        .try_group(condition, asset, right.clone())
        .expect_refusal(FlashError::Paused);
    let wrong = flash.user(PURSE);
    let mut create = flash.build_group(condition, asset, right);
    create.operator = wrong.address();
    let created = flash.send(create.instruction(), &[&wrong.key]);
    // Who is no operator has earned nothing.
    created.expect_refusal(ErrorCode::AccountNotInitialized);
}

/// Two markets that believe different sets and keys, and these: those of the condition first.
fn believing_others() -> (FlashWorld, [Pubkey; 2], [[Pubkey; 2]; 2]) {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let own = [flash.world.provider_set, flash.world.verifying_key];
    let set = flash.world.provider_set_args(World::PROVIDER_SET_ID, 1);
    let set = flash.world.propose_provider_set(set).expect("a set");
    let key = flash.world.key_args(World::CIRCUIT_ID, 1);
    let key = flash.world.propose_verifying_key(key).expect("a key");
    flash.world.pass_timelock();
    let condition = flash.market(flash.lasting(2, 300));
    [flash.world.provider_set, flash.world.verifying_key] = [set, key];
    let asset = flash.market(flash.lasting(2, 300));
    (flash, [condition, asset], [own, [set, key]])
}

/// A group is a new market: what no new market may take it does not take either, be it of its condition.
#[test]
fn group_takes_no_retired_or_suspended_set_or_key() {
    for (of, is_retired) in [(0, true), (0, false), (1, true), (1, false)] {
        for of_set in [true, false] {
            let (mut flash, [condition, asset], believed) = believing_others();
            let [provider_set, verifying_key] = believed[of];
            let guardian = flash.world.guardian.insecure_clone();
            let authority = guardian.pubkey();
            let set = RetireProviderSet {
                authority,
                provider_set,
            };
            let key = RetireVerifyingKey {
                authority,
                verifying_key,
            };
            [flash.world.provider_set, flash.world.verifying_key] = believed[of];
            let (end, error) = match (is_retired, of_set) {
                (true, true) => (set.instruction(), OracleError::ProviderSetRetired),
                (true, false) => (key.instruction(), OracleError::VerifyingKeyRetired),
                (false, _) => suspension(&flash.world, of_set),
            };
            flash.send(end, &[&guardian]).expect("an end");
            let terms = flash.quantum_terms(condition, asset, DEPTH);
            flash
                .try_group(condition, asset, terms)
                .expect_refusal(PassedOn(error));
        }
    }
}

#[test]
fn group_takes_the_sets_and_keys_of_its_markets() {
    let (mut flash, [condition, asset], [of_condition, of_asset]) = believing_others();
    let operator = flash.operator.insecure_clone();
    let terms = flash.quantum_terms(condition, asset, DEPTH);
    let right = flash
        .build_group(condition, asset, terms.clone())
        .instruction();
    for (own, other, error) in [
        (of_condition[0], of_asset[0], FlashError::WrongProviderSet),
        (of_condition[1], of_asset[1], FlashError::WrongVerifyingKey),
        (of_asset[0], of_condition[0], FlashError::WrongProviderSet),
        (of_asset[1], of_condition[1], FlashError::WrongVerifyingKey),
    ] {
        let wrong = with_account(right.clone(), own, other);
        flash.send(wrong, &[&operator]).expect_refusal(error);
    }
    flash.try_group(condition, asset, terms).expect("a group");
}

#[test]
fn each_step_waits_for_the_one_before() {
    let mut story = Story::start(2, 2);
    story.trade(0, [0, 0], stake(1_000_000));
    let (group, user) = (story.group, &story.users[0]);
    let flash = &mut story.flash;
    flash
        .collapse(group)
        .expect_refusal(FlashError::TradingNotOver);
    let until = flash.group_state(group).hours.trading_until;
    flash.pass_to(until);
    flash
        .collapse(group)
        .expect_refusal(FlashError::MarketNotSettled);
    flash
        .settle_group(group)
        .expect_refusal(FlashError::GroupNotCollapsed);
    let ticket = flash.settle_quantum_ticket(user, group);
    ticket.expect_refusal(FlashError::GroupNotSettled);
    flash
        .release_group(group)
        .expect_refusal(FlashError::GroupNotSettled);
    flash
        .close_group(group)
        .expect_refusal(FlashError::GroupInUse);
    flash.resolve(story.condition, 0).expect("a result");
    flash.release(story.condition).expect("a surplus");
    flash
        .close(story.condition)
        .expect_refusal(FlashError::GroupsOpen);
    flash.collapse(group).expect("a collapse");
    flash
        .collapse(group)
        .expect_refusal(FlashError::GroupCollapsed);
    flash.resolve(story.asset, 0).expect("a result");
    flash
        .close(story.asset)
        .expect_refusal(FlashError::GroupsOpen);
    let trade = flash.trade_branch(user, group, [0, 0], stake(1_000));
    trade.expect_refusal(FlashError::MarketNotOpen);
    flash.settle_group(group).expect("an end");
    flash
        .settle_group(group)
        .expect_refusal(FlashError::GroupSettled);
    flash.release_group(group).expect("a surplus");
    flash
        .release_group(group)
        .expect_refusal(FlashError::NothingSettled);
    flash
        .close_group(group)
        .expect_refusal(FlashError::GroupInUse);
    let paid = flash.settle_quantum_ticket(user, group);
    paid.expect("a payment");
    let again = flash.settle_quantum_ticket(user, group);
    again.expect_refusal(ErrorCode::AccountOwnedByWrongProgram);
    let other = &story.users[1];
    let paid = flash.settle_quantum_ticket(other, group);
    paid.expect("a payment");
    flash.close_group(group).expect("a closing");
}

/// A pause stops what is new and no exit; a suspension of the asset stops its branches.
#[test]
fn pause_and_suspension_stop_no_exit() {
    let mut story = Story::start(2, 2);
    story.trade(0, [0, 0], stake(100_000_000));
    let (group, user) = (story.group, &story.users[0]);
    let flash = &mut story.flash;
    flash.suspend(story.asset, 20).expect("a suspension");
    let trade = flash.trade_branch(user, group, [0, 0], stake(1_000));
    trade.expect_refusal(FlashError::MarketSuspended);
    flash.resume(story.asset).expect("its end");
    flash.pause().expect("a pause");
    let trade = flash.trade_branch(user, group, [0, 0], stake(1_000));
    trade.expect_refusal(FlashError::Paused);
    let deposit = flash.deposit_quantum(user, group, 1_000);
    deposit.expect_refusal(FlashError::Paused);
    let shares = flash.quantum_ticket(group, user).shares[0][0];
    let trade = flash.trade_branch(user, group, [0, 0], sale(shares));
    trade.expect("a sale");
    let credit = flash.quantum_ticket(group, user).credits;
    let least = credit[0].min(credit[1]);
    let merge = flash.merge_branches(user, group, least);
    merge.expect("the exit");
    assert_eq!(flash.balance(user.tokens), PURSE - DEPOSIT + least);
}

/// Money that nobody asked for moves no price, and is the protocol's at the end.
#[test]
fn donation_is_the_protocols() {
    let mut story = Story::start(2, 2);
    let tokens = addresses::market_tokens(&story.group);
    story.flash.donate(tokens, 12_345);
    story.flash.resolve(story.condition, 0).expect("a result");
    story.flash.collapse(story.group).expect("a collapse");
    story.flash.resolve(story.asset, 0).expect("a result");
    story.flash.settle_group(story.group).expect("an end");
    let before = story.flash.vault_state().protocol_fees;
    for user in &story.users {
        let paid = story.flash.settle_quantum_ticket(user, story.group);
        paid.expect("a payment");
    }
    story.flash.release_group(story.group).expect("a surplus");
    story.flash.close_group(story.group).expect("a closing");
    assert_eq!(story.flash.vault_state().protocol_fees, before + 12_345);
}

/// A ticket that is paid to nobody else blocks neither the others nor the surplus.
#[test]
fn ticket_is_paid_to_its_owner_and_blocks_nobody() {
    let mut story = Story::start(2, 2);
    story.trade(1, [0, 0], stake(100_000_000));
    let (group, gone) = (story.group, &story.users[0]);
    story.flash.resolve(story.condition, 0).expect("a result");
    story.flash.collapse(group).expect("a collapse");
    story.flash.resolve(story.asset, 0).expect("a result");
    story.flash.settle_group(group).expect("an end");
    let other = &story.users[1];
    let accounts = story.flash.group_accounts(group);
    let owner = gone.address();
    for tokens in [other.tokens, addresses::market_tokens(&group)] {
        let settle = accounts.settle_ticket(owner, tokens, owner);
        let paid = story.flash.send(settle, &[]);
        paid.expect_refusal(FlashError::WrongTokenAccount);
    }
    let settle = accounts.settle_ticket(owner, gone.tokens, other.address());
    let paid = story.flash.send(settle, &[]);
    paid.expect_refusal(FlashError::WrongRentReceiver);
    story.flash.release_group(group).expect("a surplus");
    let paid = story.flash.settle_quantum_ticket(other, group);
    paid.expect("a payment");
    let paid = story.flash.settle_quantum_ticket(gone, group);
    paid.expect("a payment");
    assert_eq!(story.flash.balance(gone.tokens), PURSE);
    story.flash.close_group(group).expect("a closing");
}

/// What the operator gives away by opening branches at prices that he knows to be wrong is the funding at
/// most, and counts in the loss of a day: then no group opens.
#[test]
fn operator_with_an_accomplice_takes_the_loss_of_a_day_at_most() {
    // b · ln(1 / 0.1), nearly.
    let funding = 2_302_585_100;
    let mut options = FlashOptions::default();
    options.caps.daily_loss = 3 * funding;
    let mut flash = FlashWorld::start(&options);
    let provider = flash.user(LIQUIDITY);
    flash.deposit(&provider, LIQUIDITY).expect("a deposit");
    let mut terms = flash.lasting(2, 300);
    (terms.fee_rate, terms.depth) = (0, 10_000);
    let condition = flash.market(terms);
    let mut terms = flash.lasting(2, 300);
    (terms.fee_rate, terms.depth) = (0, 10_000);
    let asset = flash.market(terms);
    let accomplice = flash.user(PURSE);
    let mut groups = Vec::new();
    let mut terms = flash.quantum_terms(condition, asset, DEPTH);
    terms.priors = vec![vec![9_000, 1_000]; 2];
    loop {
        let id = flash.vault_state().next_market_id;
        match flash.try_group(condition, asset, terms.clone()) {
            Ok(_) => groups.push(addresses::quantum_group(&flash.vault, id)),
            refused => {
                refused.expect_refusal(FlashError::LossCapExceeded);
                break;
            }
        }
    }
    assert_eq!(groups.len(), 2, "with the two markets that they are about");
    let opens_at = flash.group_state(groups[1]).hours.opens_at;
    flash.pass_to(opens_at);
    for group in &groups {
        assert!(flash.group_state(*group).funding.abs_diff(funding) <= 100);
        let deposit = flash.deposit_quantum(&accomplice, *group, 4_000_000_000);
        deposit.expect("a deposit");
        // The branch and the outcome that both know.
        let bet = flash.trade_branch(&accomplice, *group, [1, 1], stake(4_000_000_000));
        bet.expect("a purchase");
    }
    flash.resolve(condition, 1).expect("a result");
    flash.resolve(asset, 1).expect("a result");
    for group in &groups {
        flash.collapse(*group).expect("a collapse");
        flash.settle_group(*group).expect("an end");
        flash.release_group(*group).expect("a surplus");
        let paid = flash.settle_quantum_ticket(&accomplice, *group);
        paid.expect("a payment");
    }
    let gain = flash.balance(accomplice.tokens) - PURSE;
    assert!(gain > 2 * funding * 9 / 10 && gain <= 2 * funding, "{gain}");
    let now = flash.chain().now().seconds();
    let lost = flash.vault_state().losses.lost(now).expect("a sum").0;
    assert!(lost >= gain && lost <= 3 * funding, "{lost}");
    let event = flash.create_event_book();
    let mut again = flash.lasting(2, 300);
    again.depth = 4 * DEPTH;
    flash
        .try_market(event, again)
        .expect_refusal(FlashError::LossCapExceeded);
}

/// What chains through the asset's market may be paid counts in the caps that a group has to keep.
#[test]
fn group_shares_the_caps_of_its_event_with_chains() {
    let (depth, funding) = (100_000_000, 69_314_735);
    for is_chained in [false, true] {
        let mut options = FlashOptions::default();
        options.caps.event_funding = 2 * funding + 1_000;
        let mut flash = FlashWorld::start(&options);
        let provider = flash.user(LIQUIDITY);
        flash.deposit(&provider, LIQUIDITY).expect("a deposit");
        flash.set_chain_terms(ChainTerms {
            fee_rate: 100,
            spread: 0,
            reserve: 10_000,
            cash_out_fee_rate: 100,
        });
        let mut terms = flash.lasting(2, 300);
        terms.depth = depth;
        let markets = flash.legs(3, &terms);
        let [condition, asset, other] = markets[..] else {
            panic!("three markets");
        };
        if is_chained {
            let user = flash.user(PURSE);
            let legs = [(asset, 0), (other, 0)];
            let (_, odds) = flash.open_chain(&user, &legs, 1_000_000);
            assert!(odds.payout > 1_000);
        }
        let terms = flash.quantum_terms(condition, asset, depth);
        let group = flash.try_group(condition, asset, terms);
        if is_chained {
            group.expect_refusal(FlashError::EventCapExceeded);
        } else {
            group.expect("a group");
        }
    }
}

/// Of a void condition each branch pays its slow prices: nobody trades against those once it is void, and the
/// exit stays open.
#[test]
fn nobody_trades_in_a_group_whose_condition_is_void() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let mut terms = flash.lasting(2, 300);
    let strike_at_ms = terms.observe_at_ms - 300_000;
    terms.rule = RuleTerms::ThresholdAtOpening { strike_at_ms };
    let condition = flash.market(terms);
    let asset = flash.market(flash.lasting(2, 300));
    let group = flash.group(condition, asset, DEPTH);
    let user = flash.user(PURSE);
    let deposit = flash.deposit_quantum(&user, group, DEPOSIT);
    deposit.expect("a deposit");
    let trade = flash.trade_branch(&user, group, [0, 0], stake(DEPOSIT / 2));
    trade.expect("a trade");
    flash.observe_at(condition, strike_at_ms, 50_000);
    flash.set_strike_from(condition).expect("a strike");
    let id = flash.market_state(condition).id;
    let report = flash
        .world
        .report_conflict(feed(id), strike_at_ms, 50_001)
        .expect("a proof");
    flash.send(report.instruction(), &[]).expect("a report");
    flash.void(condition).expect("a void market");
    for order in [stake(1_000), sale(1_000)] {
        let trade = flash.trade_branch(&user, group, [1, 1], order);
        trade.expect_refusal(FlashError::MarketNotOpen);
    }
    flash
        .collapse(group)
        .expect_refusal(FlashError::TradingNotOver);
    let merge = flash.merge_branches(&user, group, DEPOSIT / 2);
    merge.expect("the exit");
    assert_eq!(flash.balance(user.tokens), PURSE - DEPOSIT / 2);
}

/// Random operations up to random ends, results in whichever order: the checks after each transaction see
/// that every branch has the same money behind it and that all of it is somebody's.
fn play(seed: u64, steps: u32) {
    let mut random = StdRng::seed_from_u64(seed);
    let (branches, outcomes) = (random.gen_range(2..=5), random.gen_range(2..=4));
    let mut story = Story::start(branches, outcomes);
    let until = story.flash.group_state(story.group).hours.trading_until;
    for _ in 0..steps {
        let user = &story.users[random.gen_range(0..2)];
        let place = [random.gen_range(0..branches), random.gen_range(0..outcomes)];
        let ticket = story.flash.quantum_ticket(story.group, user);
        let [branch, outcome] = place.map(usize::from);
        let amount = random.gen_range(1..=DEPOSIT / 10);
        let (flash, group) = (&mut story.flash, story.group);
        // What is refused changes nothing; the checks see that too.
        let _ = match random.gen_range(0..8) {
            0 => flash.deposit_quantum(user, group, amount),
            1 => flash.merge_branches(user, group, amount),
            2..=4 => flash.trade_branch(user, group, place, stake(amount)),
            5 => {
                let order = Order::Buy {
                    shares: amount,
                    max_cost: u64::MAX,
                };
                flash.trade_branch(user, group, place, order)
            }
            6 => flash.trade_branch(user, group, place, sale(ticket.shares[branch][outcome])),
            _ => {
                let now = flash.chain().now().seconds();
                flash.pass_to((now + random.gen_range(1..4)).min(until - 1));
                continue;
            }
        };
    }
    let is_void = [random.gen_range(0..3) == 0, random.gen_range(0..3) == 0];
    let mut markets = [
        (story.condition, branches, is_void[0]),
        (story.asset, outcomes, is_void[1]),
    ];
    if random.gen() {
        markets.reverse();
    }
    for (market, count, is_void) in markets {
        let end = if is_void {
            let void_from = story.flash.market_state(market).void_from;
            story.flash.pass_to(void_from);
            story.flash.void(market)
        } else {
            let value = random.gen_range(0..count);
            story.flash.resolve(market, value.into())
        };
        end.expect("an end of a market");
    }
    story.flash.collapse(story.group).expect("a collapse");
    if !is_void[0] {
        story.flash.settle_group(story.group).expect("an end");
    }
    if random.gen() {
        story.flash.release_group(story.group).expect("a surplus");
        story
            .flash
            .release_group(story.group)
            .expect_refusal(FlashError::NothingSettled);
    } else {
        let (balances, owned) = story.finish();
        let all = balances.iter().chain(&owned).sum::<u64>();
        assert_eq!(all, 2 * PURSE + LIQUIDITY, "seed {seed}");
        return;
    }
    for user in &story.users {
        let paid = story.flash.settle_quantum_ticket(user, story.group);
        paid.expect("a payment");
    }
    story.flash.close_group(story.group).expect("a closing");
}

#[test]
fn books_hold_over_random_operations() {
    for seed in [1, rand::random()] {
        println!("seed {seed}");
        play(seed, 40);
    }
}

/// `STROBE_PROGRAMS=native cargo test -p strobe-tests --test e2e flash_bets::quantum -- --ignored`
#[test]
#[ignore = "takes some minutes"]
fn books_hold_over_five_thousand_operations() {
    for seed in 0..50 {
        play(10_000 + seed, 100);
    }
}
