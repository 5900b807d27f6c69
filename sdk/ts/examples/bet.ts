// Bets a unit on the first outcome of the first flash market: `node build/examples/bet.js KEYPAIR [URL]`.
import { readFile } from 'node:fs/promises';

import { createKeyPairSignerFromBytes } from '@solana/kit';
import { connect } from '@strobe/sdk';

const [keypair = '', url = 'http://127.0.0.1:8899'] = process.argv.slice(2);
const bytes = new Uint8Array(JSON.parse(await readFile(keypair, 'utf8')));
const strobe = connect({ url, wallet: await createKeyPairSignerFromBytes(bytes) });
const [market] = await strobe.flash.list();
if (!market) throw new Error('There is no flash market here: start one with scripts/localnet');
const bet = await strobe.flash.placeBet({ market: market.address, outcome: 0, stake: 1_000_000n });
console.log(`${bet.signature}: ${bet.quote.shares} shares for ${bet.quote.amount} base units`);
