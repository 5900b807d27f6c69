//! Flash bets, the vault: LP shares, caps, governance, admitted mints.

use anchor_lang::error::ErrorCode;
use client::{addresses::flash_bets as addresses, instructions::flash_bets::*};
use flash_bets::error::FlashError;
use math::vault::LEAST_STAYING;
use solana_keypair::Keypair;
use solana_signer::Signer;
use testbed::{
    ExpectError, FeeShare, FlashOptions, FlashWorld, MintExtension, MintOptions, TokenProgram,
};

fn options(change: impl FnOnce(&mut FlashOptions)) -> FlashOptions {
    let mut options = FlashOptions::default();
    change(&mut options);
    options
}

#[test]
fn deposit_and_withdrawal_to_the_base_unit() {
    let mut flash = FlashWorld::start(&FlashOptions::default());
    let (first, second) = (flash.user(5_000_000), flash.user(3_333_333));

    flash.deposit(&first, 5_000_000).expect("a deposit");
    // amount · (0 + 1000) / (0 + 1)
    assert_eq!(flash.balance(first.lp_tokens), 5_000_000_000);
    flash.deposit(&second, 3_333_333).expect("a deposit");
    // 3,333,333 · 5,000,001,000 / 5,000,001 = 3,333,333,000
    assert_eq!(flash.balance(second.lp_tokens), 3_333_333_000);
    let vault = flash.vault_state();
    assert_eq!((vault.cash, vault.shares), (8_333_333, 8_333_333_000));

    flash.request_withdraw(&first, 2_000_000_001).expect("one");
    assert_eq!(flash.balance(first.lp_tokens), 2_999_999_999);
    let available_at = flash.withdrawal_state(&first).available_at;
    flash.go_to_second(available_at - 1);
    flash
        .withdraw(&first)
        .expect_refusal(FlashError::NoticeNotPassed);
    flash.go_to_second(available_at);
    let lamports = flash.chain().lamports(first.address()).expect("lamports");
    let rent = flash
        .chain()
        .lamports(addresses::withdrawal(&flash.vault, &first.address()))
        .expect("lamports");
    // 2,000,000,001 · 8,333,334 / 8,333,334,000 = 2,000,000.001
    flash.withdraw(&first).expect("a withdrawal");
    assert_eq!(flash.balance(first.tokens), 2_000_000);
    let vault = flash.vault_state();
    assert_eq!((vault.cash, vault.shares), (6_333_333, 6_333_332_999));
    assert_eq!(vault.requested_shares, 0);
    assert_eq!(
        flash.chain().lamports(first.address()).expect("lamports"),
        lamports + rent,
        "the rent goes back to the owner"
    );
    flash
        .withdraw(&first)
        .expect_refusal(ErrorCode::AccountNotInitialized);
}

#[test]
fn one_withdrawal_at_a_time_and_none_beyond_the_shares() {
    let (mut flash, provider) = FlashWorld::with_liquidity(1_000);
    flash
        .request_withdraw(&provider, 0)
        .expect_refusal(FlashError::ZeroAmount);
    flash
        .request_withdraw(&provider, 1_000_001)
        .expect_refusal(FlashError::NotEnoughLpShares);
    let other = flash.user(10_000);
    flash.deposit(&other, 10_000).expect("a deposit");
    flash
        .request_withdraw(&provider, 1_000_001)
        .expect_refusal(FlashError::NotEnoughLpShares);
    flash
        .request_withdraw(&provider, u64::MAX)
        .expect_refusal(FlashError::NotEnoughLpShares);
    flash.request_withdraw(&provider, 400_000).expect("one");
    flash
        .request_withdraw(&provider, 400_000)
        .expect_refusal("AccountAlreadyInUse");
}

#[test]
fn deposits_out_of_range_are_refused() {
    let mut flash = FlashWorld::start(&FlashOptions::default());
    let provider = flash.user(u64::MAX / 2);
    flash
        .deposit(&provider, 0)
        .expect_refusal(FlashError::ZeroAmount);
    flash
        .deposit(&provider, u64::MAX)
        .expect_refusal(FlashError::TooManyShares);
    let mut deposit = flash.build_deposit(&provider, 1_000);
    deposit.args.min_shares = 1_000_001;
    flash
        .send(deposit.instruction(), &[&provider.key])
        .expect_refusal(FlashError::SlippageExceeded);
    deposit.args.min_shares = 1_000_000;
    flash
        .send(deposit.instruction(), &[&provider.key])
        .expect("a request");
}

