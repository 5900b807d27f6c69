use anchor_lang::prelude::*;

use super::Liquidate;

/// Sells of positions that owe as much as they may, all at once: of each what restores the target, or all
/// of it once the debt and the reward are above its value. Each has to be marked for long enough, and to
/// owe as much at the average price since its mark too, and the spot price has to be near that average. A
/// position that cannot be liquidated is passed over: nobody can stop a batch by what he does with his own
/// just before it.
pub fn handle_liquidate<'info>(ctx: Context<'info, Liquidate<'info>>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    accounts.sell_marked(ctx.remaining_accounts, &clock, false)
}

impl<'info> Liquidate<'info> {
    /// Sells what is due of marked positions.
    ///
    /// # Errors
    /// Those of [`Self::sell`].
    pub(super) fn sell_marked(
        &self,
        positions: &'info [AccountInfo<'info>],
        clock: &Clock,
        is_final: bool,
    ) -> Result<()> {
        let parameters = self.listing.load()?.parameters.at(clock.unix_timestamp);
        self.sell(positions, clock, &parameters, |standing, position, debt| {
            standing.marked_sale(&parameters, position, debt, clock.slot, is_final)
        })
    }
}
