use std::io::{self, Write};

use attestation::Field;

use super::sections::{write_element, write_head, write_order, write_section, ELEMENT_LEN};

/// Writes the values of all variables as a `.wtns` file.
///
/// # Errors
/// Those of the writer.
pub fn write_wtns(values: &[Field], to: &mut impl Write) -> io::Result<()> {
    write_head(to, b"wtns", 2, 2)?;
    write_section(to, 1, 4 + ELEMENT_LEN as u64 + 4)?;
    write_order::<Field>(to)?;
    let count = u32::try_from(values.len()).expect("circuits are small");
    to.write_all(&count.to_le_bytes())?;
    write_section(to, 2, (ELEMENT_LEN * values.len()) as u64)?;
    values.iter().try_for_each(|value| write_element(to, value))
}
