// Token accounts, as far as trading needs them.
import { type Address, type Instruction, AccountRole } from '@solana/kit';

import { ASSOCIATED_TOKEN_PROGRAM, associatedTokens } from './addresses.js';

/** A mint, and the token program that it is of. */
export interface Mint {
	address: Address;
	program: Address;
}

const SYSTEM_PROGRAM = '11111111111111111111111111111111' as Address;

/** Creates the owner's associated token account unless it is there. */
export async function createAssociatedTokens(
	payer: Address,
	owner: Address,
	mint: Mint,
): Promise<Instruction> {
	const tokens = await associatedTokens(owner, mint.address, mint.program);
	return {
		programAddress: ASSOCIATED_TOKEN_PROGRAM,
		accounts: [
			{ address: payer, role: AccountRole.WRITABLE_SIGNER },
			{ address: tokens, role: AccountRole.WRITABLE },
			{ address: owner, role: AccountRole.READONLY },
			{ address: mint.address, role: AccountRole.READONLY },
			{ address: SYSTEM_PROGRAM, role: AccountRole.READONLY },
			{ address: mint.program, role: AccountRole.READONLY },
		],
		data: new Uint8Array([1]),
	};
}