/// The classic attack: the first share made dear by a gift. Here a gift is not even counted.
#[test]
fn first_deposit_cannot_be_inflated() {
    let mut flash = FlashWorld::start(&FlashOptions::default());
    let (thief, victim) = (flash.user(1), flash.user(1_000_000));
    flash.deposit(&thief, 1).expect("a deposit");
    flash
        .request_deposit(&victim, 1_000_000)
        .expect("a request");
    flash.donate(addresses::vault_tokens(&flash.vault), 10_000_000);
    flash.pass_to(flash.deposit_state(&victim).available_at);
    flash.execute_deposit(&victim).expect("a deposit");
    assert_eq!(flash.balance(victim.lp_tokens), 1_000_000_000);

    for user in [&thief, &victim] {
        let shares = flash.balance(user.lp_tokens);
        flash.request_withdraw(user, shares).expect("a request");
    }
    flash.pass_to(flash.chain().now().seconds() + 3_600);
    for user in [&victim, &thief] {
        flash.withdraw(user).expect("a withdrawal");
    }
    assert_eq!(flash.balance(victim.tokens), 1_000_000);
    assert_eq!(flash.balance(thief.tokens), 1);
}

/// An LP who leaves while money is in markets has to leave some shares, and owns by them what comes
/// back: they have become dear, and a deposit worth less than one is refused.
#[test]
fn deposit_below_a_share_is_refused() {
    const AMOUNT: u64 = 10_000_000_000;
    let (mut flash, provider) = FlashWorld::with_liquidity(AMOUNT);
    let args = flash.terms(2);
    let market = flash.market(args);
    let shares = flash.balance(provider.lp_tokens) - LEAST_STAYING.0;
    flash.request_withdraw(&provider, shares).expect("one");
    let (early, late) = (flash.user(500), flash.user(AMOUNT));
    flash.request_deposit(&early, 500).expect("a request");
    flash.pass_to(flash.chain().now().seconds() + 3_600);
    flash.withdraw(&provider).expect("the free cash");
    flash.execute_deposit(&early).expect("an end");
    assert_eq!(flash.balance(early.tokens), 500, "it went back");
    flash.resolve(market, 0).expect("a resolution");
    flash.release(market).expect("a release");
    let left = flash.vault_state();
    assert_eq!(left.shares, LEAST_STAYING.0);
    assert!(left.cash > 693_000_000);

    flash
        .deposit(&late, 500)
        .expect_refusal(FlashError::DepositTooSmall);
    flash.deposit(&late, AMOUNT).expect("a deposit");
    for user in [&late, &provider] {
        let shares = flash.balance(user.lp_tokens);
        flash.request_withdraw(user, shares).expect("a request");
        flash.pass_to(flash.chain().now().seconds() + 3_600);
        flash.withdraw(user).expect("a withdrawal");
    }
    // A share is worth some 693 base units: that much rounding can take.
    let back = flash.balance(late.tokens);
    assert!((AMOUNT - 700..=AMOUNT).contains(&back), "{back}");
    let back = flash.balance(provider.tokens);
    assert!((AMOUNT - 700_000..=AMOUNT).contains(&back), "{back}");
}

#[test]
fn vault_is_the_admins_to_create() {
    let mut flash = FlashWorld::start(&FlashOptions::default());
    let mint = flash.new_mint();
    let mallory = flash.world.chain.new_actor().expect("an actor");
    let mut create = flash.build_vault(mint, &FlashOptions::default());
    create.admin = mallory.pubkey();
    flash
        .send(create.instruction(), &[&mallory])
        .expect_refusal(FlashError::NotAdmin);

    let admin = flash.world.admin.insecure_clone();
    create.admin = admin.pubkey();
    // Lamports sent to the addresses before do not stop it.
    let vault = addresses::vault(&mint.address, 1);
    for address in [
        vault,
        addresses::vault_tokens(&vault),
        addresses::lp_mint(&vault),
    ] {
        flash.world.chain.airdrop(address, 1_000_000).expect("some");
    }
    flash
        .send(create.instruction(), &[&admin])
        .expect("a vault");
    flash
        .send(create.instruction(), &[&admin])
        .expect_refusal("AccountAlreadyInUse");
}

#[test]
fn terms_of_a_vault_out_of_range_are_refused() {
    let mut flash = FlashWorld::start(&FlashOptions::default());
    let mint = flash.new_mint();
    let admin = flash.world.admin.insecure_clone();
    type Change = fn(&mut FlashOptions);
    let cases: [(FlashError, Change); 9] = [
        (FlashError::NoticeOutOfRange, |o| o.notice_seconds = 3_599),
        (FlashError::NoticeOutOfRange, |o| {
            o.notice_seconds = 90 * 86_400 + 1
        }),
        (FlashError::CapsOutOfRange, |o| o.caps.utilisation = 10_001),
        (FlashError::CapsOutOfRange, |o| o.caps.slot_ms = 49),
        (FlashError::CapsOutOfRange, |o| o.caps.slot_ms = 2_001),
        (FlashError::CapsOutOfRange, |o| {
            o.caps.opening_lead_seconds = 4
        }),
        (FlashError::CapsOutOfRange, |o| {
            o.caps.opening_lead_seconds = 3_601
        }),
        (FlashError::FeeSplitOutOfRange, |o| {
            o.fee_split.protocol = 9_001
        }),
        (FlashError::FeeSplitOutOfRange, |o| {
            o.fee_split.operator = u16::MAX;
            o.fee_split.protocol = u16::MAX;
        }),
    ];
    for (expected, change) in cases {
        let create = flash.build_vault(mint, &options(change));
        flash
            .send(create.instruction(), &[&admin])
            .expect_refusal(expected);
    }
    let mut create = flash.build_vault(mint, &FlashOptions::default());
    create.args.operator = Default::default();
    flash
        .send(create.instruction(), &[&admin])
        .expect_refusal(FlashError::DefaultKey);
    let mut create = flash.build_vault(mint, &FlashOptions::default());
    create.args.treasury = Default::default();
    flash
        .send(create.instruction(), &[&admin])
        .expect_refusal(FlashError::DefaultKey);
}

