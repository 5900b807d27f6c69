use std::collections::BTreeMap;

/// What happens when, in order of time; of what is due at one time, what was entered first.
pub struct Agenda<A> {
    actions: BTreeMap<(u64, u64), A>,
    entries: u64,
}

impl<A> Agenda<A> {
    pub fn new() -> Self {
        Self {
            actions: BTreeMap::new(),
            entries: 0,
        }
    }

    /// `time` in unix milliseconds.
    pub fn at(&mut self, time: u64, action: A) {
        self.actions.insert((time, self.entries), action);
        self.entries += 1;
    }

    /// The next action and its time.
    pub fn next(&mut self) -> Option<(u64, A)> {
        let ((time, _), action) = self.actions.pop_first()?;
        Some((time, action))
    }
}
