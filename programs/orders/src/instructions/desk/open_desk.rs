use anchor_lang::{prelude::*, Owner};
use anchor_spl::{
    associated_token::{self, AssociatedToken},
    token_interface::TokenInterface,
};
use flash_bets::state::{FlashMarket, Vault};
use program_kit::{new_account::NewAccount, EventHeader};

use crate::{
    error::OrderError,
    state::{ask_market, seeds, AnyMarket, Desk, PriceReading, VERSION},
};

#[derive(Accounts)]
pub struct OpenDesk<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    /// Of the markets' program, or of flash bets.
    ///
    /// CHECK: checked to be that.
    #[account(mut)]
    pub market: UncheckedAccount<'info>,
    /// Of a flash market, which does not name its mint; none of a standard one.
    pub vault: Option<AccountLoader<'info, Vault>>,
    /// CHECK: named by the market, or by its vault.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: created by the handler.
    #[account(mut, seeds = [seeds::DESK, market.key().as_ref()], bump)]
    pub desk: UncheckedAccount<'info>,
    /// The desk's associated token account, so that whoever has the desk paid, pays it there.
    ///
    /// CHECK: created by the handler if it is not there.
    #[account(mut)]
    pub desk_tokens: UncheckedAccount<'info>,
    /// Position of a standard market, ticket of a flash market.
    ///
    /// CHECK: the market's program checks its address and creates it.
    #[account(mut)]
    pub desk_position: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub associated_token_program: Program<'info, AssociatedToken>,
    /// CHECK: checked to be the owner of the market.
    pub market_program: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct DeskOpened {
    pub header: EventHeader,
    pub desk: Pubkey,
    pub market: Pubkey,
    pub rent_payer: Pubkey,
}

/// Opens the desk of a market that is not settled, with its token account and its position.
pub fn handle_open_desk(ctx: Context<OpenDesk>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let desk = new_desk(accounts, &ctx.bumps, &clock)?;
    emit!(DeskOpened {
        header: EventHeader::first(&clock),
        desk: accounts.desk.key(),
        market: desk.market,
        rent_payer: desk.rent_payer,
    });

    let bump = [desk.bump];
    let desk_seeds: &[&[u8]] = &seeds::of_desk(&desk.market, &bump);
    NewAccount {
        payer: &accounts.payer,
        account: &accounts.desk,
        system_program: &accounts.system_program,
        seeds: desk_seeds,
    }
    .write_zero_copy(&desk)?;
    accounts.create_tokens()?;
    accounts.open_position(&[desk_seeds])
}

/// What a market says that a desk is to be opened for.
struct Terms {
    venue: Pubkey,
    mint: Pubkey,
    outcomes: u8,
}

fn new_desk(accounts: &OpenDesk, bumps: &OpenDeskBumps, clock: &Clock) -> Result<Desk> {
    let program = accounts.market_program.key();
    require_keys_eq!(*accounts.market.owner, program, OrderError::WrongAccount);
    let Terms {
        venue,
        mint,
        outcomes,
    } = accounts.terms()?;
    require_keys_eq!(mint, accounts.mint.key(), OrderError::WrongAccount);
    let nothing: PriceReading = bytemuck::Zeroable::zeroed();
    Ok(Desk {
        version: VERSION,
        bump: bumps.desk,
        settled: 0,
        outcomes,
        open_orders: 0,
        sequence: EventHeader::first(clock).sequence,
        market: accounts.market.key(),
        market_program: program,
        venue,
        mint,
        token_account: accounts.desk_tokens.key(),
        rent_payer: accounts.payer.key(),
        cash: 0,
        shares: bytemuck::Zeroable::zeroed(),
        payouts: bytemuck::Zeroable::zeroed(),
        earlier: nothing,
        later: nothing,
        recent_fills: [0; 2],
        load_in_flight: 0,
        slices_in_flight: 0,
        reserved: [0; 36],
    })
}

impl OpenDesk<'_> {
    /// Of a market that takes a fee.
    #[inline(never)]
    fn terms(&self) -> Result<Terms> {
        let vault = self.vault.as_ref();
        let vault = vault.map(|vault| Ok::<_, Error>((vault.key(), vault.load()?.mint)));
        let vault = vault.transpose()?;
        ask_market(&self.market, |market| {
            require_gt!(market.fee_rate().0, 0, OrderError::FeeFreeMarket);
            let (venue, mint) = match market {
                AnyMarket::Standard(market) => (market.venue, market.mint),
                AnyMarket::Flash(market) => {
                    let named = vault.filter(|(vault, _)| *vault == market.vault);
                    named.ok_or(OrderError::WrongAccount)?
                }
            };
            Ok(Terms {
                venue,
                mint,
                outcomes: market.outcomes(),
            })
        })?
    }

    /// Opens what holds the desk's shares, which nobody else settles in the time after the settlement.
    fn open_position(&self, signer: &[&[&[u8]]]) -> Result<()> {
        let program = self.market_program.key();
        if program != FlashMarket::owner() {
            let open = markets::cpi::accounts::OpenPosition {
                payer: self.payer.to_account_info(),
                owner: self.desk.to_account_info(),
                market: self.market.to_account_info(),
                position: self.desk_position.to_account_info(),
                system_program: self.system_program.to_account_info(),
            };
            let context = CpiContext::new_with_signer(program, open, signer);
            return markets::cpi::open_position(context, true);
        }
        // Anybody may have opened it before, which must keep no market without a desk.
        if *self.desk_position.owner != program {
            let open = flash_bets::cpi::accounts::OpenTicket {
                rent_payer: self.payer.to_account_info(),
                owner: self.desk.to_account_info(),
                market: self.market.to_account_info(),
                ticket: self.desk_position.to_account_info(),
                system_program: self.system_program.to_account_info(),
            };
            flash_bets::cpi::open_ticket(CpiContext::new(program, open))?;
        }
        let hold = flash_bets::cpi::accounts::HoldTicket {
            owner: self.desk.to_account_info(),
            market: self.market.to_account_info(),
            ticket: self.desk_position.to_account_info(),
        };
        flash_bets::cpi::hold_ticket(CpiContext::new_with_signer(program, hold, signer))
    }

    /// The associated token program checks the address.
    fn create_tokens(&self) -> Result<()> {
        let create = associated_token::Create {
            payer: self.payer.to_account_info(),
            associated_token: self.desk_tokens.to_account_info(),
            authority: self.desk.to_account_info(),
            mint: self.mint.to_account_info(),
            system_program: self.system_program.to_account_info(),
            token_program: self.token_program.to_account_info(),
        };
        let program = self.associated_token_program.key();
        associated_token::create_idempotent(CpiContext::new(program, create))
    }
}
