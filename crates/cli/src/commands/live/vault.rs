//! `strobe vault`: the money behind flash markets.

use anchor_lang::prelude::Pubkey;
use clap::{Args, Subcommand};
use client::{
    addresses::flash_bets as addresses,
    instructions::flash_bets::{
        Caps, CreateEventBook, CreateVault, CreateVaultArgs, ExecuteDeposit, FeeSplit,
        RequestDeposit, RequestDepositArgs, RequestWithdraw, RequestWithdrawArgs, SetPriceFeed,
        Withdraw,
    },
};
use flash_bets::state::{Deposit, EventBook, Vault, Withdrawal};
use serde_json::{json, Value};

use super::{
    mint::{Mint, Tokens},
    price::PriceFeedArguments,
    session::{a_hundredth_less, Session},
    Answer, Live, Run,
};

/// Parts of the fees for protocol and operator, basis points.
const FEE_SPLIT: FeeSplit = FeeSplit {
    protocol: 3_000,
    operator: 1_000,
};

#[derive(Subcommand)]
pub enum VaultCommand {
    /// Creates the vault of a mint; the admin.
    Create(Live<Create>),
    /// Asks for a deposit, or completes one whose notice has passed.
    Deposit(Live<DepositCommand>),
    /// Asks for a withdrawal of LP shares, or completes one whose notice has passed.
    Withdraw(Live<WithdrawCommand>),
    /// Opens the book of an event, which markets belong to; the operator.
    Event(Live<Event>),
    /// Says what it costs to move a price for a second, which bounds markets on it; the admin.
    PriceFeed(Live<PriceFeed>),
    /// What a vault has and may risk.
    Show(Live<Show>),
}

#[derive(Args)]
pub struct Create {
    mint: Pubkey,
    /// Tells the vaults of one mint apart.
    #[arg(long, default_value_t = 1)]
    id: u64,
    /// Who creates markets [default: the key that signs].
    #[arg(long, value_name = "ADDRESS")]
    operator: Option<Pubkey>,
    /// Whose token account gets the protocol's fees [default: the key that signs].
    #[arg(long, value_name = "ADDRESS")]
    treasury: Option<Pubkey>,
    /// Between the request of a deposit or withdrawal and its execution.
    #[arg(long, value_name = "SECONDS", default_value_t = 3_600)]
    notice_seconds: u64,
    /// Most tokens that one market may be funded with.
    #[arg(long, value_name = "TOKENS", default_value = "10000")]
    market_funding: Tokens,
    /// Most tokens at risk on one event, and on one feed.
    #[arg(long, value_name = "TOKENS", default_value = "20000")]
    event_funding: Tokens,
    /// Most tokens that may be lost within a day.
    #[arg(long, value_name = "TOKENS", default_value = "40000")]
    daily_loss: Tokens,
    /// Least seconds between the creation of a market and its opening.
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    opening_lead_seconds: u32,
    /// Milliseconds of a slot of the cluster.
    #[arg(long, value_name = "MS", default_value_t = 400)]
    slot_ms: u16,
}

#[derive(Args)]
pub struct DepositCommand {
    vault: Pubkey,
    /// Tokens; without them a deposit that was asked for is completed.
    amount: Option<Tokens>,
    /// Least LP shares to accept [default: a hundredth fewer than if it were executed now].
    ///
    /// Who leaves in the meantime leaves his part of open markets, which makes a share dearer; with fewer the money goes
    /// back.
    #[arg(long, value_name = "SHARES", requires = "amount")]
    min_shares: Option<u64>,
}

#[derive(Args)]
pub struct WithdrawCommand {
    vault: Pubkey,
    /// LP shares; without them a withdrawal that was asked for is completed.
    shares: Option<u64>,
}

#[derive(Args)]
pub struct Event {
    vault: Pubkey,
    /// Number of the event.
    id: u64,
    /// What the event depends on that other events depend on too, for good: no chain has legs on two events
    /// of one group. 0 for nothing.
    #[arg(long, value_name = "N", default_value_t = 0)]
    correlation_group: u64,
}

#[derive(Args)]
pub struct Show {
    vault: Pubkey,
}

impl VaultCommand {
    pub fn run(self) -> Answer {
        match self {
            Self::Create(command) => command.run(),
            Self::Deposit(command) => command.run(),
            Self::Withdraw(command) => command.run(),
            Self::Event(command) => command.run(),
            Self::PriceFeed(command) => command.run(),
            Self::Show(command) => command.run(),
        }
    }
}

