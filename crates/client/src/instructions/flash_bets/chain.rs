//! Prepaid chains. A chain of nine legs needs a version 0 transaction with a lookup table: each leg takes
//! five accounts when it is priced.

use anchor_lang::{
    prelude::Pubkey,
    solana_program::instruction::{AccountMeta, Instruction},
    system_program,
};
use flash_bets::{
    accounts, instruction,
    instructions::{RequestCashOutArgs, RequestChainArgs},
    state::FlashMarket,
    ID,
};

use crate::{
    addresses::flash_bets::{chain, chain_book, feed_book, vault_tokens},
    instructions::build,
};

/// Lets chains have legs on a market; signed by who pays the rent.
#[derive(Clone, Copy, Debug)]
pub struct CreateChainBook {
    pub rent_payer: Pubkey,
    pub market: Pubkey,
}

impl CreateChainBook {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CreateChainBook {
                rent_payer: self.rent_payer,
                market: self.market,
                chain_book: chain_book(&self.market),
                system_program: system_program::ID,
            },
            &instruction::CreateChainBook {},
        )
    }
}

/// Closes the chain book of a settled market without open legs; anybody.
#[derive(Clone, Copy, Debug)]
pub struct CloseChainBook {
    pub market: Pubkey,
    pub rent_payer: Pubkey,
}

impl CloseChainBook {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CloseChainBook {
                market: self.market,
                chain_book: chain_book(&self.market),
                rent_payer: self.rent_payer,
            },
            &instruction::CloseChainBook {},
        )
    }
}

/// A leg, by what its accounts follow from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegOf {
    pub market: Pubkey,
    pub event_book: Pubkey,
    pub feed_id: [u8; 32],
    /// Where the market's observation is, or would be.
    pub observation: Pubkey,
}

impl LegOf {
    pub fn new(address: Pubkey, market: &FlashMarket) -> Self {
        Self {
            market: address,
            event_book: market.event_book,
            feed_id: market.evidence.feed_id,
            observation: market.evidence.observation,
        }
    }

    /// The market, and the books that count the leg.
    fn books(&self, vault: &Pubkey, is_written: bool) -> [AccountMeta; 4] {
        let book = |address| AccountMeta {
            pubkey: address,
            is_signer: false,
            is_writable: is_written,
        };
        [
            AccountMeta::new_readonly(self.market, false),
            book(chain_book(&self.market)),
            book(self.event_book),
            book(feed_book(vault, &self.feed_id)),
        ]
    }

    fn accounts(&self, vault: &Pubkey, is_written: bool) -> [AccountMeta; 5] {
        let [market, chain_book, event_book, feed_book] = self.books(vault, is_written);
        let observation = AccountMeta::new_readonly(self.observation, false);
        [market, chain_book, event_book, feed_book, observation]
    }
}

/// Asks for a chain; signed by owner and rent payer.
#[derive(Clone, Debug)]
pub struct RequestChain {
    /// Pays the stake.
    pub owner: Pubkey,
    pub owner_tokens: Pubkey,
    /// Pays rent and tip.
    pub rent_payer: Pubkey,
    pub vault: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
    /// Distinguishes the owner's chains.
    pub nonce: u64,
    pub legs: Vec<LegOf>,
    pub args: RequestChainArgs,
}

impl RequestChain {
    pub fn instruction(&self) -> Instruction {
        let mut built = build(
            ID,
            &accounts::RequestChain {
                owner: self.owner,
                rent_payer: self.rent_payer,
                vault: self.vault,
                vault_tokens: vault_tokens(&self.vault),
                owner_tokens: self.owner_tokens,
                chain: chain(&self.vault, &self.owner, self.nonce),
                token_program: self.token_program,
                system_program: system_program::ID,
            },
            &instruction::RequestChain {
                nonce: self.nonce,
                args: self.args.clone(),
            },
        );
        for leg in &self.legs {
            built.accounts.extend(leg.accounts(&self.vault, false));
        }
        built
    }
}

/// A chain, and where what it pays and holds goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainOf {
    pub vault: Pubkey,
    pub owner: Pubkey,
    pub nonce: u64,
    /// The owner's associated one; with [`signed_by`](crate::instructions::signed_by) the owner any of the
    /// owner's. Anything if nothing is paid.
    pub owner_tokens: Pubkey,
    pub rent_payer: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
}

