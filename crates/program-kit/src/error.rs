//! Why something was refused, in the terms of no program. [`errors`](crate::errors) gives a
//! program's own errors a variant for each.

/// Makes [`KitError`], and the macro that puts its variants into a program's errors.
macro_rules! kit_errors {
    ($dollar:tt $($variant:ident = $code:tt, $message:tt;)*) => {
        /// One cause each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum KitError {
            $(#[doc = $message] $variant,)*
        }

        /// Adds a variant for each [`KitError`] to the errors of a program, from its 400th code on,
        /// and the conversion.
        #[macro_export]
        macro_rules! errors {
            (
                $dollar(#[$dollar($dollar attribute:tt)*])*
                pub enum $dollar name:ident { $dollar($dollar own:tt)* }
            ) => {
                $dollar(#[$dollar($dollar attribute)*])*
                pub enum $dollar name {
                    $dollar($dollar own)*
                    $(#[msg($message)] $variant = $code,)*
                }

                impl From<$crate::KitError> for $dollar name {
                    fn from(error: $crate::KitError) -> Self {
                        match error {
                            $($crate::KitError::$variant => Self::$variant,)*
                        }
                    }
                }
            };
        }
    };
}

kit_errors! { $
    Overflow = 400, "An amount is outside what its type or formula can take";
    ZeroAmount = 401, "The amount is 0";
    DefaultKey = 402, "The key is the default key, which nobody holds";
    NotAdmin = 403, "The signer is not the admin of the oracle's configuration";
    NotAdminOrGuardian = 404, "The signer is neither the admin nor the guardian of the oracle's configuration";
    DurableNonce = 405, "Admin instructions refuse durable-nonce transactions, which can be signed long ahead";
    TimelockNotPassed = 406, "The timelock of this change has not passed yet";
    NothingPending = 407, "No change waits for the timelock";
    MintExtensionRefused = 410, "The mint has an extension under which tokens could be taken, taxed or held back";
    WrongAccount = 411, "The account is not the one that another account names, or not at the address that it must have";
    WrongTokenAccount = 412, "The token account is not the associated one of who is to be paid, who does not sign; or it cannot receive, and no account of his that can is given in its place";
    WrongRentReceiver = 413, "The rent does not go to the one who paid it";
    TokensMissing = 414, "The token account holds less than the books say";
    NothingToCollect = 415, "There is nothing to collect";
}