#[test]
fn mints_under_which_tokens_could_be_taken_are_refused() {
    let mut flash = FlashWorld::start(&FlashOptions::default());
    let admin = flash.world.admin.insecure_clone();
    for extension in [
        MintExtension::CloseAuthority,
        MintExtension::ConfidentialTransfer,
        MintExtension::DefaultFrozen,
        MintExtension::InterestBearing,
        MintExtension::NonTransferable,
        MintExtension::Pausable,
        MintExtension::PermanentDelegate,
        MintExtension::TransferFee,
        MintExtension::TransferHook,
    ] {
        let authority = flash.chain().fee_payer();
        let mint = flash
            .world
            .chain
            .create_mint(&MintOptions {
                program: TokenProgram::Token2022,
                freeze_authority: Some(authority),
                extensions: vec![MintExtension::MetadataPointer, extension],
                ..MintOptions::default()
            })
            .expect("a mint");
        let create = flash.build_vault(mint, &FlashOptions::default());
        println!("{extension:?}");
        flash
            .send(create.instruction(), &[&admin])
            .expect_refusal(FlashError::MintExtensionRefused);
    }
}

#[test]
fn token_program_must_be_the_mints() {
    let mut flash = FlashWorld::start(&FlashOptions::default());
    let admin = flash.world.admin.insecure_clone();
    let mint = flash.new_mint();
    let mut create = flash.build_vault(mint, &FlashOptions::default());
    create.token_program = TokenProgram::Token2022.id();
    flash
        .send(create.instruction(), &[&admin])
        .expect_refusal("IncorrectProgramId");
    create.token_program = oracle::ID;
    flash
        .send(create.instruction(), &[&admin])
        .expect_refusal(ErrorCode::InvalidProgramId);

    let provider = flash.user(1_000);
    let mut deposit = flash.build_deposit(&provider, 1_000);
    deposit.token_program = TokenProgram::Token2022.id();
    flash
        .send(deposit.instruction(), &[&provider.key])
        .expect_refusal("IncorrectProgramId");
    deposit.token_program = anchor_lang::system_program::ID;
    flash
        .send(deposit.instruction(), &[&provider.key])
        .expect_refusal(ErrorCode::InvalidProgramId);
}

fn caps_of(flash: &FlashWorld) -> Caps {
    flash.vault_state().caps.value
}

#[test]
fn caps_fall_at_once_and_rise_after_the_timelock() {
    let mut flash = FlashWorld::start(&FlashOptions::default());
    let admin = flash.world.admin.insecure_clone();
    let guardian = flash.world.guardian.insecure_clone();
    let mallory = flash.world.chain.new_actor().expect("an actor");
    let operator = flash.operator.insecure_clone();
    let caps = Caps {
        market_funding: 1_000,
        event_funding: 2_000,
        feed_funding: 1_500,
        daily_loss: 3_000,
        opening_lead_seconds: 60,
        utilisation: 5_000,
        slot_ms: 400,
    };
    let set = |authority: &Keypair, flash: &FlashWorld, caps| {
        ProposeChange {
            authority: authority.pubkey(),
            vault: flash.vault,
            change: VaultChange::Caps(caps),
        }
        .instruction()
    };
    for nobody in [&mallory, &operator] {
        let instruction = set(nobody, &flash, caps);
        flash
            .send(instruction, &[nobody])
            .expect_refusal(FlashError::NotAdminOrGuardian);
    }
    let lower = set(&guardian, &flash, caps);
    flash.send(lower, &[&guardian]).expect("lower caps");
    assert_eq!(caps_of(&flash), caps);

    // One number higher than before makes it a raise, whatever the others do.
    let raises: [fn(&mut Caps); 7] = [
        |caps| caps.market_funding += 1,
        |caps| caps.event_funding += 1,
        |caps| caps.feed_funding += 1,
        |caps| caps.daily_loss += 1,
        |caps| caps.opening_lead_seconds -= 1,
        |caps| caps.utilisation += 1,
        |caps| caps.slot_ms -= 1,
    ];
    for raise in raises {
        let mut higher = Caps {
            market_funding: 1,
            ..caps
        };
        higher.market_funding = caps.market_funding;
        raise(&mut higher);
        let instruction = set(&guardian, &flash, higher);
        flash
            .send(instruction, &[&guardian])
            .expect_refusal(FlashError::NotAdmin);
        let instruction = set(&admin, &flash, higher);
        flash.send(instruction, &[&admin]).expect("a proposal");
        let vault = flash.vault_state();
        let from = flash.chain().now().seconds() + flash.world.timelock;
        assert_eq!(vault.caps.active_from, from);
        assert_eq!(vault.caps.at(from - 1), caps);
        assert_eq!(vault.caps.at(from), higher);

        // The guardian lowers to what is in force, which ends the proposal.
        let cancel = set(&guardian, &flash, caps);
        flash.send(cancel, &[&guardian]).expect("a cancellation");
        assert_eq!(flash.vault_state().caps.at(i64::MAX), caps);
    }
    let mut invalid = caps;
    invalid.utilisation = 10_001;
    let instruction = set(&admin, &flash, invalid);
    flash
        .send(instruction, &[&admin])
        .expect_refusal(FlashError::CapsOutOfRange);
}

