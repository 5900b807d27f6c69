//! A day of a real price: markets on whether it rises follow each other, strike and close are medians that
//! providers sign of what they saw, and one of the providers lies.

mod report;

use attestation::{
    Attestation, Domain, FeedKind, Field, Millis, Observation, Quorum, Tick, Ticks, Window,
};
use circuits::{Circuit, KeyStore};
use client::{
    addresses::flash_bets as addresses,
    instructions::flash_bets::{
        Buyer, CreateMarket, FlashCurve, FlashMarketTerms, OpenTicketAndBet, PlaceBetArgs,
        PriceTerms, RuleTerms, SetPriceFeed,
    },
    quotes,
};
use flash_bets::state::{FlashMarket, Vault};
use indicatif::ProgressBar;
use keeper::{flash_bets::FlashAction, Settings as KeeperSettings};
use market_core::MarketStatus;
use math::Price;
use num_bigint::BigUint;
use program_kit::Custody;
use rand::{rngs::StdRng, Rng, SeedableRng};
use simulation::paths::chance;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use testbed::{simulation::field, ProgramKind};

pub use self::report::Report;
use self::report::{Bet, Market, Totals};
use crate::{
    error::DemoError,
    flash::house::House,
    proofs::{self, Proofs},
    stage::{Person, MINUTE, SECOND, TOKEN},
    tables::Standing,
};

/// The price: closes of a minute, in hundredths of a dollar.
const CLOSES: &str = include_str!("../../../examples/prices/btc-usd-2023-03-10.csv");
const DECIMALS: u8 = 2;
const STEP_MS: u32 = 60_000;
const SAMPLES: u16 = 11;
/// A close within a cent of the strike is void.
const TICK: u32 = 1;
/// Minutes from a market's opening to that of the next, of trading, and to the end of the window after it.
const EVERY_MINUTES: u64 = 60;
const TRADING_MINUTES: u64 = 30;
const CLOSE_MINUTES: u64 = TRADING_MINUTES + SAMPLES as u64;
/// The first market opens after so many.
const FIRST_MINUTE: u64 = 70;
/// Markets of a day of closes.
pub const MOST_MARKETS: u16 = 22;
/// Minutes from the opening at which people bet.
const BETS_AT_MINUTES: [u64; 4] = [5, 14, 22, 29];
/// From the creation to the opening.
const ANNOUNCED_MS: u64 = MINUTE;
const RESOLUTION_SECONDS: u32 = 30 * 60;
const DEPTH: u64 = 500 * TOKEN;
/// Least of a market with so few samples.
const FEE_RATE: u16 = 160;
const STAKE: u64 = 20 * TOKEN;
/// Most that somebody stakes at a time who moves the price to where he reckons it.
const MOST_STAKED: u64 = 200 * TOKEN;
/// What a close may be moved with, an even part of what half of a window costs.
const COST_PER_SECOND: u64 = 10 * TOKEN;
const MAX_INTEREST: u64 = 1_500 * TOKEN;
const BANKROLL: u64 = 3_000 * TOKEN;
const FEED: u64 = 90_210;
/// The provider that lies, and by what part of the price.
const LIAR: usize = 4;
const LIE: i64 = 10;
/// Minutes over which the price's deviation is measured.
const DEVIATION_MINUTES: u64 = 60;

/// What a run is made with.
pub struct Settings {
    pub programs: ProgramKind,
    /// Of the bettors' decisions. Keys are always fresh.
    pub seed: u64,
    pub markets: u16,
}

/// How somebody bets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strategy {
    /// On what the price so far makes likelier than the market has it, until it has it so.
    Reckons,
    /// On either side.
    Guesses,
}

struct Demo {
    house: House,
    proofs: Proofs,
    keeper: KeeperSettings,
    bettors: Vec<(Strategy, Person)>,
    rng: StdRng,
    /// What each provider saw, on the chain's clock.
    seen: Vec<Ticks>,
    /// The chain's time of the first close.
    dawn: u64,
    markets: Vec<Market>,
    bets: Vec<Bet>,
}

/// Plays the run and gives what it showed.
///
/// # Errors
/// Each variant of [`DemoError`] but those of match feeds.
pub fn run(
    settings: &Settings,
    keys: &KeyStore,
    progress: &ProgressBar,
) -> Result<Report, DemoError> {
    let mut demo = Demo::open(settings, keys, progress)?;
    progress.set_length(settings.markets.into());
    for index in 0..u64::from(settings.markets) {
        progress.set_position(index);
        demo.play(FIRST_MINUTE + index * EVERY_MINUTES)?;
    }
    demo.end()
}

