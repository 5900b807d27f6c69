//! The betting house on the embedded chain: a vault with its liquidity providers, its operator, and
//! the money of everybody around it.

use client::{
    accounts,
    addresses::flash_bets as addresses,
    instructions::flash_bets::{
        Caps, CloseEventBook, CollectFees, CreateEventBook, CreateVault, CreateVaultArgs,
        ExecuteDeposit, FeeSplit, RequestDeposit, RequestDepositArgs, RequestWithdraw,
        RequestWithdrawArgs, Withdraw,
    },
};
use flash_bets::state::{
    Chain, ChainBook, FlashMarket, OperatorFees, PendingOrder, QuantumGroup, QuantumTicket, Ticket,
    Vault,
};
use oracle::Observation;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use testbed::Mint;

use crate::{
    error::DemoError,
    stage::{Person, Stage, SECOND, TOKEN},
};

/// Seconds of notice that liquidity providers give, going in and out: an hour.
const NOTICE_SECONDS: u64 = 60 * 60;
const VAULT_ID: u64 = 1;
/// What the liquidity providers bring, base units.
const DEPOSITS: [u64; 2] = [60_000 * TOKEN, 40_000 * TOKEN];
const EVENT_ID: u64 = 1;

pub struct House {
    pub stage: Stage,
    pub vault: Pubkey,
    pub event_book: Pubkey,
    pub operator: Person,
    treasury: Person,
    /// With the account for their LP shares.
    lenders: Vec<(Person, Pubkey)>,
}

/// Who ends with what, base units.
#[derive(Clone, Copy, Debug)]
pub struct Takings {
    pub protocol: u64,
    pub operator: u64,
    /// Of all liquidity providers.
    pub liquidity: u64,
}

impl House {
    /// Opens the vault and takes the deposits.
    ///
    /// # Errors
    /// [`DemoError::Chain`], [`DemoError::Step`].
    pub fn open(mut stage: Stage) -> Result<Self, DemoError> {
        let operator = stage.person(0)?;
        let treasury = stage.person(0)?;
        let vault = addresses::vault(&stage.mint.address, VAULT_ID);
        let mut house = Self {
            event_book: addresses::event_book(&vault, EVENT_ID),
            stage,
            vault,
            operator,
            treasury,
            lenders: Vec::new(),
        };
        house.create_vault()?;
        house.deposit_all()?;
        let create = CreateEventBook {
            operator: house.operator.address(),
            vault,
            id: EVENT_ID,
            correlation_group: 0,
            verse: None,
        };
        let operator = house.operator.key.insecure_clone();
        house
            .stage
            .must("opening the event", &[create.instruction()], &[&operator])?;
        Ok(house)
    }

    fn create_vault(&mut self) -> Result<(), DemoError> {
        let create = CreateVault {
            admin: self.stage.world.admin.pubkey(),
            mint: self.stage.mint.address,
            token_program: self.stage.token_program(),
            id: VAULT_ID,
            args: CreateVaultArgs {
                operator: self.operator.address(),
                treasury: self.treasury.address(),
                notice_seconds: NOTICE_SECONDS,
                caps: Caps {
                    market_funding: 5_000 * TOKEN,
                    event_funding: 50_000 * TOKEN,
                    feed_funding: 5_000 * TOKEN,
                    daily_loss: 50_000 * TOKEN,
                    opening_lead_seconds: 30,
                    utilisation: 5_000,
                    slot_ms: 400,
                },
                fee_split: FeeSplit {
                    protocol: 3_000,
                    operator: 1_000,
                },
            },
        };
        let admin = self.stage.world.admin.insecure_clone();
        self.stage
            .must("creating the vault", &[create.instruction()], &[&admin])?;
        Ok(())
    }

    fn deposit_all(&mut self) -> Result<(), DemoError> {
        let lp_mint = Mint {
            address: addresses::lp_mint(&self.vault),
            program: self.stage.mint.program,
        };
        let (vault, token_program) = (self.vault, self.stage.token_program());
        for amount in DEPOSITS {
            let lender = self.stage.person(amount)?;
            let chain = &mut self.stage.world.chain;
            let lp_tokens = chain.create_associated_token_account(lp_mint, lender.address(), 0)?;
            let request = RequestDeposit {
                owner: lender.address(),
                rent_payer: lender.address(),
                vault,
                owner_tokens: lender.tokens,
                token_program,
                args: RequestDepositArgs {
                    amount,
                    min_shares: 1,
                },
            };
            self.stage.must(
                "a deposit's notice",
                &[request.instruction()],
                &[&lender.key],
            )?;
            self.lenders.push((lender, lp_tokens));
        }
        self.stage.go_to(self.stage.now() + NOTICE_SECONDS * SECOND);
        let deposits: Vec<_> = self
            .lenders
            .iter()
            .map(|(lender, lp_tokens)| ExecuteDeposit {
                vault,
                owner: lender.address(),
                rent_payer: lender.address(),
                owner_tokens: lender.tokens,
                owner_lp_tokens: *lp_tokens,
                token_program,
            })
            .collect();
        for deposit in deposits {
            self.stage
                .must("a deposit", &[deposit.instruction()], &[])?;
        }
        Ok(())
    }

