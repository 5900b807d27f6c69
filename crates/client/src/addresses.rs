//! Where each account of a program is: its program address, without the bump.

use anchor_lang::{prelude::Pubkey, solana_program::bpf_loader_upgradeable};

/// The associated token account of an owner, a mint and the mint's token program: where anybody may
/// have the owner paid.
pub use anchor_spl::associated_token::get_associated_token_address_with_program_id as associated_tokens;

/// Where the upgradeable loader keeps a program's bytecode and the name of its upgrade authority.
pub fn program_data(program_id: &Pubkey) -> Pubkey {
    bpf_loader_upgradeable::get_program_data_address(program_id)
}

/// Accounts of the oracle.
pub mod oracle {
    use anchor_lang::prelude::Pubkey;
    use oracle::{state::seeds, Observation};
    use result_tree::Root;

    pub fn config() -> Pubkey {
        find(&[seeds::CONFIG])
    }

    pub fn provider_set(id: u32, epoch: u32) -> Pubkey {
        find(&[seeds::PROVIDERS, &id.to_le_bytes(), &epoch.to_le_bytes()])
    }

    pub fn verifying_key(circuit_id: u32, key_version: u32) -> Pubkey {
        find(&[
            seeds::VERIFYING_KEY,
            &circuit_id.to_le_bytes(),
            &key_version.to_le_bytes(),
        ])
    }

    /// What tells one observation from another.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct ObservationKey {
        pub provider_set: Pubkey,
        pub verifying_key: Pubkey,
        /// A field element, big-endian.
        pub feed_id: [u8; 32],
        /// Unix time in milliseconds.
        pub observe_at_ms: u64,
    }

    pub fn observation(key: &ObservationKey) -> Pubkey {
        Observation::address(
            &key.provider_set,
            &key.verifying_key,
            &key.feed_id,
            key.observe_at_ms,
        )
    }

    pub fn result_root(provider_set: &Pubkey, verifying_key: &Pubkey, root: &Root) -> Pubkey {
        find(&[
            seeds::RESULT_ROOT,
            provider_set.as_ref(),
            verifying_key.as_ref(),
            root.as_bytes(),
        ])
    }

    fn find(seeds: &[&[u8]]) -> Pubkey {
        Pubkey::find_program_address(seeds, &oracle::ID).0
    }
}

/// Accounts of the flash bets.
pub mod flash_bets {
    use anchor_lang::prelude::Pubkey;
    use flash_bets::state::seeds;

    /// The vault of this id among those of a mint.
    pub fn vault(mint: &Pubkey, id: u64) -> Pubkey {
        find(&[seeds::VAULT, mint.as_ref(), &id.to_le_bytes()])
    }

    pub fn vault_tokens(vault: &Pubkey) -> Pubkey {
        find(&[seeds::VAULT_TOKENS, vault.as_ref()])
    }

    pub fn lp_mint(vault: &Pubkey) -> Pubkey {
        find(&[seeds::LP_MINT, vault.as_ref()])
    }

    pub fn deposit(vault: &Pubkey, owner: &Pubkey) -> Pubkey {
        find(&[seeds::DEPOSIT, vault.as_ref(), owner.as_ref()])
    }

    pub fn withdrawal(vault: &Pubkey, owner: &Pubkey) -> Pubkey {
        find(&[seeds::WITHDRAWAL, vault.as_ref(), owner.as_ref()])
    }

    pub fn event_book(vault: &Pubkey, id: u64) -> Pubkey {
        find(&[seeds::EVENT_BOOK, vault.as_ref(), &id.to_le_bytes()])
    }

    pub fn verse(vault: &Pubkey, id: u64) -> Pubkey {
        find(&[seeds::VERSE, vault.as_ref(), &id.to_le_bytes()])
    }

    pub fn feed_book(vault: &Pubkey, feed_id: &[u8; 32]) -> Pubkey {
        find(&[seeds::FEED_BOOK, vault.as_ref(), feed_id])
    }

