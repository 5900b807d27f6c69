// A provider made of circomlibjs alone: Strobe's messages, circomlib's EdDSA-Poseidon.
import { randomBytes } from "node:crypto";
import { buildEddsa } from "circomlibjs";

export const VALUE_OFFSET = 2n ** 63n;

const eddsa = await buildEddsa();
const { F } = eddsa.babyJub;

const decimal = (element) => F.toObject(element).toString();

/** Poseidon of decimal strings or integers, as a decimal string. */
export const poseidon = (inputs) =>
  decimal(eddsa.poseidon(inputs.map((input) => F.e(BigInt(input)))));

/** A random field element as a decimal string. */
export const randomField = () => decimal(F.random());

/** What a provider signs about an observation. */
export const message = (domain, { feed_id, observed_at, prev_at, value }) =>
  poseidon([domain, feed_id, observed_at, prev_at, BigInt(value) + VALUE_OFFSET]);

/** A provider with a fresh random key: its public key and how it signs an observation. */
export function provider(name) {
  const secret = randomBytes(32);
  const public_key = eddsa.prv2pub(secret).map(decimal);
  const attest = (domain, observation) => {
    const signed = F.e(BigInt(message(domain, observation)));
    const { R8, S } = eddsa.signPoseidon(secret, signed);
    return {
      provider: public_key,
      ...observation,
      signature: { r8: R8.map(decimal), s: S.toString() },
    };
  };
  return { name, public_key, attest };
}
