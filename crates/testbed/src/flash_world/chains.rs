//! Chains of bets.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction, AnchorDeserialize};
use client::{
    addresses::flash_bets as addresses,
    instructions::flash_bets::{
        with_verses, CancelChain, ChainOdds, ChainOf, ChainTerms, CloseChain, CloseChainBook,
        CreateChainBook, ExecuteCashOut, ExecuteChain, FlashMarketTerms, LegOf, ProposeChange,
        RequestCashOut, RequestCashOutArgs, RequestChain, RequestChainArgs, SettleLegs,
        VaultChange,
    },
};
use flash_bets::{
    instructions::{ChainOpened, ChainReturned},
    state::{Chain, ChainBook, ChainStatus, LegStatus},
};
use math::{chain::LegPrice, BasisPoints, Money, Price};
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::{FlashWorld, User};
use crate::{ProgramKind, Receipt, SendError};

/// Setting up, and instructions with the accounts that are right.
impl FlashWorld {
    /// Has the admin set the terms of chains, and passes the timelock.
    pub fn set_chain_terms(&mut self, terms: ChainTerms) {
        let admin = self.world.admin.insecure_clone();
        let propose = ProposeChange {
            authority: admin.pubkey(),
            vault: self.vault,
            change: VaultChange::ChainTerms(terms),
        };
        self.send(propose.instruction(), &[&admin])
            .expect("a proposal");
        let from = self.vault_state().chain_terms.active_from;
        self.pass_to(from);
    }

    /// A market on an event of its own with a chain book, which does not open yet; gives its address.
    #[track_caller]
    pub fn leg(&mut self, terms: FlashMarketTerms) -> Pubkey {
        let event_book = self.create_event_book();
        let market = self.announce_on(event_book, terms);
        self.create_chain_book(market).expect("a chain book");
        market
    }

    /// So many markets as [`Self::leg`] makes of the same terms, which open.
    #[track_caller]
    pub fn legs(&mut self, count: usize, terms: &FlashMarketTerms) -> Vec<Pubkey> {
        let legs: Vec<_> = (0..count).map(|_| self.leg(terms.clone())).collect();
        let opens_at = self.market_state(legs[0]).hours.opens_at;
        self.pass_to(opens_at);
        legs
    }

    pub fn build_chain_book(&mut self, market: Pubkey) -> CreateChainBook {
        self.know(market, addresses::chain_book(&market));
        CreateChainBook {
            rent_payer: self.operator.pubkey(),
            market,
        }
    }

    /// The operator pays the rent.
    ///
    /// # Errors
    /// Those of [`Chain::send`](crate::Chain::send), here and below.
    pub fn create_chain_book(&mut self, market: Pubkey) -> Result<Receipt, SendError> {
        let create = self.build_chain_book(market);
        self.send_as_operator(create.instruction())
    }

    /// Looks for an account from now on.
    pub fn know_account(&mut self, account: Pubkey) {
        self.accounts.insert(account);
    }

    pub fn leg_of(&self, market: Pubkey) -> LegOf {
        LegOf::new(market, &self.market_state(market))
    }

    /// With the next nonce.
    pub fn build_chain(&mut self, user: &User, legs: &[(Pubkey, u8)], stake: u64) -> RequestChain {
        self.nonce += 1;
        let address = addresses::chain(&self.vault, &user.address(), self.nonce);
        self.accounts.insert(address);
        RequestChain {
            owner: user.address(),
            owner_tokens: user.tokens,
            rent_payer: user.address(),
            vault: self.vault,
            token_program: self.token_program(),
            nonce: self.nonce,
            legs: legs
                .iter()
                .map(|(market, _)| self.leg_of(*market))
                .collect(),
            args: RequestChainArgs {
                stake,
                min_payout: 0,
                tip_lamports: 0,
                outcomes: legs.iter().map(|(_, outcome)| *outcome).collect(),
            },
        }
    }

    pub fn chain_of(&self, user: &User, nonce: u64) -> ChainOf {
        ChainOf {
            vault: self.vault,
            owner: user.address(),
            nonce,
            owner_tokens: user.tokens,
            rent_payer: user.address(),
            token_program: self.token_program(),
        }
    }

    #[track_caller]
    pub fn chain_state(&self, user: &User, nonce: u64) -> Chain {
        self.read(addresses::chain(&self.vault, &user.address(), nonce))
    }

    pub fn chain_book(&self, market: Pubkey) -> ChainBook {
        self.read(addresses::chain_book(&market))
    }

    /// The tip is for the treasury.
    pub fn build_execute_chain(&self, user: &User, nonce: u64) -> ExecuteChain {
        let chain = self.chain_state(user, nonce);
        ExecuteChain {
            chain: self.chain_of(user, nonce),
            executor: self.treasury.pubkey(),
            legs: self.legs_of(&chain, |_| true),
        }
    }

    pub fn build_cash_out_request(&self, user: &User, nonce: u64) -> RequestCashOut {
        RequestCashOut {
            vault: self.vault,
            owner: user.address(),
            nonce,
            args: RequestCashOutArgs {
                min_return: 0,
                tip_lamports: 0,
            },
        }
    }

    /// The tip is for the treasury.
    pub fn build_execute_cash_out(&self, user: &User, nonce: u64) -> ExecuteCashOut {
        let chain = self.chain_state(user, nonce);
        ExecuteCashOut {
            chain: self.chain_of(user, nonce),
            executor: self.treasury.pubkey(),
            legs: self.legs_of(&chain, |status| status == LegStatus::Open as u8),
        }
    }

    /// Of its legs on these markets.
    pub fn build_settle_legs(&self, user: &User, nonce: u64, legs: &[Pubkey]) -> SettleLegs {
        SettleLegs {
            vault: self.vault,
            chain: addresses::chain(&self.vault, &user.address(), nonce),
            legs: legs.iter().map(|market| self.leg_of(*market)).collect(),
        }
    }

