//! A keeper on a chain of nothing but accounts.

use std::{
    collections::HashSet,
    sync::{
        atomic::{AtomicUsize, Ordering},
        Mutex,
    },
    time::Duration,
};

use anchor_lang::{AccountSerialize, Discriminator};
use bytemuck::Zeroable;
use flash_bets::state::{EventBook, Exposure, FlashMarket, Ticket, Vault, Verse};
use keeper::{
    driver::{round, run, Driver, KeeperError, Round},
    Settings,
};
use market_core::{Holdings, MarketStatus};
use solana_account::Account;
use solana_clock::Clock;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use thiserror::Error;

#[derive(Debug, Error)]
enum Failure {
    #[error("refused")]
    Refused,
    #[error("no answer")]
    NoAnswer,
}

#[derive(Default)]
struct FakeChain {
    accounts: Vec<(Pubkey, Account)>,
    /// Any transaction with one of these is refused.
    bad: HashSet<Pubkey>,
    is_silent: bool,
    sent: Mutex<Vec<Instruction>>,
    looks: AtomicUsize,
}

impl Driver for FakeChain {
    type Error = Failure;

    async fn clock(&self) -> Result<Clock, Failure> {
        self.looks.fetch_add(1, Ordering::Relaxed);
        if self.is_silent {
            return Err(Failure::NoAnswer);
        }
        Ok(Clock::default())
    }

    async fn accounts_of(&self, program: &Pubkey) -> Result<Vec<(Pubkey, Account)>, Failure> {
        let owned = self
            .accounts
            .iter()
            .filter(|(_, one)| one.owner == *program);
        Ok(owned.cloned().collect())
    }

    async fn owner_of(&self, _: &Pubkey) -> Result<Option<Pubkey>, Failure> {
        Ok(Some(Pubkey::new_from_array([9; 32])))
    }

    async fn prepare(&self, upcoming: Vec<Instruction>) -> Result<(), Failure> {
        assert!(upcoming.is_empty(), "no chain waits");
        Ok(())
    }

    async fn send(&self, instruction: Instruction) -> Result<(), Failure> {
        if instruction
            .accounts
            .iter()
            .any(|one| self.bad.contains(&one.pubkey))
        {
            return Err(Failure::Refused);
        }
        self.sent.lock().unwrap().push(instruction);
        Ok(())
    }
}

const SETTINGS: Settings = Settings {
    keeper: Pubkey::new_from_array([1; 32]),
    proposer: None,
    poke_after_seconds: 60,
    pays_in_one_call: false,
};

fn account(data: Vec<u8>) -> Account {
    Account {
        owner: flash_bets::ID,
        data,
        ..Account::default()
    }
}

fn zero_copy<T: bytemuck::Pod + Discriminator>(state: &T) -> Account {
    account([T::DISCRIMINATOR, bytemuck::bytes_of(state)].concat())
}

/// A settled market with the surplus released and `owners` unpaid.
fn chain_with_tickets(owners: &[Pubkey]) -> FakeChain {
    let (vault, market) = (Pubkey::new_unique(), Pubkey::new_unique());
    let mut state = FlashMarket::zeroed();
    state.settlement.status = MarketStatus::Resolved as u8;
    state.released = 1;
    state.vault = vault;
    state.open_tickets = u32::try_from(owners.len()).unwrap();
    let mut accounts = vec![
        (vault, zero_copy(&Vault::zeroed())),
        (market, zero_copy(&state)),
    ];
    for owner in owners {
        let ticket = Ticket {
            version: 1,
            bump: 0,
            pending_sales: 0,
            is_held: false,
            market,
            owner: *owner,
            rent_payer: Pubkey::new_unique(),
            reserved: [0; 17],
            holdings: Holdings {
                cost_basis: 0,
                shares: vec![1, 0],
            },
        };
        let mut data = Vec::new();
        ticket.try_serialize(&mut data).unwrap();
        accounts.push((Pubkey::new_unique(), account(data)));
    }
    FakeChain {
        accounts,
        ..FakeChain::default()
    }
}

