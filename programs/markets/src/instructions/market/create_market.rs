use anchor_lang::{prelude::*, Discriminator};
use anchor_spl::token_interface::TokenInterface;
use market_core::{
    pool::weighted_prices, settlement::MarketStatus, sum, Evidence, Money, Observers, PriceTerms,
    PricedMarket, Rule, RuleTerms, TradingHours,
};
use math::CurveKind;
use oracle::{ProviderRole, ProviderSet, VerifyingKey};
use program_kit::{
    new_tokens::{NewAccount, NewTokens},
    EventHeader, Purse,
};

use super::terms_hash::MarketTerms;
use crate::{
    error::MarketError,
    instructions::PriceFeed,
    state::{
        seeds, CurveSwitch, LiquidityPosition, Market, Terms, Venue, MAX_OUTCOMES, SLOW_PRICE_PART,
        SLOW_PRICE_SECONDS, VERSION,
    },
};

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
const DAY: u32 = 24 * HOUR;

/// Range of a market's duration, and the longest wait for its opening, in seconds.
pub const DURATION_SECONDS: core::ops::RangeInclusive<u64> = 60..=730 * 24 * 60 * 60;
#[constant]
pub const MAX_OPENS_IN_SECONDS: i64 = 30 * 24 * 60 * 60;
/// How long ago a new market may have opened, in seconds: the time to include its transaction.
#[constant]
pub const MAX_LATE_OPENING_SECONDS: i64 = 60;
/// Longest wait from the lock to the observation, in seconds.
#[constant]
pub const MAX_OBSERVATION_WAIT_SECONDS: i64 = 90 * 24 * 60 * 60;
/// Range of the times to propose a result, from the later of lock and observation, and from a dispute
/// to void without the arbiters' word, in seconds. Whoever creates a market chooses them within what
/// its venue allows: the least leaves time to prove and to be included, so that no market is made to
/// be void.
pub const RESOLUTION_SECONDS: core::ops::RangeInclusive<u32> = 2 * HOUR..=90 * DAY;
/// Part of a linear rule's range that its tolerance may be at most.
#[constant]
pub const TOLERANCE_PART: u64 = 100;
/// Longest duration for which [`Curve::Auto`] takes a pm-AMM, in seconds.
#[constant]
pub const AUTO_PM_AMM_SECONDS: u64 = 24 * 60 * 60;

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// For two outcomes and at most a day a pm-AMM whose depth falls with the time left; else an
    /// LMSR, for a scalar rule too.
    Auto,
    Lmsr,
    PmAmm {
        /// Whether depth falls with the time left.
        micro_tau: bool,
    },
    L2,
}

impl Curve {
    /// The kind of the curve; `Auto`, which stands for one of the others, has none.
    pub fn kind(self) -> Option<CurveKind> {
        match self {
            Self::Auto => None,
            Self::Lmsr => Some(CurveKind::Lmsr),
            Self::PmAmm { .. } => Some(CurveKind::PmAmm),
            Self::L2 => Some(CurveKind::L2),
        }
    }
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct CreateMarketArgs {
    /// Of the creator's choice: two markets whose other terms are the same differ in it.
    pub id: u64,
    /// A field element, big-endian; of a market on a price its base feed.
    pub feed_id: [u8; 32],
    pub rule: RuleTerms,
    /// Of a market on a price, whose close and strike are medians of a window.
    pub price: Option<PriceTerms>,
    /// How far a proposed result may be from the arbiters' and still be right, at most a hundredth of
    /// the way between the bounds; 0 but for a linear rule. Two sets of providers rarely observe a
    /// price to the last digit.
    pub tolerance: u64,
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
    /// `T` of the observation that resolves the market: of a price feed the planned lock or later, of
    /// an event question the opening or up to a minute before.
    pub observe_at_ms: u64,
    /// First second of trading, and the planned end.
    pub opens_at: i64,
    pub locks_at: i64,
    /// Without trading before the lock.
    pub frozen_seconds: u32,
    /// To propose a result, from the later of lock and observation; then the market is void.
    pub proposal_seconds: u32,
    pub dispute_window_seconds: u32,
    /// From the dispute, or the observation if that is later; then the market is void without the
    /// arbiters' word.
    pub arbitration_seconds: u32,
}

#[derive(Accounts)]
#[instruction(terms_hash: [u8; 32])]
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
            &terms_hash,
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
    /// Of a market on a price, and only of one: that of its base feed.
    #[account(mut, has_one = venue @ MarketError::WrongAccount)]
    pub price_feed: Option<AccountLoader<'info, PriceFeed>>,
}

