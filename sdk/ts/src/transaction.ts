// From instructions to a confirmed transaction: simulated first, so that what is refused costs nothing
// and is explained.
import {
	type Address,
	type Instruction,
	type Signature,
	type TransactionSigner,
	appendTransactionMessageInstructions,
	assertIsTransactionWithinSizeLimit,
	compileTransaction,
	compressTransactionMessageUsingAddressLookupTables,
	createTransactionMessage,
	getSignatureFromTransaction,
	pipe,
	setTransactionMessageFeePayerSigner,
	setTransactionMessageLifetimeUsingBlockhash,
	signTransactionMessageWithSigners,
} from '@solana/kit';

import type { Chain, Lifetime, Outcome } from './chain.js';
import { requireSuccess } from './errors.js';
import { type StrobeEvent, decodeEvents } from './events.js';
import type { LookupTable } from './lookup-tables.js';

/** A transaction that was executed. */
export interface Receipt {
	signature: Signature;
	events: StrobeEvent[];
	logs: readonly string[];
	units: bigint;
}

export interface SendOptions {
	/** Micro-lamports a compute unit for being executed sooner; none by default. */
	priorityFee?: bigint;
	/** By which the transaction names accounts, where there are too many for it. */
	lookupTables?: readonly LookupTable[];
}

const COMPUTE_BUDGET = 'ComputeBudget111111111111111111111111111111' as Address;
const MOST_UNITS = 1_400_000n;
/** What the state of the chain may add to what the simulation consumed: a tenth. */
const UNITS_MARGIN = 10n;
/** Units of the compute budget's own instructions. */
const BUDGET_UNITS = 600n;

/** What the instructions would do now. Nothing is signed. */
export async function simulate(
	chain: Chain,
	payer: TransactionSigner,
	instructions: readonly Instruction[],
	lookupTables: readonly LookupTable[] = [],
): Promise<Outcome> {
	const budget = [computeUnitLimit(MOST_UNITS)];
	const lifetime = await chain.getLifetime();
	return simulateMessage(chain, message(payer, [...budget, ...instructions], lifetime, lookupTables));
}

/**
 * Simulates the instructions, has them signed with a compute budget that fits, and sends them.
 *
 * @throws StrobeError if they are refused; after the simulation nothing has been sent.
 */
export async function send(
	chain: Chain,
	payer: TransactionSigner,
	instructions: readonly Instruction[],
	options: SendOptions = {},
): Promise<Receipt> {
	const { lookupTables = [] } = options;
	const simulated = await simulate(chain, payer, instructions, lookupTables);
	requireSuccess(simulated);
	const units = simulated.units + simulated.units / UNITS_MARGIN + BUDGET_UNITS;
	const budget = [computeUnitLimit(units < MOST_UNITS ? units : MOST_UNITS)];
	if (options.priorityFee) budget.push(computeUnitPrice(options.priorityFee));
	const lifetime = await chain.getLifetime();
	const signed = await signTransactionMessageWithSigners(
		message(payer, [...budget, ...instructions], lifetime, lookupTables),
	);
	assertIsTransactionWithinSizeLimit(signed);
	const outcome = await chain.send(signed, lifetime);
	requireSuccess(outcome);
	const { logs } = outcome;
	return {
		signature: getSignatureFromTransaction(signed),
		events: decodeEvents(logs),
		logs,
		units: outcome.units,
	};
}

function message(
	payer: TransactionSigner,
	instructions: readonly Instruction[],
	lifetime: Lifetime,
	lookupTables: readonly LookupTable[],
) {
	const tables = Object.fromEntries(lookupTables.map(({ address, addresses }) => [address, [...addresses]]));
	return pipe(
		createTransactionMessage({ version: 0 }),
		(empty) => setTransactionMessageFeePayerSigner(payer, empty),
		(paid) => setTransactionMessageLifetimeUsingBlockhash(lifetime, paid),
		(alive) => appendTransactionMessageInstructions(instructions, alive),
		(whole) => compressTransactionMessageUsingAddressLookupTables(whole, tables),
	);
}

function simulateMessage(chain: Chain, whole: ReturnType<typeof message>): Promise<Outcome> {
	return chain.simulate(compileTransaction(whole));
}

function computeUnitLimit(units: bigint): Instruction {
	const data = new Uint8Array(5);
	data[0] = 2;
	new DataView(data.buffer).setUint32(1, Number(units), true);
	return { programAddress: COMPUTE_BUDGET, data };
}

function computeUnitPrice(microLamports: bigint): Instruction {
	const data = new Uint8Array(9);
	data[0] = 3;
	new DataView(data.buffer).setBigUint64(1, microLamports, true);
	return { programAddress: COMPUTE_BUDGET, data };
}
