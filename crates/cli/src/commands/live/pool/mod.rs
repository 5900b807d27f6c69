//! `strobe pool`: money that is lent against shares of standard markets.

mod end;
mod govern;
mod list_market;
mod show;

use std::error::Error;

use anchor_lang::prelude::Pubkey;
use clap::{Args, Subcommand};
use client::{
    accounts::decode,
    addresses::leverage as addresses,
    instructions::leverage::{
        CreatePool, EndDeposit, ExecuteWithdraw, PoolAccounts, PoolTerms, RequestDeposit,
        RequestWithdraw,
    },
    transport::Transport,
};
use leverage::state::{LendingPool, PoolDeposit, PoolWithdrawal};
use math::{BasisPoints, Money, Shares};
use serde_json::json;

use super::{
    mint::{Mint, Tokens},
    session::{a_hundredth_less, Session},
    Answer, Live, Run,
};

#[derive(Subcommand)]
pub enum PoolCommand {
    /// Creates a pool of a mint; the admin.
    Create(Live<Create>),
    /// What a pool has, has lent and may lose, and where it lends.
    Show(Live<show::Show>),
    /// Asks for a deposit, which is executed after the pool's notice.
    Deposit(Live<Deposit>),
    /// Asks for the withdrawal of a deposit's shares, without a number of all, after the pool's notice.
    Withdraw(Live<Withdraw>),
    /// Executes a deposit or a withdrawal whose notice has passed; anybody.
    Execute(Live<Execute>),
    /// Has a pool lend on a standard market after the timelock; the admin.
    ListMarket(Live<list_market::ListOne>),
    /// Gives back a deposit, or a withdrawal's shares, that nobody executed in time; anybody.
    Cancel(Live<end::Cancel>),
    /// Stops new loans of a pool or on a market; the admin or the guardian.
    Trip(Live<govern::Trip>),
    /// Lets loans be made again after the timelock; the admin.
    Release(Live<govern::Release>),
    /// Changes a pool's terms after the timelock; the admin.
    SetTerms(Live<govern::SetTerms>),
    /// Changes what loans on a market are given and liquidated by after the timelock; the admin.
    SetParameters(Live<govern::SetParameters>),
    /// Ends lending on a market without positions; the admin, or anybody once the market is settled.
    Delist(Live<end::DelistOne>),
    /// Closes a pool that nobody has anything in, and its groups; the admin, who gets the insurance.
    Close(Live<end::Close>),
}

#[derive(Args)]
pub struct Create {
    mint: Pubkey,
    /// Tells the pools of one mint apart.
    #[arg(long, default_value_t = 1)]
    id: u64,
    /// Between the request of a deposit or withdrawal and its execution; no market with a longer dispute
    /// window is lent on.
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400)]
    notice_seconds: u32,
    /// Yearly rates, basis points: when nothing is lent, when the part of the kink is, when all is.
    #[arg(long, value_name = "BASIS_POINTS", value_delimiter = ',', num_args = 3, default_values_t = [200, 1_000, 10_000])]
    rates: Vec<u16>,
    /// Part of the money that is lent where the rate turns steep, basis points.
    #[arg(long, value_name = "BASIS_POINTS", default_value_t = 8_000)]
    kink: u16,
    /// Most that the markets of a group, and all, may cost lenders, basis points of the pool's cash.
    #[arg(long, value_name = "BASIS_POINTS", default_value_t = 300)]
    group_loss: u16,
    #[arg(long, value_name = "BASIS_POINTS", default_value_t = 1_000)]
    total_loss: u16,
}

#[derive(Args)]
pub struct Deposit {
    pool: Pubkey,
    /// Tokens.
    amount: Tokens,
    /// Tells two deposits of yours in one pool apart [default: the first that is free].
    #[arg(long)]
    nonce: Option<u64>,
    /// Least tokens that its shares have to be due at once [default: a hundredth less than if it were executed now, after
    /// all that the pool may lend].
    ///
    /// As if all that is lent were lost: who leaves in the meantime leaves loans to those who come. Below this the
    /// money goes back.
    #[arg(long, value_name = "TOKENS")]
    min_due: Option<Tokens>,
}

