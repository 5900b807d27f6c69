//! `strobe admin`: governance. What waits for the timelock says until when.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use clap::{Args, Subcommand, ValueEnum};
use client::instructions::{
    flash_bets::{self as flash, ChainTerms, FeeSplit, VaultChange, VaultTerm},
    markets as standard,
    oracle::{
        AcceptAdmin, CancelAdmin, CancelGuardian, CancelProviderSet, CancelVerifyingKey,
        ProposeAdmin, RetireProviderSet, RetireVerifyingKey, SetGuardian, SuspendProviderSet,
        SuspendVerifyingKey,
    },
};
use flash_bets::state::Vault;
use markets::state::{Terms, Venue};
use oracle::{OracleConfig, ProviderSet, VerifyingKey};
use serde_json::json;

use super::{mint::Tokens, session::Session, Answer, Live, Run};

#[derive(Subcommand)]
pub enum Governance {
    /// Who governs, and what is proposed.
    Show(Live<Show>),
    /// Names the next admin, who then accepts; the admin.
    ProposeAdmin(Live<ProposeAdminCommand>),
    /// Takes over as admin after the timelock; the proposed admin.
    AcceptAdmin(Live<AcceptAdminCommand>),
    /// Withdraws the next admin; the admin or the guardian.
    CancelAdmin(Live<CancelAdminCommand>),
    /// Names the next guardian; the admin.
    SetGuardian(Live<SetGuardianCommand>),
    /// Withdraws the next guardian; the admin or the guardian.
    CancelGuardian(Live<CancelGuardianCommand>),
    /// Withdraws, retires or suspends a provider set; the admin or the guardian.
    ProviderSet(Live<OfProviderSet>),
    /// Withdraws, retires or suspends a verifying key; the admin or the guardian.
    VerifyingKey(Live<OfVerifyingKey>),
    /// Changes a term of a flash vault; the admin, tighter caps also the guardian.
    Vault(Box<Live<ChangeVault>>),
    /// Withdraws a change of a flash vault before it is in force; the admin or the guardian.
    CancelVault(Live<CancelVault>),
    /// Changes who gets the fees of a venue; the admin.
    VenueTreasury(Live<VenueTreasury>),
    /// Changes the terms of a venue's new markets; the admin, lower ones also the guardian.
    VenueTerms(Live<VenueTerms>),
    /// Stops new risk in a flash vault or a venue; the admin or the guardian.
    Pause(Live<Pause>),
    /// Ends a pause after the timelock; the admin.
    Unpause(Live<Unpause>),
}

impl Governance {
    pub fn run(self) -> Answer {
        match self {
            Self::Show(command) => command.run(),
            Self::ProposeAdmin(command) => command.run(),
            Self::AcceptAdmin(command) => command.run(),
            Self::CancelAdmin(command) => command.run(),
            Self::SetGuardian(command) => command.run(),
            Self::CancelGuardian(command) => command.run(),
            Self::ProviderSet(command) => command.run(),
            Self::VerifyingKey(command) => command.run(),
            Self::Vault(command) => (*command).run(),
            Self::CancelVault(command) => command.run(),
            Self::VenueTreasury(command) => command.run(),
            Self::VenueTerms(command) => command.run(),
            Self::Pause(command) => command.run(),
            Self::Unpause(command) => command.run(),
        }
    }
}

#[derive(Args)]
pub struct Show {}

#[derive(Args)]
pub struct ProposeAdminCommand {
    new_admin: Pubkey,
}

#[derive(Args)]
pub struct AcceptAdminCommand {}

#[derive(Args)]
pub struct CancelAdminCommand {}

#[derive(Args)]
pub struct SetGuardianCommand {
    new_guardian: Pubkey,
}

#[derive(Args)]
pub struct CancelGuardianCommand {}

/// What becomes of a set or a key.
#[derive(Clone, Copy, ValueEnum)]
enum End {
    /// Before it can be used.
    Cancel,
    /// No new market may take it, for good.
    Retire,
    /// Nothing under it counts any more, for good.
    Suspend,
}

#[derive(Args)]
pub struct OfProviderSet {
    #[arg(value_enum)]
    end: End,
    provider_set: Pubkey,
}

#[derive(Args)]
pub struct OfVerifyingKey {
    #[arg(value_enum)]
    end: End,
    verifying_key: Pubkey,
}

