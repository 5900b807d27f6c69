//! Chains of bets through a match, and a question that is traded once for each end of it. The windows of
//! the chains are apart, each an event of its own; every result is proven as the match went.

mod group;
mod report;
mod script;
mod staking;

use attestation::{Field, Millis, Quorum};
use circuits::KeyStore;
use client::{
    addresses::flash_bets as addresses,
    instructions::flash_bets::{
        ChainTerms, CloseEventBook, CreateChainBook, CreateEventBook, CreateMarket, FlashCurve,
        FlashMarketTerms, ProposeChange, RuleTerms, VaultChange,
    },
};
use flash_bets::state::Vault;
use indicatif::ProgressBar;
use keeper::Settings as KeeperSettings;
use math::Price;
use program_kit::Custody;
use rand::{rngs::StdRng, SeedableRng};
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use testbed::{simulation::field, ProgramKind};

pub use self::report::Report;
use self::{
    group::Group,
    report::{Books, WindowReport},
    script::{chance_of_goal, chances, end_of, result_of, score_at, windows, STRIKES},
    staking::Staked,
};
use crate::{
    agenda::Agenda,
    error::DemoError,
    feed::{Match, HALF_TIME},
    flash::house::House,
    proofs::{self, Proofs},
    providers::{self, behaviours, ProviderReport, HONEST},
    stage::{MINUTE, SECOND, TOKEN},
    tables::{Refused, Standing},
};

/// From the creation of everything to the kick-off.
const ANNOUNCED: u64 = 2 * MINUTE;
/// One per cent of each leg, half of one on its price, at most a fifth of the vault's equity.
const TERMS: ChainTerms = ChainTerms {
    fee_rate: 100,
    spread: 50,
    reserve: 2_000,
    cash_out_fee_rate: 100,
};
/// `b` of the markets, base units.
const DEPTH: u64 = 1_000 * TOKEN;
const FEE_RATE: u16 = 200;
const RESOLUTION_SECONDS: u32 = 30 * 60;
/// The first event is that of the match itself, which the house opens.
const FIRST_EVENT: u64 = 2;
/// Reports that come later are too late to matter.
const REPORTS_WITHIN: u64 = 10 * SECOND;
/// Minutes of play at which people trade in the group.
const TRADES_AT: [u32; 3] = [10, 25, 40];
/// Whole of a price in basis points.
const BASIS_POINTS: f64 = 10_000.0;

/// What a run is made with.
pub struct Settings {
    pub programs: ProgramKind,
    /// Of people's decisions. Keys are always fresh.
    pub seed: u64,
}

enum Action {
    /// Everybody asks for the chain that he wants.
    Stake,
    /// Everybody trades in the group, after so many minutes.
    Trade(u32),
    /// The result of a market is known.
    Result(usize),
}

/// A market, and what will be said of it.
struct Market {
    address: Pubkey,
    feed: Field,
    /// Unix milliseconds: the lock.
    observe_at: u64,
    truth: i64,
    lie: i64,
}

struct Demo<'a> {
    game: &'a Match,
    kick_off: u64,
    house: House,
    proofs: Proofs,
    keeper: KeeperSettings,
    /// Those of the windows, then who wins, then how many goals.
    markets: Vec<Market>,
    windows: Vec<WindowReport>,
    chains: Vec<Staked>,
    group: Group,
    rng: StdRng,
    refused: Vec<Refused>,
    providers: ProviderReport,
}

/// Plays the run and gives what it showed.
///
/// # Errors
/// Each variant of [`DemoError`].
pub fn run(
    game: &Match,
    settings: &Settings,
    keys: &KeyStore,
    progress: &ProgressBar,
) -> Result<Report, DemoError> {
    progress.set_length(game.minutes.into());
    let mut demo = Demo::open(game, settings, keys, progress)?;
    let mut agenda = demo.agenda();
    while let Some((time, action)) = agenda.next() {
        demo.house.stage.go_to(time);
        let played = time.saturating_sub(demo.kick_off) / MINUTE;
        progress.set_position(played.min(game.minutes.into()));
        match action {
            Action::Stake => demo.stake()?,
            Action::Trade(minute) => {
                let Demo {
                    group, house, rng, ..
                } = &mut demo;
                group.trade(house, game, minute, rng)?;
            }
            Action::Result(market) => demo.result(market)?,
        }
    }
    demo.end()
}

