//! What liquidity providers do.

use client::{
    addresses::markets as addresses,
    instructions::markets::{
        AddLiquidity, AddLiquidityArgs, CollectLiquidityFees, Curve, OpenLiquidity, OpenPosition,
        RemoveLiquidity, RemoveLiquidityArgs,
    },
    market_quotes::add_liquidity,
};
use markets::state::LiquidityPosition;
use math::Money;
use solana_instruction::Instruction;

use super::{part, Action, Demo, Step, ADDED, HOUR};
use crate::{
    error::DemoError,
    markets::{
        script::Question,
        venue::{CREATOR, STAYER, VISITOR},
    },
    orders::tolerated,
};

impl Demo<'_> {
    /// An L2 curve takes liquidity before its first trade only, and gives none back before the end of
    /// trading.
    pub(super) fn plan_liquidity(&mut self, market: usize, question: &Question, opens_at: u64) {
        let steps: &[_] = if question.curve == Curve::L2 {
            &[
                (0, VISITOR, Step::Add),
                (0, STAYER, Step::Add),
                (10, VISITOR, Step::CollectFees),
                (13, STAYER, Step::CollectFees),
            ]
        } else {
            &[
                (1, VISITOR, Step::Add),
                (4, STAYER, Step::Add),
                (8, CREATOR, Step::Remove(30)),
                (10, VISITOR, Step::CollectFees),
                (12, VISITOR, Step::Leave),
                (13, STAYER, Step::CollectFees),
            ]
        };
        for &(hours, player, step) in steps {
            let action = Action::Provide {
                player,
                market,
                step,
            };
            self.agenda.at(opens_at + hours * HOUR, action);
        }
    }

    /// The instruction that opens a player's position, unless there is one.
    pub(super) fn open_position(&self, player: usize, market: usize) -> Vec<Instruction> {
        let one = &self.markets[market];
        if one.holders.contains(&player) {
            return Vec::new();
        }
        let owner = self.house.players[player].person.address();
        let open = OpenPosition {
            payer: owner,
            owner,
            market: one.address,
            is_held: false,
        };
        vec![open.instruction()]
    }

    /// Does what a liquidity provider does now.
    pub(super) fn provide(
        &mut self,
        player: usize,
        market: usize,
        step: Step,
    ) -> Result<(), DemoError> {
        let (name, instructions) = match step {
            Step::Add => ("adding liquidity", self.add_liquidity(player, market)?),
            Step::Remove(percent) => {
                let remove = self.remove_liquidity(player, market, percent)?;
                ("removing liquidity", remove)
            }
            Step::Leave => {
                let remove = self.remove_liquidity(player, market, 100)?;
                ("removing liquidity", remove)
            }
            Step::CollectFees => ("collecting fees", self.collect_fees(player, market)?),
        };
        if instructions.is_empty() {
            return Ok(());
        }
        self.act_as(player, market, name, &instructions)?;
        let one = &mut self.markets[market];
        if !matches!(step, Step::CollectFees) {
            one.holders.insert(player);
        }
        one.providers.insert(player);
        Ok(())
    }

    fn add_liquidity(&self, player: usize, market: usize) -> Result<Vec<Instruction>, DemoError> {
        let state = self.state(market)?;
        let outcomes = usize::from(state.pool.outcomes);
        let venue = self.house.venue_state()?;
        let clock = self.house.stage.world.chain.clock();
        // Without a quote the program will say why there is none.
        let (min_shares, min_returned) = add_liquidity(&state, &venue, clock, Money(ADDED))
            .map_or_else(
                |_| (0, Vec::new()),
                |quote| {
                    let returned = quote.added.returned.map(tolerated);
                    let shares = tolerated(quote.added.shares.0);
                    (shares, returned[..outcomes].to_vec())
                },
            );
        let person = &self.house.players[player].person;
        let one = &self.markets[market];
        let mut instructions = self.open_position(player, market);
        if !one.providers.contains(&player) {
            let open = OpenLiquidity {
                payer: person.address(),
                owner: person.address(),
                market: one.address,
            };
            instructions.push(open.instruction());
        }
        let add = AddLiquidity {
            holder: self.holder(player, market),
            args: AddLiquidityArgs {
                amount: ADDED,
                min_shares,
                min_returned,
            },
        };
        instructions.push(add.instruction());
        Ok(instructions)
    }

    fn remove_liquidity(
        &self,
        player: usize,
        market: usize,
        percent: u64,
    ) -> Result<Vec<Instruction>, DemoError> {
        let person = &self.house.players[player].person;
        let address = self.markets[market].address;
        let place = addresses::liquidity(&address, &person.address());
        let liquidity: LiquidityPosition = self.house.stage.world.chain.account(place)?;
        let remove = RemoveLiquidity {
            holder: self.holder(player, market),
            args: RemoveLiquidityArgs {
                shares: part(liquidity.shares, percent),
                min_cash: 0,
                min_returned: Vec::new(),
            },
        };
        let mut instructions = self.open_position(player, market);
        instructions.push(remove.instruction());
        Ok(instructions)
    }

    /// Nothing if there are no fees.
    fn collect_fees(&self, player: usize, market: usize) -> Result<Vec<Instruction>, DemoError> {
        if self.fees_of(player, market)? == 0 {
            return Ok(Vec::new());
        }
        let person = &self.house.players[player].person;
        let collect = CollectLiquidityFees {
            owner: person.address(),
            venue: self.house.venue,
            market: self.markets[market].address,
            owner_tokens: person.tokens,
            token_program: self.house.stage.token_program(),
        };
        Ok(vec![collect.instruction()])
    }

    /// What a provider could collect now, base units.
    fn fees_of(&self, player: usize, market: usize) -> Result<u64, DemoError> {
        let owner = self.house.players[player].person.address();
        let place = addresses::liquidity(&self.markets[market].address, &owner);
        let mut liquidity: LiquidityPosition = self.house.stage.world.chain.account(place)?;
        let mut state = self.state(market)?;
        // A market that the program keeps has fees that add up.
        let now = self.house.now()?;
        Ok(state.take_fees(&mut liquidity, now).unwrap_or_default())
    }
}
