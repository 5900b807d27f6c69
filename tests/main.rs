//! What the programs do on a chain: a folder a program, one file a story; `across` for what spans
//! programs.

mod across;
mod flash_bets;
mod leverage;
mod markets;
mod oracle;
mod orders;
mod support;