impl<'a> Demo<'a> {
    fn open(
        game: &'a Match,
        settings: &Settings,
        keys: &KeyStore,
        progress: &ProgressBar,
    ) -> Result<Self, DemoError> {
        let (proofs, stage) = proofs::open(settings.programs, keys, progress)?;
        let mut house = House::open(stage)?;
        offer_chains(&mut house)?;
        let kick_off = (house.stage.now() + ANNOUNCED).next_multiple_of(SECOND);
        let keeper = house.stage.keeper();
        let mut demo = Self {
            game,
            kick_off,
            house,
            proofs,
            keeper,
            markets: Vec::new(),
            windows: Vec::new(),
            chains: Vec::new(),
            group: Group::default(),
            rng: StdRng::seed_from_u64(settings.seed),
            refused: Vec::new(),
            providers: ProviderReport::default(),
        };
        demo.open_windows()?;
        demo.open_group()?;
        Ok(demo)
    }

    fn agenda(&self) -> Agenda<Action> {
        let mut agenda = Agenda::new();
        agenda.at(self.kick_off + MINUTE, Action::Stake);
        for minute in TRADES_AT {
            agenda.at(self.time_at(minute), Action::Trade(minute));
        }
        for (index, market) in self.markets.iter().enumerate() {
            agenda.at(market.observe_at + REPORTS_WITHIN, Action::Result(index));
        }
        agenda
    }

    /// When a number of minutes has been played.
    fn time_at(&self, minutes: u32) -> u64 {
        self.kick_off + u64::from(minutes) * MINUTE
    }

    /// A market with a chain book for each window, on an event of its own: windows that are apart have
    /// nothing in common.
    fn open_windows(&mut self) -> Result<(), DemoError> {
        for (event, window) in (FIRST_EVENT..).zip(windows(self.game)) {
            let event_book = self.open_event(event)?;
            let chance = chance_of_goal(window);
            let truth = result_of(self.game, window);
            let terms = FlashMarketTerms {
                prior: prices(&[chance, 1.0 - chance]),
                // Trading ends before the window begins, so that nobody has seen anything.
                ..self.terms(window.to, window.to - window.from)
            };
            let market = self.open_market(event_book, terms, truth.into(), (1 - truth).into())?;
            let create = CreateChainBook {
                rent_payer: self.house.operator.address(),
                market,
            };
            let operator = self.house.operator.key.insecure_clone();
            let stage = &mut self.house.stage;
            stage.must("a chain book", &[create.instruction()], &[&operator])?;
            self.windows.push(WindowReport::new(window, chance, truth));
        }
        Ok(())
    }

    fn open_event(&mut self, id: u64) -> Result<Pubkey, DemoError> {
        let vault = self.house.vault;
        let create = CreateEventBook {
            operator: self.house.operator.address(),
            vault,
            id,
            correlation_group: 0,
            verse: None,
        };
        let operator = self.house.operator.key.insecure_clone();
        let stage = &mut self.house.stage;
        stage.must("an event", &[create.instruction()], &[&operator])?;
        Ok(addresses::event_book(&vault, id))
    }

