use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use ark_bn254::{Bn254, G1Projective, G2Projective};
use ark_ff::UniformRand;
use ark_groth16::{r1cs_to_qap::LibsnarkReduction, Groth16, ProvingKey};
use ark_relations::gr1cs::{
    ConstraintSynthesizer, ConstraintSystemRef, LinearCombination, SynthesisError, Variable,
};
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};
use attestation::Field;
use groth16::VerifyingKey;
use rand::rngs::OsRng;
use sha2::{Digest, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{
    encoding::{encode_g1, encode_g2},
    iden3::{r1cs_hash, Zkey, ZkeyError},
    system::{Matrix, R1cs, PUBLIC_VARIABLES},
    Circuit,
};

/// Why keys cannot be made, read or written.
#[derive(Debug, Error)]
pub enum KeysError {
    #[error("{path}: {source}", path = path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{path} is not a key file of version {VERSION}", path = path.display())]
    NotAKeyFile { path: PathBuf },
    #[error("{path} holds a key of \"{found}\", expected \"{expected}\"", path = path.display())]
    OtherCircuit {
        path: PathBuf,
        found: String,
        expected: Circuit,
    },
    #[error("{path} holds a key of other constraints than this build's", path = path.display())]
    OtherConstraints { path: PathBuf },
    #[error("{path} is damaged: its contents do not have the hash in its header", path = path.display())]
    Damaged { path: PathBuf },
    #[error("{path} holds another verifying key than its header says", path = path.display())]
    OtherVerifyingKey { path: PathBuf },
    #[error("{path} holds a verifying key that is refused: {source}", path = path.display())]
    RefusedKey {
        path: PathBuf,
        source: groth16::KeyError,
    },
    #[error("key generation failed: {0}")]
    Setup(#[from] SynthesisError),
    #[error("the hash of the ceremony's transcript is zero: there is no transcript")]
    NoTranscript,
    #[error("{path} holds a development key under the name of one of a ceremony", path = path.display())]
    DevelopmentKeyRenamed { path: PathBuf },
    #[error(transparent)]
    Zkey(#[from] ZkeyError),
    #[error("generated a verifying key that is refused: {0}")]
    RefusedSetup(groth16::KeyError),
}

/// Everything that proving and verifying with a circuit takes.
#[derive(Clone, Debug)]
pub struct Keys {
    pub circuit: Circuit,
    /// SHA-256 of the transcript of the ceremony that made the keys. Without one they were made by one
    /// party, who could have kept the trapdoor: they are for development only.
    pub transcript_hash: Option<[u8; 32]>,
    pub r1cs: R1cs,
    pub proving_key: ProvingKey<Bn254>,
    pub verifying_key: VerifyingKey,
}

impl Keys {
    /// Makes development keys from the operating system's randomness.
    ///
    /// # Errors
    /// [`KeysError::Setup`] or [`KeysError::RefusedSetup`]; neither is expected.
    pub fn generate(circuit: Circuit) -> Result<Self, KeysError> {
        Self::of(circuit, circuit.r1cs())
    }

    fn of(circuit: Circuit, r1cs: R1cs) -> Result<Self, KeysError> {
        // Wiped when dropped. arkworks takes copies, and makes τ itself, and wipes neither.
        let [alpha, beta, gamma, delta] = [(); 4].map(|()| Zeroizing::new(Field::rand(&mut OsRng)));
        let proving_key = Groth16::<Bn254, LibsnarkReduction>::generate_parameters_with_qap(
            Synthesis(&r1cs),
            *alpha,
            *beta,
            *gamma,
            *delta,
            G1Projective::rand(&mut OsRng),
            G2Projective::rand(&mut OsRng),
            &mut OsRng,
        )?;
        let verifying_key = verifying_key(&proving_key).map_err(KeysError::RefusedSetup)?;
        verifying_key.check().map_err(KeysError::RefusedSetup)?;
        Ok(Self {
            circuit,
            transcript_hash: None,
            r1cs,
            proving_key,
            verifying_key,
        })
    }

    /// Takes over the keys that a ceremony made for the circuit, described by a transcript with this
    /// SHA-256.
    ///
    /// # Errors
    /// [`KeysError::NoTranscript`] if the hash is zero, [`KeysError::Zkey`] if the key is not the
    /// circuit's, [`KeysError::RefusedSetup`] if the chain would refuse it.
    pub fn import(
        zkey: &Zkey,
        circuit: Circuit,
        transcript_hash: [u8; 32],
    ) -> Result<Self, KeysError> {
        Self::import_for(zkey, circuit, circuit.r1cs(), transcript_hash)
    }

    pub(crate) fn import_for(
        zkey: &Zkey,
        circuit: Circuit,
        r1cs: R1cs,
        transcript_hash: [u8; 32],
    ) -> Result<Self, KeysError> {
        if transcript_hash == [0; 32] {
            return Err(KeysError::NoTranscript);
        }
        zkey.check(&r1cs)?;
        let proving_key = zkey.proving_key();
        let verifying_key = verifying_key(&proving_key).map_err(KeysError::RefusedSetup)?;
        verifying_key.check().map_err(KeysError::RefusedSetup)?;
        Ok(Self {
            circuit,
            transcript_hash: Some(transcript_hash),
            r1cs,
            proving_key,
            verifying_key,
        })
    }

    /// Whether the keys are for development only.
    pub fn is_dev(&self) -> bool {
        self.transcript_hash.is_none()
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// One variant of [`KeysError`] a cause.
    pub fn read(path: &Path, circuit: Circuit) -> Result<Self, KeysError> {
        Self::read_for(path, circuit, circuit.r1cs())
    }

    pub(crate) fn read_for(path: &Path, circuit: Circuit, r1cs: R1cs) -> Result<Self, KeysError> {
        let at = || path.to_owned();
        let bytes = fs::read(path).map_err(|source| KeysError::Io { path: at(), source })?;
        let (header, body) =
            Header::split(&bytes).ok_or_else(|| KeysError::NotAKeyFile { path: at() })?;
        if header.contents != header.hash_with(body) {
            return Err(KeysError::Damaged { path: at() });
        }
        if header.circuit != circuit_field(circuit) {
            return Err(KeysError::OtherCircuit {
                path: at(),
                found: String::from_utf8_lossy(&header.circuit).replace('\0', ""),
                expected: circuit,
            });
        }
        if header.r1cs != r1cs_hash(&r1cs) {
            return Err(KeysError::OtherConstraints { path: at() });
        }
        // The hash vouches for the points; checking each would take seconds.
        let proving_key = ProvingKey::<Bn254>::deserialize_uncompressed_unchecked(body)
            .map_err(|_| KeysError::Damaged { path: at() })?;
        let verifying_key = verifying_key(&proving_key)
            .and_then(|key| key.check().map(|()| key))
            .map_err(|source| KeysError::RefusedKey { path: at(), source })?;
        if header.verifying_key != verifying_key.hash() {
            return Err(KeysError::OtherVerifyingKey { path: at() });
        }
        Ok(Self {
            circuit,
            transcript_hash: header.transcript(),
            r1cs,
            proving_key,
            verifying_key,
        })
    }

    /// Writes a key file; readers see all of it or none.
    ///
    /// # Errors
    /// [`KeysError::Io`].
    pub fn write(&self, path: &Path) -> Result<(), KeysError> {
        let mut body = Vec::new();
        // Writing to memory cannot fail.
        let _ = self.proving_key.serialize_uncompressed(&mut body);
        let mut header = Header {
            circuit: circuit_field(self.circuit),
            transcript: self.transcript_hash.unwrap_or_default(),
            r1cs: r1cs_hash(&self.r1cs),
            verifying_key: self.verifying_key.hash(),
            contents: [0; 32],
        };
        header.contents = header.hash_with(&body);
        let partial = path.with_extension(format!("partial-{}", std::process::id()));
        File::create(&partial)
            .and_then(|mut file| {
                file.write_all(&header.to_bytes())?;
                file.write_all(&body)?;
                file.sync_all()
            })
            .and_then(|()| fs::rename(&partial, path))
            .map_err(|source| KeysError::Io {
                path: path.to_owned(),
                source,
            })
    }
}

/// A directory of key files.
#[derive(Clone, Debug)]
pub struct KeyStore {
    directory: PathBuf,
}

impl KeyStore {
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
        }
    }

    /// The keys of a circuit, if there are any: those of a ceremony if they are there, else those for
    /// development.
    ///
    /// # Errors
    /// One variant of [`KeysError`] a cause.
    pub fn load(&self, circuit: Circuit) -> Result<Option<Keys>, KeysError> {
        self.find(circuit, circuit.r1cs()).map(Result::ok)
    }

    /// As [`Self::load`]; development keys are made and stored first if there are none. Processes that
    /// ask at the same time get the same keys.
    ///
    /// # Errors
    /// One variant of [`KeysError`] a cause.
    pub fn load_or_generate(&self, circuit: Circuit) -> Result<Keys, KeysError> {
        let r1cs = match self.find(circuit, circuit.r1cs())? {
            Ok(keys) => return Ok(keys),
            Err(r1cs) => r1cs,
        };
        self.create()?;
        let path = self.path(circuit, &r1cs, Origin::Development);
        let lock_path = path.with_extension("lock");
        let lock = File::create(&lock_path).map_err(io_error(&lock_path))?;
        lock.lock().map_err(io_error(&lock_path))?;
        // Another process may have made them while this one waited for the lock.
        if path.exists() {
            return Keys::read_for(&path, circuit, r1cs);
        }
        let keys = Keys::generate(circuit)?;
        keys.write(&path)?;
        Ok(keys)
    }

    /// Stores keys of a ceremony, which take the place of all others of their circuit; gives their
    /// file.
    ///
    /// # Errors
    /// [`KeysError::NoTranscript`] if they are for development, [`KeysError::Io`].
    pub fn store(&self, keys: &Keys) -> Result<PathBuf, KeysError> {
        if keys.is_dev() {
            return Err(KeysError::NoTranscript);
        }
        self.create()?;
        let path = self.path(keys.circuit, &keys.r1cs, Origin::Ceremony);
        keys.write(&path)?;
        Ok(path)
    }

    /// The keys, or the constraints that were to have some.
    fn find(&self, circuit: Circuit, r1cs: R1cs) -> Result<Result<Keys, R1cs>, KeysError> {
        let path = self.path(circuit, &r1cs, Origin::Ceremony);
        if path.exists() {
            let keys = Keys::read_for(&path, circuit, r1cs)?;
            if keys.is_dev() {
                return Err(KeysError::DevelopmentKeyRenamed { path });
            }
            return Ok(Ok(keys));
        }
        let path = self.path(circuit, &r1cs, Origin::Development);
        if path.exists() {
            return Keys::read_for(&path, circuit, r1cs).map(Ok);
        }
        Ok(Err(r1cs))
    }

    fn create(&self) -> Result<(), KeysError> {
        fs::create_dir_all(&self.directory).map_err(io_error(&self.directory))
    }

    /// What is known of the verifying key with this hash: its circuit, and whether it is for
    /// development only. Nothing, if the directory has no such key.
    ///
    /// # Errors
    /// [`KeysError::Io`], [`KeysError::Damaged`].
    pub fn describe(&self, hash: &[u8; 32]) -> Result<Option<(Circuit, bool)>, KeysError> {
        if !self.directory.exists() {
            return Ok(None);
        }
        for entry in fs::read_dir(&self.directory).map_err(io_error(&self.directory))? {
            let path = entry.map_err(io_error(&self.directory))?.path();
            if path.extension().is_none_or(|extension| extension != "pk") {
                continue;
            }
            let bytes = fs::read(&path).map_err(io_error(&path))?;
            let found = Header::split(&bytes).filter(|(header, _)| header.verifying_key == *hash);
            let Some((header, body)) = found else {
                continue;
            };
            if header.contents != header.hash_with(body) {
                return Err(KeysError::Damaged { path });
            }
            let circuit = Circuit::ALL
                .into_iter()
                .find(|circuit| header.circuit == circuit_field(*circuit));
            return Ok(circuit.map(|circuit| (circuit, header.transcript().is_none())));
        }
        Ok(None)
    }

    /// Keys of other constraints, and files of other versions, have another name, so that an old file
    /// is never in the way.
    fn path(&self, circuit: Circuit, r1cs: &R1cs, origin: Origin) -> PathBuf {
        let [first, second, third, fourth, ..] = r1cs_hash(r1cs);
        let constraints = u32::from_be_bytes([first, second, third, fourth]);
        let origin = match origin {
            Origin::Development => "",
            Origin::Ceremony => "-ceremony",
        };
        self.directory
            .join(format!("{circuit}-{constraints:08x}{origin}-v{VERSION}.pk"))
    }
}

/// Who made keys.
enum Origin {
    Development,
    Ceremony,
}

fn io_error(path: &Path) -> impl Fn(io::Error) -> KeysError + '_ {
    |source| KeysError::Io {
        path: path.to_owned(),
        source,
    }
}

const MAGIC: [u8; 8] = *b"STROBEPK";
const VERSION: u32 = 3;
const CIRCUIT_LEN: usize = 16;

/// What a key file begins with; the proving key in arkworks' uncompressed form follows.
struct Header {
    /// Circuit id, filled with zeros.
    circuit: [u8; CIRCUIT_LEN],
    /// SHA-256 of the ceremony's transcript; zeros of development keys.
    transcript: [u8; 32],
    /// SHA-256 of the circuit's `.r1cs` file.
    r1cs: [u8; 32],
    /// SHA-256 of the verifying key's bytes.
    verifying_key: [u8; 32],
    /// SHA-256 of the whole file but this hash, so that nothing the header says can be changed by
    /// itself.
    contents: [u8; 32],
}

impl Header {
    fn to_bytes(&self) -> Vec<u8> {
        [&self.hashed()[..], &self.contents].concat()
    }

    /// What of the header its hash covers.
    fn hashed(&self) -> Vec<u8> {
        [
            &MAGIC[..],
            &VERSION.to_le_bytes(),
            &self.circuit,
            &self.transcript,
            &self.r1cs,
            &self.verifying_key,
        ]
        .concat()
    }

    fn transcript(&self) -> Option<[u8; 32]> {
        (self.transcript != [0; 32]).then_some(self.transcript)
    }

    fn hash_with(&self, body: &[u8]) -> [u8; 32] {
        Sha256::new()
            .chain_update(self.hashed())
            .chain_update(body)
            .finalize()
            .into()
    }

    fn split(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (magic, rest) = bytes.split_first_chunk::<8>()?;
        let (version, rest) = rest.split_first_chunk::<4>()?;
        let (circuit, rest) = rest.split_first_chunk()?;
        let (transcript, rest) = rest.split_first_chunk()?;
        let (r1cs, rest) = rest.split_first_chunk()?;
        let (verifying_key, rest) = rest.split_first_chunk()?;
        let (contents, rest) = rest.split_first_chunk()?;
        let is_known = *magic == MAGIC && u32::from_le_bytes(*version) == VERSION;
        is_known.then_some((
            Self {
                circuit: *circuit,
                transcript: *transcript,
                r1cs: *r1cs,
                verifying_key: *verifying_key,
                contents: *contents,
            },
            rest,
        ))
    }
}

fn circuit_field(circuit: Circuit) -> [u8; CIRCUIT_LEN] {
    let mut field = [0; CIRCUIT_LEN];
    for (byte, letter) in field.iter_mut().zip(circuit.id().bytes()) {
        *byte = letter;
    }
    field
}

fn verifying_key(key: &ProvingKey<Bn254>) -> Result<VerifyingKey, groth16::KeyError> {
    let mut bytes = encode_g1(&key.vk.alpha_g1).to_vec();
    for point in [&key.vk.beta_g2, &key.vk.gamma_g2, &key.vk.delta_g2] {
        bytes.extend(encode_g2(point));
    }
    for point in &key.vk.gamma_abc_g1 {
        bytes.extend(encode_g1(point));
    }
    VerifyingKey::from_bytes(&bytes)
}

/// Hands the matrices to arkworks.
struct Synthesis<'a>(&'a R1cs);

