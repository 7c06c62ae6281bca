import { create } from "@bufbuild/protobuf";
import { ConversationService, ConverseRequestSchema, type ConverseResponse, ConverseResponseSchema } from "@troupe/contracts";
import { isServiceError, ServiceError } from "@troupe/errors";
import { afterEach, describe, expect, it } from "vitest";
import { createClient, createRpcServer } from "./index.ts";

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const resource of open.splice(0)) await resource[Symbol.asyncDispose]();
});

async function serve(converse: (requests: AsyncIterable<unknown>, context: { signal: AbortSignal }) => AsyncIterable<ConverseResponse>) {
  const server = createRpcServer();
  server.add(ConversationService, { converse });
  open.push(server);
  const port = await server.listen("127.0.0.1", 0);
  const client = createClient(ConversationService, `127.0.0.1:${port}`);
  open.push({ [Symbol.asyncDispose]: async () => client[Symbol.dispose]() });
  return { client, server };
}

const started = (session: string) => create(ConverseResponseSchema, { event: { case: "started", value: { session, avatar: "mara" } } });
const text = (value: string) => create(ConverseRequestSchema, { message: { case: "text", value: { text: value } } });

async function* of<T>(...items: T[]) {
  yield* items;
}

describe("an rpc server and its client", () => {
  it("stream both ways", async () => {
    const { client } = await serve(async function* (requests) {
      let count = 0;
      for await (const _ of requests) yield started(String(++count));
    });
    const seen: (string | undefined)[] = [];
    for await (const response of client.converse(of(text("a"), text("b"))))
      if (response.event.case === "started") seen.push(response.event.value.session);
    expect(seen).toEqual(["1", "2"]);
  });

  it("carry reason, metadata and retry delay of an error to the caller", async () => {
    const { client } = await serve(async function* () {
      yield started("one");
      throw new ServiceError("NO_CAPACITY", "full", { retryAfterMs: 1500, metadata: { stage: "tts" } });
    });
    const failure = await Array.fromAsync(client.converse(of(text("a")))).catch((error: unknown) => error);
    expect(isServiceError(failure, "NO_CAPACITY")).toBe(true);
    expect(failure).toMatchObject({ retryAfterMs: 1500, metadata: { stage: "tts" }, message: "full" });
  });

  it("abort the handler when the caller goes away", async () => {
    const aborted = Promise.withResolvers<unknown>();
    const { client } = await serve(async function* (_, context) {
      yield started("one");
      context.signal.addEventListener("abort", () => aborted.resolve(context.signal.reason));
      await new Promise((_, reject) => context.signal.addEventListener("abort", () => reject(context.signal.reason)));
    });
    const controller = new AbortController();
    const idle = async function* () {
      yield text("a");
      await new Promise((resolve) => controller.signal.addEventListener("abort", resolve));
    };
    const call = (async () => {
      for await (const _ of client.converse(idle(), { signal: controller.signal }))
        controller.abort(new ServiceError("CANCELLED", "enough"));
    })();
    await expect(call).rejects.toMatchObject({ reason: "CANCELLED", message: "enough" });
    await expect(aborted.promise).resolves.toMatchObject({ reason: "CANCELLED" });
  });

  it("begin no call whose signal is aborted already", async () => {
    let begun = 0;
    const { client } = await serve(async function* () {
      begun++;
      yield started("one");
    });
    const signal = AbortSignal.abort(new ServiceError("CANCELLED", "too late"));
    await expect(Array.fromAsync(client.converse(of(text("a")), { signal }))).rejects.toMatchObject({ message: "too late" });
    await Array.fromAsync(client.converse(of(text("b"))));
    expect(begun).toBe(1);
  });

  it("report a server that is gone as unavailable", async () => {
    const { client, server } = await serve(async function* (_, context) {
      yield started("one");
      await new Promise((_, reject) => context.signal.addEventListener("abort", () => reject(context.signal.reason)));
    });
    const call = (async () => {
      for await (const _ of client.converse(of(text("a")))) await server[Symbol.asyncDispose]();
    })();
    await expect(call).rejects.toMatchObject({ code: 14 });
  });
});