/// Says every term of the market.
#[event]
pub struct MarketCreated {
    pub header: EventHeader,
    pub market: Pubkey,
    pub venue: Pubkey,
    pub mint: Pubkey,
    pub creator: Pubkey,
    pub terms: MarketTerms,
    /// A [`CurveKind`].
    pub curve: u8,
    /// What the creator put into the pool, which is also the number of LP shares it got; and its bond
    /// on top.
    pub funding: u64,
    pub creator_bond: u64,
    /// Unix seconds: first without trading, and first of a void without a proposal.
    pub trading_until: i64,
    pub proposal_until: i64,
    /// Time constant of the slow price.
    pub slow_price_slots: u64,
}

/// Fixes every term of a market; the creator funds it, is its first liquidity provider, and puts up a
/// bond.
pub fn handle_create_market<'info>(
    ctx: Context<'info, CreateMarket<'info>>,
    terms_hash: [u8; 32],
    args: CreateMarketArgs,
) -> Result<()> {
    let (accounts, bumps): (&'info CreateMarket<'info>, _) = (ctx.accounts, ctx.bumps);
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let venue_terms = {
        let venue = accounts.venue.load()?;
        venue.require_not_paused(now)?;
        venue.terms.at(now)
    };
    check_providers(accounts, &args.rule, now)?;
    check_args(&args, &venue_terms, now)?;
    let terms = MarketTerms {
        provider_set: accounts.provider_set.key(),
        verifying_key: accounts.verifying_key.key(),
        arbiter_set: accounts.arbiter_set.key(),
        arbiter_key: accounts.arbiter_key.key(),
        venue_terms,
        args,
    };
    require!(terms.hash() == terms_hash, MarketError::TermsHashMismatch);
    create_accounts(accounts, &bumps, &terms_hash)?;

    let (funding, creator_bond) = {
        let loader = AccountLoader::<Market>::try_from(&accounts.market)?;
        let mut market = loader.load_mut()?;
        market.version = VERSION;
        market.bump = bumps.market;
        market.terms_hash = terms_hash;
        market.venue = accounts.venue.key();
        market.mint = accounts.mint.key();
        market.creator = accounts.creator.key();
        market.token_account = accounts.market_tokens.key();
        set_terms(&mut market, &terms)?;
        market.evidence = evidence(accounts, &terms)?.into();
        let funding = open_pool(&mut market, &terms.args, clock.slot)?;
        set_price(accounts, &mut market, &terms.args, funding, now)?;
        market.liquidity_supply = funding;
        market.creator_bond = venue_terms.creator_bond_of(funding)?;
        market.open_liquidity = 1;
        market.require_solvent()?;
        emit!(MarketCreated {
            header: market.next_event(&clock)?,
            market: accounts.market.key(),
            venue: market.venue,
            mint: market.mint,
            creator: market.creator,
            curve: market.pool.kind,
            funding,
            creator_bond: market.creator_bond,
            trading_until: market.hours.trading_until,
            proposal_until: market.proposal_until,
            slow_price_slots: market.slow_price_slots,
            terms,
        });
        (funding, market.creator_bond)
    };
    create_liquidity(accounts, bumps.liquidity, funding)?;
    let put_in = sum([funding, creator_bond]).map_err(MarketError::from)?;
    fund(accounts, put_in)
}

/// What the market pins must be usable now, and fit together; whether it still is usable at the end is
/// looked at then. The number of an outcome has no median.
fn check_providers(accounts: &CreateMarket, rule: &RuleTerms, now: i64) -> Result<()> {
    let is_categorical = matches!(rule, RuleTerms::Categorical);
    for (key, set, role) in [
        (
            &accounts.verifying_key,
            &accounts.provider_set,
            ProviderRole::Primary,
        ),
        (
            &accounts.arbiter_key,
            &accounts.arbiter_set,
            ProviderRole::Arbiter,
        ),
    ] {
        key.load()?
            .require_pair(&*set.load()?, role, is_categorical, now)?;
    }
    Ok(())
}

