use anchor_lang::{prelude::*, Discriminator};
use anchor_spl::token_interface::TokenInterface;
use math::{CurveKind, Money};
use oracle::{Observation, ProviderRole, ProviderSet, VerifyingKey};
use program_kit::{new_account::NewAccount, new_tokens::NewTokens, observation_time::MarketTimes};

use crate::{
    error::MarketError,
    state::{
        seeds, CurveSwitch, LiquidityPosition, Market, MarketStatus, RuleKind, Terms, Venue,
        MAX_STRIKES, NO_OUTCOME, SLOW_PRICE_PART, SLOW_PRICE_SECONDS, VERSION,
    },
    tokens::transfer,
};

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
const DAY: u32 = 24 * HOUR;

/// Range of a market's duration, and the longest wait for its opening, in seconds.
pub const DURATION: core::ops::RangeInclusive<u32> = MINUTE..=730 * DAY;
pub const MAX_OPENS_IN: u32 = 30 * DAY;
/// Range of the times from lock to void without a proposal, and from a dispute to void without the
/// arbiters' word, in seconds. Whoever creates a market chooses them: the least leaves time to
/// observe, to prove and to be included, so that no market is made to be void.
pub const RESOLUTION: core::ops::RangeInclusive<u32> = 2 * HOUR..=90 * DAY;
/// Part of a linear rule's range that its tolerance may be at most.
pub const TOLERANCE_PART: u64 = 100;
/// Longest duration for which [`Curve::Auto`] takes a pm-AMM, in seconds.
pub const AUTO_PM_AMM_DURATION: u32 = DAY;

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// L2 for a scalar rule; for two outcomes and at most a day a pm-AMM whose depth falls with the
    /// time left; else an LMSR.
    Auto,
    Lmsr,
    PmAmm {
        /// Whether depth falls with the time left.
        micro_tau: bool,
    },
    L2,
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub enum Rule {
    /// The value is the index of the outcome.
    Categorical,
    /// The outcome is the number of strikes at or below the value. Strikes rise strictly.
    Threshold { strikes: Vec<i64> },
    /// The outcome is the bin of the value, of as many equal ones between the bounds as there are
    /// outcomes. A value beyond a bound is in the bin next to it.
    Scalar { low: i64, high: i64 },
    /// Two outcomes, long and short: long pays how far the value is from `low` to `high`, short the
    /// rest. A proposal within `tolerance` of the arbiters' value is right, at most a hundredth of
    /// the way between the bounds: two sets of providers rarely observe a price to the last digit.
    Linear { low: i64, high: i64, tolerance: u64 },
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
    /// Unique for the creator.
    pub id: u64,
    /// A field element, big-endian.
    pub feed_id: [u8; 32],
    pub rule: Rule,
    pub curve: Curve,
    /// Whether anybody may switch the curve to a pm-AMM near the end; LMSR of two outcomes only.
    pub offers_switch: bool,
    pub outcomes: u8,
    /// Opening prices as parts of their sum, one for each outcome; none for equal prices.
    pub weights: Vec<u32>,
    /// `b` of the LMSR, `L` of the pm-AMM, `k` of the L2 curve, base units.
    pub depth: u64,
    /// Basis points of `min(p, 1 − p)` per share.
    pub fee_rate: u16,
    /// The creator's part of the fees, basis points.
    pub creator_fee_share: u16,
    /// `T` of the observation that resolves the market, unix milliseconds: of a price feed the
    /// planned lock or later, of an event question the opening or up to a minute before.
    pub observe_at: u64,
    /// Durations in seconds: until the opening, from opening to lock, without trading before the
    /// lock, from lock to void without a proposal, to dispute a proposal, from the dispute to void
    /// without the arbiters' word.
    pub opens_in: u32,
    pub duration: u32,
    pub freeze: u32,
    pub proposal: u32,
    pub dispute_window: u32,
    pub arbitration: u32,
}

