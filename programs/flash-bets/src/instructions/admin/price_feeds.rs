//! What may be at stake on a price, which governance bounds.

use anchor_lang::{prelude::*, Discriminator};

use crate::{
    error::FlashError,
    state::{seeds, Vault, VERSION},
};

oracle::price_feeds! {
    FlashPriceFeed, FlashPriceFeedSet, FlashPriceFeedClosed of vault: Vault, FlashError
}
