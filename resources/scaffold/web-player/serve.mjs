// Serves the page, and hands /api on to the node: a browser then talks to one address only, as behind a proxy.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, request as ask } from "node:http";
import { request as askSafely } from "node:https";
import { extname, join, normalize } from "node:path";

const server = new URL(process.env.MYCELIX_SERVER ?? "{{SERVER}}");
const port = Number(process.env.PORT ?? 5173);
const kinds = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

async function file(path) {
  const name = normalize(path === "/" ? "/index.html" : path);
  for (const folder of ["public", "build"]) {
    const found = join(folder, name);
    if (kinds[extname(found)] && (await stat(found).catch(() => null))?.isFile()) return found;
  }
  return null;
}

createServer(async (request, response) => {
  const path = new URL(request.url ?? "/", "http://here").pathname;
  if (path.startsWith("/api/")) {
    const options = { method: request.method, headers: request.headers };
    if (process.env.MYCELIX_DOMAIN) options.headers.host = process.env.MYCELIX_DOMAIN;
    const send = server.protocol === "https:" ? askSafely : ask;
    const forward = send(new URL(request.url ?? "/", server), options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forward.on("error", () => response.writeHead(502).end());
    request.pipe(forward);
    return;
  }
  const found = await file(path);
  if (!found) return response.writeHead(404).end();
  response.writeHead(200, { "Content-Type": kinds[extname(found)], "X-Content-Type-Options": "nosniff" });
  createReadStream(found).pipe(response);
}).listen(port, "127.0.0.1", function () {
  console.log(`http://127.0.0.1:${this.address().port}`);
});