#[derive(Args)]
pub struct ChangeVault {
    vault: Pubkey,
    /// The next operator.
    #[arg(long, value_name = "ADDRESS")]
    operator: Option<Pubkey>,
    /// Whose token account gets the protocol's fees next.
    #[arg(long, value_name = "ADDRESS")]
    treasury: Option<Pubkey>,
    #[arg(long, value_name = "SECONDS")]
    notice_seconds: Option<u64>,
    /// Parts of the fees for protocol and operator, basis points.
    #[arg(long, value_name = "PROTOCOL,OPERATOR", value_delimiter = ',')]
    fee_split: Option<Vec<u16>>,
    /// Of chains: fee of a leg, spread on its price, most of the equity that may be reserved, fee of cashing
    /// out, all in basis points. A reserve of 0 offers none.
    #[arg(
        long,
        value_name = "FEE,SPREAD,RESERVE,CASH_OUT_FEE",
        value_delimiter = ','
    )]
    chain_terms: Option<Vec<u16>>,
    /// Most tokens that one market may be funded with.
    #[arg(long, value_name = "TOKENS")]
    market_funding: Option<Tokens>,
    /// Most tokens at risk on one event.
    #[arg(long, value_name = "TOKENS")]
    event_funding: Option<Tokens>,
    /// Most tokens at risk on one feed.
    #[arg(long, value_name = "TOKENS")]
    feed_funding: Option<Tokens>,
    /// Most tokens that may be lost within a day.
    #[arg(long, value_name = "TOKENS")]
    daily_loss: Option<Tokens>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Term {
    Caps,
    Operator,
    Treasury,
    FeeSplit,
    NoticeSeconds,
    ChainTerms,
}

#[derive(Args)]
pub struct CancelVault {
    vault: Pubkey,
    #[arg(value_enum)]
    term: Term,
}

#[derive(Args)]
pub struct VenueTreasury {
    venue: Pubkey,
    treasury: Pubkey,
}

#[derive(Args)]
pub struct VenueTerms {
    venue: Pubkey,
    /// Least and most tokens of a bond.
    #[arg(long, value_name = "TOKENS")]
    bond_floor: Option<Tokens>,
    #[arg(long, value_name = "TOKENS")]
    bond_cap: Option<Tokens>,
    /// What a creator puts up at least.
    #[arg(long, value_name = "TOKENS")]
    creator_bond: Option<Tokens>,
    #[arg(long, value_name = "SECONDS")]
    min_dispute_window_seconds: Option<u32>,
    #[arg(long, value_name = "SECONDS")]
    max_dispute_window_seconds: Option<u32>,
    /// Shortest time to propose a result, and to arbitrate.
    #[arg(long, value_name = "SECONDS")]
    min_resolution_seconds: Option<u32>,
    /// The protocol's part of the fees, basis points.
    #[arg(long, value_name = "BASIS_POINTS")]
    protocol_fee_share: Option<u16>,
    /// Highest fee rate of a market, basis points.
    #[arg(long, value_name = "BASIS_POINTS")]
    max_fee_rate: Option<u16>,
}

#[derive(Args)]
pub struct Pause {
    /// A flash vault or a venue.
    address: Pubkey,
}

#[derive(Args)]
pub struct Unpause {
    /// A flash vault or a venue.
    address: Pubkey,
}

impl Session {
    /// Does what governance does, and says what waits until when.
    fn govern(&mut self, what: &str, instruction: Instruction, waits: bool) -> Answer {
        let config = self.config()?;
        let mut details = json!({ "authority": self.payer().to_string() });
        if waits {
            let active_from = self.now()?.saturating_add(config.timelock_seconds);
            let timelock = json!({
                "timelock_seconds": config.timelock_seconds,
                "in_force_from": active_from,
            });
            super::session::merge(&mut details, timelock);
            self.say(&format!(
                "{what}: in force after the timelock of {} s",
                config.timelock_seconds
            ));
        }
        self.act(what, &[instruction], &[], details)
    }

    /// Whether an address is a flash vault; else it is a venue.
    fn is_vault(&mut self, address: &Pubkey) -> Result<bool, Box<dyn std::error::Error>> {
        use client::transport::Transport;
        let account = self.chain.account(address)?;
        let owner = account.map(|account| account.owner);
        match owner {
            Some(owner) if owner == ::flash_bets::ID => Ok(true),
            Some(owner) if owner == ::markets::ID => Ok(false),
            _ => Err(format!("{address} is neither a flash vault nor a venue").into()),
        }
    }
}

impl Run for Show {
    fn run(self, session: &mut Session) -> Answer {
        let config: OracleConfig = session.config()?;
        let now = session.now()?;
        let is_pending = config.pending_admin != Pubkey::default();
        session.say(&format!(
            "admin {}, guardian {}",
            config.admin,
            config.guardian_at(now)
        ));
        Ok(json!({
            "admin": config.admin.to_string(),
            "pending_admin": is_pending.then(|| config.pending_admin.to_string()),
            "pending_admin_from": is_pending.then_some(config.pending_admin_from),
            "guardian": config.guardian_at(now).to_string(),
            "timelock_seconds": config.timelock_seconds,
            "retention_seconds": config.retention_seconds,
            "network": format!("{:?}", config.network),
        }))
    }
}

