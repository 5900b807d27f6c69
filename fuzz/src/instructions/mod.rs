//! Instruction data of every program, with the accounts of instructions that are right: whatever is taken,
//! all books still balance.

mod flash_bets;
mod leverage;
mod markets;
mod oracle;
mod orders;

use std::{cell::RefCell, panic, sync::Once};

use anchor_lang::solana_program::instruction::Instruction;
use solana_keypair::Keypair;
use testbed::{SendError, WorldOptions};

use crate::Target;

pub use self::{
    flash_bets::flash_bets_data, leverage::leverage_data, markets::markets_data,
    oracle::oracle_data, orders::orders_data,
};

/// What a person begins with, base units.
const PURSE: u64 = 10_000_000_000;
/// Time passes every so many inputs.
const INPUTS_PER_STEP: usize = 24;
/// Then a new world begins: one whose markets have ended refuses everything.
const INPUTS_PER_WORLD: usize = 2_000;
const DISCRIMINATOR_LEN: usize = 8;

/// A world of a program, which checks its books after each instruction.
trait Play {
    fn send(&mut self, instruction: Instruction, signers: &[&Keypair]) -> Result<(), SendError>;
    fn pass(&mut self);
}

/// Instructions that are right, or were, or will be.
#[derive(Default)]
struct Steps(Vec<(Instruction, Vec<Keypair>)>);

impl Steps {
    fn add(&mut self, instruction: Instruction, signers: &[&Keypair]) {
        let signers = signers.iter().map(|key| key.insecure_clone()).collect();
        self.0.push((instruction, signers));
    }

    /// Their data, each after a byte that says whose accounts it comes with.
    fn corpus(&self) -> Vec<Vec<u8>> {
        let numbered = (0u8..).zip(&self.0);
        numbered
            .map(|(number, (instruction, _))| [&[number], &instruction.data[..]].concat())
            .collect()
    }

    /// The instruction of an input, and its signers.
    fn read(&self, input: &[u8]) -> Option<(Instruction, Vec<&Keypair>)> {
        let (number, data) = input.split_first()?;
        let (instruction, signers) = &self.0[usize::from(*number) % self.0.len()];
        let mut data = data.to_vec();
        // Most inputs are to reach the instruction.
        let is_named = data.len() % 4 != 0;
        if let (true, Some(name)) = (is_named, data.first_chunk_mut::<DISCRIMINATOR_LEN>()) {
            name.copy_from_slice(&instruction.data[..DISCRIMINATOR_LEN]);
        }
        let instruction = Instruction {
            data,
            ..instruction.clone()
        };
        Some((instruction, signers.iter().collect()))
    }
}

thread_local! {
    /// What was sent to the present world, for whoever has to find out how it came to a failure.
    static HISTORY: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}
static TELL: Once = Once::new();

fn tell_history_of_failures() {
    TELL.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |failure| {
            HISTORY.with_borrow(|history| {
                for input in history {
                    eprintln!("b\"{}\"", input.escape_ascii());
                }
            });
            before(failure);
        }));
    });
}

fn target<P: Play + 'static>(name: &'static str, start: fn() -> (P, Steps)) -> Target {
    tell_history_of_failures();
    let (mut world, mut steps) = start();
    let mut tried = 0;
    Target::new(name, steps.corpus(), move |input| {
        if tried == INPUTS_PER_WORLD {
            (world, steps) = start();
            tried = 0;
        }
        let Some((instruction, signers)) = steps.read(input) else {
            return false;
        };
        HISTORY.with_borrow_mut(|history| {
            history.truncate(tried);
            history.push(input.to_vec());
        });
        tried += 1;
        let is_taken = world.send(instruction, &signers).is_ok();
        if tried % INPUTS_PER_STEP == 0 {
            world.pass();
        }
        is_taken
    })
}

/// The programs in the form that the environment names.
fn options() -> WorldOptions {
    let kind = testbed::ProgramKind::from_env().expect("a form of the programs");
    WorldOptions::new(kind)
}