    /// `feed_id` is of the base feed.
    pub fn price_feed(vault: &Pubkey, feed_id: &[u8; 32]) -> Pubkey {
        find(&[seeds::PRICE_FEED, vault.as_ref(), feed_id])
    }

    pub fn operator_fees(vault: &Pubkey, operator: &Pubkey) -> Pubkey {
        find(&[seeds::OPERATOR_FEES, vault.as_ref(), operator.as_ref()])
    }

    pub fn market(vault: &Pubkey, id: u64) -> Pubkey {
        find(&[seeds::MARKET, vault.as_ref(), &id.to_le_bytes()])
    }

    pub fn market_tokens(market: &Pubkey) -> Pubkey {
        find(&[seeds::MARKET_TOKENS, market.as_ref()])
    }

    pub fn ticket(market: &Pubkey, owner: &Pubkey) -> Pubkey {
        find(&[seeds::TICKET, market.as_ref(), owner.as_ref()])
    }

    pub fn chain_book(market: &Pubkey) -> Pubkey {
        find(&[seeds::CHAIN_BOOK, market.as_ref()])
    }

    /// Of the chains that `owner` has with a vault, the one of this nonce.
    pub fn chain(vault: &Pubkey, owner: &Pubkey, nonce: u64) -> Pubkey {
        find(&[
            seeds::CHAIN,
            vault.as_ref(),
            owner.as_ref(),
            &nonce.to_le_bytes(),
        ])
    }

    /// Of the rolling chains of `owner`, the one of this nonce.
    pub fn rolling_chain(owner: &Pubkey, nonce: u64) -> Pubkey {
        find(&[seeds::ROLLING_CHAIN, owner.as_ref(), &nonce.to_le_bytes()])
    }

    /// Of the orders that `placer` has in a market, the one of this nonce.
    pub fn pending_order(market: &Pubkey, placer: &Pubkey, nonce: u64) -> Pubkey {
        find(&[
            seeds::PENDING_ORDER,
            market.as_ref(),
            placer.as_ref(),
            &nonce.to_le_bytes(),
        ])
    }

    pub fn quantum_group(vault: &Pubkey, id: u64) -> Pubkey {
        find(&[seeds::QUANTUM_GROUP, vault.as_ref(), &id.to_le_bytes()])
    }

    pub fn quantum_ticket(group: &Pubkey, owner: &Pubkey) -> Pubkey {
        find(&[seeds::QUANTUM_TICKET, group.as_ref(), owner.as_ref()])
    }

    fn find(seeds: &[&[u8]]) -> Pubkey {
        Pubkey::find_program_address(seeds, &flash_bets::ID).0
    }
}

/// Accounts of the standard markets.
pub mod markets {
    use anchor_lang::prelude::Pubkey;
    use markets::state::seeds;

    pub fn venue(mint: &Pubkey) -> Pubkey {
        find(&[seeds::VENUE, mint.as_ref()])
    }

    pub fn venue_tokens(venue: &Pubkey) -> Pubkey {
        find(&[seeds::VENUE_TOKENS, venue.as_ref()])
    }

    /// `terms_hash` is that of [`markets::instructions::MarketTerms`].
    pub fn market(venue: &Pubkey, creator: &Pubkey, terms_hash: &[u8; 32]) -> Pubkey {
        find(&[seeds::MARKET, venue.as_ref(), creator.as_ref(), terms_hash])
    }

    pub fn market_tokens(market: &Pubkey) -> Pubkey {
        find(&[seeds::MARKET_TOKENS, market.as_ref()])
    }

    pub fn position(market: &Pubkey, owner: &Pubkey) -> Pubkey {
        find(&[seeds::POSITION, market.as_ref(), owner.as_ref()])
    }

    /// `feed_id` is of the base feed.
    pub fn price_feed(venue: &Pubkey, feed_id: &[u8; 32]) -> Pubkey {
        find(&[seeds::PRICE_FEED, venue.as_ref(), feed_id])
    }