    /// Who wins, how many goals there are, and the group of both.
    fn open_group(&mut self) -> Result<(), DemoError> {
        let game = self.game;
        let expected = chances(game, 0);
        let of_ends = expected.map(|row| row.iter().sum::<f64>());
        let of_goals: Vec<f64> = (0..expected[0].len())
            .map(|bucket| expected.iter().map(|row| row[bucket]).sum())
            .collect();
        let score = score_at(game, game.minutes);
        let (end, goals) = (end_of(score), i64::from(score[0] + score[1]));
        let (minutes, event_book) = (game.minutes, self.house.event_book);
        let condition = FlashMarketTerms {
            prior: prices(&of_ends),
            ..self.terms(minutes, minutes - HALF_TIME)
        };
        let asset = FlashMarketTerms {
            rule: RuleTerms::Threshold {
                strikes: STRIKES.to_vec(),
            },
            prior: prices(&of_goals),
            ..self.terms(minutes, minutes - HALF_TIME)
        };
        let condition =
            self.open_market(event_book, condition, end.into(), ((end + 1) % 3).into())?;
        let lie = if goals < STRIKES[0] { STRIKES[0] } else { 0 };
        let asset = self.open_market(event_book, asset, goals, lie)?;
        let row = basis_points(&of_goals);
        self.group.open(&mut self.house, condition, asset, row)
    }

    /// Terms of a market that opens at the kick-off, locks after so many minutes and does not trade in
    /// the last ones.
    fn terms(&self, minutes: u32, frozen: u32) -> FlashMarketTerms {
        let announced = (self.kick_off - self.house.stage.now()).div_ceil(SECOND);
        FlashMarketTerms {
            parent: 0,
            rule: RuleTerms::Categorical,
            price: None,
            curve: FlashCurve::Lmsr,
            depth: DEPTH,
            prior: Vec::new(),
            micro_tau: false,
            fee_rate: FEE_RATE,
            fee_floor_bps: 0,
            observe_at_ms: self.time_at(minutes),
            opens_in_seconds: u32::try_from(announced).unwrap_or(u32::MAX),
            duration_seconds: minutes * 60,
            freeze_seconds: frozen * 60,
            delay_ms: 0,
            execution_seconds: 0,
            resolution_seconds: RESOLUTION_SECONDS,
        }
    }

    fn open_market(
        &mut self,
        event_book: Pubkey,
        terms: FlashMarketTerms,
        truth: i64,
        lie: i64,
    ) -> Result<Pubkey, DemoError> {
        let stage = &self.house.stage;
        let vault: Vault = stage.world.chain.account(self.house.vault)?;
        let id = vault.next_market_id;
        let feed = attestation::poseidon([Field::from(self.kick_off), Field::from(id)]);
        let observe_at = terms.observe_at_ms;
        let create = CreateMarket {
            operator: self.house.operator.address(),
            vault: self.house.vault,
            mint: stage.mint.address,
            token_program: stage.token_program(),
            event_book,
            provider_set: stage.world.provider_set,
            verifying_key: stage.world.verifying_key,
            id,
            feed_id: field(feed),
            terms,
        };
        let operator = self.house.operator.key.insecure_clone();
        let stage = &mut self.house.stage;
        stage.must("a market", &[create.instruction()], &[&operator])?;
        let address = addresses::market(&self.house.vault, id);
        self.markets.push(Market {
            address,
            feed,
            observe_at,
            truth,
            lie,
        });
        Ok(address)
    }

    /// The providers report, a proof shows what a quorum of them says, and the keeper does what follows.
    fn result(&mut self, index: usize) -> Result<(), DemoError> {
        let market = &self.markets[index];
        let world = &self.house.stage.world;
        let mut reports = Vec::new();
        for (provider, behaviour) in behaviours(HONEST).into_iter().enumerate() {
            let Some(delay) = behaviour.delay(provider) else {
                continue;
            };
            let is_late = delay > REPORTS_WITHIN;
            self.providers.count(behaviour, is_late);
            if !is_late {
                let said = behaviour.value(market.truth, market.lie);
                let key = &world.providers[provider];
                let time = market.observe_at + delay;
                let report = providers::report(key, world.domain(), market.feed, time, said)?;
                reports.push(report);
            }
        }
        let (quorum, _) = Quorum::screened(
            &world.members,
            world.domain(),
            attestation::FeedKind::Event,
            market.feed,
            Millis::new(market.observe_at)?,
            &reports,
            None,
        );
        let quorum = quorum?;
        let value = quorum.statement().value.number().unwrap_or_default();
        self.providers.outcomes_changed += u32::from(value != market.truth);
        let (set, subject) = (world.provider_set, format!("market {}", index + 1));
        let stage = &mut self.house.stage;
        self.proofs.observe(stage, set, &quorum, value, &subject)?;
        self.house.stage.keep(&self.keeper)?;
        self.note_chains()?;
        self.group.note(&self.house.stage)?;
        self.cash_out_chains()
    }