impl Demo {
    fn open(
        settings: &Settings,
        keys: &KeyStore,
        progress: &ProgressBar,
    ) -> Result<Self, DemoError> {
        let kind = oracle::FeedKind::Tick;
        let (proofs, stage) =
            proofs::open_with(settings.programs, keys, progress, Circuit::Median3, kind)?;
        let mut house = House::open(stage)?;
        let set = SetPriceFeed {
            authority: house.stage.world.admin.pubkey(),
            vault: house.vault,
            feed_id: field(base_feed()),
            cost_per_second: COST_PER_SECOND,
        };
        let admin = house.stage.world.admin.insecure_clone();
        house
            .stage
            .must("a price feed", &[set.instruction()], &[&admin])?;
        house.stage.world.pass_timelock();
        let now = house.stage.world.chain.now().0;
        let dawn = now.next_multiple_of(MINUTE);
        let seen = (0..house.stage.world.providers.len())
            .map(|provider| seen_by(provider, dawn))
            .collect::<Result<_, _>>()?;
        let bettors = [Strategy::Reckons, Strategy::Guesses, Strategy::Guesses]
            .into_iter()
            .map(|strategy| Ok((strategy, house.stage.person(BANKROLL)?)))
            .collect::<Result<_, DemoError>>()?;
        let keeper = house.stage.keeper();
        Ok(Self {
            house,
            proofs,
            keeper,
            bettors,
            rng: StdRng::seed_from_u64(settings.seed),
            seen,
            dawn,
            markets: Vec::new(),
            bets: Vec::new(),
        })
    }

    /// The chain's time of a minute of the day.
    fn time_of(&self, minute: u64) -> u64 {
        self.dawn + minute * MINUTE
    }

    /// A market that opens in this minute, from its creation to its end.
    fn play(&mut self, opens: u64) -> Result<(), DemoError> {
        let [opening, close] = [opens, opens + CLOSE_MINUTES].map(|at| self.time_of(at));
        self.house.stage.go_to(opening - ANNOUNCED_MS);
        let address = self.create(opening, close)?;
        self.house.stage.go_to(opening + SECOND);
        let strike = self.observe(opening)?;
        self.keep(address)?;
        let first_bet = self.bets.len();
        for minute in BETS_AT_MINUTES {
            self.house.stage.go_to(self.time_of(opens + minute) + 1);
            for bettor in 0..self.bettors.len() {
                self.bet(address, bettor, opens, opens + minute, strike)?;
            }
        }
        let state = self.state(address)?;
        let up = quotes::prices(&state).unwrap_or_default();
        let up = up.last().copied().unwrap_or(Price::ZERO);
        let last = BETS_AT_MINUTES.iter().max().copied().unwrap_or_default();
        let chance_up = self.chance_up(opens, opens + last, strike)?;
        self.house.stage.go_to(close + 2 * SECOND);
        let close = self.observe(close)?;
        let ended = self.keep(address)?.unwrap_or(state);
        let winner = ended
            .settlement
            .is(MarketStatus::Resolved)
            .then_some(ended.settlement.winning_outcome);
        for bet in &mut self.bets[first_bet..] {
            bet.won = winner.map(|winner| winner == bet.outcome);
        }
        self.markets.push(Market {
            minute: opens,
            strike,
            close,
            price_up: ratio(up),
            chance_up,
            winner,
            interest: ended.pool.open_interest().0,
        });
        Ok(())
    }

    fn create(&mut self, opening: u64, close: u64) -> Result<Pubkey, DemoError> {
        let vault: Vault = self.house.stage.world.chain.account(self.house.vault)?;
        let minutes = |minutes: u64| u32::try_from(minutes * 60).unwrap_or(u32::MAX);
        let announced = (opening - self.house.stage.now()).div_ceil(SECOND);
        let create = CreateMarket {
            operator: self.house.operator.address(),
            vault: self.house.vault,
            mint: self.house.stage.mint.address,
            token_program: self.house.stage.token_program(),
            event_book: self.house.event_book,
            provider_set: self.house.stage.world.provider_set,
            verifying_key: self.house.stage.world.verifying_key,
            id: vault.next_market_id,
            feed_id: field(base_feed()),
            terms: FlashMarketTerms {
                parent: 0,
                rule: RuleTerms::ThresholdAtOpening {
                    strike_at_ms: opening,
                },
                price: Some(PriceTerms {
                    step_ms: STEP_MS,
                    samples: SAMPLES,
                    tick: TICK,
                    max_interest: MAX_INTEREST,
                }),
                curve: FlashCurve::Lmsr,
                depth: DEPTH,
                prior: vec![Price::ONE.0 / 2; 2],
                micro_tau: false,
                fee_rate: FEE_RATE,
                fee_floor_bps: 0,
                observe_at_ms: close,
                opens_in_seconds: u32::try_from(announced).unwrap_or(u32::MAX),
                duration_seconds: minutes(CLOSE_MINUTES),
                freeze_seconds: minutes(CLOSE_MINUTES - TRADING_MINUTES),
                delay_ms: 0,
                execution_seconds: 0,
                resolution_seconds: RESOLUTION_SECONDS,
            },
        };
        let operator = self.house.operator.key.insecure_clone();
        self.house
            .stage
            .must("a market", &[create.instruction()], &[&operator])?;
        Ok(addresses::market(&self.house.vault, create.id))
    }