    /// Base units in the vault's token account.
    ///
    /// # Errors
    /// [`DemoError::Chain`].
    pub fn vault_balance(&self) -> Result<u64, DemoError> {
        self.stage.balance(addresses::vault_tokens(&self.vault))
    }

    pub fn deposited(&self) -> u64 {
        DEPOSITS.iter().sum()
    }

    /// Pays out fees and LP shares, and closes the event's book.
    ///
    /// # Errors
    /// [`DemoError::Step`], [`DemoError::Chain`].
    pub fn wind_up(&mut self) -> Result<Takings, DemoError> {
        let close = CloseEventBook {
            authority: self.operator.address(),
            vault: self.vault,
            event_book: self.event_book,
            rent_payer: self.operator.address(),
            verse: None,
        };
        let operator = self.operator.key.insecure_clone();
        self.stage
            .must("closing the event", &[close.instruction()], &[&operator])?;
        let vault: Vault = self.stage.world.chain.account(self.vault)?;
        if vault.protocol_fees > 0 {
            self.collect(self.treasury.address(), self.treasury.tokens, false)?;
        }
        let earned = addresses::operator_fees(&self.vault, &self.operator.address());
        let earned: OperatorFees = self.stage.world.chain.account(earned)?;
        if earned.amount > 0 {
            self.collect(self.operator.address(), self.operator.tokens, true)?;
        }
        self.withdraw_all()?;
        let mut liquidity = 0;
        for (lender, _) in &self.lenders {
            liquidity += self.stage.balance(lender.tokens)?;
        }
        Ok(Takings {
            protocol: self.stage.balance(self.treasury.tokens)?,
            operator: self.stage.balance(self.operator.tokens)?,
            liquidity,
        })
    }

    fn collect(
        &mut self,
        receiver: Pubkey,
        receiver_tokens: Pubkey,
        is_operator: bool,
    ) -> Result<(), DemoError> {
        let collect = CollectFees {
            vault: self.vault,
            receiver,
            receiver_tokens,
            token_program: self.stage.token_program(),
            is_operator,
        };
        self.stage
            .must("collecting fees", &[collect.instruction()], &[])?;
        Ok(())
    }

    fn withdraw_all(&mut self) -> Result<(), DemoError> {
        let (vault, token_program) = (self.vault, self.stage.token_program());
        let lenders: Vec<_> = self
            .lenders
            .iter()
            .map(|(person, lp_tokens)| (person.key.insecure_clone(), person.tokens, *lp_tokens))
            .collect();
        for (owner, _, lp_tokens) in &lenders {
            let request = RequestWithdraw {
                owner: owner.pubkey(),
                rent_payer: owner.pubkey(),
                vault,
                owner_lp_tokens: *lp_tokens,
                token_program,
                args: RequestWithdrawArgs {
                    shares: self.stage.balance(*lp_tokens)?,
                    min_amount: 1,
                },
            };
            self.stage
                .must("a withdrawal's notice", &[request.instruction()], &[owner])?;
        }
        self.stage.go_to(self.stage.now() + NOTICE_SECONDS * SECOND);
        for (owner, owner_tokens, _) in &lenders {
            let withdraw = Withdraw {
                owner: owner.pubkey(),
                rent_payer: owner.pubkey(),
                vault,
                owner_tokens: *owner_tokens,
                token_program,
            };
            self.stage
                .must("a withdrawal", &[withdraw.instruction()], &[])?;
        }
        Ok(())
    }

    /// Markets, their token accounts, tickets, pending orders, chains, their books, groups and observations
    /// that are on the chain.
    ///
    /// # Errors
    /// [`DemoError::Chain`].
    pub fn open_accounts(&self, markets: &[Pubkey]) -> Result<usize, DemoError> {
        let is_counted = |owner: &Pubkey, data: &[u8]| {
            accounts::decode::<FlashMarket>(owner, data).is_ok()
                || accounts::decode::<Ticket>(owner, data).is_ok()
                || accounts::decode::<PendingOrder>(owner, data).is_ok()
                || accounts::decode::<Chain>(owner, data).is_ok()
                || accounts::decode::<ChainBook>(owner, data).is_ok()
                || accounts::decode::<QuantumGroup>(owner, data).is_ok()
                || accounts::decode::<QuantumTicket>(owner, data).is_ok()
                || accounts::decode::<Observation>(owner, data).is_ok()
        };
        let tokens = markets.iter().map(addresses::market_tokens);
        self.stage.open_accounts(flash_bets::ID, is_counted, tokens)
    }
}