    fn in_verses(&self, instruction: Instruction, legs: &[LegOf]) -> Instruction {
        let verses = self.verses_of(legs.iter().map(|leg| leg.market));
        with_verses(instruction, &verses)
    }

    fn legs_of(&self, chain: &Chain, is_wanted: impl Fn(u8) -> bool) -> Vec<LegOf> {
        let legs = chain.legs().iter().filter(|leg| is_wanted(leg.status));
        legs.map(|leg| self.leg_of(leg.market)).collect()
    }
}

/// Doing what is right.
impl FlashWorld {
    /// Asks for a chain, with the nonce that is the last one then.
    pub fn request_chain(
        &mut self,
        user: &User,
        legs: &[(Pubkey, u8)],
        stake: u64,
    ) -> Result<Receipt, SendError> {
        let request = self.build_chain(user, legs, stake);
        self.send_with_table(&request.instruction(), &[&user.key])
    }

    /// Sends an instruction that names more accounts than a legacy transaction has room for, and checks all
    /// books.
    pub fn send_with_table(
        &mut self,
        instruction: &Instruction,
        signers: &[&Keypair],
    ) -> Result<Receipt, SendError> {
        let sent = self.world.chain.send_with_table(instruction, signers);
        self.check();
        sent.map(|(receipt, _)| receipt)
    }

    /// Lets the delay of what waits of a chain pass.
    pub fn pass_chain_delay(&mut self, user: &User, nonce: u64) {
        let wait = self.chain_state(user, nonce).wait;
        self.go_to(wait.executable_slot.max(self.chain().slot()));
        self.pass_to(wait.executable_at);
    }

    pub fn execute_chain(&mut self, user: &User, nonce: u64) -> Result<Receipt, SendError> {
        let execute = self.build_execute_chain(user, nonce);
        let execute = self.in_verses(execute.instruction(), &execute.legs);
        self.send_with_table(&execute, &[])
    }

    /// A chain that is open; gives its nonce and what it comes to.
    #[track_caller]
    pub fn open_chain(
        &mut self,
        user: &User,
        legs: &[(Pubkey, u8)],
        stake: u64,
    ) -> (u64, ChainOdds) {
        self.request_chain(user, legs, stake).expect("a request");
        let nonce = self.nonce;
        self.pass_chain_delay(user, nonce);
        let receipt = self.execute_chain(user, nonce).expect("an execution");
        let odds = self.odds(user, nonce);
        if self.chain().kind() == ProgramKind::Sbf {
            assert_eq!(returned_odds(&receipt), Some(odds), "what it returned");
            let opened = receipt.events_of::<ChainOpened>(&flash_bets::ID);
            assert_eq!(opened[0].odds, odds, "what the event says");
        }
        (nonce, odds)
    }

    /// What an open chain came to when it opened.
    #[track_caller]
    pub fn odds(&self, user: &User, nonce: u64) -> ChainOdds {
        let chain = self.chain_state(user, nonce);
        assert!(chain.is(ChainStatus::Open), "a chain that is open");
        let prices = chain.legs().iter().map(|leg| {
            let price = LegPrice::try_from(Price(leg.price));
            price.expect("a price")
        });
        let prices: Vec<_> = prices.collect();
        let (stake, fee) = (Money(chain.stake), BasisPoints(chain.fee_rate));
        ChainOdds::of(&prices, stake, fee).expect("odds")
    }

    /// The code of the error that a chain was returned for, if the program says it: natively it does not.
    pub fn reason(&self, receipt: &Receipt) -> Option<u32> {
        let returned = receipt.events_of::<ChainReturned>(&flash_bets::ID);
        returned.first().map(|event| event.reason)
    }

    pub fn cancel_chain(&mut self, user: &User, nonce: u64) -> Result<Receipt, SendError> {
        let chain = self.chain_of(user, nonce);
        self.send(CancelChain { chain }.instruction(), &[])
    }

    pub fn settle_legs(
        &mut self,
        user: &User,
        nonce: u64,
        legs: &[Pubkey],
    ) -> Result<Receipt, SendError> {
        let settle = self.build_settle_legs(user, nonce, legs);
        let settle = self.in_verses(settle.instruction(), &settle.legs);
        self.send_with_table(&settle, &[])
    }

    pub fn request_cash_out(&mut self, user: &User, nonce: u64) -> Result<Receipt, SendError> {
        let request = self.build_cash_out_request(user, nonce);
        self.send(request.instruction(), &[&user.key])
    }

    pub fn execute_cash_out(&mut self, user: &User, nonce: u64) -> Result<Receipt, SendError> {
        let execute = self.build_execute_cash_out(user, nonce);
        let execute = self.in_verses(execute.instruction(), &execute.legs);
        self.send_with_table(&execute, &[])
    }

    pub fn close_chain(&mut self, user: &User, nonce: u64) -> Result<Receipt, SendError> {
        let chain = self.chain_of(user, nonce);
        self.send(CloseChain { chain }.instruction(), &[])
    }

    pub fn close_chain_book(&mut self, market: Pubkey) -> Result<Receipt, SendError> {
        let rent_payer = self.chain_book(market).rent_payer;
        self.send(CloseChainBook { market, rent_payer }.instruction(), &[])
    }
}

/// What the execution of a chain returned, whose trailing zeros the node cut off.
fn returned_odds(receipt: &Receipt) -> Option<ChainOdds> {
    let mut returned = receipt.return_data.clone().unwrap_or_default();
    returned.resize(64, 0);
    AnchorDeserialize::deserialize(&mut &returned[..]).expect("odds or none")
}
