//! What may be at stake on a price, which governance bounds.

use anchor_lang::{prelude::*, Discriminator};

use crate::{
    error::MarketError,
    state::{seeds, Venue, VERSION},
};

oracle::price_feeds! {
    PriceFeed, PriceFeedSet, PriceFeedClosed of venue: Venue, MarketError
}
