// Bets a token on the first outcome of a flash market on a local validator:
// `node build/examples/bet.js KEYPAIR [MARKET]`, without a market on the first that there is.
import { readFile } from 'node:fs/promises';

import { address, createKeyPairSignerFromBytes } from '@solana/kit';
import { connect } from '@strobe/sdk';

const [keypair = '', named] = process.argv.slice(2);
const bytes = new Uint8Array(JSON.parse(await readFile(keypair, 'utf8')));
const strobe = connect({ url: 'http://127.0.0.1:8899', wallet: await createKeyPairSignerFromBytes(bytes) });
const market = named ? address(named) : (await strobe.flash.list())[0]?.address;
if (!market) throw new Error('There is no flash market here: start one with scripts/localnet');
const bet = await strobe.flash.placeBet({ market, outcome: 0, stake: 1_000_000n });
console.log(`${bet.signature}: ${bet.quote.shares} shares`);
