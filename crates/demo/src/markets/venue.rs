//! The venue of the standard markets, and everybody who has money in them.

use attestation::{Provider, ProviderSet, SecretKey};
use client::{
    accounts,
    addresses::markets as addresses,
    instructions::{
        markets::{CollectProtocolFees, CreateVenue, CreateVenueArgs, Terms},
        oracle::ProposeProviderSetArgs,
    },
};
use market_core::Now;
use markets::state::{Dispute, LiquidityPosition, Market, Position, Venue};
use oracle::{Observation, ProviderRole, ResultRoot};
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use testbed::{simulation::field, WorldError};

use super::{
    orders::{OrderKind, ORDERS},
    traders::Strategy,
};
use crate::{
    error::DemoError,
    stage::{Person, Stage, SLOT_MS, TOKEN},
    tables::Standing,
};

/// What everybody brings, base units.
const PROVIDER_BRINGS: u64 = 20_000 * TOKEN;
const TRADER_BRINGS: u64 = 2_000 * TOKEN;
const WATCHER_BRINGS: u64 = 5_000 * TOKEN;

/// Arbiters, who have no key in common with the providers, and how many of them decide.
const ARBITERS: u8 = 3;
const ARBITER_THRESHOLD: u8 = 2;
const ARBITER_SET_ID: u32 = 2;

/// Places among the players: liquidity providers first.
pub const CREATOR: usize = 0;
pub const VISITOR: usize = 1;
pub const STAYER: usize = 2;
pub const PROPOSER: usize = 3;
pub const DISPUTER: usize = 4;
pub const FIRST_TRADER: usize = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Provider,
    /// Proposes or disputes results.
    Watcher,
    Trader(Strategy),
    /// Has others trade for him.
    Orderer(OrderKind),
}

pub struct Player {
    pub name: String,
    pub role: Role,
    pub person: Person,
    brought: u64,
}

pub struct House {
    pub stage: Stage,
    pub venue: Pubkey,
    pub players: Vec<Player>,
    pub arbiters: Vec<SecretKey>,
    pub arbiter_members: ProviderSet,
    pub arbiter_set: Pubkey,
    treasury: Person,
}

impl House {
    /// Publishes the arbiters, opens the venue and lets everybody in.
    ///
    /// # Errors
    /// [`DemoError::World`], [`DemoError::Chain`], [`DemoError::Step`].
    pub fn open(mut stage: Stage, traders: usize) -> Result<Self, DemoError> {
        let (arbiters, arbiter_members) = arbiters()?;
        let arbiter_set = stage.world.propose_provider_set(ProposeProviderSetArgs {
            id: ARBITER_SET_ID,
            epoch: 0,
            role: ProviderRole::Arbiter,
            root: field(arbiter_members.root()),
            threshold: ARBITER_THRESHOLD,
            size: ARBITERS,
            median_slack: 1,
        })?;
        stage.go_to(stage.now() + u64::try_from(stage.world.timelock).unwrap_or_default() * 1_000);
        let treasury = stage.person(0)?;
        let create = CreateVenue {
            admin: stage.world.admin.pubkey(),
            mint: stage.mint.address,
            token_program: stage.token_program(),
            args: CreateVenueArgs {
                treasury: treasury.address(),
                terms: Terms {
                    bond_floor: 50 * TOKEN,
                    bond_cap: 1_000 * TOKEN,
                    creator_bond: 0,
                    min_dispute_window_seconds: 60 * 60,
                    max_dispute_window_seconds: 24 * 60 * 60,
                    min_resolution_seconds: 2 * 60 * 60,
                    creator_bond_share: 0,
                    bond_share: 500,
                    protocol_fee_share: 2_000,
                    min_liquidity_fee_share: 5_000,
                    max_fee_rate: 300,
                    slot_ms: u16::try_from(SLOT_MS).unwrap_or(u16::MAX),
                },
            },
        };
        let admin = stage.world.admin.insecure_clone();
        stage.must("creating the venue", &[create.instruction()], &[&admin])?;
        let mut house = Self {
            venue: addresses::venue(&stage.mint.address),
            stage,
            players: Vec::new(),
            arbiters,
            arbiter_members,
            arbiter_set,
            treasury,
        };
        for name in ["creates the markets", "comes and goes", "stays"] {
            let number = house.players.len() + 1;
            house.enter(
                format!("Provider {number}, {name}"),
                Role::Provider,
                PROVIDER_BRINGS,
            )?;
        }
        for name in ["Proposer", "Disputer"] {
            house.enter(name.to_owned(), Role::Watcher, WATCHER_BRINGS)?;
        }
        for index in 0..traders {
            let strategy = Strategy::of(index);
            let name = format!("Trader {}, {}", index + 1, strategy.name());
            house.enter(name, Role::Trader(strategy), TRADER_BRINGS)?;
        }
        for (number, kind) in (1..).zip(ORDERS) {
            let name = format!("Order {number}, {}", kind.name());
            house.enter(name, Role::Orderer(kind), TRADER_BRINGS)?;
        }
        Ok(house)
    }

