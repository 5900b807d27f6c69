//! The container that iden3's binary files share.

use std::io::{self, Write};

use ark_ff::{BigInteger, PrimeField};

/// Bytes of a field element.
pub const ELEMENT_LEN: usize = 32;

/// Writes the head of a file of `count` sections.
///
/// # Errors
/// Those of the writer.
pub fn write_head(
    to: &mut impl Write,
    magic: &[u8; 4],
    version: u32,
    count: u32,
) -> io::Result<()> {
    to.write_all(magic)?;
    to.write_all(&version.to_le_bytes())?;
    to.write_all(&count.to_le_bytes())
}

/// Writes the head of a section; its contents follow.
///
/// # Errors
/// Those of the writer.
pub fn write_section(to: &mut impl Write, number: u32, len: u64) -> io::Result<()> {
    to.write_all(&number.to_le_bytes())?;
    to.write_all(&len.to_le_bytes())
}

/// Writes the order of a field, after its length.
///
/// # Errors
/// Those of the writer.
pub fn write_order<F: PrimeField>(to: &mut impl Write) -> io::Result<()> {
    to.write_all(&(ELEMENT_LEN as u32).to_le_bytes())?;
    to.write_all(&F::MODULUS.to_bytes_le())
}

/// Writes a field element.
///
/// # Errors
/// Those of the writer.
pub fn write_element<F: PrimeField>(to: &mut impl Write, element: &F) -> io::Result<()> {
    to.write_all(&element.into_bigint().to_bytes_le())
}

/// Cuts the sections out of a file. `None` if it is no file of this kind and version, if a section is
/// there twice, or if the lengths do not add up.
pub fn split<'a>(bytes: &'a [u8], magic: &[u8; 4], version: u32) -> Option<Vec<(u32, &'a [u8])>> {
    let mut reader = Reader(bytes);
    (reader.array::<4>()? == *magic && reader.number()? == version).then_some(())?;
    let count = reader.number()?;
    let mut sections = Vec::new();
    for _ in 0..count {
        let number = reader.number()?;
        let len = usize::try_from(u64::from_le_bytes(reader.array()?)).ok()?;
        let is_new = sections.iter().all(|(known, _)| *known != number);
        is_new.then_some(())?;
        sections.push((number, reader.bytes(len)?));
    }
    reader.0.is_empty().then_some(sections)
}

/// What is left to read.
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(bytes)
    }

    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    pub fn number(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }
}
