// What whoever proves a median can choose among.
import { type ProviderSet, type VerifyingKey, Aggregation } from './generated/oracle/index.js';

/** The values that a prover can make the median: of all members' values by increasing order, from 1. */
export interface MedianReach {
	first: number;
	last: number;
	members: number;
}

/** Of a market that waits for this set and this key; undefined if all signatures that count must agree. */
export function medianReach(
	set: Pick<ProviderSet, 'threshold' | 'size'>,
	key: Pick<VerifyingKey, 'aggregation'>,
): MedianReach | undefined {
	if (key.aggregation === Aggregation.Agreement) {
		return undefined;
	}
	const first = Math.ceil(set.threshold / 2);
	return { first, last: set.size + 1 - first, members: set.size };
}

/** The reach as a sentence. */
export function describeReach({ first, last, members }: MedianReach): string {
	if (first === last) return `The result is the ${nth(first)} of ${members} values`;
	return `Whoever proves the result chooses among the ${nth(first)} to the ${nth(last)} of ${members} values`;
}

function nth(rank: number): string {
	const isTeen = rank % 100 >= 11 && rank % 100 <= 13;
	return `${rank}${isTeen ? 'th' : (['th', 'st', 'nd', 'rd'][rank % 10] ?? 'th')}`;
}