#[test]
fn operator_changes_after_the_timelock() {
    let mut flash = FlashWorld::start(&FlashOptions::default());
    let admin = flash.world.admin.insecure_clone();
    let guardian = flash.world.guardian.insecure_clone();
    let next = flash.world.chain.new_actor().expect("an actor");
    let mut set = ProposeChange {
        authority: guardian.pubkey(),
        vault: flash.vault,
        change: VaultChange::Operator(next.pubkey()),
    };
    flash
        .send(set.instruction(), &[&guardian])
        .expect_refusal(FlashError::NotAdmin);
    set.authority = admin.pubkey();
    set.change = VaultChange::Operator(Default::default());
    flash
        .send(set.instruction(), &[&admin])
        .expect_refusal(FlashError::DefaultKey);
    set.change = VaultChange::Operator(next.pubkey());
    flash
        .send(set.instruction(), &[&admin])
        .expect("a proposal");

    let create = |flash: &FlashWorld, operator: &Keypair, id| {
        CreateEventBook {
            operator: operator.pubkey(),
            vault: flash.vault,
            id,
            correlation_group: 0,
            verse: None,
        }
        .instruction()
    };
    let old = flash.operator.insecure_clone();
    let from = flash.chain().now().seconds() + flash.world.timelock;
    flash.go_to_second(from - 1);
    let instruction = create(&flash, &next, 1_001);
    flash
        .send(instruction, &[&next])
        .expect_refusal(FlashError::NotOperator);
    let instruction = create(&flash, &old, 1_002);
    flash.send(instruction, &[&old]).expect("still operator");
    flash.go_to_second(from);
    let instruction = create(&flash, &old, 1_003);
    flash
        .send(instruction, &[&old])
        .expect_refusal(FlashError::NotOperator);
    let instruction = create(&flash, &next, 1_001);
    flash.send(instruction, &[&next]).expect("operator now");
}

#[test]
fn pause_stops_new_risk_and_ends_after_the_timelock() {
    let (mut flash, provider) = FlashWorld::with_liquidity(10_000_000_000);
    let admin = flash.world.admin.insecure_clone();
    let guardian = flash.world.guardian.insecure_clone();
    let mallory = flash.world.chain.new_actor().expect("an actor");
    let args = flash.terms(2);
    let market = flash.market(args);
    let user = flash.user(2_000_000);
    flash.open_ticket(&user, market).expect("a ticket");
    flash.place(&user, market, 0, 1_000_000).expect("a bet");

    let pause = |authority: &Keypair, flash: &FlashWorld| {
        Pause {
            authority: authority.pubkey(),
            vault: flash.vault,
        }
        .instruction()
    };
    let unpause = |admin: &Keypair, flash: &FlashWorld| {
        Unpause {
            authority: admin.pubkey(),
            vault: flash.vault,
        }
        .instruction()
    };
    let instruction = pause(&mallory, &flash);
    flash
        .send(instruction, &[&mallory])
        .expect_refusal(FlashError::NotAdminOrGuardian);
    let instruction = unpause(&admin, &flash);
    flash
        .send(instruction, &[&admin])
        .expect_refusal(FlashError::NotPaused);
    let instruction = pause(&guardian, &flash);
    flash.send(instruction, &[&guardian]).expect("a pause");

    flash
        .place(&user, market, 0, 1_000_000)
        .expect_refusal(FlashError::Paused);
    flash
        .deposit(&provider, 1)
        .expect_refusal(FlashError::Paused);
    let event = flash.create_event_book();
    let args = flash.terms(2);
    flash
        .try_market(event, args)
        .expect_refusal(FlashError::Paused);
    // Every exit works.
    flash.cash_out(&user, market, 0, 1_000).expect("a cash-out");
    flash.request_withdraw(&provider, 1_000_000).expect("one");
    flash.resolve(market, 0).expect("a resolution");
    flash.settle(market, &[&user]).expect("a settlement");
    flash.release(market).expect("a release");
    flash.close(market).expect("a closing");
    flash.pass_to(flash.chain().now().seconds() + 3_600);
    flash.withdraw(&provider).expect("a withdrawal");

    let instruction = unpause(&guardian, &flash);
    flash
        .send(instruction, &[&guardian])
        .expect_refusal(FlashError::NotAdmin);
    let instruction = unpause(&admin, &flash);
    flash.send(instruction, &[&admin]).expect("an end");
    let from = flash.chain().now().seconds() + flash.world.timelock;
    let args = flash.terms(2);
    flash.go_to_second(from - 1);
    flash
        .try_market(event, args.clone())
        .expect_refusal(FlashError::Paused);
    // A new pause takes the end back.
    let instruction = pause(&guardian, &flash);
    flash.send(instruction, &[&guardian]).expect("a pause");
    flash.go_to_second(from);
    flash
        .try_market(event, args)
        .expect_refusal(FlashError::Paused);
    let instruction = unpause(&admin, &flash);
    flash.send(instruction, &[&admin]).expect("an end");
    flash.go_to_second(from + flash.world.timelock);
    let args = flash.terms(2);
    flash.try_market(event, args).expect("a market");
}

