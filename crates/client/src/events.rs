//! Events from the log of a transaction.

use anchor_lang::{prelude::Pubkey, AnchorDeserialize, Discriminator};
use base64::{prelude::BASE64_STANDARD, Engine};

/// What a program emitted, not yet read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmittedEvent {
    pub program: Pubkey,
    /// Discriminator and Borsh-encoded fields.
    pub data: Vec<u8>,
}

impl EmittedEvent {
    /// The event if it is a `T`. Ask for the events of a program only among its own: see
    /// [`Self::program`].
    pub fn read<T: Discriminator + AnchorDeserialize>(&self) -> Option<T> {
        let fields = self.data.strip_prefix(T::DISCRIMINATOR)?;
        T::try_from_slice(fields).ok()
    }
}

/// Every event of a transaction in order, with the program that emitted it.
///
/// A log that the node cut short (`Log truncated`) gives the events before the cut.
pub fn emitted(logs: &[String]) -> Vec<EmittedEvent> {
    let mut stack = Vec::new();
    let mut events = Vec::new();
    for line in logs {
        match parse(line) {
            Some(Line::Invoke(program)) => stack.push(program),
            Some(Line::Return) => {
                stack.pop();
            }
            Some(Line::Data(data)) => events.extend(stack.last().map(|program| EmittedEvent {
                program: *program,
                data,
            })),
            None => {}
        }
    }
    events
}

enum Line {
    Invoke(Pubkey),
    Return,
    Data(Vec<u8>),
}

fn parse(line: &str) -> Option<Line> {
    let rest = line.strip_prefix("Program ")?;
    if let Some(data) = rest.strip_prefix("data: ") {
        return BASE64_STANDARD.decode(data).ok().map(Line::Data);
    }
    // What a program logs itself starts with "log:", which is no address.
    let (program, what) = rest.split_once(' ')?;
    let program = program.parse().ok()?;
    if what.starts_with("invoke [") {
        Some(Line::Invoke(program))
    } else if what == "success" || what.starts_with("failed") {
        Some(Line::Return)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchor_lang::Event;
    use oracle::instructions::ObservationClosed;
    use program_kit::EventHeader;

    #[test]
    fn emitted_nested_calls_name_the_right_program() {
        let (outer, inner) = (oracle::ID, Pubkey::new_unique());
        let event = ObservationClosed {
            header: EventHeader {
                sequence: 1,
                slot: 2,
                unix_time: 3,
            },
            observation: Pubkey::new_unique(),
            rent_payer: Pubkey::new_unique(),
        };
        let data = BASE64_STANDARD.encode(event.data());
        let logs = [
            format!("Program {outer} invoke [1]"),
            format!("Program log: Program {inner} invoke [2]"),
            format!("Program {inner} invoke [2]"),
            format!("Program data: {data}"),
            format!("Program {inner} success"),
            format!("Program {outer} consumed 5 of 9 compute units"),
            format!("Program data: {data}"),
            format!("Program {outer} success"),
            format!("Program data: {data}"),
        ];
        let events = emitted(&logs);
        let programs: Vec<_> = events.iter().map(|event| event.program).collect();
        assert_eq!(programs, [inner, outer]);
        let read: ObservationClosed = events[0].read().expect("the event");
        assert_eq!(read.observation, event.observation);
        assert!(events[0]
            .read::<oracle::instructions::AdminAccepted>()
            .is_none());
    }
}
