// Fails unless Strobe computed what circomlibjs did: compare.mjs DIRECTORY NAME, JSON on standard
// input, either an object with the value under its name or an array with the value first.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [directory, name] = process.argv.slice(2);
const expected = JSON.parse(readFileSync(join(directory, "expected.json"), "utf8"))[name];
const result = JSON.parse(readFileSync(0, "utf8"));
const found = Array.isArray(result) ? result[0] : result[name];
if (found !== expected) {
  console.error(`${name}: circomlibjs has ${expected}, strobe has ${found}`);
  process.exit(1);
}
