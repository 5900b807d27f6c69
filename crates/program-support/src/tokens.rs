//! Token movements, and what is read of token accounts.

use anchor_lang::{
    prelude::*,
    solana_program::{
        instruction::Instruction, program::invoke_signed_unchecked, program_pack::Pack,
    },
};
use anchor_spl::{
    associated_token::get_associated_token_address_with_program_id,
    token_2022::{
        self,
        spl_token_2022::{
            extension::{
                memo_transfer::MemoTransfer, BaseStateWithExtensions, ExtensionType,
                StateWithExtensions,
            },
            state::{Account as TokenAccountState, Mint as MintState},
        },
        Burn, CloseAccount, MintTo,
    },
    token_interface::{Mint, TokenInterface},
};

/// Extensions of a mint that leave every token where its owner put it, and whole.
const ALLOWED_EXTENSIONS: [ExtensionType; 6] = [
    ExtensionType::MetadataPointer,
    ExtensionType::TokenMetadata,
    ExtensionType::GroupPointer,
    ExtensionType::TokenGroup,
    ExtensionType::GroupMemberPointer,
    ExtensionType::TokenGroupMember,
];

/// Where a token account of either token program holds its mint, owner, amount and state.
const MINT_OFFSET: usize = 0;
const OWNER_OFFSET: usize = 32;
const AMOUNT_OFFSET: usize = 64;
const STATE_OFFSET: usize = 108;

/// State of a token account that is not frozen.
const INITIALIZED: u8 = 1;

/// The instruction of either token program that moves tokens. No admitted mint has a fee or hook, for
/// which alone the checked form is needed.
const TRANSFER: u8 = 3;

/// Whether nothing about the mint allows tokens to be taken, taxed or held back: it is a classic one,
/// or its extensions are harmless.
///
/// # Errors
/// Those of unpacking a mint.
pub fn is_plain_mint(mint: &InterfaceAccount<Mint>) -> Result<bool> {
    let info = mint.to_account_info();
    if *info.owner != token_2022::ID {
        return Ok(true);
    }
    let data = info.try_borrow_data()?;
    let extensions = StateWithExtensions::<MintState>::unpack(&data)?.get_extension_types()?;
    Ok(extensions
        .iter()
        .all(|extension| ALLOWED_EXTENSIONS.contains(extension)))
}

/// Base units in a token account; `None` if the account is too short to be one.
pub fn token_amount(account: &AccountInfo) -> Option<u64> {
    field(account, AMOUNT_OFFSET).map(u64::from_le_bytes)
}

/// Whether `account` is a token account of `owner`. That it is of the right mint is left to the
/// transfer.
pub fn is_token_account_of(
    account: &AccountInfo,
    owner: &Pubkey,
    token_program: &Interface<TokenInterface>,
) -> bool {
    *account.owner == token_program.key() && field(account, OWNER_OFFSET) == Some(owner.to_bytes())
}

/// Whether anybody may have `owner` paid in `mint` at `account`: the owner's associated token account,
/// or any of the owner's if the owner signs. A program may know no other account of its address than
/// the associated one.
pub fn is_payable_at(
    account: &AccountInfo,
    owner: &AccountInfo,
    mint: &Pubkey,
    token_program: &Interface<TokenInterface>,
) -> bool {
    let associated =
        || get_associated_token_address_with_program_id(owner.key, mint, token_program.key);
    is_token_account_of(account, owner.key, token_program)
        && (owner.is_signer || *account.key == associated())
}

/// Whether a transfer of `mint` to `account` will reach `owner`: it is the owner's, of that mint, not
/// frozen, and asks for no memo.
pub fn can_receive(
    account: &AccountInfo,
    owner: &Pubkey,
    mint: &Pubkey,
    token_program: &Interface<TokenInterface>,
) -> bool {
    is_token_account_of(account, owner, token_program)
        && field(account, MINT_OFFSET) == Some(mint.to_bytes())
        && field(account, STATE_OFFSET) == Some([INITIALIZED])
        && !wants_memo(account)
}

/// Whether a token account takes no transfer without a memo before it.
fn wants_memo(account: &AccountInfo) -> bool {
    let Ok(data) = account.try_borrow_data() else {
        return true;
    };
    // Without room for an extension there is none.
    if data.len() <= TokenAccountState::LEN {
        return false;
    }
    StateWithExtensions::<TokenAccountState>::unpack(&data)
        .and_then(|state| state.get_extension::<MemoTransfer>().copied())
        .is_ok_and(|extension| extension.require_incoming_transfer_memos.into())
}

/// A field of a token account, read in place: unpacking the whole account costs more.
fn field<const LEN: usize>(account: &AccountInfo, offset: usize) -> Option<[u8; LEN]> {
    let data = account.try_borrow_data().ok()?;
    data.get(offset..)?.first_chunk().copied()
}

/// Moves `amount` base units; nothing if it is 0. `signer` is empty or the seeds of `authority`.
/// No data of the three accounts may be borrowed: the call does not look for that again.
///
/// # Errors
/// Those of the token program.
pub fn transfer<'info>(
    token_program: &Interface<'info, TokenInterface>,
    from: AccountInfo<'info>,
    to: AccountInfo<'info>,
    authority: AccountInfo<'info>,
    amount: u64,
    signer: &[&[&[u8]]],
) -> Result<()> {
    if amount == 0 {
        return Ok(());
    }
    let mut data = Vec::with_capacity(1 + core::mem::size_of::<u64>());
    data.push(TRANSFER);
    data.extend_from_slice(&amount.to_le_bytes());
    let instruction = Instruction {
        program_id: token_program.key(),
        accounts: vec![
            AccountMeta::new(from.key(), false),
            AccountMeta::new(to.key(), false),
            AccountMeta::new_readonly(authority.key(), true),
        ],
        data,
    };
    Ok(invoke_signed_unchecked(
        &instruction,
        &[from, to, authority],
        signer,
    )?)
}

/// Mints `amount` of a mint whose authority has the seeds `signer`.
///
/// # Errors
/// Those of the token program.
pub fn mint_to<'info>(
    token_program: &Interface<'info, TokenInterface>,
    mint: AccountInfo<'info>,
    to: AccountInfo<'info>,
    authority: AccountInfo<'info>,
    amount: u64,
    signer: &[&[&[u8]]],
) -> Result<()> {
    let accounts = MintTo {
        mint,
        to,
        authority,
    };
    token_2022::mint_to(
        CpiContext::new_with_signer(token_program.key(), accounts, signer),
        amount,
    )
}

/// Burns `amount` from an account whose authority signed the transaction.
///
/// # Errors
/// Those of the token program.
pub fn burn<'info>(
    token_program: &Interface<'info, TokenInterface>,
    mint: AccountInfo<'info>,
    from: AccountInfo<'info>,
    authority: AccountInfo<'info>,
    amount: u64,
) -> Result<()> {
    let accounts = Burn {
        mint,
        from,
        authority,
    };
    token_2022::burn(CpiContext::new(token_program.key(), accounts), amount)
}

/// Closes an empty token account whose authority has the seeds `signer`.
///
/// # Errors
/// Those of the token program.
pub fn close_account<'info>(
    token_program: &Interface<'info, TokenInterface>,
    account: AccountInfo<'info>,
    destination: AccountInfo<'info>,
    authority: AccountInfo<'info>,
    signer: &[&[&[u8]]],
) -> Result<()> {
    let accounts = CloseAccount {
        account,
        destination,
        authority,
    };
    token_2022::close_account(CpiContext::new_with_signer(
        token_program.key(),
        accounts,
        signer,
    ))
}
