use std::collections::BTreeMap;

use ::flash_bets::state::{
    Chain, ChainBook, Deposit, EventBook, FeedBook, FlashMarket, PendingOrder, QuantumGroup,
    QuantumTicket, RollingChain, Ticket, Vault, Verse, Withdrawal,
};
use ::leverage::state::{
    CorrelationGroup, LendingPool, LeveredPosition, ListedMarket, PendingOpen, PoolDeposit,
    PoolWithdrawal,
};
use ::markets::state::{LiquidityPosition, Market, MarketEvidence, Position, Venue};
use ::orders::state::{Batch, Desk, DeskOrder, MarketCopy, SealedOrder};
use client::{
    accounts::{decode, StrobeAccount},
    addresses::{
        flash_bets::{chain_book, feed_book},
        leverage::{deposit as pool_deposit, withdrawal as pool_withdrawal},
        oracle::{observation, ObservationKey},
    },
};
use oracle::{state::Published, Observation, ProviderSet, VerifyingKey};
use solana_account::Account;
use solana_clock::Clock;
use solana_pubkey::Pubkey;

use crate::{flash_bets, leverage, markets, orders, Action, Money};

/// What a keeper decides for itself.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Signs the keeper's transactions and gets the tips.
    pub keeper: Pubkey,
    /// Puts up bonds; without it nothing is proposed.
    pub proposer: Option<Proposer>,
    /// Brings the prices of a standard market up to date when nobody traded for so long.
    pub poke_after_seconds: i64,
    /// Whether to pay several tickets with one call of the token program, which p-token takes. If that
    /// is refused they are paid one by one.
    pub pays_in_one_call: bool,
}

/// Whose money is put up for proposals.
#[derive(Clone, Copy, Debug)]
pub struct Proposer {
    /// Signs, and is paid at its associated token account.
    pub address: Pubkey,
    /// Most for one proposal, base units.
    pub max_bond: u64,
}

/// Accounts of the programs at one moment, each kind by what it belongs to.
#[derive(Debug, Default)]
pub struct Snapshot {
    vaults: BTreeMap<Pubkey, Vault>,
    deposits: BTreeMap<Pubkey, Vec<Deposit>>,
    withdrawals: BTreeMap<Pubkey, Vec<Withdrawal>>,
    event_books: BTreeMap<Pubkey, Vec<(Pubkey, EventBook)>>,
    verses: BTreeMap<Pubkey, Verse>,
    feed_books: BTreeMap<Pubkey, FeedBook>,
    flash_markets: BTreeMap<Pubkey, FlashMarket>,
    chains: BTreeMap<Pubkey, Chain>,
    chain_books: BTreeMap<Pubkey, ChainBook>,
    rolling_chains: Vec<RollingChain>,
    tickets: BTreeMap<Pubkey, Vec<Ticket>>,
    quantum_groups: BTreeMap<Pubkey, QuantumGroup>,
    quantum_tickets: BTreeMap<Pubkey, Vec<QuantumTicket>>,
    orders: BTreeMap<Pubkey, Vec<PendingOrder>>,
    desks: BTreeMap<Pubkey, Desk>,
    desk_orders: BTreeMap<Pubkey, Vec<DeskOrder>>,
    batches: BTreeMap<Pubkey, Batch>,
    sealed_orders: BTreeMap<Pubkey, Vec<SealedOrder>>,
    pools: BTreeMap<Pubkey, LendingPool>,
    groups: BTreeMap<Pubkey, CorrelationGroup>,
    pool_deposits: BTreeMap<Pubkey, Vec<PoolDeposit>>,
    /// By address.
    pool_withdrawals: BTreeMap<Pubkey, PoolWithdrawal>,
    listings: BTreeMap<Pubkey, Box<ListedMarket>>,
    levered_positions: BTreeMap<Pubkey, Vec<LeveredPosition>>,
    pending_opens: BTreeMap<Pubkey, Vec<PendingOpen>>,
    venues: BTreeMap<Pubkey, Venue>,
    markets: BTreeMap<Pubkey, Market>,
    positions: BTreeMap<Pubkey, Vec<Position>>,
    liquidity: BTreeMap<Pubkey, Vec<LiquidityPosition>>,
    observations: BTreeMap<Pubkey, Observation>,
    provider_sets: BTreeMap<Pubkey, ProviderSet>,
    verifying_keys: BTreeMap<Pubkey, VerifyingKey>,
}

