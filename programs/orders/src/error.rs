//! Every refusal of the orders, one cause each. Codes are append-only.

use anchor_lang::prelude::*;
use math::MathError;

program_kit::errors! {
#[error_code(offset = 9000)]
#[derive(PartialEq, Eq)]
pub enum OrderError {
    #[msg("The market has no such outcome")]
    OutcomeOutOfRange,
    #[msg("A slice is from 1 unit to the whole order, and an order has at most 10,000 slices")]
    SliceOutOfRange,
    #[msg("A limit price is above 0 and below 1")]
    LimitOutOfRange,
    #[msg("An order lasts from 1 second to 180 days, and its slices are not further apart than that")]
    TimesOutOfRange,
    #[msg("The greatest deviation from the average price is from 1 to 5,000 basis points of one unit")]
    DeviationOutOfRange,
    #[msg("Orders are not offered on L2 curves, whose prices are no chances")]
    CurveNotOffered,
    #[msg("The market takes no fee: without one every slice can be sandwiched")]
    FeeFreeMarket,
    #[msg("The market does not trade any more")]
    TradingOver,
    #[msg("The next slice is not due yet")]
    NotDue,
    #[msg("The order has expired; what is left of it can be returned")]
    Expired,
    #[msg("Nothing is left to fill; the order can be returned")]
    NothingLeft,
    #[msg("The desk has not seen prices for long enough: 150 slots between two readings")]
    AverageTooShort,
    #[msg("The price is further from its average of the last slots than the order allows")]
    DeviationTooGreat,
    #[msg("The slice moves the price by more than what its fee protects from a sandwich, or the price is not near its average")]
    SliceTooLarge,
    #[msg("Only its owner returns an order that can still be filled")]
    StillFillable,
    #[msg("The desk's shares have to be redeemed first: the market is settled")]
    DeskNotSettled,
    #[msg("The market is not settled yet")]
    MarketNotSettled,
    #[msg("The desk is settled already")]
    DeskSettled,
    #[msg("The desk has orders, or shares that are not redeemed")]
    DeskInUse,
    #[msg("The desk's position holds fewer shares than its orders")]
    SharesMissing,
    #[msg("A trigger has a stop, a price to take or a trailing distance, each above 0 and below 1, a stop that is worse for the owner than the price to take, and a window of 25 to 10,000 slots")]
    TriggerOutOfRange,
    #[msg("The order waits for its trigger to fire")]
    NotTriggered,
    #[msg("The order waits for no trigger")]
    NoTrigger,
    #[msg("Nothing about the trigger has changed: the price is not beyond it, or not for long enough")]
    NothingToWatch,
    #[msg("The venue is paused: nobody could answer its prices")]
    VenuePaused,
    #[msg("The market does not trade now")]
    NotTrading,
    #[msg("Fills of the last 16 slots have moved the price by as much as is safe; wait for some slots")]
    TooManyFills,
    #[msg("The order that began earlier comes first")]
    WrongAge,
    #[msg("Orders of one owner are not filled against each other")]
    SelfCrossing,
    #[msg("The orders do not trade with each other: a purchase and a sale of one outcome do, and in a market of two outcomes purchases of both and sales of both; on an L2 curve none do")]
    NothingToCross,
    #[msg("No price is within both orders' limits and no worse for either than the curve's, now and on average, fee included")]
    LimitsApart,
}
}

impl From<MathError> for OrderError {
    fn from(_: MathError) -> Self {
        Self::Overflow
    }
}
