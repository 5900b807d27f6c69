//! What a program of markets keeps of a price, and the two instructions that govern it. A generator of
//! IDLs describes what a program itself defines, so the code is a macro that each of them calls.

/// Makes the account of a price feed of a program's own name, in the house that the program's markets
/// belong to, with the instructions `set_price_feed` and `close_price_feed` and their events.
///
/// ```ignore
/// oracle::price_feeds! {
///     FlashPriceFeed, FlashPriceFeedSet, FlashPriceFeedClosed of vault: Vault, FlashError
/// }
/// ```
#[macro_export]
macro_rules! price_feeds {
    ($feed:ident, $set:ident, $closed:ident of $house:ident: $House:ident, $error:ident) => {
        /// What may be at stake on medians of a price in the markets of a house. Address: seeds
        /// `price-feed`, vault or venue, base feed.
        #[account(zero_copy)]
        #[derive(Debug)]
        #[repr(C)]
        pub struct $feed {
            pub version: u8,
            pub bump: u8,
            pub padding: [u8; 6],
            pub $house: Pubkey,
            /// The base feed; a field element, big-endian.
            pub feed_id: [u8; 32],
            /// Gets the rent on close.
            pub rent_payer: Pubkey,
            /// What it costs to move the price for a second, base units: lower at once, higher after
            /// the timelock.
            pub cost_per_second: program_kit::ScheduledNumber,
            /// Number of the last event.
            pub sequence: u64,
            /// Windows that markets have reserved.
            pub windows: [market_core::PriceWindow; market_core::price::MAX_WINDOWS],
            pub reserved: [u8; 64],
        }

        const _: () = assert!(core::mem::size_of::<$feed>().is_multiple_of(8));

        #[derive(Accounts)]
        #[instruction(feed_id: [u8; 32])]
        pub struct SetPriceFeed<'info> {
            /// The admin; to lower what is there the guardian too. Pays the rent of a new account.
            #[account(mut)]
            pub authority: Signer<'info>,
            /// The oracle's configuration. Its type proves it.
            pub config: Account<'info, $crate::OracleConfig>,
            pub $house: AccountLoader<'info, $House>,
            /// CHECK: created by the handler unless it is there.
            #[account(
                                mut,
                                seeds = [seeds::PRICE_FEED, $house.key().as_ref(), &feed_id],
                                bump,
                            )]
            pub price_feed: UncheckedAccount<'info>,
            /// CHECK: the instructions sysvar.
            #[account(address = program_kit::INSTRUCTIONS_SYSVAR)]
            pub instructions: UncheckedAccount<'info>,
            pub system_program: Program<'info, System>,
        }

        #[event]
        pub struct $set {
            pub header: program_kit::EventHeader,
            pub price_feed: Pubkey,
            pub $house: Pubkey,
            pub feed_id: [u8; 32],
            pub authority: Pubkey,
            /// Base units that it costs to move the price for a second, in force until `active_from`
            /// and from then on; unix seconds.
            pub old_cost_per_second: u64,
            pub new_cost_per_second: u64,
            pub active_from: i64,
        }

        /// Says what it costs to move a price for a second, base units, which bounds what may be at
        /// stake on its medians. No more than before is in force at once, by admin or guardian, and
        /// ends what was pending; more waits for the timelock, and is the admin's to say. Markets that
        /// are there keep what they have reserved.
        pub fn handle_set_price_feed(
            ctx: Context<SetPriceFeed>,
            feed_id: [u8; 32],
            cost: u64,
        ) -> Result<()> {
            let clock = Clock::get()?;
            let accounts = ctx.accounts;
            if accounts.price_feed.data_is_empty() {
                create_price_feed(accounts, feed_id, ctx.bumps.price_feed)?;
            }
            // At this address there is nothing else of the program's.
            require_keys_eq!(*accounts.price_feed.owner, $feed::owner(), $error::WrongAccount);
            let mut data = accounts.price_feed.try_borrow_mut_data()?;
            let fields = data.get_mut($feed::DISCRIMINATOR.len()..);
            let feed: &mut $feed = fields
                .and_then(|fields| bytemuck::try_from_bytes_mut(fields).ok())
                .ok_or($error::WrongAccount)?;
            let old_cost_per_second = feed.cost_per_second.at(clock.unix_timestamp);
            let active_from = $crate::governance::set_ceiling(
                &accounts.config,
                &accounts.authority,
                &accounts.instructions,
                &mut feed.cost_per_second,
                cost,
                clock.unix_timestamp,
            )?;
            let header = program_kit::EventHeader::next(&mut feed.sequence, &clock);
            emit!($set {
                header: header.map_err($error::from)?,
                price_feed: accounts.price_feed.key(),
                $house: feed.$house,
                feed_id,
                authority: accounts.authority.key(),
                old_cost_per_second,
                new_cost_per_second: cost,
                active_from,
            });
            Ok(())
        }

        /// A feed whose price costs nothing to move.
        fn create_price_feed(accounts: &SetPriceFeed, feed_id: [u8; 32], bump: u8) -> Result<()> {
            let is_element = $crate::statement::require_field_element(&feed_id);
            is_element.map_err(|_| $error::NotAFieldElement)?;
            let mut feed: Box<$feed> = Box::new(bytemuck::Zeroable::zeroed());
            feed.version = VERSION;
            feed.bump = bump;
            feed.$house = accounts.$house.key();
            feed.feed_id = feed_id;
            feed.rent_payer = accounts.authority.key();
            program_kit::new_account::NewAccount {
                payer: &accounts.authority,
                account: &accounts.price_feed,
                system_program: &accounts.system_program,
                seeds: &[seeds::PRICE_FEED, feed.$house.as_ref(), &feed_id, &[bump]],
            }
            .write_zero_copy(&*feed)
        }

        #[derive(Accounts)]
        pub struct ClosePriceFeed<'info> {
            pub admin: Signer<'info>,
            /// The oracle's configuration. Its type proves it.
            #[account(has_one = admin @ $error::NotAdmin)]
            pub config: Account<'info, $crate::OracleConfig>,
            #[account(mut, close = rent_payer, has_one = rent_payer @ $error::WrongRentReceiver)]
            pub price_feed: AccountLoader<'info, $feed>,
            /// CHECK: named by the feed's account as who paid its rent.
            #[account(mut)]
            pub rent_payer: UncheckedAccount<'info>,
            /// CHECK: the instructions sysvar.
            #[account(address = program_kit::INSTRUCTIONS_SYSVAR)]
            pub instructions: UncheckedAccount<'info>,
        }

        #[event]
        pub struct $closed {
            pub header: program_kit::EventHeader,
            pub price_feed: Pubkey,
            pub $house: Pubkey,
            pub feed_id: [u8; 32],
        }

        /// Closes the account of a price on which nothing is at stake; the admin. The house need not
        /// be there any more.
        pub fn handle_close_price_feed(ctx: Context<ClosePriceFeed>) -> Result<()> {
            let clock = Clock::get()?;
            let accounts = ctx.accounts;
            $crate::governance::refuse_durable_nonce(&accounts.instructions)?;
            let mut feed = accounts.price_feed.load_mut()?;
            require!(
                market_core::price::are_over(&feed.windows, clock.unix_timestamp),
                $error::PriceWindowsOpen
            );
            let header = program_kit::EventHeader::next(&mut feed.sequence, &clock);
            emit!($closed {
                header: header.map_err($error::from)?,
                price_feed: accounts.price_feed.key(),
                $house: feed.$house,
                feed_id: feed.feed_id,
            });
            Ok(())
        }
    };
}
