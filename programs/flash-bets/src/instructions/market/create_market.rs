use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use bytemuck::Zeroable;
use math::{CurveKind, Money, Shares};
use oracle::{Observation, ProviderRole, ProviderSet, VerifyingKey};
use program_kit::observation_time::MarketTimes;
use program_kit::{new_account::NewAccount, new_tokens::NewTokens};

use crate::{
    error::FlashError,
    state::{seeds, Caps, Event, FlashMarket, MarketStatus, RuleKind, Vault, NO_OUTCOME, VERSION},
    tokens::{token_amount, transfer},
};

const SECOND: u32 = 1_000;
const MINUTE: u32 = 60 * SECOND;
const HOUR: u32 = 60 * MINUTE;

/// Range of a market's duration, and the longest wait for its opening, in milliseconds.
pub const DURATION: core::ops::RangeInclusive<u32> = 5 * SECOND..=4 * HOUR;
pub const MAX_OPENS_IN: u32 = 4 * HOUR;
/// Longest bet delay, and range of the time to execute after it, in milliseconds.
pub const MAX_DELAY: u32 = 30 * SECOND;
pub const EXECUTION: core::ops::RangeInclusive<u32> = 100..=MINUTE;
/// Range of the time from lock to void, in milliseconds.
pub const RESOLUTION: core::ops::RangeInclusive<u32> = MINUTE..=24 * HOUR;
/// Highest fee rate, in basis points of `min(p, 1 − p)` per share.
pub const MAX_FEE_RATE: u16 = 500;
/// Part of its trading time for which an operator may suspend a market in all: one half.
const SUSPENSION_DIVISOR: u64 = 2;
/// Where depth falls with the time left, trading ends this part of the duration before the lock or
/// earlier: later the depth would fall by a tenth and more between two bets.
pub const FREEZE_DIVISOR: u64 = 64;

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub enum Curve {
    Lmsr,
    PmAmm,
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub enum Rule {
    /// The value is the index of the outcome.
    Categorical,
    /// The outcome is the number of strikes at or below the value. Strikes rise strictly.
    Threshold { strikes: Vec<i64> },
    /// Two outcomes, below and not below the value observed at this time, unix milliseconds, within a
    /// minute of the opening. The result's time is the planned lock or later.
    ThresholdAtOpening { opening_time: u64 },
}

impl Rule {
    /// `T` of the observation that sets the strike, unix milliseconds; none if strikes are fixed.
    fn opening_time(&self) -> Option<u64> {
        match self {
            Self::ThresholdAtOpening { opening_time } => Some(*opening_time),
            _ => None,
        }
    }
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct CreateMarketArgs {
    /// Unique within the vault.
    pub id: u64,
    /// Market or collection this one belongs to; 0 if none.
    pub parent: u64,
    /// A field element, big-endian.
    pub feed_id: [u8; 32],
    pub rule: Rule,
    pub curve: Curve,
    /// `b` of the LMSR, `L` of the pm-AMM, base units.
    pub depth: u64,
    /// Opening price of each outcome, Q1.63, summing to one.
    pub prior: Vec<u64>,
    /// Whether depth falls with the time left.
    pub micro_tau: bool,
    /// Basis points of `min(p, 1 − p)` per share.
    pub fee_rate: u16,
    /// `T` of the observation that resolves the market, unix milliseconds: of a price feed the
    /// planned lock or later, of an event question the opening or up to a minute before.
    pub observe_at: u64,
    /// Durations in milliseconds: until the opening, from opening to lock, without trading before
    /// the lock, between order and execution, for the execution, from lock to void.
    pub opens_in: u32,
    pub duration: u32,
    pub freeze: u32,
    pub delay: u32,
    pub execution: u32,
    pub resolution: u32,
}

#[derive(Accounts)]
#[instruction(args: CreateMarketArgs)]
pub struct CreateMarket<'info> {
    #[account(mut)]
    pub operator: Signer<'info>,
    #[account(mut, has_one = mint @ FlashError::WrongAccount)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: named by the vault.
    #[account(mut, address = vault.load()?.token_account @ FlashError::WrongAccount)]
    pub vault_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the vault.
    pub mint: UncheckedAccount<'info>,
    #[account(mut, has_one = vault @ FlashError::WrongAccount)]
    pub event: Account<'info, Event>,
    pub provider_set: AccountLoader<'info, ProviderSet>,
    pub verifying_key: AccountLoader<'info, VerifyingKey>,
    /// CHECK: created by the handler.
    #[account(
        mut,
        seeds = [seeds::MARKET, vault.key().as_ref(), &args.id.to_le_bytes()],
        bump,
    )]
    pub market: UncheckedAccount<'info>,
    /// CHECK: created by the handler.
    #[account(mut, seeds = [seeds::MARKET_TOKENS, market.key().as_ref()], bump)]
    pub market_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct MarketCreated {
    pub market: Pubkey,
    pub vault: Pubkey,
    pub event: Pubkey,
    pub id: u64,
    pub parent: u64,
    pub feed_id: [u8; 32],
    pub observe_at: u64,
    pub outcomes: u8,
    pub depth: u64,
    pub funding: u64,
    pub open_slot: u64,
    pub freeze_slot: u64,
    pub lock_slot: u64,
    pub trading_until: i64,
    pub void_from: i64,
    /// After the creation.
    pub vault_cash: u64,
    pub vault_allocated: u64,
}