    pub fn liquidity(market: &Pubkey, owner: &Pubkey) -> Pubkey {
        find(&[seeds::LIQUIDITY, market.as_ref(), owner.as_ref()])
    }

    pub fn dispute(market: &Pubkey) -> Pubkey {
        find(&[seeds::DISPUTE, market.as_ref()])
    }

    fn find(seeds: &[&[u8]]) -> Pubkey {
        Pubkey::find_program_address(seeds, &markets::ID).0
    }
}

/// Accounts of the orders.
pub mod orders {
    use anchor_lang::prelude::Pubkey;
    use orders::state::{seeds, DeskOrder};

    pub fn desk(market: &Pubkey) -> Pubkey {
        find(&[seeds::DESK, market.as_ref()])
    }

    pub fn batch(desk: &Pubkey, denomination_power: u8, commit_until: i64) -> Pubkey {
        let time = commit_until.to_le_bytes();
        find(&[seeds::BATCH, desk.as_ref(), &[denomination_power], &time])
    }

    pub fn sealed_order(batch: &Pubkey, owner: &Pubkey, nonce: u64) -> Pubkey {
        let nonce = nonce.to_le_bytes();
        find(&[seeds::SEALED_ORDER, batch.as_ref(), owner.as_ref(), &nonce])
    }

    pub fn order(desk: &Pubkey, owner: &Pubkey, nonce: u64) -> Pubkey {
        let nonce = nonce.to_le_bytes();
        find(&[seeds::ORDER, desk.as_ref(), owner.as_ref(), &nonce])
    }

    /// Where slices of an order wait in a market with a bet delay, one at a time.
    pub fn slice(market: &Pubkey, order: &Pubkey) -> Pubkey {
        let nonce = DeskOrder::slice_nonce(order);
        super::flash_bets::pending_order(market, &desk(market), nonce)
    }

    fn find(seeds: &[&[u8]]) -> Pubkey {
        Pubkey::find_program_address(seeds, &orders::ID).0
    }
}

/// Accounts of the loans.
pub mod leverage {
    use anchor_lang::prelude::Pubkey;
    use leverage::state::seeds;

    pub fn pool(mint: &Pubkey, id: u64) -> Pubkey {
        find(&[seeds::POOL, mint.as_ref(), &id.to_le_bytes()])
    }

    pub fn pool_tokens(pool: &Pubkey) -> Pubkey {
        find(&[seeds::POOL_TOKENS, pool.as_ref()])
    }

    pub fn group(pool: &Pubkey, id: u64) -> Pubkey {
        find(&[seeds::GROUP, pool.as_ref(), &id.to_le_bytes()])
    }

    pub fn deposit(pool: &Pubkey, owner: &Pubkey, nonce: u64) -> Pubkey {
        of_owner(seeds::DEPOSIT, pool, owner, nonce)
    }

    pub fn withdrawal(deposit: &Pubkey) -> Pubkey {
        find(&[seeds::WITHDRAWAL, deposit.as_ref()])
    }

    pub fn listing(pool: &Pubkey, market: &Pubkey) -> Pubkey {
        find(&[seeds::LISTING, pool.as_ref(), market.as_ref()])
    }

    pub fn pending_open(listing: &Pubkey, owner: &Pubkey, nonce: u64) -> Pubkey {
        of_owner(seeds::PENDING_OPEN, listing, owner, nonce)
    }

    pub fn levered_position(listing: &Pubkey, owner: &Pubkey, nonce: u64) -> Pubkey {
        of_owner(seeds::LEVERED_POSITION, listing, owner, nonce)
    }

    fn of_owner(seed: &[u8], parent: &Pubkey, owner: &Pubkey, nonce: u64) -> Pubkey {
        find(&[seed, parent.as_ref(), owner.as_ref(), &nonce.to_le_bytes()])
    }

    fn find(seeds: &[&[u8]]) -> Pubkey {
        Pubkey::find_program_address(seeds, &leverage::ID).0
    }
}