fn check_args(args: &CreateMarketArgs, terms: &Terms, now: i64) -> Result<()> {
    oracle::statement::require_field_element(&args.feed_id)
        .map_err(|_| MarketError::NotAFieldElement)?;
    require_gte!(
        terms.max_fee_rate,
        args.fee_rate,
        MarketError::FeeRateOutOfRange
    );
    let shares = u32::from(args.creator_fee_share).saturating_add(terms.protocol_fee_share.into());
    require_gte!(
        u32::from(math::BasisPoints::ONE),
        shares,
        MarketError::FeeSplitOutOfRange
    );
    require_gte!(
        u32::from(math::BasisPoints::ONE).saturating_sub(shares),
        u32::from(terms.min_liquidity_fee_share),
        MarketError::LiquidityFeeShareTooLow
    );
    let opens_in = args.opens_at.saturating_sub(now);
    let duration = args.locks_at.saturating_sub(args.opens_at).max(0);
    require!(
        (-MAX_LATE_OPENING_SECONDS..=MAX_OPENS_IN_SECONDS).contains(&opens_in)
            && DURATION_SECONDS.contains(&duration.unsigned_abs()),
        MarketError::DurationOutOfRange
    );
    let resolution_seconds = terms.min_resolution_seconds..=*RESOLUTION_SECONDS.end();
    require!(
        resolution_seconds.contains(&args.proposal_seconds)
            && resolution_seconds.contains(&args.arbitration_seconds),
        MarketError::ResolutionTimeOutOfRange
    );
    require!(
        (terms.min_dispute_window_seconds..=terms.max_dispute_window_seconds)
            .contains(&args.dispute_window_seconds),
        MarketError::DisputeWindowOutOfRange
    );
    let most = match args.rule {
        RuleTerms::Linear { low, high } => {
            high.abs_diff(low).checked_div(TOLERANCE_PART).unwrap_or(0)
        }
        _ => 0,
    };
    require_gte!(most, args.tolerance, MarketError::ToleranceOutOfRange);
    Ok(())
}

/// Makes the market's account, empty, and its token account. The account is too large to be made on
/// the stack.
fn create_accounts(
    accounts: &CreateMarket,
    bumps: &CreateMarketBumps,
    terms_hash: &[u8; 32],
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
            terms_hash,
            &[bumps.market],
        ],
    }
    .create(
        Market::DISCRIMINATOR
            .len()
            .saturating_add(core::mem::size_of::<Market>()),
        &crate::ID,
    )?;
    accounts
        .market
        .try_borrow_mut_data()?
        .get_mut(..Market::DISCRIMINATOR.len())
        .ok_or(MarketError::WrongAccount)?
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
        &accounts.mint.to_account_info(),
        &accounts.market.to_account_info(),
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
        LiquidityPosition::SPACE,
        &LiquidityPosition {
            version: VERSION,
            bump,
            market,
            owner,
            rent_payer: owner,
            shares,
            locked_shares: 0,
            fee_checkpoint: 0,
            fees_owed: 0,
            reserved: [0; 32],
        },
    )
}

fn fund<'info>(accounts: &'info CreateMarket<'info>, amount: u64) -> Result<()> {
    let market = AccountLoader::<Market>::try_from(&accounts.market)?;
    Purse::new(&market, &accounts.market_tokens, &accounts.token_program)?.receive(
        &accounts.creator_tokens,
        &accounts.creator,
        amount,
    )
}

/// Copies what was agreed into the market.
fn set_terms(market: &mut Market, terms: &MarketTerms) -> Result<()> {
    let (args, venue_terms) = (&terms.args, &terms.venue_terms);
    market.id = args.id;
    market.fee_rate = args.fee_rate;
    market.protocol_fee_share = venue_terms.protocol_fee_share;
    market.creator_fee_share = args.creator_fee_share;
    market.bond_share = venue_terms.bond_share;
    market.bond_floor = venue_terms.bond_floor;
    market.bond_cap = venue_terms.bond_cap;
    market.tolerance = args.tolerance;
    market.arbiter_set = terms.arbiter_set;
    market.arbiter_key = terms.arbiter_key;
    market.dispute_window_seconds = args.dispute_window_seconds;
    market.arbitration_seconds = args.arbitration_seconds;
    market.settlement.status = MarketStatus::Open as u8;
    market.settlement.winning_outcome = market_core::NO_OUTCOME;
    set_hours(market, terms)?;
    market.rule = Rule::new(&args.rule, args.outcomes)
        .map_err(MarketError::from)?
        .into();
    Ok(())
}

fn set_hours(market: &mut Market, terms: &MarketTerms) -> Result<()> {
    let args = &terms.args;
    let hours = TradingHours::new(args.opens_at, args.locks_at, args.frozen_seconds)
        .map_err(MarketError::from)?;
    hours
        .admit(
            args.observe_at_ms,
            args.rule.strike_at_ms(),
            args.locks_at.saturating_add(MAX_OBSERVATION_WAIT_SECONDS),
        )
        .map_err(MarketError::from)?;
    let deadline = hours.deadline(args.observe_at_ms, args.proposal_seconds);
    market.proposal_until = deadline.map_err(MarketError::from)?;
    let slow_price_seconds = hours
        .duration_seconds()
        .checked_div(SLOW_PRICE_PART)
        .unwrap_or(0)
        .min(SLOW_PRICE_SECONDS);
    market.slow_price_slots = terms.venue_terms.slots(slow_price_seconds).max(1);
    market.hours = hours;
    Ok(())
}