/// Slots and deadlines of a market, from the durations asked for.
struct Schedule {
    open_slot: u64,
    freeze_slot: u64,
    lock_slot: u64,
    trading_from: i64,
    trading_until: i64,
    void_from: i64,
    delay_slots: u64,
    execution_slots: u64,
}

/// Fixes every term of a market and funds it with its curve's worst loss.
pub fn handle_create_market(ctx: Context<CreateMarket>, args: CreateMarketArgs) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let caps = {
        let vault = accounts.vault.load()?;
        vault.require_not_paused(now)?;
        vault.require_operator(&accounts.operator, now)?;
        vault.caps_at(now)
    };
    check_providers(accounts, &args.rule, now)?;
    oracle::statement::require_field_element(&args.feed_id)
        .map_err(|_| FlashError::NotAFieldElement)?;
    require_gte!(MAX_FEE_RATE, args.fee_rate, FlashError::FeeRateOutOfRange);
    let schedule = schedule(&args, &caps, &clock)?;
    let times = MarketTimes {
        trading_from: schedule.trading_from,
        trading_until: schedule.trading_until,
        latest: schedule
            .void_from
            .saturating_sub(i64::from(RESOLUTION.start() / SECOND)),
    };
    require!(
        times.admit(args.observe_at, args.rule.opening_time()),
        FlashError::ObservationTimeOutOfRange
    );

    let mut market = FlashMarket::zeroed();
    let funding = market.pool.open(
        curve_kind(&args.curve),
        Money(args.depth),
        &args.prior,
        schedule.open_slot,
    )?;
    set_rule(&mut market, &args)?;
    let (mint, bump) = {
        let mut vault = accounts.vault.load_mut()?;
        allocate(&mut vault, &mut accounts.event, &caps, funding)?;
        market.fee_split = vault.fee_split;
        (vault.mint, vault.bump)
    };
    market.version = VERSION;
    market.bump = ctx.bumps.market;
    market.status = MarketStatus::Open as u8;
    market.winning_outcome = NO_OUTCOME;
    market.micro_tau = u8::from(args.micro_tau);
    market.fee_rate = args.fee_rate;
    market.id = args.id;
    market.parent = args.parent;
    market.vault = accounts.vault.key();
    market.event = accounts.event.key();
    market.creator = accounts.operator.key();
    market.token_account = accounts.market_tokens.key();
    market.feed_id = args.feed_id;
    market.provider_set = accounts.provider_set.key();
    market.verifying_key = accounts.verifying_key.key();
    market.observe_at = args.observe_at;
    market.observation = Observation::address(
        &market.provider_set,
        &market.verifying_key,
        &market.feed_id,
        market.observe_at,
    );
    market.open_slot = schedule.open_slot;
    market.freeze_slot = schedule.freeze_slot;
    market.lock_slot = schedule.lock_slot;
    market.trading_until = schedule.trading_until;
    market.opens_at = schedule.trading_from;
    market.observed_at = schedule.trading_from;
    market.void_from = schedule.void_from;
    market.delay_slots = schedule.delay_slots;
    market.execution_slots = schedule.execution_slots;
    market.suspension_left =
        schedule.freeze_slot.saturating_sub(schedule.open_slot) / SUSPENSION_DIVISOR;
    market.funding = funding;
    let outcomes = market.pool.outcomes;
    create_accounts(accounts, &ctx.bumps, &market)?;

    transfer(
        &accounts.token_program,
        accounts.vault_tokens.to_account_info(),
        accounts.market_tokens.to_account_info(),
        accounts.vault.to_account_info(),
        funding,
        &[&[seeds::VAULT, mint.as_ref(), &[bump]]],
    )?;
    let vault = accounts.vault.load()?;
    vault.assert_backed(&accounts.vault_tokens)?;
    require_eq!(
        token_amount(&accounts.market_tokens)?,
        funding,
        FlashError::TokensMissing
    );
    emit!(MarketCreated {
        market: accounts.market.key(),
        vault: accounts.vault.key(),
        event: accounts.event.key(),
        id: args.id,
        parent: args.parent,
        feed_id: args.feed_id,
        observe_at: args.observe_at,
        outcomes,
        depth: args.depth,
        funding,
        open_slot: schedule.open_slot,
        freeze_slot: schedule.freeze_slot,
        lock_slot: schedule.lock_slot,
        trading_until: schedule.trading_until,
        void_from: schedule.void_from,
        vault_cash: vault.cash,
        vault_allocated: vault.allocated,
    });
    Ok(())
}

