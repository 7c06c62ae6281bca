import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the server was sent. */
export interface ReceivedRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it
  readonly body: any;
}

/** A real HTTP server on a free port that answers completions as a test says. */
export interface ScriptedServer extends AsyncDisposable {
  readonly baseUrl: string;
  readonly received: readonly ReceivedRequest[];
  /** Requests whose connection the client closed before the answer was complete. */
  readonly broken: () => number;
}

export type Script = (response: ServerResponse, request: ReceivedRequest) => void | Promise<void>;

export async function startScriptedServer(script: Script): Promise<ScriptedServer> {
  const received: ReceivedRequest[] = [];
  let broken = 0;
  const server = createServer(async (request, response) => {
    const entry = await receive(request);
    received.push(entry);
    response.on("close", () => {
      if (!response.writableFinished) broken++;
    });
    await script(response, entry);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    received,
    broken: () => broken,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function receive(request: IncomingMessage): Promise<ReceivedRequest> {
  const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>);
  return {
    path: request.url ?? "",
    authorization: request.headers.authorization,
    body: JSON.parse(Buffer.concat(chunks).toString("utf8")),
  };
}

/** An event of a streamed completion. */
export function chunk(content: string): string {
  return `data: ${JSON.stringify({ object: "chat.completion.chunk", choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`;
}

export function openStream(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.flushHeaders();
}

/** Answers with these deltas and [DONE]. */
export function says(...deltas: readonly string[]): Script {
  return (response) => {
    openStream(response);
    for (const delta of deltas) response.write(chunk(delta));
    response.end("data: [DONE]\n\n");
  };
}