impl Run for ProposeAdminCommand {
    fn run(self, session: &mut Session) -> Answer {
        let propose = ProposeAdmin {
            admin: session.payer(),
            new_admin: self.new_admin,
        };
        session.govern("propose admin", propose.instruction(), true)
    }
}

impl Run for AcceptAdminCommand {
    fn run(self, session: &mut Session) -> Answer {
        let accept = AcceptAdmin {
            pending_admin: session.payer(),
        };
        session.govern("accept admin", accept.instruction(), false)
    }
}

impl Run for CancelAdminCommand {
    fn run(self, session: &mut Session) -> Answer {
        let cancel = CancelAdmin {
            authority: session.payer(),
        };
        session.govern("cancel admin", cancel.instruction(), false)
    }
}

impl Run for SetGuardianCommand {
    fn run(self, session: &mut Session) -> Answer {
        let set = SetGuardian {
            admin: session.payer(),
            new_guardian: self.new_guardian,
        };
        session.govern("set guardian", set.instruction(), true)
    }
}

impl Run for CancelGuardianCommand {
    fn run(self, session: &mut Session) -> Answer {
        let cancel = CancelGuardian {
            authority: session.payer(),
        };
        session.govern("cancel guardian", cancel.instruction(), false)
    }
}

impl Run for OfProviderSet {
    fn run(self, session: &mut Session) -> Answer {
        let (authority, provider_set) = (session.payer(), self.provider_set);
        let found: ProviderSet = session.read(&provider_set)?;
        let (what, instruction) = match self.end {
            End::Cancel => (
                "cancel provider set",
                CancelProviderSet {
                    authority,
                    provider_set,
                    rent_payer: found.standing.rent_payer,
                }
                .instruction(),
            ),
            End::Retire => (
                "retire provider set",
                RetireProviderSet {
                    authority,
                    provider_set,
                }
                .instruction(),
            ),
            End::Suspend => (
                "suspend provider set",
                SuspendProviderSet {
                    authority,
                    provider_set,
                }
                .instruction(),
            ),
        };
        session.govern(what, instruction, false)
    }
}

impl Run for OfVerifyingKey {
    fn run(self, session: &mut Session) -> Answer {
        let (authority, verifying_key) = (session.payer(), self.verifying_key);
        let found: VerifyingKey = session.read(&verifying_key)?;
        let (what, instruction) = match self.end {
            End::Cancel => (
                "cancel verifying key",
                CancelVerifyingKey {
                    authority,
                    verifying_key,
                    rent_payer: found.standing.rent_payer,
                }
                .instruction(),
            ),
            End::Retire => (
                "retire verifying key",
                RetireVerifyingKey {
                    authority,
                    verifying_key,
                }
                .instruction(),
            ),
            End::Suspend => (
                "suspend verifying key",
                SuspendVerifyingKey {
                    authority,
                    verifying_key,
                }
                .instruction(),
            ),
        };
        session.govern(what, instruction, false)
    }
}

impl Run for ChangeVault {
    fn run(self, session: &mut Session) -> Answer {
        let vault: Vault = session.read(&self.vault)?;
        let changes = self.changes(session, &vault)?;
        let authority = session.payer();
        let mut answers = Vec::new();
        let old = vault.caps.at(session.now()?);
        for change in changes {
            // Tighter caps are in force at once.
            let waits = !matches!(change, VaultChange::Caps(caps) if caps.only_tightens(&old));
            let propose = flash::ProposeChange {
                authority,
                vault: self.vault,
                change,
            };
            answers.push(session.govern("change vault", propose.instruction(), waits)?);
        }
        Ok(answers.into())
    }
}