impl ConstraintSynthesizer<Field> for Synthesis<'_> {
    fn generate_constraints(self, cs: ConstraintSystemRef<Field>) -> Result<(), SynthesisError> {
        let R1cs {
            num_variables,
            a,
            b,
            c,
            ..
        } = self.0;
        let unassigned = || Err(SynthesisError::AssignmentMissing);
        let mut variables = vec![Variable::One, cs.new_input_variable(unassigned)?];
        for _ in PUBLIC_VARIABLES..*num_variables {
            variables.push(cs.new_witness_variable(unassigned)?);
        }
        let combination = |matrix: &Matrix, row| {
            LinearCombination(
                matrix
                    .row(row)
                    .iter()
                    .map(|(variable, coefficient)| (*coefficient, variables[*variable]))
                    .collect(),
            )
        };
        for row in 0..self.0.num_constraints() {
            cs.enforce_r1cs_constraint(
                || combination(a, row),
                || combination(b, row),
                || combination(c, row),
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_store_generates_once_and_reads_back() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let store = KeyStore::new(directory.path().join("nested"));
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let store = store.clone();
                std::thread::spawn(move || {
                    store
                        .load_or_generate(Circuit::Quorum3)
                        .expect("generates or reads")
                })
            })
            .collect();
        let hashes: Vec<_> = threads
            .into_iter()
            .map(|thread| {
                let keys = thread.join().expect("no panic");
                assert!(keys.is_dev());
                keys.verifying_key.hash()
            })
            .collect();
        assert_eq!(hashes[0], hashes[1]);

        let path = store.path(
            Circuit::Quorum3,
            &Circuit::Quorum3.r1cs(),
            Origin::Development,
        );
        let good = fs::read(&path).expect("the file is there");
        let read = |bytes: &[u8], circuit| {
            fs::write(&path, bytes).expect("writable");
            Keys::read(&path, circuit).map(|keys| keys.verifying_key.hash())
        };
        let changed = |place: usize| {
            let mut bytes = good.clone();
            bytes[place] ^= 1;
            bytes
        };
        assert_eq!(read(&good, Circuit::Quorum3).expect("unchanged"), hashes[0]);
        assert!(matches!(
            read(&good, Circuit::Quorum6),
            Err(KeysError::OtherCircuit { found, .. }) if found == "quorum-3"
        ));
        for place in [0, 8] {
            assert!(matches!(
                read(&changed(place), Circuit::Quorum3),
                Err(KeysError::NotAKeyFile { .. })
            ));
        }
        assert!(matches!(
            read(&good[..100], Circuit::Quorum3),
            Err(KeysError::NotAKeyFile { .. })
        ));
        // Circuit, transcript, constraints, verifying key, hash, proving key.
        for place in [12, 28, 60, 92, 124, 156, good.len() - 1] {
            assert!(matches!(
                read(&changed(place), Circuit::Quorum3),
                Err(KeysError::Damaged { .. })
            ));
        }
        // A header that is whole, but not of this build or of its key.
        let sealed = |place: usize| {
            let bytes = changed(place);
            let (mut header, body) = Header::split(&bytes).expect("a header");
            header.contents = header.hash_with(body);
            [&header.to_bytes(), body].concat()
        };
        assert!(matches!(
            read(&sealed(60), Circuit::Quorum3),
            Err(KeysError::OtherConstraints { .. })
        ));
        assert!(matches!(
            read(&sealed(92), Circuit::Quorum3),
            Err(KeysError::OtherVerifyingKey { .. })
        ));

        // A development key is none of a ceremony by its file's name.
        let renamed = store.path(Circuit::Quorum3, &Circuit::Quorum3.r1cs(), Origin::Ceremony);
        fs::write(&renamed, &good).expect("writable");
        for keys in [
            store.load(Circuit::Quorum3).map(|_| ()),
            store.load_or_generate(Circuit::Quorum3).map(|_| ()),
        ] {
            assert!(matches!(keys, Err(KeysError::DevelopmentKeyRenamed { .. })));
        }
        fs::remove_file(&renamed).expect("it is there");
        fs::write(&path, &good).expect("writable");
        let keys = Keys::read(&path, Circuit::Quorum3).expect("unchanged");
        assert!(matches!(store.store(&keys), Err(KeysError::NoTranscript)));

        let describe = |hash: &[u8; 32]| store.describe(hash);
        fs::write(&path, &good).expect("writable");
        fs::write(path.with_file_name("old.pk"), b"STROBEPK").expect("writable");
        assert!(matches!(
            describe(&hashes[0]),
            Ok(Some((Circuit::Quorum3, true)))
        ));
        assert!(matches!(describe(&[7; 32]), Ok(None)));
        fs::write(&path, changed(28)).expect("writable");
        assert!(matches!(
            describe(&hashes[0]),
            Err(KeysError::Damaged { .. })
        ));
    }

    #[test]
    fn no_two_setups_make_the_same_key() {
        let key = || {
            Keys::generate(Circuit::Quorum3)
                .expect("generates")
                .verifying_key
        };
        assert_ne!(key(), key());
    }
}