impl ChainOf {
    pub fn address(&self) -> Pubkey {
        chain(&self.vault, &self.owner, self.nonce)
    }

    fn ending(&self) -> accounts::EndChain {
        accounts::EndChain {
            vault: self.vault,
            vault_tokens: vault_tokens(&self.vault),
            chain: self.address(),
            owner: self.owner,
            owner_tokens: self.owner_tokens,
            rent_payer: self.rent_payer,
            token_program: self.token_program,
            fallback_tokens: None,
        }
    }

    fn execution(&self, executor: Pubkey) -> accounts::ExecuteChain {
        accounts::ExecuteChain {
            vault: self.vault,
            vault_tokens: vault_tokens(&self.vault),
            chain: self.address(),
            owner: self.owner,
            owner_tokens: self.owner_tokens,
            rent_payer: self.rent_payer,
            executor,
            token_program: self.token_program,
            fallback_tokens: None,
        }
    }
}

/// Opens a chain that waits, or gives its stake back; anybody.
#[derive(Clone, Debug)]
pub struct ExecuteChain {
    pub chain: ChainOf,
    /// Gets the tip.
    pub executor: Pubkey,
    /// All of them, in their order.
    pub legs: Vec<LegOf>,
}

impl ExecuteChain {
    pub fn instruction(&self) -> Instruction {
        let accounts = self.chain.execution(self.executor);
        let mut built = build(ID, &accounts, &instruction::ExecuteChain {});
        for leg in &self.legs {
            built.accounts.extend(leg.accounts(&self.chain.vault, true));
        }
        built
    }
}

/// Gives back the stake of a chain that nobody can open any more; anybody.
#[derive(Clone, Copy, Debug)]
pub struct CancelChain {
    pub chain: ChainOf,
}

impl CancelChain {
    pub fn instruction(&self) -> Instruction {
        build(ID, &self.chain.ending(), &instruction::CancelChain {})
    }
}

/// Takes results of a chain's legs; anybody.
#[derive(Clone, Debug)]
pub struct SettleLegs {
    pub vault: Pubkey,
    pub chain: Pubkey,
    pub legs: Vec<LegOf>,
}

impl SettleLegs {
    pub fn instruction(&self) -> Instruction {
        let accounts = accounts::SettleLegs {
            vault: self.vault,
            chain: self.chain,
        };
        let mut built = build(ID, &accounts, &instruction::SettleLegs {});
        for leg in &self.legs {
            built.accounts.extend(leg.books(&self.vault, true));
        }
        built
    }
}

/// Asks that a chain be cashed out; signed by its owner.
#[derive(Clone, Copy, Debug)]
pub struct RequestCashOut {
    pub vault: Pubkey,
    pub owner: Pubkey,
    pub nonce: u64,
    pub args: RequestCashOutArgs,
}

impl RequestCashOut {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::RequestCashOut {
                owner: self.owner,
                vault: self.vault,
                chain: chain(&self.vault, &self.owner, self.nonce),
                system_program: system_program::ID,
            },
            &instruction::RequestCashOut { args: self.args },
        )
    }
}

/// Cashes a chain out; anybody.
#[derive(Clone, Debug)]
pub struct ExecuteCashOut {
    pub chain: ChainOf,
    /// Gets the tip.
    pub executor: Pubkey,
    /// Those that are open, in their order.
    pub legs: Vec<LegOf>,
}

impl ExecuteCashOut {
    pub fn instruction(&self) -> Instruction {
        let accounts = self.chain.execution(self.executor);
        let mut built = build(ID, &accounts, &instruction::ExecuteCashOut {});
        for leg in &self.legs {
            built.accounts.extend(leg.accounts(&self.chain.vault, true));
        }
        built
    }
}

/// Pays and closes a chain whose legs are all settled; anybody.
#[derive(Clone, Copy, Debug)]
pub struct CloseChain {
    pub chain: ChainOf,
}

impl CloseChain {
    pub fn instruction(&self) -> Instruction {
        build(ID, &self.chain.ending(), &instruction::CloseChain {})
    }
}