impl Snapshot {
    /// Programs whose accounts it is made of.
    pub const PROGRAMS: [Pubkey; 5] = [
        oracle::ID,
        ::flash_bets::ID,
        ::markets::ID,
        ::orders::ID,
        ::leverage::ID,
    ];

    /// From accounts of [`Self::PROGRAMS`]; others, and kinds that nothing is planned for, are left
    /// out.
    pub fn new(accounts: impl IntoIterator<Item = (Pubkey, Account)>) -> Self {
        let mut snapshot = Self::default();
        for (address, account) in accounts {
            snapshot.take(address, &account);
        }
        snapshot
    }

    fn take(&mut self, address: Pubkey, account: &Account) {
        fn read<T: StrobeAccount>(account: &Account) -> Option<T> {
            decode(&account.owner, &account.data).ok()
        }
        if let Some(market) = read::<FlashMarket>(account) {
            self.flash_markets.insert(address, market);
        } else if let Some(ticket) = read::<Ticket>(account) {
            self.tickets.entry(ticket.market).or_default().push(ticket);
        } else if let Some(group) = read::<QuantumGroup>(account) {
            self.quantum_groups.insert(address, group);
        } else if let Some(ticket) = read::<QuantumTicket>(account) {
            let of_group = self.quantum_tickets.entry(ticket.group).or_default();
            of_group.push(ticket);
        } else if let Some(order) = read::<PendingOrder>(account) {
            self.orders.entry(order.market).or_default().push(order);
        } else if let Some(order) = read::<DeskOrder>(account) {
            let of_desk = self.desk_orders.entry(order.desk).or_default();
            of_desk.push(order);
        } else if let Some(order) = read::<SealedOrder>(account) {
            let of_batch = self.sealed_orders.entry(order.batch).or_default();
            of_batch.push(order);
        } else if let Some(batch) = read::<Batch>(account) {
            self.batches.insert(address, batch);
        } else if let Some(desk) = read::<Desk>(account) {
            self.desks.insert(address, desk);
        } else if let Some(market) = read::<Market>(account) {
            self.markets.insert(address, market);
        } else if let Some(position) = read::<Position>(account) {
            let of_market = self.positions.entry(position.market).or_default();
            of_market.push(position);
        } else if let Some(liquidity) = read::<LiquidityPosition>(account) {
            let of_market = self.liquidity.entry(liquidity.market).or_default();
            of_market.push(liquidity);
        } else if let Some(found) = read::<Observation>(account) {
            self.observations.insert(address, found);
        } else if let Some(vault) = read::<Vault>(account) {
            self.vaults.insert(address, vault);
        } else if let Some(deposit) = read::<Deposit>(account) {
            let of_vault = self.deposits.entry(deposit.vault).or_default();
            of_vault.push(deposit);
        } else if let Some(withdrawal) = read::<Withdrawal>(account) {
            let of_vault = self.withdrawals.entry(withdrawal.vault).or_default();
            of_vault.push(withdrawal);
        } else if let Some(book) = read::<EventBook>(account) {
            let of_vault = self.event_books.entry(book.vault).or_default();
            of_vault.push((address, book));
        } else if let Some(verse) = read::<Verse>(account) {
            self.verses.insert(address, verse);
        } else if let Some(book) = read::<FeedBook>(account) {
            self.feed_books.insert(address, book);
        } else if let Some(chain) = read::<Chain>(account) {
            self.chains.insert(address, chain);
        } else if let Some(book) = read::<ChainBook>(account) {
            self.chain_books.insert(address, book);
        } else if let Some(chain) = read::<RollingChain>(account) {
            self.rolling_chains.push(chain);
        } else if let Some(venue) = read::<Venue>(account) {
            self.venues.insert(address, venue);
        } else if let Some(set) = read::<ProviderSet>(account) {
            self.provider_sets.insert(address, set);
        } else if let Some(key) = read::<VerifyingKey>(account) {
            self.verifying_keys.insert(address, key);
        } else {
            self.take_loan(address, account);
        }
    }

