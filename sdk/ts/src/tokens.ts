// Token accounts, as far as trading needs them.
import { type Address, type EncodedAccount, type Instruction, AccountRole } from '@solana/kit';

import { ASSOCIATED_TOKEN_PROGRAM, associatedTokens } from './addresses.js';
import type { Chain } from './chain.js';

/** A mint, and the token program that it is of. */
export interface Mint {
	address: Address;
	program: Address;
	/** Of its base unit: 6 make a token a million of them. */
	decimals: number;
}

/** Where each is in the account of a mint and of an owner's tokens. */
const DECIMALS_AT = 44;
const AMOUNT_AT = 64;

/** A mint as its account says it. */
export function readMint({ address, programAddress, data }: EncodedAccount): Mint {
	return { address, program: programAddress, decimals: data[DECIMALS_AT] ?? 0 };
}

/** What an owner's associated token account holds, base units; 0 without one. */
export async function tokenBalance(chain: Chain, owner: Address, mint: Mint): Promise<bigint> {
	const [account] = await chain.getAccounts([await associatedTokens(owner, mint.address, mint.program)]);
	if (!account) return 0n;
	const bytes = Uint8Array.from(account.data);
	return new DataView(bytes.buffer).getBigUint64(AMOUNT_AT, true);
}

const SYSTEM_PROGRAM = '11111111111111111111111111111111' as Address;

/** Creates the owner's associated token account unless it is there. */
export async function createAssociatedTokens(
	payer: Address,
	owner: Address,
	mint: Pick<Mint, 'address' | 'program'>,
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