impl Run for Create {
    fn run(self, session: &mut Session) -> Answer {
        session.config()?;
        let mint = session.mint(&self.mint)?;
        let payer = session.payer();
        let vault = addresses::vault(&mint.address, self.id);
        let (operator, treasury) = (
            self.operator.unwrap_or(payer),
            self.treasury.unwrap_or(payer),
        );
        let details = json!({
            "vault": vault.to_string(),
            "mint": mint.address.to_string(),
            "operator": operator.to_string(),
            "treasury": treasury.to_string(),
            "notice_seconds": self.notice_seconds,
        });
        if session.find::<Vault>(&vault)?.is_some() {
            session.say("the vault is there already");
            return Ok(
                json!({ "action": "vault create", "already_done": true, "vault": vault.to_string() }),
            );
        }
        let event_funding = mint.base_units(&self.event_funding)?;
        let create = CreateVault {
            admin: payer,
            mint: mint.address,
            token_program: mint.token_program,
            id: self.id,
            args: CreateVaultArgs {
                operator,
                treasury,
                notice_seconds: self.notice_seconds,
                caps: Caps {
                    market_funding: mint.base_units(&self.market_funding)?,
                    event_funding,
                    feed_funding: event_funding,
                    daily_loss: mint.base_units(&self.daily_loss)?,
                    opening_lead_seconds: self.opening_lead_seconds,
                    utilisation: 10_000,
                    slot_ms: self.slot_ms,
                },
                fee_split: FEE_SPLIT,
            },
        };
        session.act("vault create", &[create.instruction()], &[], details)
    }
}

impl Run for DepositCommand {
    fn run(self, session: &mut Session) -> Answer {
        let vault: Vault = session.read(&self.vault)?;
        let mint = session.mint(&vault.mint)?;
        let owner = session.payer();
        let Some(amount) = &self.amount else {
            return execute_deposit(session, self.vault, &vault, mint);
        };
        let amount = mint.base_units(amount)?;
        let min_shares = match self.min_shares {
            Some(shares) => shares,
            None => a_hundredth_less(vault.shares_for(amount, 0)?),
        };
        let request = RequestDeposit {
            owner,
            rent_payer: owner,
            vault: self.vault,
            owner_tokens: mint.tokens_of(&owner),
            token_program: mint.token_program,
            args: RequestDepositArgs { amount, min_shares },
        };
        let notice = vault.notice_seconds.at(session.now()?);
        let details = json!({
            "vault": self.vault.to_string(),
            "amount": mint.show(amount),
            "min_shares": min_shares,
            "notice_seconds": notice,
        });
        let answer = session.act("vault deposit", &[request.instruction()], &[], details)?;
        session.say(&format!(
            "after {notice} s of notice, `strobe vault deposit {}` completes it",
            self.vault
        ));
        Ok(answer)
    }
}

fn execute_deposit(session: &mut Session, address: Pubkey, vault: &Vault, mint: Mint) -> Answer {
    let owner = session.payer();
    let deposit: Deposit = session.read(&addresses::deposit(&address, &owner))?;
    require_notice_over("deposit", deposit.available_at, session.now()?)?;
    let lp_mint = Mint {
        address: vault.lp_mint,
        ..mint
    };
    let open = lp_mint.open_tokens(&owner, &owner);
    let execute = ExecuteDeposit {
        vault: address,
        owner,
        rent_payer: deposit.rent_payer,
        owner_tokens: mint.tokens_of(&owner),
        owner_lp_tokens: lp_mint.tokens_of(&owner),
        token_program: mint.token_program,
    };
    let details = json!({
        "vault": address.to_string(),
        "lp_tokens": lp_mint.tokens_of(&owner).to_string(),
    });
    session.act(
        "vault deposit",
        &[open, execute.instruction()],
        &[],
        details,
    )
}

fn require_notice_over(what: &str, available_at: i64, now: i64) -> Result<(), String> {
    let left = available_at.saturating_sub(now);
    match left > 0 {
        true => Err(format!(
            "the {what}'s notice ends in {left} s: come back then"
        )),
        false => Ok(()),
    }
}

