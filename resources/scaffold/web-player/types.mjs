// Writes src/api.d.ts: the types of every request and answer, from the node's own specification.
import { writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const server = process.env.MYCELIX_SERVER ?? "{{SERVER}}";
await writeFile("src/api.d.ts", astToString(await openapiTS(new URL("/openapi.json", server))));
