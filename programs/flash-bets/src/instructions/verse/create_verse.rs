use anchor_lang::prelude::*;
use bytemuck::Zeroable;
use program_kit::{increment, new_account::NewAccount, EventHeader};

use crate::{
    error::FlashError,
    state::{seeds, Vault, Verse, MAX_VERSE_DEPTH, VERSION},
};

#[derive(Accounts)]
#[instruction(id: u64)]
pub struct CreateVerse<'info> {
    #[account(mut)]
    pub operator: Signer<'info>,
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// The verse that it belongs to; none of a root.
    #[account(mut)]
    pub parent: Option<AccountLoader<'info, Verse>>,
    /// CHECK: created by the handler.
    #[account(
        mut,
        seeds = [seeds::VERSE, vault.key().as_ref(), &id.to_le_bytes()],
        bump,
    )]
    pub verse: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct VerseCreated {
    pub header: EventHeader,
    pub vault: Pubkey,
    pub verse: Pubkey,
    pub id: u64,
    pub parent: Pubkey,
    pub depth: u8,
    pub cap: u64,
    pub rent_payer: Pubkey,
}

/// Opens a verse with a cap on what may be at risk on all that is below, for good, as its place is. It comes on
/// top of the vault's own caps.
pub fn handle_create_verse(ctx: Context<CreateVerse>, id: u64, cap: u64) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let mut vault = accounts.vault.load_mut()?;
    vault.require_operator(&accounts.operator, clock.unix_timestamp)?;
    let mut verse = Verse::zeroed();
    verse.version = VERSION;
    verse.bump = ctx.bumps.verse;
    verse.depth = 1;
    verse.id = id;
    verse.vault = accounts.vault.key();
    verse.rent_payer = accounts.operator.key();
    verse.cap = cap;
    verse.idle_since = clock.unix_timestamp;
    if let Some(parent) = &accounts.parent {
        verse.parent = parent.key();
        let mut parent = parent.load_mut()?;
        parent.adopt(&verse.vault)?;
        require_gt!(MAX_VERSE_DEPTH, parent.depth, FlashError::VerseTooDeep);
        verse.depth = parent.depth.saturating_add(1);
    }
    increment(&mut vault.verses).map_err(FlashError::from)?;
    emit!(VerseCreated {
        header: vault.next_event(&clock)?,
        vault: verse.vault,
        verse: accounts.verse.key(),
        id,
        parent: verse.parent,
        depth: verse.depth,
        cap,
        rent_payer: verse.rent_payer,
    });
    drop(vault);
    NewAccount {
        payer: &accounts.operator,
        account: &accounts.verse,
        system_program: &accounts.system_program,
        seeds: &[
            seeds::VERSE,
            verse.vault.as_ref(),
            &id.to_le_bytes(),
            &[verse.bump],
        ],
    }
    .write_zero_copy(&verse)
}