    /// Closes what is left, pays everybody out and checks the books.
    fn end(mut self) -> Result<Report, DemoError> {
        let operator = self.house.operator.key.insecure_clone();
        for event in (FIRST_EVENT..).take(self.windows.len()) {
            let close = CloseEventBook {
                authority: operator.pubkey(),
                vault: self.house.vault,
                event_book: addresses::event_book(&self.house.vault, event),
                rent_payer: operator.pubkey(),
                verse: None,
            };
            let stage = &mut self.house.stage;
            stage.must("closing an event", &[close.instruction()], &[&operator])?;
        }
        let vault: Vault = self.house.stage.world.chain.account(self.house.vault)?;
        let is_tracked = self.house.vault_balance()? == vault.tracked().unwrap_or(u64::MAX);
        let takings = self.house.wind_up()?;
        self.proofs.close_all(&mut self.house.stage)?;
        let mut standings = vec![Standing {
            name: "Vault's liquidity providers".to_owned(),
            brought: self.house.deposited(),
            left: takings.liquidity,
        }];
        for chain in &self.chains {
            standings.push(chain.standing(&self.house.stage)?);
        }
        standings.extend(self.group.standings(&self.house.stage)?);
        let group = self.group.report(self.game);
        let (held, supply) = self.house.stage.held_and_supply()?;
        let addresses: Vec<_> = self.markets.iter().map(|market| market.address).collect();
        let open_accounts = self.house.open_accounts(&addresses)?;
        let books = Books {
            standings,
            fees: takings.protocol + takings.operator,
            left_in_vault: self.house.vault_balance()?,
            is_tracked,
            held,
            supply,
            open_accounts,
        };
        let chains = self.chains.into_iter().map(Staked::report).collect();
        let title = self.game.title();
        let (windows, refused, providers) = (self.windows, self.refused, self.providers);
        Ok(Report::new(
            title, windows, chains, group, refused, providers, books,
        ))
    }
}

/// The admin has the vault offer chains, and waits until the terms are in force.
fn offer_chains(house: &mut House) -> Result<(), DemoError> {
    let admin = house.stage.world.admin.insecure_clone();
    let propose = ProposeChange {
        authority: admin.pubkey(),
        vault: house.vault,
        change: VaultChange::ChainTerms(TERMS),
    };
    let stage = &mut house.stage;
    stage.must("terms of chains", &[propose.instruction()], &[&admin])?;
    let vault: Vault = stage.world.chain.account(house.vault)?;
    let from = u64::try_from(vault.chain_terms.active_from).unwrap_or_default();
    stage.go_to(from * SECOND);
    Ok(())
}

/// Basis points of chances, which sum to the whole; the last one takes the rounding.
fn basis_points(chances: &[f64]) -> Vec<u16> {
    let mut points: Vec<u16> = chances
        .iter()
        .map(|chance| (chance * BASIS_POINTS).round() as u16)
        .collect();
    let before: u16 = points.iter().rev().skip(1).sum();
    if let Some(last) = points.last_mut() {
        *last = 10_000 - before;
    }
    points
}

/// Prices of chances in whole basis points.
fn prices(chances: &[f64]) -> Vec<u64> {
    basis_points(chances)
        .into_iter()
        .map(|points| Price::ratio(points.into(), 10_000).unwrap_or_default().0)
        .collect()
}
