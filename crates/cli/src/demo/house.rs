//! The betting house on the embedded chain: a vault with its liquidity providers, its operator, and
//! the money of everybody around it.

use client::{
    accounts,
    addresses::flash_bets as addresses,
    instructions::flash_bets::{
        Caps, CloseEvent, CollectFees, CreateEvent, CreateVault, CreateVaultArgs, ExecuteDeposit,
        FeeShare, FeeSplit, RequestDeposit, RequestDepositArgs, RequestWithdraw, Withdraw,
    },
};
use flash_bets::state::{FlashMarket, PendingBet, Ticket, Vault};
use harness::{Mint, MintOptions, Receipt, UnixMillis, World};
use oracle::Observation;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use super::{error::DemoError, script::TOKEN};

/// Milliseconds of a slot on this chain.
pub const SLOT_MS: u64 = 400;
/// Slots of notice that liquidity providers give, going in and out: an hour.
const NOTICE_SLOTS: u64 = 60 * 60 * 1_000 / SLOT_MS;
/// What the liquidity providers bring, base units.
const DEPOSITS: [u64; 2] = [60_000 * TOKEN, 40_000 * TOKEN];
const EVENT_ID: u64 = 1;
/// Bytes of a token account, and where it has its mint and its owner.
const TOKEN_ACCOUNT_LEN: usize = 165;

/// Somebody with money.
pub struct Person {
    pub key: Keypair,
    pub tokens: Pubkey,
}

impl Person {
    pub fn address(&self) -> Pubkey {
        self.key.pubkey()
    }
}

pub struct House {
    pub world: World,
    pub mint: Mint,
    pub vault: Pubkey,
    pub event: Pubkey,
    pub operator: Person,
    treasury: Person,
    /// With the account for their LP shares.
    lenders: Vec<(Person, Pubkey)>,
    /// Slot and time from which slots are counted.
    start: (u64, u64),
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
    /// Opens the vault and takes the deposits. The clock is at the time from which on slots are
    /// counted.
    ///
    /// # Errors
    /// [`DemoError::Chain`], [`DemoError::Step`].
    pub fn open(mut world: World) -> Result<Self, DemoError> {
        let mint = world.chain.create_mint(&MintOptions::default())?;
        let operator = person(&mut world, mint, 0)?;
        let treasury = person(&mut world, mint, 0)?;
        let vault = addresses::vault(&mint.address);
        let start = (world.chain.slot(), world.chain.now().0);
        let mut house = Self {
            event: addresses::event(&vault, EVENT_ID),
            world,
            mint,
            vault,
            operator,
            treasury,
            lenders: Vec::new(),
            start,
        };
        house.create_vault()?;
        house.deposit_all()?;
        let create = CreateEvent {
            operator: house.operator.address(),
            vault,
            id: EVENT_ID,
        };
        let operator = house.operator.key.insecure_clone();
        house.must("opening the event", &[create.instruction()], &[&operator])?;
        Ok(house)
    }

    fn create_vault(&mut self) -> Result<(), DemoError> {
        let create = CreateVault {
            admin: self.world.admin.pubkey(),
            mint: self.mint.address,
            token_program: self.mint.program.id(),
            args: CreateVaultArgs {
                operator: self.operator.address(),
                treasury: self.treasury.address(),
                notice_slots: NOTICE_SLOTS,
                caps: Caps {
                    market_funding: 5_000 * TOKEN,
                    event_funding: 50_000 * TOKEN,
                    utilisation: 5_000,
                    slot_ms: 400,
                    padding: [0; 4],
                },
                fee_split: FeeSplit {
                    liquidity: 6_000,
                    protocol: 3_000,
                    operator: 1_000,
                },
            },
        };
        let admin = self.world.admin.insecure_clone();
        self.must("creating the vault", &[create.instruction()], &[&admin])?;
        Ok(())
    }