#[derive(Accounts)]
#[instruction(args: CreateMarketArgs)]
pub struct CreateMarket<'info> {
    #[account(mut)]
    pub creator: Signer<'info>,
    #[account(has_one = mint @ MarketError::WrongAccount)]
    pub venue: AccountLoader<'info, Venue>,
    /// CHECK: named by the venue.
    pub mint: UncheckedAccount<'info>,
    pub provider_set: AccountLoader<'info, ProviderSet>,
    pub verifying_key: AccountLoader<'info, VerifyingKey>,
    pub arbiter_set: AccountLoader<'info, ProviderSet>,
    pub arbiter_key: AccountLoader<'info, VerifyingKey>,
    /// CHECK: created by the handler.
    #[account(
        mut,
        seeds = [
            seeds::MARKET,
            venue.key().as_ref(),
            creator.key().as_ref(),
            &args.id.to_le_bytes(),
        ],
        bump,
    )]
    pub market: UncheckedAccount<'info>,
    /// CHECK: created by the handler.
    #[account(mut, seeds = [seeds::MARKET_TOKENS, market.key().as_ref()], bump)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: created by the handler.
    #[account(
        mut,
        seeds = [seeds::LIQUIDITY, market.key().as_ref(), creator.key().as_ref()],
        bump,
    )]
    pub liquidity: UncheckedAccount<'info>,
    /// CHECK: the token program checks mint, balance and authority.
    #[account(mut)]
    pub creator_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct MarketCreated {
    pub market: Pubkey,
    pub venue: Pubkey,
    pub creator: Pubkey,
    pub id: u64,
    pub feed_id: [u8; 32],
    pub observe_at: u64,
    pub outcomes: u8,
    /// A [`CurveKind`].
    pub curve: u8,
    pub depth: u64,
    /// What the creator put in, which is also the number of LP shares it got.
    pub funding: u64,
    pub open_slot: u64,
    pub freeze_slot: u64,
    pub lock_slot: u64,
    /// Unix seconds: the first without trading if slots are slow, and the first of a void.
    pub trading_until: i64,
    pub proposal_deadline: i64,
}

/// Fixes every term of a market; the creator funds it and is its first liquidity provider.
pub fn handle_create_market(ctx: Context<CreateMarket>, args: CreateMarketArgs) -> Result<()> {
    let accounts = &*ctx.accounts;
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let terms = {
        let venue = accounts.venue.load()?;
        venue.require_not_paused(now)?;
        venue.terms_at(now)
    };
    check_providers(accounts, &args.rule, now)?;
    check_args(&args, &terms)?;
    create_accounts(accounts, &ctx.bumps, &args)?;

    let funding = {
        let mut data = accounts.market.try_borrow_mut_data()?;
        let body = &mut data[Market::DISCRIMINATOR.len()..];
        let market: &mut Market =
            bytemuck::try_from_bytes_mut(body).map_err(|_| MarketError::WrongAccount)?;
        set_times(market, &args, &terms, &clock)?;
        let times = MarketTimes {
            trading_from: market.observed_at,
            trading_until: market.trading_until,
            latest: market.proposal_deadline.saturating_sub(1),
        };
        require!(
            times.admit(args.observe_at, args.rule.opening_time()),
            MarketError::ObservationTimeOutOfRange
        );
        set_rule(market, &args)?;
        let funding = open_pool(market, &args)?;
        market.version = VERSION;
        market.bump = ctx.bumps.market;
        market.status = MarketStatus::Open as u8;
        market.winning_outcome = NO_OUTCOME;
        market.fee_rate = args.fee_rate;
        market.protocol_fee_share = terms.protocol_fee_share;
        market.creator_fee_share = args.creator_fee_share;
        market.bond_share = terms.bond_share;
        market.bond_floor = terms.bond_floor;
        market.bond_cap = terms.bond_cap;
        market.id = args.id;
        market.venue = accounts.venue.key();
        market.mint = accounts.mint.key();
        market.creator = accounts.creator.key();
        market.token_account = accounts.market_tokens.key();
        market.feed_id = args.feed_id;
        market.provider_set = accounts.provider_set.key();
        market.verifying_key = accounts.verifying_key.key();
        market.needs_agreement = accounts.verifying_key.load()?.needs_agreement().into();
        market.arbiter_set = accounts.arbiter_set.key();
        market.arbiter_key = accounts.arbiter_key.key();
        market.observe_at = args.observe_at;
        market.observation = observation_at(market, market.observe_at);
        if let Some(opening_time) = args.rule.opening_time() {
            market.opening_time = opening_time;
            market.strike_observation = observation_at(market, opening_time);
        }
        market.liquidity_supply = funding;
        market.open_liquidity = 1;
        market.assert_solvent()?;
        emit!(MarketCreated {
            market: accounts.market.key(),
            venue: market.venue,
            creator: market.creator,
            id: args.id,
            feed_id: args.feed_id,
            observe_at: args.observe_at,
            outcomes: args.outcomes,
            curve: market.pool.kind,
            depth: args.depth,
            funding,
            open_slot: market.open_slot,
            freeze_slot: market.freeze_slot,
            lock_slot: market.lock_slot,
            trading_until: market.trading_until,
            proposal_deadline: market.proposal_deadline,
        });
        funding
    };
    create_liquidity(accounts, ctx.bumps.liquidity, funding)?;
    transfer(
        &accounts.token_program,
        accounts.creator_tokens.to_account_info(),
        accounts.market_tokens.to_account_info(),
        accounts.creator.to_account_info(),
        funding,
        &[],
    )?;
    require_gte!(
        crate::tokens::token_amount(&accounts.market_tokens)?,
        funding,
        MarketError::TokensMissing
    );
    Ok(())
}

