//! `strobe position`: shares of standard markets that are bought with a loan.

mod open;
mod show;

use std::error::Error;

use anchor_lang::prelude::Pubkey;
use clap::{Args, Subcommand};
use client::{
    instructions::{
        leverage::{
            AddMargin, CancelOpen, ExecuteOpen, Holding, ListingAccounts, PoolAccounts, Repay,
            SellForOwner, WithdrawClaim,
        },
        signed_by,
    },
    intents::less,
    transport::Transport,
};
use keeper::{
    leverage::{ListingView, LoanAction},
    Money,
};
use leverage::state::{LeveredPosition, ListedMarket, PendingOpen};
use markets::state::{Market, Venue};
use serde_json::json;

use super::{
    mint::{Mint, Tokens},
    session::Session,
    Answer, Live, Run,
};

#[derive(Subcommand)]
pub enum PositionCommand {
    /// Asks for a position; after a delay anybody opens it at the prices of then, within your bound.
    Open(Live<open::Open>),
    /// Opens a position that was asked for, for the request's tip; anybody, after its delay.
    Execute(Live<Execute>),
    /// Takes back the margin of a request; its owner, or anybody for its tip once it has expired.
    Cancel(Live<Cancel>),
    /// What a position, or a request for one, owes, is worth and waits for.
    Show(Live<show::Show>),
    /// Every position and request of the cluster, of an owner or of a listing.
    List(Live<show::List>),
    /// Sells shares of a position, without a number all of them: they pay its debt first; its owner.
    Close(Live<Close>),
    /// Pays all that a position owes in tokens and takes its shares out; its owner.
    Repay(Live<RepayAll>),
    /// Pays of a position's debt in tokens; anybody.
    AddMargin(Live<AddMarginTo>),
    /// Pays a position's owner what was left of sales; anybody.
    Withdraw(Live<Withdraw>),
    /// Does what is due for lenders: marks a position that owes too much, sells for it once the mark is old
    /// enough, or what its owner was called to pay; anybody, for a bounty and a part of the sale.
    Liquidate(Live<LiquidateOne>),
}

#[derive(Args)]
pub struct Execute {
    request: Pubkey,
}

#[derive(Args)]
pub struct Cancel {
    request: Pubkey,
}

#[derive(Args)]
pub struct Close {
    position: Pubkey,
    /// Shares, tokens; without them all.
    shares: Option<Tokens>,
    /// How much less than they return now to accept, basis points.
    #[arg(long, value_name = "BASIS_POINTS", default_value_t = 100, value_parser = clap::value_parser!(u16).range(0..=10_000))]
    slippage: u16,
}

#[derive(Args)]
pub struct RepayAll {
    position: Pubkey,
}

#[derive(Args)]
pub struct AddMarginTo {
    position: Pubkey,
    /// Tokens; no more than the debt is taken.
    amount: Tokens,
}

#[derive(Args)]
pub struct Withdraw {
    position: Pubkey,
}

#[derive(Args)]
pub struct LiquidateOne {
    position: Pubkey,
}

impl PositionCommand {
    pub fn run(self) -> Answer {
        match self {
            Self::Open(command) => command.run(),
            Self::Execute(command) => command.run(),
            Self::Cancel(command) => command.run(),
            Self::Show(command) => command.run(),
            Self::List(command) => command.run(),
            Self::Close(command) => command.run(),
            Self::Repay(command) => command.run(),
            Self::AddMargin(command) => command.run(),
            Self::Withdraw(command) => command.run(),
            Self::Liquidate(command) => command.run(),
        }
    }
}

/// A listing with what a transaction about it needs.
pub(super) struct OpenedListing {
    pub view: ListingView,
    pub mint: Mint,
    pub accounts: ListingAccounts,
}

/// A position of such a listing.
struct OpenedPosition {
    of: OpenedListing,
    position: LeveredPosition,
    holding: Holding,
}

