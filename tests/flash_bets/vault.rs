//! Flash bets, the vault: LP shares, caps, governance, admitted mints.

use anchor_lang::error::ErrorCode;
use client::{addresses::flash_bets as addresses, instructions::flash_bets::*};
use flash_bets::error::FlashError;
use math::vault::LEAST_STAYING;
use oracle::error::OracleError;
use solana_keypair::Keypair;
use solana_signer::Signer;
use testbed::{
    ExpectError, FlashOptions, FlashWorld, MintExtension, MintOptions, PassedOn, TokenProgram,
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
    let available = flash.chain().slot() + 100;
    flash.go_to(available - 1);
    flash
        .withdraw(&first)
        .expect_refusal(FlashError::NoticeNotPassed);
    flash.go_to(available);
    let mut withdraw = flash.build_withdraw(&first);
    // 2,000,000,001 · 8,333,334 / 8,333,334,000 = 2,000,000.001
    withdraw.min_amount = 2_000_001;
    flash
        .send(withdraw.instruction(), &[&first.key])
        .expect_refusal(FlashError::SlippageExceeded);
    let lamports = flash.chain().lamports(first.address()).expect("lamports");
    let rent = flash
        .chain()
        .lamports(addresses::withdrawal(&flash.vault, &first.address()))
        .expect("lamports");
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
    flash.go_to(flash.deposit_state(&victim).available_slot);
    flash.execute_deposit(&victim).expect("a deposit");
    assert_eq!(flash.balance(victim.lp_tokens), 1_000_000_000);

    for user in [&thief, &victim] {
        let shares = flash.balance(user.lp_tokens);
        flash.request_withdraw(user, shares).expect("a request");
    }
    flash.go_to(flash.chain().slot() + 100);
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
    flash.go_to(flash.chain().slot() + 100);
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
        flash.go_to(flash.chain().slot() + 100);
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
    let vault = addresses::vault(&mint.address);
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
        (FlashError::NoticeOutOfRange, |o| o.notice_slots = 0),
        (FlashError::NoticeOutOfRange, |o| {
            o.notice_slots = 10_000_001
        }),
        (FlashError::CapsOutOfRange, |o| o.caps.utilisation = 10_001),
        (FlashError::CapsOutOfRange, |o| o.caps.slot_ms = 49),
        (FlashError::CapsOutOfRange, |o| o.caps.slot_ms = 2_001),
        (FlashError::CapsOutOfRange, |o| {
            o.caps.padding = [0, 0, 0, 1]
        }),
        (FlashError::FeeSplitNotWhole, |o| o.fee_split.protocol += 1),
        (FlashError::FeeSplitNotWhole, |o| o.fee_split.liquidity -= 1),
        (FlashError::FeeSplitNotWhole, |o| {
            o.fee_split.liquidity = u16::MAX;
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
    flash.vault_state().caps
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
        utilisation: 5_000,
        slot_ms: 400,
        padding: [0; 4],
    };
    let set = |authority: &Keypair, flash: &FlashWorld, caps| {
        SetCaps {
            authority: authority.pubkey(),
            vault: flash.vault,
            caps,
        }
        .instruction()
    };
    for nobody in [&mallory, &operator] {
        let instruction = set(nobody, &flash, caps);
        flash
            .send(instruction, &[nobody])
            .expect_refusal(PassedOn(OracleError::NotAdminOrGuardian));
    }
    let lower = set(&guardian, &flash, caps);
    flash.send(lower, &[&guardian]).expect("lower caps");
    assert_eq!(caps_of(&flash), caps);

    // One number higher than before makes it a raise, whatever the others do.
    let raises: [fn(&mut Caps); 4] = [
        |caps| caps.market_funding += 1,
        |caps| caps.event_funding += 1,
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
        assert_eq!(vault.pending_caps_from, from);
        assert_eq!(vault.caps_at(from - 1), caps);
        assert_eq!(vault.caps_at(from), higher);

        // The guardian lowers to what is in force, which ends the proposal.
        let cancel = set(&guardian, &flash, caps);
        flash.send(cancel, &[&guardian]).expect("a cancellation");
        assert_eq!(flash.vault_state().caps_at(i64::MAX), caps);
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
    let mut set = SetOperator {
        admin: guardian.pubkey(),
        vault: flash.vault,
        new_operator: next.pubkey(),
    };
    flash
        .send(set.instruction(), &[&guardian])
        .expect_refusal(FlashError::NotAdmin);
    set.admin = admin.pubkey();
    set.new_operator = Default::default();
    flash
        .send(set.instruction(), &[&admin])
        .expect_refusal(FlashError::DefaultKey);
    set.new_operator = next.pubkey();
    flash
        .send(set.instruction(), &[&admin])
        .expect("a proposal");

    let create = |flash: &FlashWorld, operator: &Keypair, id| {
        CreateEvent {
            operator: operator.pubkey(),
            vault: flash.vault,
            id,
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
            admin: admin.pubkey(),
            vault: flash.vault,
        }
        .instruction()
    };
    let instruction = pause(&mallory, &flash);
    flash
        .send(instruction, &[&mallory])
        .expect_refusal(PassedOn(OracleError::NotAdminOrGuardian));
    let instruction = unpause(&admin, &flash);
    flash
        .send(instruction, &[&admin])
        .expect_refusal(FlashError::VaultNotPaused);
    let instruction = pause(&guardian, &flash);
    flash.send(instruction, &[&guardian]).expect("a pause");

    flash
        .place(&user, market, 0, 1_000_000)
        .expect_refusal(FlashError::VaultPaused);
    flash
        .deposit(&provider, 1)
        .expect_refusal(FlashError::VaultPaused);
    let event = flash.create_event();
    let args = flash.terms(2);
    flash
        .try_market(event, args)
        .expect_refusal(FlashError::VaultPaused);
    // Every exit works.
    flash.cash_out(&user, market, 0, 1_000).expect("a cash-out");
    flash.request_withdraw(&provider, 1_000_000).expect("one");
    flash.resolve(market, 0).expect("a resolution");
    flash.settle(market, &[&user]).expect("a settlement");
    flash.release(market).expect("a release");
    flash.close(market).expect("a closing");
    flash.go_to(flash.chain().slot() + 100);
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
        .expect_refusal(FlashError::VaultPaused);
    // A new pause takes the end back.
    let instruction = pause(&guardian, &flash);
    flash.send(instruction, &[&guardian]).expect("a pause");
    flash.go_to_second(from);
    flash
        .try_market(event, args)
        .expect_refusal(FlashError::VaultPaused);
    let instruction = unpause(&admin, &flash);
    flash.send(instruction, &[&admin]).expect("an end");
    flash.go_to_second(from + flash.world.timelock);
    let args = flash.terms(2);
    flash.try_market(event, args).expect("a market");
}

#[test]
fn fees_go_to_whom_they_belong() {
    let (mut flash, _) = FlashWorld::with_liquidity(10_000_000_000);
    for share in [FeeShare::Protocol, FeeShare::Operator] {
        flash
            .collect(share)
            .expect_refusal(FlashError::NothingToCollect);
    }
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
    flash.go_to(flash.chain().slot() + 100);
    flash
        .withdraw(&provider)
        .expect_refusal(FlashError::NothingToWithdraw);
    flash.withdraw(&dust).expect("nothing, but the rent");
    assert_eq!(flash.balance(dust.tokens), 0);

    flash.resolve(market, 0).expect("a resolution");
    flash.close(market).expect("a closing");
    flash.withdraw(&provider).expect("a withdrawal");
    assert_eq!(flash.balance(provider.tokens), 2_000);
}

#[test]
fn next_operator_can_be_withdrawn_until_it_takes_over() {
    let mut flash = FlashWorld::start(&FlashOptions::default());
    let admin = flash.world.admin.insecure_clone();
    let guardian = flash.world.guardian.insecure_clone();
    let next = flash.world.chain.new_actor().expect("an actor");
    let old = flash.vault_state().operator;
    let set = SetOperator {
        admin: admin.pubkey(),
        vault: flash.vault,
        new_operator: next.pubkey(),
    };
    let cancel = |flash: &mut FlashWorld, by: &Keypair| {
        let cancel = CancelOperator {
            authority: by.pubkey(),
            vault: flash.vault,
        };
        flash.send(cancel.instruction(), &[by])
    };
    cancel(&mut flash, &guardian).expect_refusal(FlashError::NoPendingOperator);
    for authority in [&admin, &guardian] {
        flash
            .send(set.instruction(), &[&admin])
            .expect("a proposal");
        cancel(&mut flash, &next).expect_refusal(PassedOn(OracleError::NotAdminOrGuardian));
        cancel(&mut flash, authority).expect("a withdrawal");
        flash.world.pass_timelock();
        let vault = flash.vault_state();
        assert_eq!(vault.operator_at(flash.chain().now().seconds()), old);
    }
    flash
        .send(set.instruction(), &[&admin])
        .expect("a proposal");
    flash.world.pass_timelock();
    cancel(&mut flash, &guardian).expect_refusal(FlashError::NoPendingOperator);
}