/// Fixes where the price of a market comes from that is on one, and reserves what may be at stake on it,
/// within what it costs to move it.
fn set_price(
    accounts: &CreateMarket,
    market: &mut Market,
    args: &CreateMarketArgs,
    funding: u64,
    now: i64,
) -> Result<()> {
    let Some(price) = args.price else {
        return Ok(());
    };
    let priced = PricedMarket {
        rule: &args.rule,
        hours: &market.hours,
        observe_at_ms: args.observe_at_ms,
        fee_rate: args.fee_rate,
        proves_medians_of_ticks: accounts.verifying_key.load()?.proves_medians_of_ticks()
            && accounts.arbiter_key.load()?.proves_medians_of_ticks(),
    };
    let source = price.admit(args.feed_id, &priced);
    let source = source.map_err(MarketError::from)?;
    let feed = accounts.price_feed.as_ref();
    let mut feed = feed.ok_or(MarketError::PriceFeedMissing)?.load_mut()?;
    require!(feed.feed_id == args.feed_id, MarketError::WrongAccount);
    let cost_per_second = feed.cost_per_second.at(now);
    let windows = &mut feed.windows;
    source
        .reserve(&market.evidence, funding, windows, cost_per_second, now)
        .map_err(MarketError::from)?;
    market.rule.tick = price.tick;
    market.price = source;
    Ok(())
}

fn evidence(accounts: &CreateMarket, terms: &MarketTerms) -> Result<Evidence> {
    let args = &terms.args;
    Ok(oracle::evidence(
        Observers {
            provider_set: terms.provider_set.to_bytes(),
            verifying_key: terms.verifying_key.to_bytes(),
        },
        accounts.verifying_key.load()?.needs_agreement(),
        observed_feed(args),
        args.observe_at_ms,
        args.rule.strike_at_ms(),
    ))
}

/// The feed whose observations settle the market: of a market on a price the medians of the feed named,
/// of any other that itself.
fn observed_feed(args: &CreateMarketArgs) -> [u8; 32] {
    let medians = |price: PriceTerms| price.median_feed_id(&args.feed_id);
    args.price.map_or(args.feed_id, medians)
}

/// Opens the pool on the curve asked for and returns the funding it needs, base units. Prices have no
/// weight before the opening.
fn open_pool(market: &mut Market, args: &CreateMarketArgs, slot: u64) -> Result<u64> {
    market.standing_interest = [0, 0, slot];
    let curve = resolved(args);
    let kind = curve.kind().ok_or(MarketError::CurveUnknown)?;
    market.micro_tau = u8::from(matches!(curve, Curve::PmAmm { micro_tau: true }));
    if args.offers_switch {
        require!(
            kind == CurveKind::Lmsr && args.outcomes == 2,
            MarketError::SwitchNotPossible
        );
        market.curve_switch = CurveSwitch::Offered as u8;
    }
    let outcomes = usize::from(args.outcomes);
    let equal = [1; MAX_OUTCOMES];
    let weights = match args.weights.as_slice() {
        [] => equal
            .get(..outcomes)
            .ok_or(MarketError::OutcomeCountOutOfRange)?,
        weights => weights,
    };
    require_eq!(weights.len(), outcomes, MarketError::OutcomeCountOutOfRange);
    let prior = weighted_prices::<MAX_OUTCOMES>(weights).map_err(MarketError::from)?;
    let prior = prior.get(..outcomes).unwrap_or(&prior);
    let funding = market
        .pool
        .open_at(kind, Money(args.depth), prior, slot)
        .map_err(MarketError::from)?;
    Ok(funding)
}

/// The curve that [`Curve::Auto`] stands for, or the one asked for.
fn resolved(args: &CreateMarketArgs) -> Curve {
    let duration = args.locks_at.abs_diff(args.opens_at);
    match args.curve {
        Curve::Auto if args.outcomes == 2 && duration <= AUTO_PM_AMM_SECONDS => {
            Curve::PmAmm { micro_tau: true }
        }
        Curve::Auto => Curve::Lmsr,
        curve => curve,
    }
}