impl Session {
    pub(super) fn listing(&mut self, address: &Pubkey) -> Result<OpenedListing, Box<dyn Error>> {
        let listing: ListedMarket = self.read(address)?;
        let mint = self.mint(&listing.mint)?;
        let accounts = ListingAccounts {
            pool: PoolAccounts {
                pool: listing.pool,
                mint: mint.address,
                token_program: mint.token_program,
            },
            group: listing.group,
            venue: listing.venue,
            market: listing.market,
        };
        let view = ListingView {
            pool: self.read(&listing.pool)?,
            group: self.read(&listing.group)?,
            market: self.find::<Market>(&listing.market)?.map(Box::new),
            venue: self.find::<Venue>(&listing.venue)?,
            listing: Box::new(listing),
            money: Money {
                mint: mint.address,
                token_program: mint.token_program,
            },
            positions: Vec::new(),
            requests: Vec::new(),
        };
        Ok(OpenedListing {
            view,
            mint,
            accounts,
        })
    }

    fn levered(&mut self, address: &Pubkey) -> Result<OpenedPosition, Box<dyn Error>> {
        let position: LeveredPosition = self.read(address)?;
        let of = self.listing(&position.listing)?;
        let holding = Holding {
            listing: of.accounts,
            owner: position.owner,
            nonce: position.nonce,
        };
        Ok(OpenedPosition {
            of,
            position,
            holding,
        })
    }

    /// One's own position.
    fn own_levered(
        &mut self,
        what: &str,
        address: &Pubkey,
    ) -> Result<OpenedPosition, Box<dyn Error>> {
        let opened = self.levered(address)?;
        self.require_own(what, address, "a position", &opened.position.owner)?;
        Ok(opened)
    }
}

impl Run for Execute {
    fn run(self, session: &mut Session) -> Answer {
        let request: PendingOpen = session.read(&self.request)?;
        let of = session.listing(&request.listing)?;
        let clock = session.chain.clock()?;
        let left = request
            .executable_from
            .saturating_sub(clock.unix_timestamp)
            .max(0);
        if left > 0 || clock.slot < request.executable_from_slot {
            return Err(format!(
                "execute refused: the delay ends in {left} s and in slot {}, now is {}",
                request.executable_from_slot, clock.slot
            )
            .into());
        }
        let holding = Holding {
            listing: of.accounts,
            owner: request.owner,
            nonce: request.nonce,
        };
        let execute = ExecuteOpen {
            holding,
            executor: session.payer(),
            rent_payer: request.rent_payer,
        };
        let details = json!({
            "position": holding.position().to_string(),
            "margin": of.mint.show(request.margin),
            "loan": of.mint.show(request.loan),
        });
        session.act("execute", &[execute.instruction()], &[], details)
    }
}

impl Run for Cancel {
    fn run(self, session: &mut Session) -> Answer {
        let request: PendingOpen = session.read(&self.request)?;
        let of = session.listing(&request.listing)?;
        let key = session.payer();
        let cancel = CancelOpen {
            holding: Holding {
                listing: of.accounts,
                owner: request.owner,
                nonce: request.nonce,
            },
            executor: key,
            owner_tokens: of.mint.tokens_of(&request.owner),
            rent_payer: request.rent_payer,
        };
        let mut cancel = cancel.instruction();
        if request.owner == key {
            cancel = signed_by(cancel, &key);
        }
        let details = json!({
            "request": self.request.to_string(),
            "margin": of.mint.show(request.margin),
        });
        session.act("cancel", &[cancel], &[], details)
    }
}

impl Run for Close {
    fn run(self, session: &mut Session) -> Answer {
        let opened = session.own_levered("close", &self.position)?;
        let OpenedPosition {
            of,
            position,
            holding,
        } = opened;
        let (mint, outcome) = (of.mint, position.outcome);
        let shares = mint.sale(outcome, self.shares.as_ref(), Some(position.shares))?;
        let standard = session.standard(&of.accounts.market)?;
        standard.require_trading(outcome)?;
        let returns = standard.returns_of(outcome, shares)?;
        let sale = SellForOwner {
            holding,
            min_return: less(returns, self.slippage),
        };
        let instruction = if shares == position.shares {
            sale.close()
        } else {
            sale.reduce(shares)
        };
        let details = json!({
            "position": self.position.to_string(),
            "shares": mint.show(shares),
            "quoted_return": mint.show(returns),
        });
        let answer = session.act("close", &[instruction], &[], details)?;
        session.say(&format!(
            "what is left after the debt is yours to take: `strobe position withdraw {}`",
            self.position
        ));
        Ok(answer)
    }
}