#[test]
fn fees_go_to_whom_they_belong() {
    let (mut flash, _) = FlashWorld::with_liquidity(10_000_000_000);
    flash
        .collect(FeeShare::Protocol)
        .expect_refusal(FlashError::NothingToCollect);
    flash
        .collect(FeeShare::Operator)
        .expect_refusal(ErrorCode::AccountNotInitialized);
    let mut args = flash.terms(10);
    args.fee_rate = 500;
    let market = flash.market(args);
    let user = flash.user(105_000_000);
    flash.open_ticket(&user, market).expect("a ticket");
    flash.place(&user, market, 0, 105_000_000).expect("a bet");
    let state = flash.market_state(market);
    flash.resolve(market, 1).expect("a resolution");
    let cash = flash.vault_state().cash;
    flash.release(market).expect("a release");

    let vault = flash.vault_state();
    let (protocol, operator) = (
        state.pool.fees * 3_000 / 10_000,
        state.pool.fees * 1_000 / 10_000,
    );
    assert_eq!(vault.protocol_fees, protocol);
    assert_eq!(vault.operator_fees, operator);
    let liquidity = state.pool.fees - protocol - operator;
    assert_eq!(vault.cash, cash + state.pool.cash + liquidity);

    let mut wrong = flash.build_collect(FeeShare::Protocol);
    for tokens in [flash.operator_tokens, user.tokens] {
        wrong.receiver_tokens = tokens;
        flash
            .send(wrong.instruction(), &[])
            .expect_refusal(FlashError::WrongTokenAccount);
    }
    flash.collect(FeeShare::Protocol).expect("a collection");
    flash.collect(FeeShare::Operator).expect("a collection");
    assert_eq!(flash.balance(flash.treasury_tokens), protocol);
    assert_eq!(flash.balance(flash.operator_tokens), operator);
    flash
        .collect(FeeShare::Protocol)
        .expect_refusal(FlashError::NothingToCollect);
}

/// While all cash is in markets a withdrawal waits; shares worth nothing at any estimate are given
/// up, so that they do not block their owner's next request.
#[test]
fn withdrawal_of_nothing_waits_unless_it_is_worth_nothing() {
    let (mut flash, provider) = FlashWorld::with_liquidity(2_000_000_000);
    let dust = flash.user(2_000_000_000);
    flash.deposit(&dust, 2_000_000_000).expect("a deposit");
    let mut args = flash.terms(2);
    args.depth = 5_770_000_000;
    let market = flash.market(args);
    let cash = flash.vault_state().cash;
    assert!(cash < 1_000_000, "{cash} is left of 4·10⁹");
    flash.request_withdraw(&provider, 2_000_000).expect("one");
    flash.request_withdraw(&dust, 1).expect("one");
    flash.pass_to(flash.chain().now().seconds() + 3_600);
    flash
        .withdraw(&provider)
        .expect_refusal(FlashError::NothingToWithdraw);
    flash.withdraw(&dust).expect("nothing, but the rent");
    assert_eq!(flash.balance(dust.tokens), 0);

    flash.resolve(market, 0).expect("a resolution");
    flash.close(market).expect("a closing");
    // Within the hour after the notice.
    flash.withdraw(&provider).expect("a withdrawal");
    assert_eq!(flash.balance(provider.tokens), 2_000);
}