    /// Has the oracle record the median of the window that ends at this time, of three providers of
    /// whom one lies; gives it.
    fn observe(&mut self, ends_at: u64) -> Result<i64, DemoError> {
        let window = Window {
            ends_at: Millis::new(ends_at)?,
            step_ms: STEP_MS,
            samples: SAMPLES,
        };
        let world = &self.house.stage.world;
        let feed = medians_feed();
        let attestations = [0, 1, LIAR]
            .into_iter()
            .map(|provider| self.sign(provider, feed, window))
            .collect::<Result<Vec<_>, _>>()?;
        let quorum = Quorum::median(
            &world.members,
            world.domain(),
            FeedKind::Tick,
            feed,
            window.ends_at,
            &attestations,
            Circuit::Median3.slots(),
        )?;
        let value = quorum.statement().value.number().unwrap_or_default();
        let provider_set = world.provider_set;
        let subject = format!("the window that ends at {ends_at} ms");
        let stage = &mut self.house.stage;
        self.proofs
            .observe(stage, provider_set, &quorum, value, &subject)?;
        Ok(value)
    }

    /// What a provider signs of a window.
    fn sign(&self, provider: usize, feed: Field, window: Window) -> Result<Attestation, DemoError> {
        let world = &self.house.stage.world;
        let median = self.seen[provider].median(window)?;
        let said = if provider == LIAR {
            median + median / LIE
        } else {
            median
        };
        let observation = Observation::new(feed, window.ends_at, window.prev_at()?, said)?;
        let secret = &world.providers[provider];
        Ok(Attestation::sign(secret, world.domain(), observation))
    }

    /// Plays the keeper until nothing is due; gives the market as it was settled, if it was.
    fn keep(&mut self, address: Pubkey) -> Result<Option<FlashMarket>, DemoError> {
        let mut settled = None;
        loop {
            let stage = &self.house.stage;
            let (snapshot, token_programs) = (stage.snapshot()?, stage.token_programs());
            let view = snapshot
                .flash_markets(&token_programs)
                .find(|view| view.address == address);
            let clock = stage.world.chain.clock();
            let plan = view.map_or_else(Vec::new, |view| view.plan(&self.keeper, clock));
            if plan.is_empty() {
                return Ok(settled);
            }
            for action in plan {
                let instruction = action.instruction();
                self.house.stage.must(action.name(), &[instruction], &[])?;
                if matches!(action, FlashAction::Resolve(_) | FlashAction::Void(_)) {
                    settled = Some(self.state(address)?);
                }
            }
        }
    }

    fn state(&self, address: Pubkey) -> Result<FlashMarket, DemoError> {
        Ok(self.house.stage.world.chain.account(address)?)
    }

    /// The chance that the close is above the strike, of a price that wanders as it has of late: the
    /// median of the window is about the price in its middle.
    fn chance_up(&self, opens: u64, minute: u64, strike: i64) -> Result<f64, DemoError> {
        let seen = self.seen[0].as_slice();
        let price = |minute: u64| {
            let index = usize::try_from(minute).unwrap_or(usize::MAX);
            seen.get(index).map_or(0.0, |tick| dollars(tick.price))
        };
        let moves = (minute - DEVIATION_MINUTES..minute)
            .map(|minute| (price(minute + 1) / price(minute)).ln().powi(2));
        let deviation = (moves.sum::<f64>() / count(DEVIATION_MINUTES)).sqrt();
        let left = count(opens + TRADING_MINUTES - minute) + f64::from(SAMPLES) / 2.0;
        let score = (price(minute) / dollars(strike)).ln() / (deviation * left.sqrt());
        Ok(chance(score)?)
    }