#[derive(Args)]
pub struct Withdraw {
    deposit: Pubkey,
    /// A lender's shares; without them all.
    shares: Option<u64>,
    /// Least tokens to accept for them [default: a hundredth less than they are paid now].
    ///
    /// They are paid as if all that is lent were lost, at the worst moment of an hour that anybody chooses;
    /// below this the withdrawal lapses.
    #[arg(long, value_name = "TOKENS")]
    min_amount: Option<Tokens>,
}

#[derive(Args)]
pub struct Execute {
    /// A deposit, or a withdrawal.
    request: Pubkey,
}

impl PoolCommand {
    pub fn run(self) -> Answer {
        match self {
            Self::Create(command) => command.run(),
            Self::Show(command) => command.run(),
            Self::Deposit(command) => command.run(),
            Self::Withdraw(command) => command.run(),
            Self::Execute(command) => command.run(),
            Self::ListMarket(command) => command.run(),
            Self::Cancel(command) => command.run(),
            Self::Trip(command) => command.run(),
            Self::Release(command) => command.run(),
            Self::SetTerms(command) => command.run(),
            Self::SetParameters(command) => command.run(),
            Self::Delist(command) => command.run(),
            Self::Close(command) => command.run(),
        }
    }
}

fn accounts(pool: Pubkey, mint: Mint) -> PoolAccounts {
    PoolAccounts {
        pool,
        mint: mint.address,
        token_program: mint.token_program,
    }
}

impl Run for Create {
    fn run(self, session: &mut Session) -> Answer {
        session.config()?;
        let mint = session.mint(&self.mint)?;
        let &[idle_rate, kink_rate, full_rate] = self.rates.as_slice() else {
            return Err("--rates takes three: idle, at the kink, full".into());
        };
        let create = CreatePool {
            admin: session.payer(),
            mint: mint.address,
            token_program: mint.token_program,
            id: self.id,
            terms: PoolTerms {
                idle_rate,
                kink_rate,
                full_rate,
                kink: self.kink,
                group_loss: self.group_loss,
                total_loss: self.total_loss,
                notice_seconds: self.notice_seconds,
            },
        };
        let pool = create.pool();
        if session.find::<LendingPool>(&pool)?.is_some() {
            return Err(format!(
                "pool create refused: {pool} is there already; another one needs another --id"
            )
            .into());
        }
        let details = json!({
            "pool": pool.to_string(),
            "mint": mint.address.to_string(),
            "notice_seconds": self.notice_seconds,
        });
        session.act("pool create", &[create.instruction()], &[], details)
    }
}

impl Run for Deposit {
    fn run(self, session: &mut Session) -> Answer {
        let pool: LendingPool = session.read(&self.pool)?;
        let mint = session.mint(&pool.mint)?;
        let owner = session.payer();
        let address = |nonce| addresses::deposit(&self.pool, &owner, nonce);
        let mut nonce = self.nonce.unwrap_or(0);
        while self.nonce.is_none() && session.find::<PoolDeposit>(&address(nonce))?.is_some() {
            nonce += 1;
        }
        let amount = mint.base_units(&self.amount)?;
        let terms = pool.terms.at(session.now()?);
        let min_due = match &self.min_due {
            Some(tokens) => mint.base_units(tokens)?,
            None => {
                let (_, _, due) = pool.after_deposit(Money(amount))?;
                let lent = BasisPoints(terms.total_loss).of_floor(due.0)?;
                a_hundredth_less(due.0 - lent)
            }
        };
        let request = RequestDeposit {
            pool: accounts(self.pool, mint),
            owner,
            owner_tokens: mint.tokens_of(&owner),
            rent_payer: owner,
            nonce,
            amount,
            min_due,
        };
        let notice = terms.notice_seconds;
        let deposit = request.deposit();
        let details = json!({
            "pool": self.pool.to_string(),
            "deposit": deposit.to_string(),
            "nonce": nonce,
            "amount": mint.show(amount),
            "min_due": mint.show(min_due),
            "notice_seconds": notice,
        });
        let answer = session.act("pool deposit", &[request.instruction()], &[], details)?;
        session.say(&format!(
            "after {notice} s of notice, within five minutes: `strobe pool execute {deposit}`, or `strobe keep`"
        ));
        Ok(answer)
    }
}