#[test]
fn next_operator_can_be_withdrawn_until_it_takes_over() {
    let mut flash = FlashWorld::start(&FlashOptions::default());
    let admin = flash.world.admin.insecure_clone();
    let guardian = flash.world.guardian.insecure_clone();
    let next = flash.world.chain.new_actor().expect("an actor");
    let old = flash.vault_state().operator.value;
    let set = ProposeChange {
        authority: admin.pubkey(),
        vault: flash.vault,
        change: VaultChange::Operator(next.pubkey()),
    };
    let cancel = |flash: &mut FlashWorld, by: &Keypair| {
        let cancel = CancelChange {
            authority: by.pubkey(),
            vault: flash.vault,
            term: VaultTerm::Operator,
        };
        flash.send(cancel.instruction(), &[by])
    };
    cancel(&mut flash, &guardian).expect_refusal(FlashError::NothingPending);
    for authority in [&admin, &guardian] {
        flash
            .send(set.instruction(), &[&admin])
            .expect("a proposal");
        cancel(&mut flash, &next).expect_refusal(FlashError::NotAdminOrGuardian);
        cancel(&mut flash, authority).expect("a withdrawal");
        flash.world.pass_timelock();
        let vault = flash.vault_state();
        assert_eq!(vault.operator.at(flash.chain().now().seconds()), old);
    }
    flash
        .send(set.instruction(), &[&admin])
        .expect("a proposal");
    flash.world.pass_timelock();
    cancel(&mut flash, &guardian).expect_refusal(FlashError::NothingPending);
}

/// What an operator has earned stays its own when another takes over, and the next earns by its own
/// markets alone.
#[test]
fn fees_stay_with_the_operator_under_whom_they_were_earned() {
    let (mut flash, _) = FlashWorld::with_liquidity(10_000_000_000);
    let admin = flash.world.admin.insecure_clone();
    let user = flash.user(100_000_000);
    let earn = |flash: &mut FlashWorld| {
        let terms = flash.terms(2);
        let market = flash.market(terms);
        flash
            .open_and_place(&user, market, 0, 10_000_000)
            .expect("a bet");
        let fees = flash.market_state(market).pool.fees;
        flash.resolve(market, 1).expect("a resolution");
        (market, fees / 10)
    };
    let (first, earned) = earn(&mut flash);
    let next = flash.world.chain.new_actor().expect("an actor");
    let set = ProposeChange {
        authority: admin.pubkey(),
        vault: flash.vault,
        change: VaultChange::Operator(next.pubkey()),
    };
    flash
        .send(set.instruction(), &[&admin])
        .expect("a proposal");
    flash.world.pass_timelock();
    // Released under the next one.
    flash.release(first).expect("a release");
    let old = std::mem::replace(&mut flash.operator, next.insecure_clone());
    let (second, earned_next) = earn(&mut flash);
    flash.release(second).expect("a release");
    let next_tokens = flash.associated_account(next.pubkey(), 0);
    let collect = |flash: &mut FlashWorld, receiver, receiver_tokens| {
        let collect = CollectFees {
            receiver,
            receiver_tokens,
            ..flash.build_collect(FeeShare::Operator)
        };
        flash.send(collect.instruction(), &[])
    };
    let old_tokens = flash.operator_tokens;
    collect(&mut flash, next.pubkey(), next_tokens).expect("a collection");
    collect(&mut flash, old.pubkey(), old_tokens).expect("a collection");
    assert_eq!(flash.balance(next_tokens), earned_next);
    assert_eq!(flash.balance(old_tokens), earned);
    collect(&mut flash, old.pubkey(), old_tokens).expect_refusal(FlashError::NothingToCollect);
}

/// Treasury, split and notice change after the timelock, and a split only for markets that are created
/// from then on.
#[test]
fn treasury_split_and_notice_change_after_the_timelock() {
    let (mut flash, provider) = FlashWorld::with_liquidity(10_000_000_000);
    let admin = flash.world.admin.insecure_clone();
    let guardian = flash.world.guardian.insecure_clone();
    let next = flash.world.chain.new_actor().expect("an actor").pubkey();
    let terms = flash.terms(2);
    let old_market = flash.market(terms);
    let split = FeeSplit {
        protocol: 10_000,
        operator: 0,
    };
    for change in [
        VaultChange::Treasury(next),
        VaultChange::FeeSplit(split),
        VaultChange::NoticeSeconds(7_200),
    ] {
        let mut propose = ProposeChange {
            authority: guardian.pubkey(),
            vault: flash.vault,
            change,
        };
        flash
            .send(propose.instruction(), &[&guardian])
            .expect_refusal(FlashError::NotAdmin);
        propose.authority = admin.pubkey();
        flash
            .send(propose.instruction(), &[&admin])
            .expect("a proposal");
    }
    let terms = flash.terms(2);
    let market = flash.market(terms);
    assert_eq!(flash.market_state(market).fee_split.operator, 1_000);
    flash.world.pass_timelock();
    let terms = flash.terms(2);
    let market = flash.market(terms);
    assert_eq!(flash.market_state(market).fee_split, split);
    assert_eq!(flash.market_state(old_market).fee_split.operator, 1_000);
    let now = flash.chain().now().seconds();
    assert_eq!(flash.vault_state().treasury.at(now), next);
    flash.request_withdraw(&provider, 1_000).expect("a request");
    let asked = flash.withdrawal_state(&provider);
    assert_eq!(asked.available_at, now + 7_200);
    let guardians = CancelChange {
        authority: guardian.pubkey(),
        vault: flash.vault,
        term: VaultTerm::Treasury,
    };
    flash
        .send(guardians.instruction(), &[&guardian])
        .expect_refusal(FlashError::NothingPending);
}