    fn deposit_all(&mut self) -> Result<(), DemoError> {
        let lp_mint = Mint {
            address: addresses::lp_mint(&self.vault),
            program: self.mint.program,
        };
        let (vault, token_program) = (self.vault, self.mint.program.id());
        for amount in DEPOSITS {
            let lender = person(&mut self.world, self.mint, amount)?;
            let chain = &mut self.world.chain;
            let lp_tokens = chain.create_token_account(lp_mint, lender.address())?;
            let request = RequestDeposit {
                owner: lender.address(),
                vault,
                owner_tokens: lender.tokens,
                token_program,
                args: RequestDepositArgs {
                    amount,
                    min_shares: 1,
                },
            };
            self.must(
                "a deposit's notice",
                &[request.instruction()],
                &[&lender.key],
            )?;
            self.lenders.push((lender, lp_tokens));
        }
        self.go_to(self.now() + (NOTICE_SLOTS + 1) * SLOT_MS);
        let deposits: Vec<_> = self
            .lenders
            .iter()
            .map(|(lender, lp_tokens)| ExecuteDeposit {
                vault,
                owner: lender.address(),
                owner_tokens: lender.tokens,
                owner_lp_tokens: *lp_tokens,
                token_program,
            })
            .collect();
        for deposit in deposits {
            self.must("a deposit", &[deposit.instruction()], &[])?;
        }
        Ok(())
    }

    /// A new bettor with `amount` base units.
    ///
    /// # Errors
    /// [`DemoError::Chain`].
    pub fn bettor(&mut self, amount: u64) -> Result<Person, DemoError> {
        person(&mut self.world, self.mint, amount)
    }

    /// Sends what nobody may refuse; `step` names it if somebody does.
    ///
    /// # Errors
    /// [`DemoError::Step`].
    pub fn must(
        &mut self,
        step: &str,
        instructions: &[solana_instruction::Instruction],
        signers: &[&Keypair],
    ) -> Result<Receipt, DemoError> {
        self.world
            .chain
            .send(instructions, signers)
            .map_err(|cause| DemoError::Step {
                step: step.to_owned(),
                cause: Box::new(cause),
            })
    }

    /// Moves the clock to a time, never back.
    pub fn go_to(&mut self, time: u64) {
        let (slot, start) = self.start;
        let time = time.max(self.now());
        let slots = time.saturating_sub(start) / SLOT_MS;
        self.world
            .chain
            .set_time(slot.saturating_add(slots), UnixMillis(time));
    }

    /// Unix milliseconds.
    pub fn now(&self) -> u64 {
        self.world.chain.now().0
    }

    /// The time at which a slot begins.
    pub fn time_of(&self, slot: u64) -> u64 {
        let (first, start) = self.start;
        start.saturating_add(slot.saturating_sub(first).saturating_mul(SLOT_MS))
    }

    /// Base units in a person's account.
    ///
    /// # Errors
    /// [`DemoError::Chain`].
    pub fn balance(&self, tokens: Pubkey) -> Result<u64, DemoError> {
        Ok(self.world.chain.token_balance(tokens)?)
    }

    /// Base units in the vault's token account.
    ///
    /// # Errors
    /// [`DemoError::Chain`].
    pub fn vault_balance(&self) -> Result<u64, DemoError> {
        self.balance(addresses::vault_tokens(&self.vault))
    }

    pub fn deposited(&self) -> u64 {
        DEPOSITS.iter().sum()
    }

    /// Pays out fees and LP shares, and closes the event's book.
    ///
    /// # Errors
    /// [`DemoError::Step`], [`DemoError::Chain`].
    pub fn wind_up(&mut self) -> Result<Takings, DemoError> {
        let close = CloseEvent {
            event: self.event,
            rent_payer: self.operator.address(),
            rent_payer_signs: false,
        };
        self.must("closing the event", &[close.instruction()], &[])?;
        for (share, receiver) in [
            (FeeShare::Protocol, self.treasury.tokens),
            (FeeShare::Operator, self.operator.tokens),
        ] {
            self.collect(share, receiver)?;
        }
        self.withdraw_all()?;
        let mut liquidity = 0;
        for (lender, _) in &self.lenders {
            liquidity += self.balance(lender.tokens)?;
        }
        Ok(Takings {
            protocol: self.balance(self.treasury.tokens)?,
            operator: self.balance(self.operator.tokens)?,
            liquidity,
        })
    }

