//! Structs of a program's own for the sections whose size or addresses the program chooses.
//!
//! A generator of IDLs follows no const-generic type into another crate, and a generator of clients
//! follows none at all. So the fields of such a section are in a macro, which makes both the
//! generic struct here, that has the methods, and a plain one in the program. The two have the same
//! fields in the same order, and one is cast to the other.

use bytemuck::{Pod, Zeroable};

use crate::{pool::PoolState, rule::Rule, settlement::Settlement};

/// Implements `Pod` for structs of integers without padding, generic over a count, which bytemuck's
/// derive cannot show.
macro_rules! pod {
    ($($section:ident),*) => {
        $(
            // SAFETY: `repr(C)`, a multiple of 8 bytes of integers in an order without gaps and
            // then arrays of 8-byte integers: no padding, no invalid bit pattern, for every N.
            #[allow(unsafe_code)]
            unsafe impl<const N: usize> Zeroable for $section<N> {}
            #[allow(unsafe_code)]
            unsafe impl<const N: usize> Pod for $section<N> {}
        )*
    };
}

pod!(PoolState, Rule, Settlement);

/// Makes the sections of a market's account, each of which derefs to the one here. The attributes
/// are those of a zero-copy struct of the program's framework, which must make it `Pod`.
///
/// ```ignore
/// market_core::sections! {
///     #[zero_copy]
///     #[derive(Debug)]
///     #[repr(C)]
///     outcomes: MAX_OUTCOMES, strikes: MAX_STRIKES, key: Pubkey,
///     FlashPool, FlashRule, FlashSettlement, FlashEvidence
/// }
/// ```
#[macro_export]
macro_rules! sections {
    (
        $(#[$($attribute:tt)*])*
        outcomes: $outcomes:ident, strikes: $strikes:ident, key: $key:ident,
        $pool:ident, $rule:ident, $settlement:ident, $evidence:ident
    ) => {
        $crate::sections!(@emit
            [$(#[$($attribute)*])*] $outcomes $strikes $key, $pool $rule $settlement $evidence);
        $crate::sections!(@deref $pool => $crate::PoolState<$outcomes>);
        $crate::sections!(@deref $rule => $crate::Rule<$strikes>);
        $crate::sections!(@deref $settlement => $crate::Settlement<$outcomes>);
        $crate::sections!(@deref $evidence => $crate::Evidence);
    };
    (@emit
        [$($attributes:tt)*] $outcomes:ident $strikes:ident $key:ident,
        $pool:ident $rule:ident $settlement:ident $evidence:ident
    ) => {
        $crate::pool! { $outcomes;
            /// A market's curve, its money and its shares.
            $($attributes)* pub struct $pool
        }
        $crate::rule! { $strikes;
            /// What an observed value means.
            $($attributes)* pub struct $rule
        }
        $crate::settlement! { $outcomes;
            /// How a market ended, or that it did not yet.
            $($attributes)* pub struct $settlement
        }
        $crate::evidence! { $key;
            /// What a market waits for.
            $($attributes)* pub struct $evidence
        }
    };
    (@deref $section:ident => $core:ty) => {
        impl ::core::ops::Deref for $section {
            type Target = $core;

            fn deref(&self) -> &$core {
                $crate::bytemuck::must_cast_ref(self)
            }
        }

        impl ::core::ops::DerefMut for $section {
            fn deref_mut(&mut self) -> &mut $core {
                $crate::bytemuck::must_cast_mut(self)
            }
        }

        impl From<$core> for $section {
            fn from(section: $core) -> Self {
                $crate::bytemuck::must_cast(section)
            }
        }
    };
}
