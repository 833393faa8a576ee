// The router as a server of its own, for Node: ORIGIN=… PORT=… node serve.mjs
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { router } from "./router.js";

const answer = router({ origin: process.env.ORIGIN, freshMs: Number(process.env.FRESH_MS ?? 5000) });
const server = createServer(async (request, response) => {
  const headers = Object.entries(request.headers).filter(([, value]) => typeof value === "string");
  const url = `http://${request.headers.host ?? "localhost"}${request.url}`;
  const found = await answer(new Request(url, { method: request.method, headers }));
  response.writeHead(found.status, Object.fromEntries(found.headers));
  if (found.body === null) response.end();
  else Readable.fromWeb(found.body).on("error", () => response.destroy()).pipe(response);
});
server.listen(Number(process.env.PORT ?? 8080), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
