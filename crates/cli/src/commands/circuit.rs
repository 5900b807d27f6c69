//! `strobe circuit`: circuits and witnesses in the files of circom's tools.

use std::{
    error::Error,
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use circuits::{
    iden3::{r1cs_hash, write_wtns},
    Circuit, QuorumWitness,
};
use clap::{Args, Subcommand};
use serde_json::{json, Value};

use super::{files::FileError, quorum::QuorumArguments};

#[derive(Subcommand)]
pub enum CircuitCommand {
    /// Prints the circuits, their sizes and the hashes of their .r1cs files.
    List,
    /// Writes the constraints of a circuit, always as the same bytes.
    Export(Export),
    /// Writes the values of all variables for what a quorum signed.
    Witness(Witness),
}

#[derive(Args)]
pub struct Export {
    /// The circuit, as `strobe circuit list` calls it.
    circuit: Circuit,
    /// File for the constraints, which ceremonies and analysers take.
    #[arg(long, value_name = "FILE")]
    r1cs: PathBuf,
    /// File for the names of the variables.
    #[arg(long, value_name = "FILE")]
    sym: Option<PathBuf>,
}

#[derive(Args)]
pub struct Witness {
    /// The circuit, as `strobe circuit list` calls it.
    circuit: Circuit,
    /// File for the values.
    #[arg(long, value_name = "FILE")]
    wtns: PathBuf,
    #[command(flatten)]
    quorum: QuorumArguments,
}

impl CircuitCommand {
    pub fn run(self) -> Result<Value, Box<dyn Error>> {
        match self {
            Self::List => Ok(Circuit::ALL.map(describe).into_iter().collect()),
            Self::Export(export) => export.run(),
            Self::Witness(witness) => witness.run(),
        }
    }
}

impl Export {
    fn run(self) -> Result<Value, Box<dyn Error>> {
        let r1cs = self.circuit.r1cs();
        write(&self.r1cs, |file| r1cs.write_r1cs(file))?;
        if let Some(sym) = &self.sym {
            write(sym, |file| r1cs.write_sym(file))?;
        }
        Ok(describe(self.circuit))
    }
}

impl Witness {
    fn run(self) -> Result<Value, Box<dyn Error>> {
        let (circuit, quorum, left_out) = self.quorum.find(Some(self.circuit))?;
        let values = circuit.assign(&QuorumWitness::new(&quorum, circuit)?);
        write(&self.wtns, |file| write_wtns(&values, file))?;
        Ok(json!({
            "circuit": circuit.id(),
            "variables": values.len(),
            "public_input": attestation::format_field(&quorum.statement().hash()),
            "left_out": left_out,
        }))
    }
}

fn describe(circuit: Circuit) -> Value {
    let r1cs = circuit.r1cs();
    json!({
        "circuit": circuit.id(),
        "constraints": r1cs.num_constraints(),
        "variables": r1cs.num_variables,
        "domain": r1cs.domain_size(),
        "r1cs_sha256": hex::encode(r1cs_hash(&r1cs)),
    })
}

fn write(
    path: &Path,
    contents: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), FileError> {
    let write = || {
        let mut file = BufWriter::new(File::create(path)?);
        contents(&mut file)?;
        file.flush()
    };
    write().map_err(FileError::io(path))
}
