// Writes a provider set, attestations of its members and the statement to prove, all made by
// circomlibjs: attest.mjs DIRECTORY CIRCUIT
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { VALUE_OFFSET, poseidon, provider, randomField } from "./signer.mjs";

const [directory, circuit] = process.argv.slice(2);
const CAPACITY = 16;
// The kind of feed whose observations each say which was before them.
const TICK = 1;
const threshold = Number(circuit.replace("quorum-", ""));

const domain = randomField();
const at = 1_671_375_600_000n;
const value = -36_542_118n;
const feed_id = randomField();
const members = Array.from({ length: threshold + 2 }, (_, place) => provider(`provider ${place}`));
const attestations = members.map((member, place) =>
  member.attest(domain, {
    feed_id,
    observed_at: (at + BigInt(place)).toString(),
    prev_at: (at - 1n - BigInt(place)).toString(),
    value: (place === 1 ? value + 1n : value).toString(),
  }),
);

const leaves = members.map(({ public_key }) => poseidon(public_key));
while (leaves.length < CAPACITY) leaves.push("0");
const root = poseidon([0, 4, 8, 12].map((first) => poseidon(leaves.slice(first, first + 4))));
const hash = poseidon([domain, root, threshold + 256 * TICK, feed_id, at, value + VALUE_OFFSET]);

const write = (name, text) => writeFileSync(join(directory, name), text);
write(
  "set.json",
  JSON.stringify({
    threshold,
    providers: members.map(({ name, public_key }) => ({ name, public_key })),
  }),
);
write("attestations.json", JSON.stringify(attestations));
write("domain", domain);
write("at", at.toString());
write("expected.json", JSON.stringify({ root, hash }));
