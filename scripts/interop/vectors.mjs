// Writes the vectors that the attestation crate is tested against. Keys are random and not kept.
import { writeFileSync } from "node:fs";
import { message, poseidon, provider, randomField } from "./signer.mjs";

const target = new URL(
  "../../crates/attestation/tests/fixtures/circomlibjs.json",
  import.meta.url,
);

const hashes = Array.from({ length: 12 }, (_, index) => {
  const inputs = Array.from({ length: index + 1 }, randomField);
  return { inputs, hash: poseidon(inputs) };
});
hashes.push({ inputs: ["1", "2"], hash: poseidon(["1", "2"]) });
hashes.push({ inputs: ["0", "0", "0", "0"], hash: poseidon(["0", "0", "0", "0"]) });

const domain = randomField();
const values = [0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 36_542_118n, -17n, 3n];
const attestations = values.map((value, index) => {
  const observation = {
    feed_id: randomField(),
    observed_at: (1_671_375_600_000 + index).toString(),
    prev_at: (index * 1_000).toString(),
    value: value.toString(),
  };
  return {
    message: message(domain, observation),
    attestation: provider(`provider ${index}`).attest(domain, observation),
  };
});

const leaves = Array.from({ length: 16 }, randomField);
const nodes = [0, 4, 8, 12].map((first) => poseidon(leaves.slice(first, first + 4)));
const tree = { leaves, root: poseidon(nodes) };

writeFileSync(target, JSON.stringify({ hashes, domain, attestations, tree }, null, 1) + "\n");
