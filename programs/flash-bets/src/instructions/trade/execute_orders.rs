use anchor_lang::{prelude::*, AccountsClose, AccountsExit};
use anchor_spl::token_interface::TokenInterface;
use program_kit::{tokens::mint_of, ClaimAccounts, Purse};

use super::orders::{book_end, due, end_of, take_off, OrderDone, OrderMoment};
use crate::{
    error::FlashError,
    state::{seeds, FlashMarket, PendingOrder, Receipt, Ticket, Vault},
};

/// Accounts of one order among the remaining ones.
const ACCOUNTS_OF_ORDER: usize = 5;

/// Remaining accounts, in fives and all writable:
/// 0. a pending order of the market,
/// 1. the ticket that it is for, or was: of a purchase it may be settled already,
/// 2. its placer, who is paid what it does not spend, or what it sells for,
/// 3. the placer's associated token account, or any of the placer's if the placer signs; anything if
///    nothing is paid,
/// 4. who paid its rent and gets it back, from one that leaves a receipt when that is closed.
#[derive(Accounts)]
pub struct ExecuteOrders<'info> {
    pub vault: AccountLoader<'info, Vault>,
    #[account(mut, has_one = vault @ FlashError::WrongAccount)]
    pub market: AccountLoader<'info, FlashMarket>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the market as where its observation is, or would be.
    pub observation: UncheckedAccount<'info>,
    /// CHECK: any address; gets the tips.
    #[account(mut)]
    pub executor: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// Checked to be a placer's where money goes to it, which is only if his associated token
    /// account cannot receive.
    ///
    /// CHECK: as said.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
}

/// What is so for all orders of a batch.
struct Batch {
    moment: OrderMoment,
    mint: Pubkey,
}

/// How one order of a batch came out.
enum Ending {
    Done,
    /// It is left as it is, for this reason.
    Left(FlashError),
    /// There is no order any more: somebody ended it before.
    Gone,
}

/// Executes pending orders at the price of this moment, or gives back what they put in, for their
/// tips; anybody. What cannot be executed any more goes back too. An order whose time has not come,
/// that is gone or another than the accounts are for, or whose placer cannot be paid, is passed over,
/// unless all are: nobody can stop a batch by what he does with an order or an account of his own just
/// before it.
///
/// Nothing is executed once the market's observation exists: whoever holds a proof would bet on what
/// it shows.
pub fn handle_execute_orders<'info>(ctx: Context<'info, ExecuteOrders<'info>>) -> Result<()> {
    let accounts = ctx.accounts;
    let (orders, rest) = ctx.remaining_accounts.as_chunks::<ACCOUNTS_OF_ORDER>();
    require!(
        !orders.is_empty() && rest.is_empty(),
        FlashError::OrderAccounts
    );
    let clock = Clock::get()?;
    let found = accounts.market.load()?.find_result(&accounts.observation)?;
    let batch = Batch {
        moment: OrderMoment {
            now: accounts.vault.load()?.now(&clock),
            is_observed: found.is_some(),
            clock,
        },
        mint: mint_of(&accounts.market_tokens).map_err(FlashError::from)?,
    };
    let mut reason = FlashError::NothingExecuted;
    let mut is_any_done = false;
    for order in orders {
        match end_order(accounts, &batch, order)? {
            Ending::Done => is_any_done = true,
            Ending::Left(why) => reason = why,
            Ending::Gone => {}
        }
    }
    if !is_any_done {
        return Err(reason.into());
    }
    Ok(())
}