    fn enter(&mut self, name: String, role: Role, brought: u64) -> Result<(), DemoError> {
        let person = self.stage.person(brought)?;
        self.players.push(Player {
            name,
            role,
            person,
            brought,
        });
        Ok(())
    }

    /// Who places which order.
    pub fn orderers(&self) -> Vec<(usize, OrderKind)> {
        let players = self.players.iter().enumerate();
        let orderers = players.filter_map(|(place, player)| match player.role {
            Role::Orderer(kind) => Some((place, kind)),
            _ => None,
        });
        orderers.collect()
    }

    /// Base units that a player has.
    ///
    /// # Errors
    /// [`DemoError::Chain`].
    pub fn balance(&self, player: usize) -> Result<u64, DemoError> {
        self.stage.balance(self.players[player].person.tokens)
    }

    /// Pays the protocol's fees to the treasury, and gives them; base units.
    ///
    /// # Errors
    /// [`DemoError::Chain`], [`DemoError::Step`].
    pub fn collect_protocol_fees(&mut self) -> Result<u64, DemoError> {
        if self.venue_state()?.protocol_fees > 0 {
            let collect = CollectProtocolFees {
                venue: self.venue,
                treasury: self.treasury.address(),
                treasury_tokens: self.treasury.tokens,
                token_program: self.stage.token_program(),
            };
            self.stage
                .must("collecting fees", &[collect.instruction()], &[])?;
        }
        self.stage.balance(self.treasury.tokens)
    }

    /// # Errors
    /// [`DemoError::Chain`].
    pub fn venue_state(&self) -> Result<Venue, DemoError> {
        Ok(self.stage.world.chain.account(self.venue)?)
    }

    /// This moment, as markets see it.
    ///
    /// # Errors
    /// [`DemoError::Chain`].
    pub fn now(&self) -> Result<Now, DemoError> {
        let clock = self.stage.world.chain.clock();
        Ok(self.venue_state()?.now(clock))
    }

    /// Base units that are left in the venue's token account.
    ///
    /// # Errors
    /// [`DemoError::Chain`].
    pub fn left_in_venue(&self) -> Result<u64, DemoError> {
        self.stage.balance(addresses::venue_tokens(&self.venue))
    }

    /// Who brought and left with what.
    ///
    /// # Errors
    /// [`DemoError::Chain`].
    pub fn standings(&self) -> Result<Vec<Standing>, DemoError> {
        let standing = |(index, player): (usize, &Player)| {
            Ok(Standing {
                name: player.name.clone(),
                brought: player.brought,
                left: self.balance(index)?,
            })
        };
        let mut all: Vec<_> = self
            .players
            .iter()
            .enumerate()
            .map(standing)
            .collect::<Result<_, DemoError>>()?;
        all.push(Standing {
            name: "Protocol".to_owned(),
            brought: 0,
            left: self.stage.balance(self.treasury.tokens)?,
        });
        Ok(all)
    }

    /// Markets, their token accounts, positions, liquidity positions, disputes, observations,
    /// result roots, desks and orders that are on the chain. A proposal is part of its market.
    ///
    /// # Errors
    /// [`DemoError::Chain`].
    pub fn open_accounts(&self, markets: &[Pubkey]) -> Result<usize, DemoError> {
        let is_counted = |owner: &Pubkey, data: &[u8]| {
            accounts::decode::<Market>(owner, data).is_ok()
                || accounts::decode::<Position>(owner, data).is_ok()
                || accounts::decode::<LiquidityPosition>(owner, data).is_ok()
                || accounts::decode::<Dispute>(owner, data).is_ok()
                || accounts::decode::<Observation>(owner, data).is_ok()
                || accounts::decode::<ResultRoot>(owner, data).is_ok()
        };
        let tokens = markets.iter().map(addresses::market_tokens);
        let of_markets = self.stage.open_accounts(markets::ID, is_counted, tokens)?;
        let of_orders = self.stage.world.chain.accounts_of(&[orders::ID])?;
        Ok(of_markets + of_orders.len())
    }
}

fn arbiters() -> Result<(Vec<SecretKey>, ProviderSet), DemoError> {
    let keys: Vec<_> = (0..ARBITERS).map(|_| SecretKey::generate()).collect();
    let members = keys
        .iter()
        .enumerate()
        .map(|(index, key)| Provider {
            name: format!("arbiter-{index}"),
            public_key: key.public_key(),
        })
        .collect();
    let set = ProviderSet::new(ARBITER_THRESHOLD.into(), members).map_err(WorldError::from)?;
    Ok((keys, set))
}