/// A withdrawal is paid in the hour after its notice, by anybody, or lapses: who asks for one has no
/// right to leave at any later moment.
#[test]
fn withdrawal_is_no_standing_right_to_leave() {
    let (mut flash, provider) = FlashWorld::with_liquidity(10_000_000_000);
    let shares = flash.balance(provider.lp_tokens);
    let some = shares / 2;
    flash.request_withdraw(&provider, some).expect("a request");
    flash.cancel_withdraw(&provider).expect("in time");
    assert_eq!(flash.balance(provider.lp_tokens), shares);

    flash.request_withdraw(&provider, some).expect("a request");
    let asked = flash.withdrawal_state(&provider);
    assert_eq!(asked.available_until, asked.available_at + 3_600);
    flash
        .lapse_withdraw(&provider)
        .expect_refusal(FlashError::ExecutionPossible);
    flash.go_to_second(asked.available_at);
    flash
        .cancel_withdraw(&provider)
        .expect_refusal(FlashError::NoticePassed);
    flash.go_to_second(asked.available_until);
    flash
        .lapse_withdraw(&provider)
        .expect_refusal(FlashError::ExecutionPossible);
    flash.go_to_second(asked.available_until + 1);
    flash
        .withdraw(&provider)
        .expect_refusal(FlashError::ExecutionOver);
    flash.lapse_withdraw(&provider).expect("an end");
    assert_eq!(flash.balance(provider.lp_tokens), shares);
    assert_eq!(flash.vault_state().requested_shares, 0);

    // One that is due anybody has paid, to its owner.
    let mut request = flash.build_request(&provider, some);
    request.args.min_amount = 5_000_000_001;
    flash
        .send(request.instruction(), &[&provider.key])
        .expect("a request");
    flash.pass_to(flash.withdrawal_state(&provider).available_at);
    flash
        .withdraw(&provider)
        .expect_refusal(FlashError::SlippageExceeded);
    flash.pass_to(flash.withdrawal_state(&provider).available_until + 1);
    flash.lapse_withdraw(&provider).expect("an end");
    flash.request_withdraw(&provider, some).expect("a request");
    flash.pass_to(flash.withdrawal_state(&provider).available_at);
    let thief = flash.user(0);
    let mut wrong = flash.build_withdraw(&provider);
    wrong.owner_tokens = thief.tokens;
    flash
        .send(wrong.instruction(), &[])
        .expect_refusal(FlashError::WrongTokenAccount);
    flash.withdraw(&provider).expect("a payment");
    assert_eq!(flash.balance(provider.tokens), 5_000_000_000);
}

/// A vault that lost all is closed, and another of the same mint takes its place; the address of the
/// old one is never used again.
#[test]
fn ruined_vault_is_closed_and_another_takes_its_place() {
    let (mut flash, provider) = FlashWorld::with_liquidity(693_147_197);
    let terms = flash.terms(2);
    let market = flash.market(terms);
    assert_eq!(flash.vault_state().cash, 0);
    let winner = flash.user(10_000_000_000);
    flash
        .open_and_place(&winner, market, 0, 10_000_000_000)
        .expect("a bet");
    flash.close_vault().expect_refusal(FlashError::VaultInUse);
    flash.resolve(market, 0).expect("a resolution");
    flash.settle(market, &[&winner]).expect("a payout");
    let event_book = flash.market_state(market).event_book;
    flash.close(market).expect("a closing");
    flash.close_vault().expect_refusal(FlashError::VaultInUse);
    flash.wind_up(event_book);
    let left = flash.vault_state();
    let shares = flash.balance(provider.lp_tokens);
    flash
        .request_withdraw(&provider, shares)
        .expect("a request");
    flash.pass_to(flash.withdrawal_state(&provider).available_at);
    flash.withdraw(&provider).expect("what is left");
    if left.protocol_fees > 0 {
        flash.collect(FeeShare::Protocol).expect("fees");
    }
    // The books have nobody to check any more: the chain alone.
    let admin = flash.world.admin.insecure_clone();
    let close = flash.build_close_vault().instruction();
    let vault = flash.vault;
    let chain = &mut flash.world.chain;
    chain.send(&[close], &[&admin]).expect("a closing");
    assert_eq!(chain.find_account(vault).expect("the chain"), None);
    let mut again = flash.build_vault(flash.mint, &FlashOptions::default());
    let chain = &mut flash.world.chain;
    chain
        .send(&[again.instruction()], &[&admin])
        .expect_refusal("AccountAlreadyInUse");
    again.id = 2;
    chain
        .send(&[again.instruction()], &[&admin])
        .expect("another vault");
}