fn end_order<'info>(
    accounts: &ExecuteOrders<'info>,
    batch: &Batch,
    order: &'info [AccountInfo<'info>; ACCOUNTS_OF_ORDER],
) -> Result<Ending> {
    let [pending_info, ticket_info, placer, tokens, rent_payer] = order;
    let address = accounts.market.key();
    let given = ClaimAccounts {
        claim: pending_info,
        claimant: placer,
        tokens,
        rent_payer,
    };
    let mut pending = match given.load::<PendingOrder>(&address) {
        Ok(Some(pending)) => pending,
        Ok(None) => return Ok(Ending::Gone),
        Err(why) => return Ok(Ending::Left(why.into())),
    };
    if pending.kept().is_some() {
        return Ok(Ending::Gone);
    }
    let mut ticket = match ticket_of(&pending, ticket_info) {
        Ok(ticket) => ticket,
        Err(why) => return Ok(Ending::Left(why)),
    };

    let mut market = accounts.market.load_mut()?;
    let before = (market.pool, market.hours);
    let result = match end_of(
        &mut market,
        pending.outcome,
        pending.order,
        &pending.wait(),
        &batch.moment,
    ) {
        Ok(result) => result,
        Err(why) => return Ok(Ending::Left(why)),
    };
    // Who reads receipts is a program, which looks for its money in one account.
    let fallback = accounts.fallback_tokens.as_deref();
    let fallback = fallback.filter(|_| pending.receipt == Receipt::None);
    let payee = given.payee(batch.mint, &accounts.token_program, fallback);
    let paid = due(pending.order, result);
    let destination = payee.destination_of(paid);
    let Some(destination) = destination else {
        (market.pool, market.hours) = before;
        return Ok(Ending::Left(FlashError::WrongTokenAccount));
    };
    take_off(&mut market, pending.order)?;
    if let Some(ticket) = &mut ticket {
        book_end(ticket, &pending, result)?;
    }
    emit!(OrderDone {
        header: market.next_event(&batch.moment.clock)?,
        market: address,
        owner: pending.owner,
        placer: pending.placer,
        pending: pending.key(),
        outcome: pending.outcome,
        order: pending.order,
        result,
        paid,
        tip_lamports: pending.tip_lamports,
        pool_cash: market.pool.cash,
        pool_fees: market.pool.fees,
        escrow: market.escrow,
        outcome_sold: market.pool.sold_of(pending.outcome),
        ticket_shares: ticket
            .as_ref()
            .map_or(0, |ticket| ticket.holdings.of(pending.outcome)),
    });
    drop(market);
    if let Some(ticket) = &ticket {
        ticket.exit(&crate::ID)?;
    }

    let (market, tokens) = (&accounts.market, &accounts.market_tokens);
    Purse::new(market, tokens, &accounts.token_program)?.pay(destination, paid)?;
    pending_info.sub_lamports(pending.tip_lamports)?;
    accounts.executor.add_lamports(pending.tip_lamports)?;
    if pending.receipt == Receipt::None {
        pending.close(rent_payer.clone())?;
    } else {
        pending.receipt = Receipt::Kept(result);
        pending.exit(&crate::ID)?;
    }
    Ok(Ending::Done)
}

/// The ticket that an order is for; `None` of a purchase whose ticket is settled, so that the market's
/// trading is over.
///
/// # Errors
/// [`FlashError::WrongAccount`].
fn ticket_of<'info>(
    pending: &PendingOrder,
    info: &'info AccountInfo<'info>,
) -> core::result::Result<Option<Account<'info, Ticket>>, FlashError> {
    if *info.owner == crate::ID {
        let is_its = |ticket: &Account<Ticket>| {
            ticket.market == pending.market && ticket.owner == pending.owner
        };
        let ticket = Account::<Ticket>::try_from(info).ok().filter(is_its);
        return ticket.map(Some).ok_or(FlashError::WrongAccount);
    }
    let address = Pubkey::create_program_address(
        &[
            seeds::TICKET,
            pending.market.as_ref(),
            pending.owner.as_ref(),
            &[pending.ticket_bump],
        ],
        &crate::ID,
    );
    let is_gone = !pending.order.is_sale() && address.is_ok_and(|address| address == *info.key);
    is_gone.then_some(None).ok_or(FlashError::WrongAccount)
}