    fn bet(
        &mut self,
        market: Pubkey,
        bettor: usize,
        opens: u64,
        minute: u64,
        strike: i64,
    ) -> Result<(), DemoError> {
        let state = self.state(market)?;
        let prices: Vec<f64> = quotes::prices(&state)
            .unwrap_or_default()
            .into_iter()
            .map(ratio)
            .collect();
        let chance_up = self.chance_up(opens, minute, strike)?;
        let chances = [1.0 - chance_up, chance_up];
        let (strategy, person) = &self.bettors[bettor];
        let (outcome, stake) = match strategy {
            Strategy::Guesses => (u8::from(self.rng.gen_bool(0.5)), STAKE),
            Strategy::Reckons => {
                let fee = |price: f64| f64::from(FEE_RATE) / 10_000.0 * price.min(1.0 - price);
                let gain = |side: usize| chances[side] - prices[side] - fee(prices[side]);
                let outcome = u8::from(gain(1) > gain(0));
                let side = usize::from(outcome);
                if gain(side) <= 0.0 {
                    return Ok(());
                }
                let clock = self.house.stage.world.chain.clock();
                let worth = Price((chances[side] * Price::ONE.0 as f64) as u64);
                let until = quotes::amount_until(&state, clock, outcome, worth);
                let Ok(Some((_, quote))) = until else {
                    return Ok(());
                };
                let worth = quote.trade.cost.0.saturating_add(quote.trade.fee.0);
                (outcome, worth.min(MOST_STAKED))
            }
        };
        let buyer = Buyer {
            payer: person.address(),
            payer_tokens: person.tokens,
            owner: person.address(),
            vault: self.house.vault,
            market,
            token_program: self.house.stage.token_program(),
            order_rent_payer: None,
            nonce: 0,
        };
        let open = OpenTicketAndBet {
            buyer,
            rent_payer: person.address(),
            args: PlaceBetArgs {
                outcome,
                stake,
                min_shares: 0,
                tip_lamports: 0,
            },
        };
        let before = state.pool.sold_of(outcome);
        let key = person.key.insecure_clone();
        let refused = self
            .house
            .stage
            .attempt("a bet", &[open.instruction()], &key)?;
        if refused.is_none() {
            let bought = self.state(market)?.pool.sold_of(outcome) - before;
            self.bets.push(Bet {
                minute,
                outcome,
                multiple: bought as f64 / stake as f64,
                chance: chances[usize::from(outcome)],
                won: None,
            });
        }
        Ok(())
    }

    /// Pays everybody out and closes what is left.
    fn end(mut self) -> Result<Report, DemoError> {
        self.proofs.close_all(&mut self.house.stage)?;
        let takings = self.house.wind_up()?;
        let names = ["who reckons", "who guesses", "who guesses too"];
        let mut standings = Vec::new();
        for ((_, person), name) in self.bettors.iter().zip(names) {
            standings.push(Standing {
                name: name.to_owned(),
                brought: BANKROLL,
                left: self.house.stage.balance(person.tokens)?,
            });
        }
        standings.push(Standing {
            name: "Liquidity providers".to_owned(),
            brought: self.house.deposited(),
            left: takings.liquidity,
        });
        let vault: Vault = self.house.stage.world.chain.account(self.house.vault)?;
        let is_conserved = self.house.vault_balance()? >= vault.tracked().unwrap_or(u64::MAX);
        let (held, supply) = self.house.stage.held_and_supply()?;
        let first = u64::try_from(self.markets.len()).unwrap_or_default();
        let addresses: Vec<_> = (0..=first)
            .map(|id| addresses::market(&self.house.vault, id))
            .collect();
        Ok(Report::new(Totals {
            markets: self.markets,
            bets: self.bets,
            standings,
            fees: takings.protocol + takings.operator,
            is_conserved: is_conserved && held == supply,
            held,
            supply,
            open_accounts: self.house.open_accounts(&addresses)?,
        }))
    }
}

fn base_feed() -> Field {
    Field::from(FEED)
}

/// The feed of medians that the markets wait for.
fn medians_feed() -> Field {
    let base = Domain(base_feed()).to_bytes();
    let medians = market_core::median_feed_id(&base, STEP_MS, SAMPLES);
    BigUint::from_bytes_be(&medians).into()
}

/// The closes as a provider saw them, some cents from the others, as if the day began at `dawn`.
fn seen_by(provider: usize, dawn: u64) -> Result<Ticks, DemoError> {
    let real = Ticks::from_csv(CLOSES, DECIMALS)?;
    let cents = i64::try_from(provider).unwrap_or_default();
    let ticks = real.as_slice().iter().zip(0..).map(|(tick, minute)| {
        Ok(Tick {
            at: Millis::new(dawn + minute * MINUTE)?,
            price: tick.price + cents,
        })
    });
    Ok(Ticks::new(ticks.collect::<Result<_, DemoError>>()?)?)
}

fn dollars(price: i64) -> f64 {
    price as f64 / 100.0
}

fn ratio(price: Price) -> f64 {
    price.0 as f64 / Price::ONE.0 as f64
}

fn count(number: u64) -> f64 {
    number as f64
}
