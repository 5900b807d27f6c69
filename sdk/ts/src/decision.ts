// Who decides what a market pays.
import type { Address } from '@solana/kit';

import type { Chain } from './chain.js';
import * as oracle from './generated/oracle/index.js';
import { expectAccount } from './market.js';
import { type MedianReach, medianReach } from './medians.js';

/** Whose signatures a market believes, and what a proof of them shows. */
export interface Decision {
	/** How many of the members must have signed. */
	threshold: number;
	members: number;
	/** What a prover can choose among; undefined if all signatures that count must agree. */
	reach: MedianReach | undefined;
	/** Whether one party made the key of the proofs alone, and could forge them. */
	isDevelopment: boolean;
}

/** Of a market that believes this provider set under this key. */
export async function findDecision(
	chain: Chain,
	{ providerSet, verifyingKey }: { providerSet: Address; verifyingKey: Address },
): Promise<Decision> {
	const [setAccount, keyAccount] = await chain.getAccounts([providerSet, verifyingKey]);
	const { ORACLE_PROGRAM_ADDRESS: program, PROVIDER_SET_DISCRIMINATOR, VERIFYING_KEY_DISCRIMINATOR } = oracle;
	const foundSet = expectAccount(setAccount, providerSet, program, PROVIDER_SET_DISCRIMINATOR, 'provider set');
	const set = oracle.getProviderSetDecoder().decode(foundSet.data);
	const foundKey = expectAccount(keyAccount, verifyingKey, program, VERIFYING_KEY_DISCRIMINATOR, 'verifying key');
	const key = oracle.getVerifyingKeyDecoder().decode(foundKey.data);
	return {
		threshold: set.threshold,
		members: set.size,
		reach: medianReach(set, key),
		isDevelopment: key.development !== 0,
	};
}