/// What the market pins must be usable now, and fit together; whether it still is usable at the end is
/// looked at then. The number of an outcome has no median.
fn check_providers(accounts: &CreateMarket, rule: &Rule, now: i64) -> Result<()> {
    let primary = accounts.provider_set.load()?;
    primary.require_offered(now)?;
    require_eq!(
        primary.role,
        ProviderRole::Primary as u8,
        MarketError::ProviderSetNotPrimary
    );
    let arbiter = accounts.arbiter_set.load()?;
    arbiter.require_offered(now)?;
    require_eq!(
        arbiter.role,
        ProviderRole::Arbiter as u8,
        MarketError::ProviderSetNotArbiter
    );
    let categorical = matches!(rule, Rule::Categorical);
    for (loader, provider_set) in [
        (&accounts.verifying_key, primary),
        (&accounts.arbiter_key, arbiter),
    ] {
        let key = loader.load()?;
        key.require_offered(now)?;
        key.require_room_for(&provider_set)?;
        if categorical {
            key.require_agreement()?;
        }
    }
    Ok(())
}

fn check_args(args: &CreateMarketArgs, terms: &Terms) -> Result<()> {
    oracle::statement::require_field_element(&args.feed_id)
        .map_err(|_| MarketError::NotAFieldElement)?;
    require_gte!(
        terms.max_fee_rate,
        args.fee_rate,
        MarketError::FeeRateOutOfRange
    );
    let shares = u32::from(args.creator_fee_share) + u32::from(terms.protocol_fee_share);
    require_gte!(
        u32::from(math::BasisPoints::ONE),
        shares,
        MarketError::FeeSplitOutOfRange
    );
    require!(
        DURATION.contains(&args.duration) && args.opens_in <= MAX_OPENS_IN,
        MarketError::DurationOutOfRange
    );
    require!(
        RESOLUTION.contains(&args.proposal) && RESOLUTION.contains(&args.arbitration),
        MarketError::ResolutionTimeOutOfRange
    );
    require!(
        (terms.min_dispute_window..=terms.max_dispute_window).contains(&args.dispute_window),
        MarketError::DisputeWindowOutOfRange
    );
    Ok(())
}