    fn collect(&mut self, share: FeeShare, receiver: Pubkey) -> Result<(), DemoError> {
        let vault: Vault = self.world.chain.account(self.vault)?;
        let due = match share {
            FeeShare::Protocol => vault.protocol_fees,
            FeeShare::Operator => vault.operator_fees,
        };
        if due == 0 {
            return Ok(());
        }
        let collect = CollectFees {
            vault: self.vault,
            receiver_tokens: receiver,
            token_program: self.mint.program.id(),
            share,
        };
        self.must("collecting fees", &[collect.instruction()], &[])?;
        Ok(())
    }

    fn withdraw_all(&mut self) -> Result<(), DemoError> {
        let (vault, token_program) = (self.vault, self.mint.program.id());
        let lenders: Vec<_> = self
            .lenders
            .iter()
            .map(|(person, lp_tokens)| (person.key.insecure_clone(), person.tokens, *lp_tokens))
            .collect();
        for (owner, _, lp_tokens) in &lenders {
            let request = RequestWithdraw {
                owner: owner.pubkey(),
                vault,
                owner_lp_tokens: *lp_tokens,
                token_program,
                shares: self.balance(*lp_tokens)?,
            };
            self.must("a withdrawal's notice", &[request.instruction()], &[owner])?;
        }
        self.go_to(self.now() + (NOTICE_SLOTS + 1) * SLOT_MS);
        for (owner, owner_tokens, _) in &lenders {
            let withdraw = Withdraw {
                owner: owner.pubkey(),
                vault,
                owner_tokens: *owner_tokens,
                token_program,
                min_amount: 1,
            };
            self.must("a withdrawal", &[withdraw.instruction()], &[owner])?;
        }
        Ok(())
    }

    /// The sum of all token accounts of the mint, against its supply. Base units.
    ///
    /// # Errors
    /// [`DemoError::Chain`].
    pub fn held_and_supply(&self) -> Result<(u128, u128), DemoError> {
        let mut held = 0;
        for (address, account) in self.world.chain.accounts_of(&self.mint.program.id())? {
            let is_of_mint = account.data.len() == TOKEN_ACCOUNT_LEN
                && account.data.starts_with(self.mint.address.as_ref());
            if is_of_mint {
                held += u128::from(self.balance(address)?);
            }
        }
        let supply = self.world.chain.token_supply(self.mint.address)?;
        Ok((held, supply.into()))
    }

    /// Markets, their token accounts, tickets, pending bets and observations that are on the chain.
    ///
    /// # Errors
    /// [`DemoError::Chain`].
    pub fn open_accounts(&self, markets: &[Pubkey]) -> Result<usize, DemoError> {
        let chain = &self.world.chain;
        let is_counted = |account: &solana_account::Account| {
            let (owner, data) = (&account.owner, &account.data);
            accounts::decode::<FlashMarket>(owner, data).is_ok()
                || accounts::decode::<Ticket>(owner, data).is_ok()
                || accounts::decode::<PendingBet>(owner, data).is_ok()
                || accounts::decode::<Observation>(owner, data).is_ok()
        };
        let mut open = 0;
        for program in [flash_bets::ID, oracle::ID] {
            let found = chain.accounts_of(&program)?;
            open += found.iter().filter(|(_, one)| is_counted(one)).count();
        }
        for market in markets {
            let tokens = addresses::market_tokens(market);
            open += usize::from(chain.find_account(tokens)?.is_some());
        }
        Ok(open)
    }
}

fn person(world: &mut World, mint: Mint, amount: u64) -> Result<Person, DemoError> {
    let key = world.chain.new_actor()?;
    let tokens = world
        .chain
        .create_funded_token_account(mint, key.pubkey(), amount)?;
    Ok(Person { key, tokens })
}