impl Run for Withdraw {
    fn run(self, session: &mut Session) -> Answer {
        let deposit: PoolDeposit = session.read(&self.deposit)?;
        let pool: LendingPool = session.read(&deposit.pool)?;
        let mint = session.mint(&pool.mint)?;
        let owner =
            session.require_own("pool withdraw", &self.deposit, "a deposit", &deposit.owner)?;
        if deposit.amount > 0 {
            return Err(format!(
                "pool withdraw refused: the deposit waits for its notice; `strobe pool execute {}` ends it",
                self.deposit
            )
            .into());
        }
        let shares = self.shares.unwrap_or(deposit.shares);
        let min_amount = match &self.min_amount {
            Some(tokens) => mint.base_units(tokens)?,
            None => a_hundredth_less(pool.due(Shares(shares))?.0),
        };
        let request = RequestWithdraw {
            pool: deposit.pool,
            owner,
            rent_payer: owner,
            nonce: deposit.nonce,
            shares,
            min_amount,
        };
        let notice = pool.terms.at(session.now()?).notice_seconds;
        let withdrawal = request.withdrawal();
        let details = json!({
            "pool": deposit.pool.to_string(),
            "withdrawal": withdrawal.to_string(),
            "shares": shares,
            "min_amount": mint.show(min_amount),
            "notice_seconds": notice,
        });
        let answer = session.act("pool withdraw", &[request.instruction()], &[], details)?;
        session.say(&format!(
            "after {notice} s of notice, within an hour: `strobe pool execute {withdrawal}`, or `strobe keep`"
        ));
        Ok(answer)
    }
}

/// The deposit that waits or that a withdrawal is of, with its address, and the withdrawal if it is one.
///
/// # Errors
/// If there is no such account.
fn find_request(
    session: &mut Session,
    request: &Pubkey,
) -> Result<(Option<PoolWithdrawal>, Pubkey, PoolDeposit), Box<dyn Error>> {
    let found = session.chain.account(request)?;
    let found = found.ok_or_else(|| format!("there is no account at {request}"))?;
    let withdrawal = decode::<PoolWithdrawal>(&found.owner, &found.data).ok();
    let address = withdrawal.as_ref().map_or(*request, |one| one.deposit);
    Ok((withdrawal, address, session.read(&address)?))
}

impl Run for Execute {
    fn run(self, session: &mut Session) -> Answer {
        let (withdrawal, address, deposit) = find_request(session, &self.request)?;
        let pool: LendingPool = session.read(&deposit.pool)?;
        let mint = session.mint(&pool.mint)?;
        let available_at = withdrawal
            .as_ref()
            .map_or(deposit.available_at, |one| one.available_at);
        let left = available_at.saturating_sub(session.now()?);
        if left > 0 {
            return Err(format!(
                "pool execute refused: its notice ends in {left} s: come back then"
            )
            .into());
        }
        let (owner, nonce) = (deposit.owner, deposit.nonce);
        let owner_tokens = mint.tokens_of(&owner);
        let (what, instruction) = match withdrawal {
            Some(withdrawal) => {
                let execute = ExecuteWithdraw {
                    pool: accounts(deposit.pool, mint),
                    owner,
                    owner_tokens,
                    nonce,
                    rent_payer: withdrawal.rent_payer,
                    deposit_rent_payer: deposit.rent_payer,
                };
                ("withdrawal", execute.instruction())
            }
            None => {
                let end = EndDeposit {
                    pool: accounts(deposit.pool, mint),
                    owner,
                    owner_tokens,
                    rent_payer: deposit.rent_payer,
                    nonce,
                };
                ("deposit", end.execute())
            }
        };
        let open = mint.open_tokens(&session.payer(), &owner);
        let details = json!({
            "pool": deposit.pool.to_string(),
            "deposit": address.to_string(),
            "executes": what,
        });
        session.act("pool execute", &[open, instruction], &[], details)
    }
}