fn create_accounts(
    accounts: &CreateMarket,
    bumps: &CreateMarketBumps,
    market: &FlashMarket,
) -> Result<()> {
    let address = accounts.market.key();
    NewAccount {
        payer: &accounts.operator,
        account: &accounts.market,
        system_program: &accounts.system_program,
        seeds: &[
            seeds::MARKET,
            market.vault.as_ref(),
            &market.id.to_le_bytes(),
            &[bumps.market],
        ],
    }
    .write_zero_copy(market)?;
    NewAccount {
        payer: &accounts.operator,
        account: &accounts.market_tokens,
        system_program: &accounts.system_program,
        seeds: &[
            seeds::MARKET_TOKENS,
            address.as_ref(),
            &[bumps.market_tokens],
        ],
    }
    .token_account(
        accounts.mint.to_account_info(),
        accounts.market.to_account_info(),
        &accounts.token_program,
    )
}

fn curve_kind(curve: &Curve) -> CurveKind {
    match curve {
        Curve::Lmsr => CurveKind::Lmsr,
        Curve::PmAmm => CurveKind::PmAmm,
    }
}

/// What the market pins must be usable now, and fit together; whether it still is usable at the end is
/// the oracle's matter. The number of an outcome has no median.
fn check_providers(accounts: &CreateMarket, rule: &Rule, now: i64) -> Result<()> {
    let provider_set = accounts.provider_set.load()?;
    provider_set.require_offered(now)?;
    require_eq!(
        provider_set.role,
        ProviderRole::Primary as u8,
        FlashError::ProviderSetNotPrimary
    );
    let verifying_key = accounts.verifying_key.load()?;
    verifying_key.require_offered(now)?;
    verifying_key.require_room_for(&provider_set)?;
    if matches!(rule, Rule::Categorical) {
        verifying_key.require_agreement()?;
    }
    Ok(())
}

