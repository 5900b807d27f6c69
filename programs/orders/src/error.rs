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
    #[msg("Orders on an L2 curve, whose prices are no chances, are not filled against each other")]
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
    #[msg("A batch is for a market of two outcomes whose prices sum to one")]
    NoPair,
    #[msg("A batch's commitments end at a quarter of an hour, 2 to 17 minutes after it is opened")]
    BatchTimesOutOfRange,
    #[msg("A batch needs four hours of trading after its orders are revealed")]
    BatchTooLate,
    #[msg("The orders of a batch put in a power of ten of base units, from the 3rd to the 18th")]
    DenominationOutOfRange,
    #[msg("The option not to reveal is worth more here than a bond of 15 % covers: the price is too near 0 or 1 for the time that is left")]
    BondTooGreat,
    #[msg("The bond is greater than what the owner said that it may be")]
    BondAboveBound,
    #[msg("The batch takes no more commitments")]
    CommitmentsOver,
    #[msg("The price of a batch is read from the end of its commitments to two minutes later, twice")]
    NotPricing,
    #[msg("The price had no weight in some of the time that was averaged: the venue was paused")]
    AverageBroken,
    #[msg("Orders of a batch are revealed once its price is fixed, until five minutes after its commitments")]
    NotRevealing,
    #[msg("The order is revealed already")]
    AlreadyRevealed,
    #[msg("The terms are not those that the order's commitment was made of")]
    WrongTerms,
    #[msg("Orders of the batch can still be revealed, or its price be fixed")]
    StillRevealing,
    #[msg("The batch has crossed already, or is void")]
    BatchDone,
    #[msg("The batch has not crossed yet: before the end of its commitments only an owner takes his order back")]
    BatchNotDone,
    #[msg("The batch has orders that are not returned")]
    BatchInUse,
    #[msg("The order that began earlier comes first")]
    WrongAge,
    #[msg("Orders of one owner are not filled against each other")]
    SelfCrossing,
    #[msg("The orders do not trade with each other: a purchase and a sale of one outcome do, and in a market of two outcomes purchases of both and sales of both")]
    NothingToCross,
    #[msg("No price is within both orders' limits and no worse for either than the curve's, now and on average, fee included")]
    LimitsApart,
    #[msg("Tickets of flash markets hold no complete sets: only a purchase and a sale of one outcome are filled against each other there")]
    NoSets,
    #[msg("The market has a bet delay: its orders are filled by slices that wait, and not against each other")]
    BetDelay,
    #[msg("A desk of a flash market is closed once it is settled: its ticket stays until then")]
    TicketStays,
    #[msg("The market has no bet delay: its orders are filled at once")]
    NoBetDelay,
    #[msg("A slice of the order is in the market: it is executed or lapses, and is booked, before anything else")]
    SliceInFlight,
    #[msg("No slice of the order is in the market")]
    NoSlice,
    #[msg("The slice has not ended yet: execute the market's order first")]
    SliceWaiting,
    #[msg("The order expires before the last second in which its slice could be executed")]
    SliceTooLate,
    #[msg("Slices of the desk's orders are not booked yet")]
    SlicesInFlight,
    #[msg("The market would not fill the slice now: the price with its fee is beyond the limit or the deviation, or it trades no such amount")]
    SliceNotFillable,
    #[msg("The tip of the market's order is less than half of the desk's, or than 10,000 lamports if that is less: who executes the slice would have none of it")]
    SliceTipTooSmall,
}
}

impl From<MathError> for OrderError {
    fn from(_: MathError) -> Self {
        Self::Overflow
    }
}