    fn take_loan(&mut self, address: Pubkey, account: &Account) {
        fn read<T: StrobeAccount>(account: &Account) -> Option<T> {
            decode(&account.owner, &account.data).ok()
        }
        if let Some(position) = read::<LeveredPosition>(account) {
            let of_listing = self.levered_positions.entry(position.listing).or_default();
            of_listing.push(position);
        } else if let Some(request) = read::<PendingOpen>(account) {
            let of_listing = self.pending_opens.entry(request.listing).or_default();
            of_listing.push(request);
        } else if let Some(listing) = read::<ListedMarket>(account) {
            self.listings.insert(address, Box::new(listing));
        } else if let Some(pool) = read::<LendingPool>(account) {
            self.pools.insert(address, pool);
        } else if let Some(group) = read::<CorrelationGroup>(account) {
            self.groups.insert(address, group);
        } else if let Some(deposit) = read::<PoolDeposit>(account) {
            let of_pool = self.pool_deposits.entry(deposit.pool).or_default();
            of_pool.push(deposit);
        } else if let Some(withdrawal) = read::<PoolWithdrawal>(account) {
            self.pool_withdrawals.insert(address, withdrawal);
        }
    }

    /// Mints of the money that is in it, each once: plans need to know their token programs.
    pub fn mints(&self) -> Vec<Pubkey> {
        let of_vaults = self.vaults.values().map(|vault| vault.mint);
        let of_markets = self.markets.values().map(|market| market.mint);
        let of_desks = self.desks.values().map(|desk| desk.mint);
        let of_pools = self.pools.values().map(|pool| pool.mint);
        let all = of_vaults.chain(of_markets).chain(of_desks).chain(of_pools);
        let mut mints: Vec<_> = all.collect();
        mints.sort_unstable();
        mints.dedup();
        mints
    }

    /// What the programs would accept now, by the account that it is about: what is done for one is
    /// done in order, and nothing done for one hinders another. `token_programs` are those of
    /// [`Self::mints`]; what has none is left alone.
    pub fn plan(
        &self,
        token_programs: &BTreeMap<Pubkey, Pubkey>,
        settings: &Settings,
        clock: &Clock,
    ) -> BTreeMap<Pubkey, Vec<Action>> {
        let mut plans = BTreeMap::new();
        for view in self.vaults(token_programs) {
            let actions = view
                .plan(settings, clock)
                .into_iter()
                .map(Action::FlashBets);
            plans.insert(view.address, actions.collect());
        }
        for view in self.flash_markets(token_programs) {
            let verses = self.verses_of(&view.market.vault, [view.market.event_book]);
            let actions = view.plan(settings, clock).into_iter();
            let actions = actions.map(|action| Action::FlashBets(action.in_verses(&verses)));
            plans.insert(view.address, actions.collect());
        }
        for view in self.quantum_groups(token_programs) {
            let verses = self.verses_of(&view.group.vault, [view.group.event_book]);
            let actions = view.plan(clock).into_iter();
            let actions = actions.map(|action| Action::FlashBets(action.in_verses(&verses)));
            plans.insert(view.address, actions.collect());
        }
        for view in self.chains(token_programs) {
            let legs = view.markets.iter().flatten();
            let events = legs.map(|market| market.event_book);
            let verses = self.verses_of(&view.chain.vault, events);
            let actions = view.plan(settings, clock).into_iter();
            let actions = actions.map(|action| Action::FlashBets(action.in_verses(&verses)));
            plans.insert(view.address, actions.collect());
        }
        for view in self.rolling_chains(token_programs) {
            let actions = view
                .plan(settings, clock)
                .into_iter()
                .map(Action::FlashBets);
            plans.insert(view.address(), actions.collect());
        }
        for view in self.markets(token_programs, clock) {
            let actions = view.plan(settings, clock).into_iter().map(Action::Markets);
            plans.insert(view.address, actions.collect());
        }
        for view in self.desks(token_programs) {
            let actions = view.plan(settings, clock).into_iter().map(Action::Orders);
            plans.insert(view.address(), actions.collect());
        }
        for view in self.batches(token_programs) {
            let actions = view.plan(settings, clock).into_iter().map(Action::Orders);
            plans.insert(view.key().address(), actions.collect());
        }
        for view in self.pools(token_programs) {
            let actions = view.plan(clock).into_iter().map(Action::Loans);
            plans.insert(view.address, actions.collect());
        }
        for view in self.listings(token_programs) {
            let actions = view.plan(settings, clock).into_iter().map(Action::Loans);
            plans.insert(view.address(), actions.collect());
        }
        plans.retain(|_, actions: &mut Vec<Action>| !actions.is_empty());
        plans
    }