fn schedule(args: &CreateMarketArgs, caps: &Caps, clock: &Clock) -> Result<Schedule> {
    require!(
        DURATION.contains(&args.duration) && args.opens_in <= MAX_OPENS_IN,
        FlashError::DurationOutOfRange
    );
    require!(
        RESOLUTION.contains(&args.resolution),
        FlashError::ResolutionTimeOutOfRange
    );
    let slots = |milliseconds| caps.slots(milliseconds);
    let add = |left: u64, right: u64| left.checked_add(right).ok_or(FlashError::Overflow);

    let open_slot = add(clock.slot, slots(args.opens_in))?;
    let duration_slots = slots(args.duration);
    let lock_slot = add(open_slot, duration_slots)?;
    let freeze_slot = lock_slot
        .checked_sub(slots(args.freeze))
        .filter(|freeze_slot| *freeze_slot > open_slot)
        .ok_or(FlashError::FreezeOutOfRange)?;
    let least_freeze = (duration_slots / FREEZE_DIVISOR).max(1);
    require!(
        !args.micro_tau || lock_slot.saturating_sub(freeze_slot) >= least_freeze,
        FlashError::FreezeOutOfRange
    );
    let until_lock = u64::from(args.opens_in) + u64::from(args.duration);
    let second_in = |milliseconds: u64| {
        i64::try_from(milliseconds.div_ceil(1_000))
            .ok()
            .and_then(|seconds| clock.unix_timestamp.checked_add(seconds))
            .ok_or(FlashError::Overflow)
    };
    let trading_from = second_in(u64::from(args.opens_in))?;
    let trading_until = second_in(until_lock)?;
    let void_from = second_in(until_lock + u64::from(args.resolution))?;

    let (delay_slots, execution_slots) = if args.delay == 0 {
        require_eq!(args.execution, 0, FlashError::DelayOutOfRange);
        (0, 0)
    } else {
        let is_in_range = args.delay <= MAX_DELAY && EXECUTION.contains(&args.execution);
        require!(is_in_range, FlashError::DelayOutOfRange);
        (slots(args.delay), slots(args.execution))
    };
    require!(
        add(add(open_slot, delay_slots)?, execution_slots)? < freeze_slot,
        FlashError::DelayOutOfRange
    );
    Ok(Schedule {
        open_slot,
        freeze_slot,
        lock_slot,
        trading_from,
        trading_until,
        void_from,
        delay_slots,
        execution_slots,
    })
}

fn set_rule(market: &mut FlashMarket, args: &CreateMarketArgs) -> Result<()> {
    let outcomes = usize::from(market.pool.outcomes);
    match &args.rule {
        Rule::Categorical => market.rule = RuleKind::Categorical as u8,
        Rule::Threshold { strikes } => {
            let is_valid = strikes.len().checked_add(1) == Some(outcomes)
                && strikes.is_sorted_by(|left, right| left < right);
            require!(is_valid, FlashError::StrikesInvalid);
            market.rule = RuleKind::Threshold as u8;
            for (place, strike) in market.strikes.iter_mut().zip(strikes) {
                *place = *strike;
            }
        }
        Rule::ThresholdAtOpening { opening_time } => {
            require_eq!(outcomes, 2, FlashError::StrikesInvalid);
            market.rule = RuleKind::Threshold as u8;
            market.strike_pending = 1;
            market.opening_time = *opening_time;
        }
    }
    market.strike_count = match args.rule {
        Rule::Categorical => 0,
        Rule::Threshold { .. } | Rule::ThresholdAtOpening { .. } => {
            market.pool.outcomes.saturating_sub(1)
        }
    };
    Ok(())
}

/// Books the funding as allocated, within the caps per market, per event and of utilisation. Cash for
/// withdrawals that wait is left.
fn allocate(vault: &mut Vault, event: &mut Event, caps: &Caps, funding: u64) -> Result<()> {
    require_gte!(caps.market_funding, funding, FlashError::MarketCapExceeded);
    event.allocated = event
        .allocated
        .checked_add(funding)
        .ok_or(FlashError::Overflow)?;
    require_gte!(
        caps.event_funding,
        event.allocated,
        FlashError::EventCapExceeded
    );
    event.used = true;
    event.open_markets = event
        .open_markets
        .checked_add(1)
        .ok_or(FlashError::Overflow)?;

    let equity = vault.equity_at_cost()?;
    vault.cash = vault
        .cash
        .checked_sub(funding)
        .ok_or(FlashError::NotEnoughCash)?;
    vault.allocated = vault
        .allocated
        .checked_add(funding)
        .ok_or(FlashError::Overflow)?;
    let most = math::BasisPoints(caps.utilisation)
        .of_floor(equity)
        .map_err(FlashError::from)?;
    require_gte!(most, vault.allocated, FlashError::UtilisationExceeded);
    let waiting = math::vault::cash_for_withdrawals(
        Shares(vault.requested_shares),
        Shares(vault.shares),
        Money(equity),
    )
    .map_err(FlashError::from)?;
    require_gte!(vault.cash, waiting.0, FlashError::WithdrawalsWaiting);
    Ok(())
}
