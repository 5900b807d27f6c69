//! Lists of amounts in accounts: the bytes of borsh's `Vec<u64>`, moved in one piece. Borsh moves
//! them one by one, for 60 compute units each.

use alloc::{vec, vec::Vec};

use borsh::{
    io::{Error, ErrorKind, Read, Result, Write},
    BorshDeserialize,
};

/// Most amounts that are read: one for each outcome of the largest market.
const MAX_LEN: u32 = 64;

// Amounts are little-endian in accounts, as they are in memory.
const _: () = assert!(cfg!(target_endian = "little"));

/// For `#[borsh(serialize_with)]`.
///
/// # Errors
/// `InvalidInput` for more than `u32::MAX` amounts, and those of the writer.
pub fn write<W: Write>(amounts: &[u64], writer: &mut W) -> Result<()> {
    let len = u32::try_from(amounts.len()).map_err(|_| Error::from(ErrorKind::InvalidInput))?;
    writer.write_all(&len.to_le_bytes())?;
    writer.write_all(bytemuck::cast_slice(amounts))
}

/// For `#[borsh(deserialize_with)]`.
///
/// # Errors
/// `InvalidData` for more than 64 amounts, and those of the reader.
pub fn read<R: Read>(reader: &mut R) -> Result<Vec<u64>> {
    let len = u32::deserialize_reader(reader)?;
    if len > MAX_LEN {
        return Err(Error::from(ErrorKind::InvalidData));
    }
    let len = usize::try_from(len).map_err(|_| Error::from(ErrorKind::InvalidData))?;
    let mut amounts = vec![0; len];
    reader.read_exact(bytemuck::cast_slice_mut(&mut amounts))?;
    Ok(amounts)
}

#[cfg(test)]
mod tests {
    use borsh::BorshSerialize;

    use super::*;

    fn by_borsh(amounts: &Vec<u64>) -> Vec<u8> {
        let mut bytes = Vec::new();
        amounts.serialize(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn bytes_are_those_of_borsh() {
        for len in [0, 1, 2, 64] {
            let amounts: Vec<u64> = (0..len).map(|place| u64::MAX - place * 12_345).collect();
            let mut bytes = Vec::new();
            write(&amounts, &mut bytes).unwrap();
            assert_eq!(bytes, by_borsh(&amounts));
            assert_eq!(read(&mut bytes.as_slice()).unwrap(), amounts);
            bytes.pop();
            assert!(read(&mut bytes.as_slice()).is_err());
        }
        let too_many = by_borsh(&vec![0; 65]);
        let refused = read(&mut too_many.as_slice()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidData);
    }
}