impl ChangeVault {
    fn changes(
        &self,
        session: &mut Session,
        vault: &Vault,
    ) -> Result<Vec<VaultChange>, Box<dyn std::error::Error>> {
        let mint = session.mint(&vault.mint)?;
        let old = vault.caps.at(session.now()?);
        let or_old = |tokens: &Option<Tokens>, old: u64| match tokens {
            Some(tokens) => mint.base_units(tokens),
            None => Ok(old),
        };
        let mut caps = old;
        caps.market_funding = or_old(&self.market_funding, old.market_funding)?;
        caps.event_funding = or_old(&self.event_funding, old.event_funding)?;
        caps.feed_funding = or_old(&self.feed_funding, old.feed_funding)?;
        caps.daily_loss = or_old(&self.daily_loss, old.daily_loss)?;

        let caps = (caps != old).then_some(VaultChange::Caps(caps));
        let split = match self.fee_split.as_deref() {
            Some([protocol, operator]) => Some(VaultChange::FeeSplit(FeeSplit {
                protocol: *protocol,
                operator: *operator,
            })),
            Some(parts) => {
                let found = parts.len();
                return Err(
                    format!("--fee-split has {found} parts, expected PROTOCOL,OPERATOR").into(),
                );
            }
            None => None,
        };
        let chains = match self.chain_terms.as_deref() {
            Some([fee_rate, spread, reserve, cash_out_fee_rate]) => {
                Some(VaultChange::ChainTerms(ChainTerms {
                    fee_rate: *fee_rate,
                    spread: *spread,
                    reserve: *reserve,
                    cash_out_fee_rate: *cash_out_fee_rate,
                }))
            }
            Some(parts) => {
                let found = parts.len();
                return Err(format!(
                    "--chain-terms has {found} parts, expected FEE,SPREAD,RESERVE,CASH_OUT_FEE"
                )
                .into());
            }
            None => None,
        };
        let changes: Vec<_> = caps
            .into_iter()
            .chain(self.operator.map(VaultChange::Operator))
            .chain(self.treasury.map(VaultChange::Treasury))
            .chain(self.notice_seconds.map(VaultChange::NoticeSeconds))
            .chain(split)
            .chain(chains)
            .collect();
        match changes.is_empty() {
            true => Err("nothing changes: the vault has these terms already".into()),
            false => Ok(changes),
        }
    }
}

impl Run for CancelVault {
    fn run(self, session: &mut Session) -> Answer {
        let cancel = flash::CancelChange {
            authority: session.payer(),
            vault: self.vault,
            term: match self.term {
                Term::Caps => VaultTerm::Caps,
                Term::Operator => VaultTerm::Operator,
                Term::Treasury => VaultTerm::Treasury,
                Term::FeeSplit => VaultTerm::FeeSplit,
                Term::NoticeSeconds => VaultTerm::NoticeSeconds,
                Term::ChainTerms => VaultTerm::ChainTerms,
            },
        };
        session.govern("cancel change of vault", cancel.instruction(), false)
    }
}

impl Run for VenueTreasury {
    fn run(self, session: &mut Session) -> Answer {
        let set = standard::SetTreasury {
            admin: session.payer(),
            venue: self.venue,
            treasury: self.treasury,
        };
        session.govern("set treasury of venue", set.instruction(), true)
    }
}

impl Run for VenueTerms {
    fn run(self, session: &mut Session) -> Answer {
        let venue: Venue = session.read(&self.venue)?;
        let mint = session.mint(&venue.mint)?;
        let old = venue.terms.at(session.now()?);
        let or_old = |tokens: &Option<Tokens>, old: u64| match tokens {
            Some(tokens) => mint.base_units(tokens),
            None => Ok(old),
        };
        let terms = Terms {
            bond_floor: or_old(&self.bond_floor, old.bond_floor)?,
            bond_cap: or_old(&self.bond_cap, old.bond_cap)?,
            creator_bond: or_old(&self.creator_bond, old.creator_bond)?,
            min_dispute_window_seconds: self
                .min_dispute_window_seconds
                .unwrap_or(old.min_dispute_window_seconds),
            max_dispute_window_seconds: self
                .max_dispute_window_seconds
                .unwrap_or(old.max_dispute_window_seconds),
            min_resolution_seconds: self
                .min_resolution_seconds
                .unwrap_or(old.min_resolution_seconds),
            protocol_fee_share: self.protocol_fee_share.unwrap_or(old.protocol_fee_share),
            max_fee_rate: self.max_fee_rate.unwrap_or(old.max_fee_rate),
            ..old
        };
        if terms == old {
            return Err("nothing changes: the venue has these terms already".into());
        }
        let set = standard::SetVenueTerms {
            authority: session.payer(),
            venue: self.venue,
            terms,
        };
        let waits = !terms.only_lowers(&old);
        session.govern("set terms of venue", set.instruction(), waits)
    }
}

impl Run for Pause {
    fn run(self, session: &mut Session) -> Answer {
        let authority = session.payer();
        let instruction = match session.is_vault(&self.address)? {
            true => flash::Pause {
                authority,
                vault: self.address,
            }
            .instruction(),
            false => standard::Pause {
                authority,
                venue: self.address,
            }
            .instruction(),
        };
        session.govern("pause", instruction, false)
    }
}

impl Run for Unpause {
    fn run(self, session: &mut Session) -> Answer {
        let admin = session.payer();
        let instruction = match session.is_vault(&self.address)? {
            true => flash::Unpause {
                authority: admin,
                vault: self.address,
            }
            .instruction(),
            false => standard::Unpause {
                admin,
                venue: self.address,
            }
            .instruction(),
        };
        session.govern("unpause", instruction, true)
    }
}
