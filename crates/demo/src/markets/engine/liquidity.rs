//! What liquidity providers do.

use client::{
    addresses::markets as addresses,
    instructions::markets::{
        AddLiquidity, AddLiquidityArgs, CollectLiquidityFees, Curve, OpenLiquidity, OpenPosition,
        PositionKind, RemoveLiquidity, RemoveLiquidityArgs,
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
        script::{Kind, Question},
        venue::{CREATOR, PROVIDERS, STAYER, VISITOR},
    },
    orders::tolerated,
};

impl Demo<'_> {
    /// An L2 curve takes liquidity before its first trade only.
    pub(super) fn plan_liquidity(&mut self, market: usize, question: &Question, opens_at: u64) {
        let is_l2 = matches!((question.kind, question.curve), (Kind::Scalar, Curve::Auto));
        let (second, third) = if is_l2 { (0, 0) } else { (1, 4) };
        for (hours, player, step) in [
            (second, VISITOR, Step::Add),
            (third, STAYER, Step::Add),
            (8, CREATOR, Step::Remove(30)),
            (10, VISITOR, Step::CollectFees),
            (12, VISITOR, Step::Leave),
            (13, STAYER, Step::CollectFees),
        ] {
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
            kind: self.position_kind(player, market),
        };
        vec![open.instruction()]
    }

    /// What an L2 curve gives back to its providers cannot be traded.
    pub(super) fn position_kind(&self, player: usize, market: usize) -> PositionKind {
        if self.markets[market].is_l2 && PROVIDERS.contains(&player) {
            PositionKind::RedeemOnly
        } else {
            PositionKind::Tradable
        }
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
        let clock = self.house.stage.world.chain.clock();
        // Without a quote the program will say why there is none.
        let (min_shares, min_returned) = add_liquidity(&state, clock, Money(ADDED)).map_or_else(
            |_| (0, Vec::new()),
            |quote| {
                let returned = quote.returned.map(tolerated);
                (tolerated(quote.shares.0), returned[..outcomes].to_vec())
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
            owner: person.address(),
            venue: self.house.venue,
            market: one.address,
            owner_tokens: person.tokens,
            token_program: self.house.stage.token_program(),
            kind: self.position_kind(player, market),
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
            owner: person.address(),
            market: address,
            owner_tokens: person.tokens,
            token_program: self.house.stage.token_program(),
            kind: self.position_kind(player, market),
            args: RemoveLiquidityArgs {
                shares: part(liquidity.shares, percent),
                min_cash: 0,
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
        Ok(state.take_fees(&mut liquidity).unwrap_or_default())
    }
}