impl Run for WithdrawCommand {
    fn run(self, session: &mut Session) -> Answer {
        let vault: Vault = session.read(&self.vault)?;
        let mint = session.mint(&vault.mint)?;
        let owner = session.payer();
        let mut details = json!({ "vault": self.vault.to_string() });
        let instruction = match self.shares {
            Some(shares) => {
                super::session::merge(&mut details, json!({ "shares": shares }));
                let lp_mint = Mint {
                    address: vault.lp_mint,
                    ..mint
                };
                RequestWithdraw {
                    owner,
                    rent_payer: owner,
                    vault: self.vault,
                    owner_lp_tokens: lp_mint.tokens_of(&owner),
                    token_program: mint.token_program,
                    args: RequestWithdrawArgs {
                        shares,
                        min_amount: 0,
                    },
                }
                .instruction()
            }
            None => {
                let address = addresses::withdrawal(&self.vault, &owner);
                let withdrawal: Withdrawal = session.read(&address)?;
                require_notice_over("withdrawal", withdrawal.available_at, session.now()?)?;
                Withdraw {
                    vault: self.vault,
                    owner,
                    rent_payer: withdrawal.rent_payer,
                    owner_tokens: mint.tokens_of(&owner),
                    token_program: mint.token_program,
                }
                .instruction()
            }
        };
        session.act("vault withdraw", &[instruction], &[], details)
    }
}

#[derive(Args)]
pub struct PriceFeed {
    vault: Pubkey,
    #[command(flatten)]
    feed: PriceFeedArguments,
}

impl Run for PriceFeed {
    fn run(self, session: &mut Session) -> Answer {
        let vault: Vault = session.read(&self.vault)?;
        let mint = session.mint(&vault.mint)?;
        let set = SetPriceFeed {
            authority: session.payer(),
            vault: self.vault,
            feed_id: self.feed.feed_id(),
            cost_per_second: self.feed.cost_per_second(&mint)?,
        };
        let details = self
            .feed
            .details(&addresses::price_feed(&self.vault, &set.feed_id));
        session.act("vault price-feed", &[set.instruction()], &[], details)
    }
}

impl Run for Event {
    fn run(self, session: &mut Session) -> Answer {
        let event_book = addresses::event_book(&self.vault, self.id);
        let details = json!({ "event_book": event_book.to_string(), "id": self.id });
        if session.find::<EventBook>(&event_book)?.is_some() {
            session.say("the event's book is open already");
            return Ok(json!({
                "action": "vault event",
                "already_done": true,
                "event_book": event_book.to_string(),
            }));
        }
        let create = CreateEventBook {
            operator: session.payer(),
            vault: self.vault,
            id: self.id,
            correlation_group: self.correlation_group,
            verse: None,
        };
        session.act("vault event", &[create.instruction()], &[], details)
    }
}

impl Run for Show {
    fn run(self, session: &mut Session) -> Answer {
        let vault: Vault = session.read(&self.vault)?;
        let mint = session.mint(&vault.mint)?;
        let now = session.now()?;
        let shown = describe(self.vault, &vault, mint, now);
        session.say(&format!(
            "vault {}: {} tokens free, {} in markets",
            self.vault,
            mint.show(vault.cash),
            mint.show(vault.allocated)
        ));
        Ok(shown)
    }
}

fn describe(address: Pubkey, vault: &Vault, mint: Mint, now: i64) -> Value {
    let (caps, chains) = (vault.caps.at(now), vault.chain_terms.at(now));
    json!({
        "vault": address.to_string(),
        "mint": vault.mint.to_string(),
        "decimals": mint.decimals,
        "operator": vault.operator.at(now).to_string(),
        "treasury": vault.treasury.at(now).to_string(),
        "cash": mint.show(vault.cash),
        "in_markets": mint.show(vault.allocated),
        "reserved_for_chains": mint.show(vault.chain_reserve),
        "pending_deposits": mint.show(vault.pending_deposits),
        "lp_shares": vault.shares,
        "next_market_id": vault.next_market_id,
        "notice_seconds": vault.notice_seconds.at(now),
        "caps": {
            "market_funding": mint.show(caps.market_funding),
            "event_funding": mint.show(caps.event_funding),
            "feed_funding": mint.show(caps.feed_funding),
            "daily_loss": mint.show(caps.daily_loss),
            "opening_lead_seconds": caps.opening_lead_seconds,
            "slot_ms": caps.slot_ms,
        },
        "chain_terms_basis_points": {
            "fee_rate": chains.fee_rate,
            "spread": chains.spread,
            "reserve": chains.reserve,
            "cash_out_fee_rate": chains.cash_out_fee_rate,
        },
    })
}
