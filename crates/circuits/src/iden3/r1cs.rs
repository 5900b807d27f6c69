use std::io::{self, Write};

use attestation::Field;
use sha2::{Digest, Sha256};

use super::sections::{write_element, write_head, write_order, write_section, ELEMENT_LEN};
use crate::{
    system::{Matrix, PUBLIC_VARIABLES},
    R1cs,
};

const HEADER: u32 = 1;
const CONSTRAINTS: u32 = 2;
const LABELS: u32 = 3;
const HEADER_LEN: u64 = 4 + ELEMENT_LEN as u64 + 4 * 4 + 8 + 4;

impl R1cs {
    /// Writes the constraints as a `.r1cs` file: of the same constraints always the same bytes. The
    /// public input is variable 1; all others are the prover's.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_r1cs(&self, to: &mut impl Write) -> io::Result<()> {
        write_head(to, b"r1cs", 1, 3)?;
        write_section(to, HEADER, HEADER_LEN)?;
        write_order::<Field>(to)?;
        let variables = count(self.num_variables);
        for number in [variables, 0, 1, variables - PUBLIC_VARIABLES as u32] {
            to.write_all(&number.to_le_bytes())?;
        }
        to.write_all(&u64::from(variables).to_le_bytes())?;
        to.write_all(&count(self.num_constraints()).to_le_bytes())?;

        let matrices = [&self.a, &self.b, &self.c];
        let terms: usize = matrices.iter().map(|matrix| matrix.num_terms()).sum();
        let len = 3 * 4 * self.num_constraints() + (4 + ELEMENT_LEN) * terms;
        write_section(to, CONSTRAINTS, len as u64)?;
        for row in 0..self.num_constraints() {
            for matrix in matrices {
                write_row(to, matrix, row)?;
            }
        }

        write_section(to, LABELS, 8 * u64::from(variables))?;
        for variable in 0..u64::from(variables) {
            to.write_all(&variable.to_le_bytes())?;
        }
        Ok(())
    }

    /// Writes the names of the variables as a `.sym` file: the part of the statement that a variable
    /// is of, which repetition of it, and its number there.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_sym(&self, to: &mut impl Write) -> io::Result<()> {
        for (variable, name) in self.variable_names().into_iter().enumerate().skip(1) {
            writeln!(to, "{variable},{variable},0,main.{name}")?;
        }
        Ok(())
    }
}

/// SHA-256 of the `.r1cs` file.
pub fn r1cs_hash(r1cs: &R1cs) -> [u8; 32] {
    let mut hasher = Sha256::new();
    // Hashing cannot fail.
    let _ = r1cs.write_r1cs(&mut hasher);
    hasher.finalize().into()
}

fn write_row(to: &mut impl Write, matrix: &Matrix, row: usize) -> io::Result<()> {
    let terms = matrix.row(row);
    to.write_all(&count(terms.len()).to_le_bytes())?;
    for (variable, coefficient) in terms {
        to.write_all(&count(*variable).to_le_bytes())?;
        write_element(to, coefficient)?;
    }
    Ok(())
}

/// A number of variables or constraints, of which there are far below 2³².
fn count(number: usize) -> u32 {
    u32::try_from(number).expect("circuits are small")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Circuit;

    /// The hashes that ceremonies are held for: a change of a circuit is a change of this file.
    const HASHES: &str = include_str!("../../r1cs.sha256");

    #[test]
    fn files_have_the_committed_hashes() {
        let found: String = Circuit::ALL
            .into_iter()
            .map(|circuit| {
                let hash = r1cs_hash(&circuit.r1cs());
                let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("{digits}  {circuit}.r1cs\n")
            })
            .collect();
        assert_eq!(found, HASHES, "the constraints changed");
    }

    #[test]
    fn every_variable_has_a_name_of_its_own() {
        let r1cs = Circuit::Median3.r1cs();
        let names = r1cs.variable_names();
        assert_eq!(names.len(), r1cs.num_variables);
        let mut sorted = names.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted.len(), names.len());
        let mut file = Vec::new();
        r1cs.write_sym(&mut file).expect("memory");
        let text = String::from_utf8(file).expect("text");
        assert_eq!(text.lines().count(), names.len() - 1);
        assert!(text.starts_with("1,1,0,main.public_input\n2,2,0,main.statement[0].0\n"));
    }
}