    /// The verses of these events of a vault, and all above them, each once.
    fn verses_of(&self, vault: &Pubkey, events: impl IntoIterator<Item = Pubkey>) -> Vec<Pubkey> {
        let mut found = Vec::new();
        for event in events {
            let books = self.event_books.get(vault).into_iter().flatten();
            let mut books = books.filter(|(address, _)| *address == event);
            let mut next = books.next().map(|(_, book)| book.verse);
            while let Some(address) = next.filter(|address| !found.contains(address)) {
                let verse = self.verses.get(&address);
                found.extend(verse.map(|_| address));
                next = verse.map(|verse| verse.parent);
            }
        }
        found
    }

    /// What will be due within seconds, of what takes time to prepare: chains that wait.
    pub fn upcoming(
        &self,
        token_programs: &BTreeMap<Pubkey, Pubkey>,
        settings: &Settings,
    ) -> Vec<Action> {
        let chains = self.chains(token_programs);
        let upcoming = chains.filter_map(|view| view.upcoming(settings));
        upcoming.map(Action::FlashBets).collect()
    }

    /// The vaults whose mint has a known token program.
    pub fn vaults<'a>(
        &'a self,
        token_programs: &'a BTreeMap<Pubkey, Pubkey>,
    ) -> impl Iterator<Item = flash_bets::VaultView> + 'a {
        self.vaults.iter().filter_map(|(address, vault)| {
            Some(flash_bets::VaultView {
                address: *address,
                vault: *vault,
                money: money(vault.mint, token_programs)?,
                deposits: of(&self.deposits, address),
                withdrawals: of(&self.withdrawals, address),
                event_books: of(&self.event_books, address),
            })
        })
    }

    /// The flash markets whose vault is here and has a known token program.
    pub fn flash_markets<'a>(
        &'a self,
        token_programs: &'a BTreeMap<Pubkey, Pubkey>,
    ) -> impl Iterator<Item = flash_bets::MarketView> + 'a {
        self.flash_markets.iter().filter_map(|(address, market)| {
            let vault = self.vaults.get(&market.vault)?;
            let feed_book = feed_book(&market.vault, &market.booked_feed());
            Some(flash_bets::MarketView {
                address: *address,
                market: *market,
                money: money(vault.mint, token_programs)?,
                feed_book: self.feed_books.get(&feed_book).cloned(),
                chain_book: self.chain_books.get(&chain_book(address)).copied(),
                orders: of(&self.orders, address),
                tickets: of(&self.tickets, address),
                observation: self.observations.get(&market.evidence.observation).copied(),
                strike: self
                    .observations
                    .get(&market.evidence.strike_observation)
                    .copied(),
            })
        })
    }

    /// The quantum groups whose vault is here and has a known token program.
    pub fn quantum_groups<'a>(
        &'a self,
        token_programs: &'a BTreeMap<Pubkey, Pubkey>,
    ) -> impl Iterator<Item = flash_bets::QuantumView> + 'a {
        self.quantum_groups.iter().filter_map(|(address, group)| {
            let vault = self.vaults.get(&group.vault)?;
            let feed_book = feed_book(&group.vault, &group.feed_id);
            Some(flash_bets::QuantumView {
                address: *address,
                group: *group,
                money: money(vault.mint, token_programs)?,
                condition: self.flash_markets.get(&group.condition).copied(),
                asset: self.flash_markets.get(&group.asset).copied(),
                feed_book: self.feed_books.get(&feed_book).cloned(),
                tickets: of(&self.quantum_tickets, address),
            })
        })
    }

    /// The chains whose vault is here and has a known token program.
    pub fn chains<'a>(
        &'a self,
        token_programs: &'a BTreeMap<Pubkey, Pubkey>,
    ) -> impl Iterator<Item = flash_bets::ChainView> + 'a {
        self.chains.iter().filter_map(|(address, chain)| {
            let vault = *self.vaults.get(&chain.vault)?;
            let legs = chain.legs().iter();
            Some(flash_bets::ChainView {
                address: *address,
                chain: *chain,
                vault,
                money: money(vault.mint, token_programs)?,
                markets: legs
                    .map(|leg| self.flash_markets.get(&leg.market).copied())
                    .collect(),
            })
        })
    }

    /// The rolling chains whose market and its vault are here, and whose mint has a known token program.
    pub fn rolling_chains<'a>(
        &'a self,
        token_programs: &'a BTreeMap<Pubkey, Pubkey>,
    ) -> impl Iterator<Item = flash_bets::RollingView> + 'a {
        self.rolling_chains.iter().filter_map(|chain| {
            let market = *self.flash_markets.get(&chain.market())?;
            let vault = self.vaults.get(&market.vault)?;
            let next = chain.next().map(|(_, leg)| leg.market);
            Some(flash_bets::RollingView {
                chain: chain.clone(),
                market,
                money: money(vault.mint, token_programs)?,
                next: next.and_then(|next| self.flash_markets.get(&next).copied()),
            })
        })
    }

    /// The desks whose venue or vault is here and whose mint has a known token program.
    pub fn desks<'a>(
        &'a self,
        token_programs: &'a BTreeMap<Pubkey, Pubkey>,
    ) -> impl Iterator<Item = orders::DeskView> + 'a {
        self.desks.iter().filter_map(|(address, desk)| {
            let standard = self.markets.get(&desk.market);
            let standard = standard.map(|market| MarketCopy::Standard(Box::new(*market)));
            let flash = self.flash_markets.get(&desk.market);
            let flash = flash.map(|market| MarketCopy::Flash(Box::new(*market)));
            let venue = self.venues.get(&desk.venue).map(|venue| venue.pauses);
            let vault = self.vaults.get(&desk.venue).map(|vault| vault.pauses);
            let mut tickets = self.tickets.get(&desk.market).into_iter().flatten();
            let ticket = tickets.find(|ticket| ticket.owner == *address);
            let waiting = self.orders.get(&desk.market).into_iter().flatten();
            let slices = waiting.filter(|order| order.placer == *address);
            Some(orders::DeskView {
                desk: *desk,
                position_rent_payer: ticket.map_or(desk.rent_payer, |ticket| ticket.rent_payer),
                market: standard.or(flash),
                pauses: venue.or(vault)?,
                money: money(desk.mint, token_programs)?,
                orders: of(&self.desk_orders, address),
                slices: slices.cloned().collect(),
            })
        })
    }

    /// The batches of those desks.
    pub fn batches<'a>(
        &'a self,
        token_programs: &'a BTreeMap<Pubkey, Pubkey>,
    ) -> impl Iterator<Item = orders::BatchView> + 'a {
        self.batches.iter().filter_map(|(address, batch)| {
            let desk = *self.desks.get(&batch.desk)?;
            Some(orders::BatchView {
                batch: batch.clone(),
                orders: of(&self.sealed_orders, address),
                desk,
                market: self.markets.get(&desk.market).copied(),
                venue: *self.venues.get(&desk.venue)?,
                money: money(desk.mint, token_programs)?,
            })
        })
    }

    /// The pools whose mint has a known token program.
    pub fn pools<'a>(
        &'a self,
        token_programs: &'a BTreeMap<Pubkey, Pubkey>,
    ) -> impl Iterator<Item = leverage::PoolView> + 'a {
        self.pools.iter().filter_map(|(address, pool)| {
            let deposits = of(&self.pool_deposits, address);
            let withdrawals = deposits.iter().filter_map(|deposit| {
                let of = pool_deposit(address, &deposit.owner, deposit.nonce);
                self.pool_withdrawals.get(&pool_withdrawal(&of)).cloned()
            });
            Some(leverage::PoolView {
                address: *address,
                pool: *pool,
                money: money(pool.mint, token_programs)?,
                withdrawals: withdrawals.collect(),
                deposits,
            })
        })
    }

    /// The listings whose pool and group are here and whose mint has a known token program.
    pub fn listings<'a>(
        &'a self,
        token_programs: &'a BTreeMap<Pubkey, Pubkey>,
    ) -> impl Iterator<Item = leverage::ListingView> + 'a {
        self.listings.iter().filter_map(|(address, listing)| {
            Some(leverage::ListingView {
                listing: listing.clone(),
                pool: *self.pools.get(&listing.pool)?,
                group: *self.groups.get(&listing.group)?,
                market: self.markets.get(&listing.market).copied().map(Box::new),
                venue: self.venues.get(&listing.venue).copied(),
                money: money(listing.mint, token_programs)?,
                positions: of(&self.levered_positions, address),
                requests: of(&self.pending_opens, address),
            })
        })
    }

    /// The standard markets whose venue is here and whose mint has a known token program.
    pub fn markets<'a>(
        &'a self,
        token_programs: &'a BTreeMap<Pubkey, Pubkey>,
        clock: &'a Clock,
    ) -> impl Iterator<Item = markets::MarketView> + 'a {
        self.markets.iter().filter_map(|(address, market)| {
            let evidence = &market.evidence;
            let of_arbiters = |observe_at_ms| {
                let key = ObservationKey {
                    provider_set: market.arbiter_set,
                    verifying_key: market.arbiter_key,
                    feed_id: evidence.feed_id,
                    observe_at_ms,
                };
                self.observed(observation(&key))
            };
            Some(markets::MarketView {
                address: *address,
                market: *market,
                venue: *self.venues.get(&market.venue)?,
                money: money(market.mint, token_programs)?,
                positions: of(&self.positions, address),
                liquidity: of(&self.liquidity, address),
                observation: self.observations.get(&evidence.observation).copied(),
                strike: self.observations.get(&evidence.strike_observation).copied(),
                providers_are_in_force: self.are_in_force(evidence, clock.unix_timestamp),
                providers_are_suspended: self.are_suspended(evidence),
                arbiters: of_arbiters(evidence.observe_at_ms),
                arbiters_strike: evidence.strike_at_ms().and_then(of_arbiters),
            })
        })
    }

    /// Whether the oracle takes the word of a market's providers under its key at `now`, unix seconds. By
    /// their standing: the keeper may be built for another network than the programs are.
    fn are_in_force(&self, evidence: &MarketEvidence, now: i64) -> bool {
        let set = self.provider_sets.get(&evidence.provider_set);
        let key = self.verifying_keys.get(&evidence.verifying_key);
        set.is_some_and(|set| set.require_active(now).is_ok())
            && key.is_some_and(|key| key.require_active(now).is_ok())
    }

    fn are_suspended(&self, evidence: &MarketEvidence) -> bool {
        let set = self.provider_sets.get(&evidence.provider_set);
        let key = self.verifying_keys.get(&evidence.verifying_key);
        set.is_some_and(Published::is_suspended) || key.is_some_and(Published::is_suspended)
    }

    fn observed(&self, address: Pubkey) -> Option<(Pubkey, Observation)> {
        Some((address, *self.observations.get(&address)?))
    }
}

fn of<T: Clone>(lists: &BTreeMap<Pubkey, Vec<T>>, owner: &Pubkey) -> Vec<T> {
    lists.get(owner).cloned().unwrap_or_default()
}

fn money(mint: Pubkey, token_programs: &BTreeMap<Pubkey, Pubkey>) -> Option<Money> {
    let token_program = *token_programs.get(&mint)?;
    Some(Money {
        mint,
        token_program,
    })
}