/// Makes the market's account, empty, and its token account. The account is too large to be made on
/// the stack.
fn create_accounts(
    accounts: &CreateMarket,
    bumps: &CreateMarketBumps,
    args: &CreateMarketArgs,
) -> Result<()> {
    let (venue, address) = (accounts.venue.key(), accounts.market.key());
    NewAccount {
        payer: &accounts.creator,
        account: &accounts.market,
        system_program: &accounts.system_program,
        seeds: &[
            seeds::MARKET,
            venue.as_ref(),
            accounts.creator.key().as_ref(),
            &args.id.to_le_bytes(),
            &[bumps.market],
        ],
    }
    .create(
        Market::DISCRIMINATOR
            .len()
            .saturating_add(core::mem::size_of::<Market>()),
        &crate::ID,
    )?;
    accounts.market.try_borrow_mut_data()?[..Market::DISCRIMINATOR.len()]
        .copy_from_slice(Market::DISCRIMINATOR);
    NewAccount {
        payer: &accounts.creator,
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

fn create_liquidity(accounts: &CreateMarket, bump: u8, shares: u64) -> Result<()> {
    let (market, owner) = (accounts.market.key(), accounts.creator.key());
    NewAccount {
        payer: &accounts.creator,
        account: &accounts.liquidity,
        system_program: &accounts.system_program,
        seeds: &[seeds::LIQUIDITY, market.as_ref(), owner.as_ref(), &[bump]],
    }
    .write(
        8 + LiquidityPosition::INIT_SPACE,
        &LiquidityPosition {
            version: VERSION,
            bump,
            market,
            owner,
            shares,
            fee_checkpoint: 0,
            fees_owed: 0,
        },
    )
}

fn set_times(
    market: &mut Market,
    args: &CreateMarketArgs,
    terms: &Terms,
    clock: &Clock,
) -> Result<()> {
    let add = |left: u64, right: u64| left.checked_add(right).ok_or(MarketError::Overflow);
    market.open_slot = add(clock.slot, terms.slots(args.opens_in))?;
    let duration = terms.slots(args.duration);
    market.lock_slot = add(market.open_slot, duration)?;
    market.freeze_slot = market
        .lock_slot
        .checked_sub(terms.slots(args.freeze))
        .filter(|freeze_slot| *freeze_slot > market.open_slot)
        .ok_or(MarketError::FreezeOutOfRange)?;
    market.slow_price_slots = (duration / SLOW_PRICE_PART)
        .min(terms.slots(SLOW_PRICE_SECONDS))
        .max(1);
    let later = |second: i64, seconds: u32| {
        second
            .checked_add(i64::from(seconds))
            .ok_or(MarketError::Overflow)
    };
    market.observed_at = later(clock.unix_timestamp, args.opens_in)?;
    market.trading_until = later(market.observed_at, args.duration)?;
    market.proposal_deadline = later(market.trading_until, args.proposal)?;
    market.dispute_window = args.dispute_window;
    market.arbitration_time = args.arbitration;
    Ok(())
}

/// Where the oracle keeps what the market's providers observe at `time`.
fn observation_at(market: &Market, time: u64) -> Pubkey {
    Observation::address(
        &market.provider_set,
        &market.verifying_key,
        &market.feed_id,
        time,
    )
}

fn set_rule(market: &mut Market, args: &CreateMarketArgs) -> Result<()> {
    let kind = match &args.rule {
        Rule::Categorical => RuleKind::Categorical,
        Rule::Threshold { strikes } => {
            let is_valid = strikes.len() <= MAX_STRIKES
                && strikes.len().checked_add(1) == Some(usize::from(args.outcomes))
                && strikes.is_sorted_by(|left, right| left < right);
            require!(is_valid, MarketError::RuleInvalid);
            for (place, strike) in market.strikes.iter_mut().zip(strikes) {
                *place = *strike;
            }
            market.strike_count = args.outcomes.saturating_sub(1);
            RuleKind::Threshold
        }
        Rule::Scalar { low, high } => {
            require_gt!(high, low, MarketError::RuleInvalid);
            (market.low, market.high) = (*low, *high);
            RuleKind::Scalar
        }
        Rule::Linear {
            low,
            high,
            tolerance,
        } => {
            require_gt!(high, low, MarketError::RuleInvalid);
            require_eq!(args.outcomes, 2, MarketError::RuleInvalid);
            let most = high.abs_diff(*low) / TOLERANCE_PART;
            require_gte!(most, *tolerance, MarketError::RuleInvalid);
            (market.low, market.high) = (*low, *high);
            market.tolerance = *tolerance;
            RuleKind::Linear
        }
        Rule::ThresholdAtOpening { .. } => {
            require_eq!(args.outcomes, 2, MarketError::RuleInvalid);
            (market.strike_count, market.strike_pending) = (1, 1);
            RuleKind::Threshold
        }
    };
    market.rule = kind as u8;
    Ok(())
}

/// Opens the pool on the curve asked for and returns the funding it needs, base units.
fn open_pool(market: &mut Market, args: &CreateMarketArgs) -> Result<u64> {
    let kind = match resolved(args) {
        Curve::Auto | Curve::Lmsr => CurveKind::Lmsr,
        Curve::PmAmm { micro_tau } => {
            market.micro_tau = u8::from(micro_tau);
            CurveKind::PmAmm
        }
        Curve::L2 => CurveKind::L2,
    };
    if args.offers_switch {
        require!(
            kind == CurveKind::Lmsr && args.outcomes == 2,
            MarketError::SwitchNotPossible
        );
        market.curve_switch = CurveSwitch::Offered as u8;
    }
    market.pool.open(
        kind,
        Money(args.depth),
        args.outcomes,
        &args.weights,
        market.open_slot,
    )
}

/// The curve that [`Curve::Auto`] stands for, or the one asked for.
fn resolved(args: &CreateMarketArgs) -> Curve {
    match (args.curve, &args.rule) {
        (Curve::Auto, Rule::Scalar { .. }) => Curve::L2,
        (Curve::Auto, _) if args.outcomes == 2 && args.duration <= AUTO_PM_AMM_DURATION => {
            Curve::PmAmm { micro_tau: true }
        }
        (Curve::Auto, _) => Curve::Lmsr,
        (curve, _) => curve,
    }
}