#[tokio::test]
async fn everything_due_is_sent() {
    let owners = [(); 7].map(|()| Pubkey::new_unique());
    let chain = chain_with_tickets(&owners);
    let done = round(&chain, &SETTINGS).await.unwrap();
    assert_eq!(
        done,
        Round {
            done: 1,
            refused: 0
        }
    );
}

#[tokio::test]
async fn one_ticket_that_fails_does_not_stop_the_others_of_its_batch() {
    let owners = [(); 7].map(|()| Pubkey::new_unique());
    let mut chain = chain_with_tickets(&owners);
    chain.bad.insert(owners[4]);
    let done = round(&chain, &SETTINGS).await.unwrap();
    assert_eq!(
        done,
        Round {
            done: 3,
            refused: 1
        }
    );
    let sent = chain.sent.lock().unwrap();
    let paid = |owner: &Pubkey| {
        let accounts = sent.iter().flat_map(|one| &one.accounts);
        accounts.filter(|one| one.pubkey == *owner).count()
    };
    for (index, owner) in owners.iter().enumerate() {
        assert_eq!(paid(owner), usize::from(index != 4), "{index}");
    }
}

#[tokio::test]
async fn surplus_is_released_with_all_verses_above_its_event() {
    let [vault, market, event_book, verse, root] = [(); 5].map(|()| Pubkey::new_unique());
    let mut state = FlashMarket::zeroed();
    state.settlement.status = MarketStatus::Resolved as u8;
    (state.vault, state.event_book) = (vault, event_book);
    let book = EventBook {
        version: 1,
        bump: 0,
        id: 1,
        vault,
        rent_payer: Pubkey::new_unique(),
        exposure: Exposure {
            open_markets: 1,
            ..Exposure::default()
        },
        idle_since: 0,
        correlation_group: 0,
        verse,
        reserved: [0; 24],
    };
    let mut bytes = Vec::new();
    book.try_serialize(&mut bytes).unwrap();
    let lowest = Verse {
        parent: root,
        ..Verse::zeroed()
    };
    let chain = FakeChain {
        accounts: vec![
            (vault, zero_copy(&Vault::zeroed())),
            (market, zero_copy(&state)),
            (event_book, account(bytes)),
            (verse, zero_copy(&lowest)),
            (root, zero_copy(&Verse::zeroed())),
        ],
        ..FakeChain::default()
    };
    round(&chain, &SETTINGS).await.unwrap();
    let sent = chain.sent.lock().unwrap();
    let [release] = &sent[..] else {
        panic!("{sent:?}");
    };
    let last: Vec<_> = release.accounts.iter().rev().take(2).collect();
    assert_eq!([last[1].pubkey, last[0].pubkey], [verse, root]);
    assert!(last.iter().all(|meta| meta.is_writable));
}

#[tokio::test]
async fn a_chain_that_does_not_answer_is_an_error_that_says_what_was_asked() {
    let chain = FakeChain {
        is_silent: true,
        ..FakeChain::default()
    };
    let failed = round(&chain, &SETTINGS).await.unwrap_err();
    assert!(matches!(failed, KeeperError::Clock(Failure::NoAnswer)));
    assert_eq!(
        failed.to_string(),
        "the chain's clock cannot be read: no answer"
    );
}

#[tokio::test(start_paused = true)]
async fn a_keeper_looks_again_after_a_failure_and_ends_when_told() {
    let chain = FakeChain {
        is_silent: true,
        ..FakeChain::default()
    };
    let end = tokio::time::sleep(Duration::from_millis(2_500));
    run(&chain, &SETTINGS, Duration::from_secs(1), end).await;
    assert_eq!(chain.looks.load(Ordering::Relaxed), 3);
}