/// An LP token shows like what was deposited: a thousand shares a base unit, and three decimals more.
#[test]
fn lp_tokens_show_like_a_deposit() {
    let (flash, provider) = FlashWorld::with_liquidity(5_000_000);
    let decimals = |mint| {
        let account = flash.chain().find_account(mint).expect("the chain");
        account.expect("a mint").data[44]
    };
    let (of_mint, of_lp) = (
        decimals(flash.mint.address),
        decimals(flash.vault_state().lp_mint),
    );
    assert_eq!(of_lp, of_mint + 3);
    assert_eq!(flash.balance(provider.lp_tokens), 5_000_000_000);
}

/// A former operator who leaves his account of fees open, and one LP share that is worth nothing, kept
/// a vault from being closed for good. Anybody pays the fees out and closes the account, whose rent
/// goes to who paid it; the share is no claim.
#[test]
fn former_operator_and_worthless_share_keep_no_vault_open() {
    let (mut flash, provider) = FlashWorld::with_liquidity(10_000_000_000);
    let admin = flash.world.admin.insecure_clone();
    let stranger = flash.world.chain.new_actor().expect("an actor");
    let user = flash.user(100_000_000);
    let terms = flash.terms(2);
    let market = flash.market(terms);
    flash
        .open_and_place(&user, market, 0, 10_000_000)
        .expect("a bet");
    flash.resolve(market, 0).expect("a resolution");
    flash.settle(market, &[&user]).expect("a payout");
    let event_book = flash.market_state(market).event_book;
    flash.close(market).expect("a closing");
    flash.close_event_book(event_book).expect("a closing");
    let former = flash.operator.pubkey();
    let earned = flash.vault_state().operator_fees;
    assert!(earned > 0);
    let close = CloseOperatorFees {
        authority: stranger.pubkey(),
        operator: former,
        vault: flash.vault,
    };
    let close = |flash: &mut FlashWorld| flash.send(close.instruction(), &[&stranger]);
    close(&mut flash).expect_refusal(FlashError::OperatorInUse);
    flash.collect(FeeShare::Operator).expect("by anybody");
    assert_eq!(flash.balance(flash.operator_tokens), earned);
    close(&mut flash).expect_refusal(FlashError::NotOperator);
    let set = ProposeChange {
        authority: admin.pubkey(),
        vault: flash.vault,
        change: VaultChange::Operator(stranger.pubkey()),
    };
    flash
        .send(set.instruction(), &[&admin])
        .expect("a proposal");
    flash.world.pass_timelock();
    let lamports = |flash: &FlashWorld, of| flash.chain().lamports(of).expect("lamports");
    let rent = lamports(&flash, addresses::operator_fees(&flash.vault, &former));
    let before = [former, stranger.pubkey()].map(|of| lamports(&flash, of));
    close(&mut flash).expect("by anybody, once there is another");
    let after = [former, stranger.pubkey()].map(|of| lamports(&flash, of));
    assert_eq!(after, [before[0] + rent, before[1]]);

    // All but one share leave. It is a thousandth of a base unit.
    let shares = flash.balance(provider.lp_tokens);
    flash
        .request_withdraw(&provider, shares - 1)
        .expect("a request");
    flash.pass_to(flash.withdrawal_state(&provider).available_at);
    flash.withdraw(&provider).expect("a withdrawal");
    flash.collect(FeeShare::Protocol).expect("fees");
    let vault = flash.vault_state();
    assert_eq!(vault.shares, 1);
    assert!(vault.cash > 0, "rounding left {}", vault.cash);
    let before = flash.balance(flash.treasury_tokens);
    let close = flash.build_close_vault().instruction();
    let chain = &mut flash.world.chain;
    chain.send(&[close], &[&admin]).expect("a closing");
    assert_eq!(flash.balance(flash.treasury_tokens), before + vault.cash);
}

/// Shares that are together worth a base unit are a claim: their vault stays.
#[test]
fn vault_with_a_base_unit_for_its_shares_stays() {
    let (mut flash, provider) = FlashWorld::with_liquidity(10_000_000_000);
    let shares = flash.balance(provider.lp_tokens);
    flash
        .request_withdraw(&provider, shares - 2_000)
        .expect("a request");
    flash.pass_to(flash.withdrawal_state(&provider).available_at);
    flash.withdraw(&provider).expect("a withdrawal");
    assert_eq!(flash.vault_state().shares, 2_000);
    flash.close_vault().expect_refusal(FlashError::VaultInUse);
    flash
        .request_withdraw(&provider, 2_000)
        .expect("what is left");
    flash.pass_to(flash.withdrawal_state(&provider).available_at);
    flash.withdraw(&provider).expect("a withdrawal");
    assert_eq!(flash.balance(provider.tokens), 10_000_000_000);
}
