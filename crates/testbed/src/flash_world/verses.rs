//! Verses over events.

use anchor_lang::prelude::Pubkey;
use client::{
    addresses::flash_bets as addresses,
    instructions::flash_bets::{CloseVerse, CreateEventBook, CreateVerse},
};
use flash_bets::state::{EventBook, FlashMarket, Verse};
use solana_signer::Signer;

use super::FlashWorld;
use crate::{Receipt, SendError};

impl FlashWorld {
    /// With the next id.
    pub fn build_verse(&mut self, parent: Option<Pubkey>, cap: u64) -> CreateVerse {
        let id = self.next_id();
        self.know_account(addresses::verse(&self.vault, id));
        CreateVerse {
            operator: self.operator.pubkey(),
            vault: self.vault,
            id,
            parent,
            cap,
        }
    }

    /// A new verse; gives its address.
    #[track_caller]
    pub fn create_verse(&mut self, parent: Option<Pubkey>, cap: u64) -> Pubkey {
        let create = self.build_verse(parent, cap);
        self.send_as_operator(create.instruction())
            .expect("a verse");
        addresses::verse(&self.vault, create.id)
    }

    #[track_caller]
    pub fn verse_state(&self, verse: Pubkey) -> Verse {
        self.read(verse)
    }

    /// The operator closes it.
    ///
    /// # Errors
    /// Those of [`Chain::send`](crate::Chain::send).
    pub fn close_verse(&mut self, verse: Pubkey) -> Result<Receipt, SendError> {
        let state = self.verse_state(verse);
        let close = CloseVerse {
            authority: self.operator.pubkey(),
            vault: self.vault,
            verse,
            parent: (state.parent != Pubkey::default()).then_some(state.parent),
            rent_payer: state.rent_payer,
        };
        self.send_as_operator(close.instruction())
    }

    pub fn build_event_book(&mut self, verse: Option<Pubkey>) -> CreateEventBook {
        self.last_event += 1;
        let id = self.last_event;
        self.know_account(addresses::event_book(&self.vault, id));
        CreateEventBook {
            operator: self.operator.pubkey(),
            vault: self.vault,
            id,
            correlation_group: 0,
            verse,
        }
    }

    /// The book of a new event that belongs to a verse; gives its address.
    #[track_caller]
    pub fn create_event_book_in(&mut self, verse: Option<Pubkey>) -> Pubkey {
        let create = self.build_event_book(verse);
        self.send_as_operator(create.instruction())
            .expect("the book of an event");
        addresses::event_book(&self.vault, create.id)
    }

    /// The verse of an event and all above it; none of an event that is not there.
    pub fn verses_of_event(&self, event_book: Pubkey) -> Vec<Pubkey> {
        let book = self.find::<EventBook>(event_book);
        let mut next = book.map(|book| book.verse).unwrap_or_default();
        let mut path = Vec::new();
        while next != Pubkey::default() {
            path.push(next);
            next = self.verse_state(next).parent;
        }
        path
    }

    /// The verses of the events of these markets and all above them, each once.
    pub fn verses_of(&self, markets: impl IntoIterator<Item = Pubkey>) -> Vec<Pubkey> {
        let mut found = Vec::new();
        for market in markets {
            let market = self.find::<FlashMarket>(market);
            let events = market.map(|market| self.verses_of_event(market.event_book));
            for verse in events.unwrap_or_default() {
                if !found.contains(&verse) {
                    found.push(verse);
                }
            }
        }
        found
    }
}
