//! What the events of verses say.

use anchor_lang::prelude::Pubkey;
use client::addresses::flash_bets as addresses;
use flash_bets::instructions::{VerseClosed, VerseCreated};
use solana_signer::Signer;

use super::events::Story;

impl Story {
    /// A verse below another, and both ends.
    pub(super) fn verses(&mut self) {
        let root = self.verse_created(None, 7, 1);
        let verse = self.verse_created(Some(root), 5, 2);
        for closed in [verse, root] {
            let id = self.flash.verse_state(closed).id;
            let receipt = self.flash.close_verse(closed).expect("an end");
            let event = VerseClosed {
                header: self.of_vault(),
                vault: self.flash.vault,
                verse: closed,
                id,
            };
            self.said(&receipt, event);
        }
    }

    fn verse_created(&mut self, parent: Option<Pubkey>, cap: u64, depth: u8) -> Pubkey {
        let create = self.flash.build_verse(parent, cap);
        let receipt = self.flash.send_as_operator(create.instruction());
        let verse = addresses::verse(&self.flash.vault, create.id);
        let event = VerseCreated {
            header: self.of_vault(),
            vault: self.flash.vault,
            verse,
            id: create.id,
            parent: parent.unwrap_or_default(),
            depth,
            cap,
            rent_payer: self.flash.operator.pubkey(),
        };
        self.said(&receipt.expect("a verse"), event);
        verse
    }
}
