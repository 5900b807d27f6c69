// Readings of a market's prices at its desk, without which no order is filled.
import type { Address } from '@solana/kit';
import { ordersAddresses } from '@strobe/sdk';
import { orders } from '@strobe/sdk/programs';

import type { World } from './world.js';

const APART_SECONDS = 61n;

/** Two, as far apart as an average has to be long. */
export async function readPrices(world: World, market: Address, venue: Address): Promise<void> {
	const desk = await ordersAddresses.desk(market);
	const read = orders.getObservePricesInstruction({ desk, market, venue });
	await world.send(world.admin, read);
	world.setTime(world.now() + APART_SECONDS);
	await world.send(world.admin, read);
}
