use std::{fmt::Display, str::FromStr};

use ark_ff::PrimeField;
use thiserror::Error;

/// Why a decimal string is no element of a field.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DecimalError {
    #[error("\"{0}\" is not a decimal number without sign, spaces or leading zeros")]
    NotDecimal(String),
    #[error("{0} is not below the order of the field")]
    NotCanonical(String),
}

/// Reads the one decimal string of an element.
///
/// # Errors
/// [`DecimalError::NotDecimal`] for anything but digits without leading zeros,
/// [`DecimalError::NotCanonical`] for a number at or above the order of the field.
pub fn parse_field<F: PrimeField>(text: &str) -> Result<F, DecimalError> {
    let is_decimal = !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'));
    if !is_decimal {
        return Err(DecimalError::NotDecimal(text.to_owned()));
    }
    let not_canonical = || DecimalError::NotCanonical(text.to_owned());
    let element = F::from_str(text).map_err(|_| not_canonical())?;
    // `from_str` may reduce; only the canonical text prints as itself.
    if element.to_string() != text {
        return Err(not_canonical());
    }
    Ok(element)
}

/// Writes an element as the decimal string [`parse_field`] reads.
pub fn format_field<F: PrimeField>(element: &F) -> String {
    element.to_string()
}

/// Reads the one decimal text of an integer: without sign +, spaces or leading zeros.
pub(crate) fn parse_integer<T: FromStr + Display>(text: &str) -> Option<T> {
    let integer = text.parse::<T>().ok()?;
    (integer.to_string() == text).then_some(integer)
}

/// An element of a field as decimal string in JSON, for `#[serde(with = "…")]`.
pub mod decimal_field {
    use std::{fmt, marker::PhantomData};

    use ark_ff::PrimeField;
    use serde::{
        de::{Error, Visitor},
        Deserializer, Serializer,
    };

    /// # Errors
    /// Of the serializer.
    pub fn serialize<F: PrimeField, S: Serializer>(value: &F, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&super::format_field(value))
    }

    /// # Errors
    /// If it is no text, or not one that [`parse_field`](super::parse_field) reads.
    pub fn deserialize<'de, F, D>(from: D) -> Result<F, D::Error>
    where
        F: PrimeField,
        D: Deserializer<'de>,
    {
        from.deserialize_str(Text(PhantomData))
    }

    struct Text<F>(PhantomData<F>);

    impl<F: PrimeField> Visitor<'_> for Text<F> {
        type Value = F;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(
                "a text of decimal digits below the order of the field, without sign, spaces or \
                 leading zeros",
            )
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<F, E> {
            super::parse_field(text).map_err(E::custom)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Field, Scalar};

    #[test]
    fn parse_field_accepts_only_the_canonical_text() {
        let order = "21888242871839275222246405745257275088548364400416034343698204186575808495617";
        let largest =
            "21888242871839275222246405745257275088548364400416034343698204186575808495616";
        assert_eq!(parse_field::<Field>(largest), Ok(-Field::from(1)));
        assert_eq!(parse_field::<Field>("0"), Ok(Field::from(0)));
        assert_eq!(
            parse_field::<Field>(order),
            Err(DecimalError::NotCanonical(order.into()))
        );
        assert_eq!(
            parse_field::<Scalar>(largest),
            Err(DecimalError::NotCanonical(largest.into()))
        );
        for text in ["", "-1", "+1", " 1", "1 ", "01", "00", "0x1", "1e3", "٣"] {
            assert_eq!(
                parse_field::<Field>(text),
                Err(DecimalError::NotDecimal(text.into()))
            );
        }
    }
}
