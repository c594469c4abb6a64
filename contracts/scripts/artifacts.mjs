// Compiles and writes resources/contracts/artifacts: one file per contract, and an index with the hash of every source.
// `--check` compares with what is there instead of writing.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync, existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const target = join(root, "..", "resources", "contracts", "artifacts");
const check = process.argv.includes("--check");

const walk = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? walk(join(folder, entry.name)) : [join(folder, entry.name)],
  );
const sha = (text) => createHash("sha256").update(text).digest("hex");
const sorted = (value) =>
  Array.isArray(value)
    ? value.map(sorted)
    : value && typeof value === "object"
      ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]))
      : value;
// The compiler's keys are numbers of its syntax tree, which change with whatever else is compiled.
const spans = (references) =>
  Object.fromEntries(
    Object.values(references)
      .sort((a, b) => a[0].start - b[0].start)
      .map((found, index) => [`${index}`, found]),
  );

execFileSync(join(root, "node_modules", ".bin", "forge"), ["build", "--skip", "test"], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
const sources = walk(join(root, "src")).filter((file) => file.endsWith(".sol")).sort();
const files = {};
for (const source of sources) {
  const folder = join(root, "out", source.split("/").pop());
  if (!existsSync(folder)) continue;
  for (const name of readdirSync(folder).sort()) {
    if (name.split(".").length > 2) continue; // what another profile made of it
    const artifact = JSON.parse(readFileSync(join(folder, name), "utf8"));
    if (artifact.abi.length === 0 || artifact.bytecode.object === "0x") continue;
    files[name] = sorted({
      contractName: name.replace(/\.json$/, ""),
      abi: artifact.abi,
      bytecode: artifact.bytecode.object,
      deployedBytecode: artifact.deployedBytecode.object,
      immutableReferences: spans(artifact.deployedBytecode.immutableReferences ?? {}),
    });
  }
}
const inputs = [...sources, join(root, "foundry.toml"), join(root, "package-lock.json")];
files["index.json"] = {
  contracts: Object.keys(files).map((name) => name.replace(/\.json$/, "")),
  sources: Object.fromEntries(inputs.map((file) => [relative(root, file), sha(readFileSync(file))])),
};
let stale = [];
mkdirSync(target, { recursive: true });
for (const [name, content] of Object.entries(files)) {
  const text = JSON.stringify(content, null, 1) + "\n";
  const path = join(target, name);
  if (check) {
    if (!existsSync(path) || readFileSync(path, "utf8") !== text) stale.push(name);
  } else writeFileSync(path, text);
}
const extra = readdirSync(target).filter((name) => !(name in files));
if (check) stale.push(...extra);
else extra.forEach((name) => rmSync(join(target, name)));
if (stale.length) {
  console.error(`stale artifacts: ${stale.join(", ")}. Run packaging/dev contracts build.`);
  process.exit(1);
}
console.log(`${Object.keys(files).length - 1} contracts`);
