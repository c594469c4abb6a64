// Runs the tests for coverage and prints what of src/ they pass; fails below 95 of 100 branches.
// Forge counts conditions in inline assembly as branches and never as passed; tests tamper with each of them all the same.
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const LEAST = 95;
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const report = join(root, "lcov.info");
const options = ["coverage", "--ir-minimum", "--report", "lcov", "--report-file", report];
const left = ["--no-match-contract", "Gas$|Invariants$|Vectors|Proofs$", "--no-match-coverage", "(test|script|node_modules)"];
const forge = join(root, "node_modules", ".bin", "forge");
const environment = { ...process.env, FOUNDRY_PROFILE: "coverage" };
execFileSync(forge, [...options, ...left], { cwd: root, env: environment, stdio: ["ignore", "ignore", "inherit"] });

const kinds = { lines: ["LF", "LH"], functions: ["FNF", "FNH"], branches: ["BRF", "BRH"] };
const files = [];
for (const line of readFileSync(report, "utf8").split("\n")) {
  const [key, value] = line.split(":");
  if (key === "SF") files.push({ name: value, missed: [] });
  else if (key === "BRDA" && ["0", "-"].includes(value.split(",")[3])) files.at(-1).missed.push(value.split(",")[0]);
  else if (value !== undefined && files.length) files.at(-1)[key] = Number(value);
}
rmSync(report);
const sum = (key) => files.reduce((total, file) => total + (file[key] ?? 0), 0);
for (const file of files.filter((each) => each.missed.length)) {
  console.log(`${file.name}: branches not passed in lines ${[...new Set(file.missed)].join(", ")}`);
}
for (const [kind, [found, hit]] of Object.entries(kinds)) {
  console.log(`contracts/src ${kind}: ${sum(hit)} of ${sum(found)}, ${((100 * sum(hit)) / sum(found)).toFixed(1)} %`);
}
if (100 * sum("BRH") < LEAST * sum("BRF")) {
  console.error(`branches below ${LEAST} %`);
  process.exit(1);
}
