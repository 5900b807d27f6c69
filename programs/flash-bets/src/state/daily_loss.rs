use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use math::losses::{DailyLosses, LOSS_BUCKETS};

/// What a vault has lost within a day, field for field as [`DailyLosses`] lays it out, which does the
/// work. Gains are not set off.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct DailyLoss {
    /// Base units lost in an hour, by the number of the hour modulo 25.
    pub hours: [u64; 25],
    /// The last hour that something was booked in, counted from the start of unix time.
    pub last_hour: u64,
}

// The cast checks size and alignment; this checks that every field is where it belongs.
const _: () = {
    assert!(LOSS_BUCKETS == 25);
    assert!(
        core::mem::offset_of!(DailyLoss, last_hour)
            == core::mem::offset_of!(DailyLosses, last_hour)
    );
};

impl core::ops::Deref for DailyLoss {
    type Target = DailyLosses;

    fn deref(&self) -> &DailyLosses {
        bytemuck::must_cast_ref(self)
    }
}

impl core::ops::DerefMut for DailyLoss {
    fn deref_mut(&mut self) -> &mut DailyLosses {
        bytemuck::must_cast_mut(self)
    }
}