impl Run for RepayAll {
    fn run(self, session: &mut Session) -> Answer {
        let opened = session.own_levered("repay", &self.position)?;
        let OpenedPosition {
            of,
            position,
            holding,
        } = opened;
        let [debt, fee] = show::debt_and_fee(&of, &position, session.now()?)?;
        let owed = debt.saturating_add(fee);
        let owner_tokens = of.mint.tokens_of(&session.payer());
        let balance = session.token_balance(&owner_tokens)?;
        if balance < owed {
            let (owed, balance) = (of.mint.show(owed), of.mint.show(balance));
            return Err(format!(
                "repay refused: it owes {owed}, and you have {balance}: `strobe position close` pays from a sale \
                 of its shares"
            )
            .into());
        }
        let mut instructions = session.open_position(&of.accounts.market)?;
        let repay = Repay {
            holding,
            owner_tokens,
            // With interest until it lands.
            max_paid: owed.saturating_add(owed.div_ceil(1_000)),
        };
        instructions.push(repay.instruction());
        let details = json!({
            "position": self.position.to_string(),
            "owed": of.mint.show(owed),
            "shares": of.mint.show(position.shares),
        });
        session.act("repay", &instructions, &[], details)
    }
}

impl Run for AddMarginTo {
    fn run(self, session: &mut Session) -> Answer {
        let OpenedPosition { of, holding, .. } = session.levered(&self.position)?;
        let payer = session.payer();
        let amount = of.mint.base_units(&self.amount)?;
        let add = AddMargin {
            holding,
            payer,
            payer_tokens: of.mint.tokens_of(&payer),
            amount,
        };
        let details = json!({
            "position": self.position.to_string(),
            "amount": of.mint.show(amount),
        });
        session.act("add-margin", &[add.instruction()], &[], details)
    }
}

impl Run for Withdraw {
    fn run(self, session: &mut Session) -> Answer {
        let opened = session.levered(&self.position)?;
        let (mint, owner) = (opened.of.mint, opened.position.owner);
        let open = mint.open_tokens(&session.payer(), &owner);
        let take = WithdrawClaim {
            holding: opened.holding,
            owner_tokens: mint.tokens_of(&owner),
        };
        let details = json!({
            "position": self.position.to_string(),
            "amount": mint.show(opened.position.claim),
        });
        session.act("withdraw", &[open, take.instruction()], &[], details)
    }
}

impl Run for LiquidateOne {
    fn run(self, session: &mut Session) -> Answer {
        let OpenedPosition { of, position, .. } = session.levered(&self.position)?;
        let OpenedListing { mut view, mint, .. } = of;
        view.positions.push(position);
        let payer = session.payer();
        let settings = session.plan_settings();
        let plan = view.plan(&settings, &session.chain.clock()?);
        let is_sale = |action: &&LoanAction| {
            matches!(
                action,
                LoanAction::Liquidate(_)
                    | LoanAction::ForceDeleverage(_)
                    | LoanAction::DeleverageProRata(_)
            )
        };
        let sale = plan.iter().find(is_sale);
        let mark = plan
            .iter()
            .find(|action| matches!(action, LoanAction::Monitor(_)));
        let action = sale.or(mark).ok_or_else(|| {
            format!(
                "liquidate refused: nothing is due of {}; `strobe position show` says what it owes, what would be \
                 sold, and since which slot it is marked",
                self.position
            )
        })?;
        let mut instructions = Vec::new();
        if sale.is_some() {
            instructions.push(mint.open_tokens(&payer, &payer));
        }
        instructions.push(action.instruction());
        let details = json!({
            "position": self.position.to_string(),
            "does": action.name(),
        });
        session.act("liquidate", &instructions, &[], details)
    }
}
