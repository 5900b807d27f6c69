// What a failed transaction says, by name.
import type { Address } from '@solana/kit';

import type { Outcome, TransactionFailure } from './chain.js';
import { PROGRAM_ERRORS } from './generated/program-errors.js';

/** Errors of programs that Strobe's call. */
const FOREIGN_ERRORS: Readonly<
	Record<string, { name: string; errors: Readonly<Record<number, readonly [string, string]>> }>
> = {
	'11111111111111111111111111111111': {
		name: 'system',
		errors: {
			0: ['AccountAlreadyInUse', 'An account with this address is there already'],
			1: ['ResultWithNegativeLamports', 'The account has too few lamports for this transfer'],
		},
	},
	...Object.fromEntries(
		['TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA', 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb'].map(
			(program) => [
				program,
				{
					name: 'token',
					errors: {
						0: ['NotRentExempt', 'The token account has too few lamports for its rent'],
						1: ['InsufficientFunds', 'The token account holds less than this'],
						3: ['MintMismatch', 'The token account is of another mint'],
						4: ['OwnerMismatch', 'The token account is of another owner'],
						17: ['AccountFrozen', 'The token account is frozen'],
					},
				},
			],
		),
	),
};

/** What the runtime says before any program is called. */
const RUNTIME_MESSAGES: Readonly<Record<string, string>> = {
	AccountNotFound: 'The fee payer has no account: it needs some SOL',
	AlreadyProcessed: 'The transaction has been executed already',
	BlockhashNotFound: 'The blockhash of the transaction has expired, or the node does not know it yet',
	InsufficientFundsForFee: 'The fee payer has too little SOL for the fee',
	InsufficientFundsForRent: 'An account would be left with too little SOL for its rent',
};

/** A transaction that was refused. */
export class StrobeError extends Error {
	override readonly name = 'StrobeError';
	constructor(
		/** The error's name in the program, or the runtime's word. */
		readonly errorName: string,
		/** One sentence for a reader. */
		readonly sentence: string,
		/** The program's code; `undefined` for an error of the runtime. */
		readonly code: number | undefined,
		/** The program that refused, which is not always the one that was called. */
		readonly program: Address | undefined,
		readonly logs: readonly string[],
	) {
		const number = code === undefined ? '' : ` (${code})`;
		const from = program === undefined ? '' : ` from ${programName(program)}`;
		super(`${errorName}${number}${from}: ${sentence}`);
	}
}

/** A program's name, or its address if it has none here. */
export function programName(program: Address): string {
	return (PROGRAM_ERRORS[program] ?? FOREIGN_ERRORS[program])?.name ?? program;
}

/** Name and sentence of a program's code. */
export function describeCode(
	program: Address,
	code: number,
	logs: readonly string[] = [],
): readonly [name: string, sentence: string] {
	const own = PROGRAM_ERRORS[program];
	if (!own) {
		return FOREIGN_ERRORS[program]?.errors[code] ?? unnamed(code);
	}
	// Strobe's programs share code, and so pass on each other's errors: their codes are all different.
	const named = [own, ...Object.values(PROGRAM_ERRORS)].find(({ errors }) => errors[code]);
	return named?.errors[code] ?? anchorError(code, logs) ?? unnamed(code);
}

function unnamed(code: number): readonly [string, string] {
	return [`Custom${code}`, "The program's error has no name here"];
}

/** The error of a constraint, which Anchor names in the log. */
function anchorError(code: number, logs: readonly string[]): readonly [string, string] | undefined {
	for (const line of logs) {
		const found = /AnchorError.* Error Code: (\w+)\. Error Number: (\d+)\. Error Message: (.*?)\.?$/.exec(line);
		if (found?.[1] && found[3] && Number(found[2]) === code) {
			const account = /caused by account: (\w+)/.exec(line)?.[1];
			return [found[1], account ? `${found[3]} (account ${account})` : found[3]];
		}
	}
	return undefined;
}

/** The error that a failed transaction is. */
export function explain(failure: TransactionFailure, logs: readonly string[]): StrobeError {
	if (failure.kind !== 'InstructionError') {
		const message = RUNTIME_MESSAGES[failure.kind] ?? 'The runtime refused the transaction';
		return new StrobeError(failure.kind, message, undefined, undefined, logs);
	}
	const program = firstFailed(logs);
	if (failure.code === undefined || program === undefined) {
		const name = failure.detail === 'Custom' ? `Custom${failure.code}` : (failure.detail ?? failure.kind);
		return new StrobeError(name, 'The instruction was refused', failure.code, program, logs);
	}
	const [name, sentence] = describeCode(program, failure.code, logs);
	return new StrobeError(name, sentence, failure.code, program, logs);
}

/** @throws StrobeError if the transaction failed. */
export function requireSuccess(outcome: Outcome): void {
	if (outcome.failure) throw explain(outcome.failure, outcome.logs);
}

/** The program whose failure the log reports first: an inner one fails before its caller does. */
function firstFailed(logs: readonly string[]): Address | undefined {
	for (const line of logs) {
		const found = /^Program (\w+) failed/.exec(line);
		if (found) return found[1] as Address;
	}
	return undefined;
}
