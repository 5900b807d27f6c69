import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';

// The IDLs alone, for those who use Anchor's client: it is CommonJS and has types of web3.js 1.
const { BorshCoder } = createRequire(import.meta.url)('@anchor-lang/core');
const folder = join(process.cwd(), '../../idl');

for (const file of readdirSync(folder)) {
	test(`${file} loads with Anchor's client`, () => {
		const idl = JSON.parse(readFileSync(join(folder, file), 'utf8'));
		const coder = new BorshCoder(idl);
		for (const { name, discriminator } of idl.accounts) {
			assert.deepEqual([...coder.accounts.accountDiscriminator(name)], discriminator);
		}
	});
}

test("Anchor's client encodes an instruction as ours does", async () => {
	const { markets } = await import('@strobe/sdk/programs');
	const idl = JSON.parse(readFileSync(join(folder, 'markets.json'), 'utf8'));
	const { BN } = createRequire(import.meta.url)('@anchor-lang/core');
	const args = { outcome: 1, stake: new BN(1_000), min_shares: new BN(7) };
	const theirs: Uint8Array = new BorshCoder(idl).instruction.encode('buy', { args });
	const ours = markets
		.getBuyInstructionDataEncoder()
		.encode({ outcome: 1, stake: 1_000n, minShares: 7n });
	assert.deepEqual([...theirs], [...ours]);
});
