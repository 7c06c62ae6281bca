import type { DescMethod, DescService, Message, MessageShape } from "@bufbuild/protobuf";
import {
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  type ServiceError as GrpcError,
  Metadata,
} from "@grpc/grpc-js";
import { ServiceError } from "@troupe/errors";
import { errorFromStatus } from "./error-status.ts";
import { methodDefinition } from "./method-definition.ts";
import { writeAll } from "./stream.ts";

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Relative. Default 30,000 for unary calls, none for streams. */
  readonly timeoutMs?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

type Call<M extends DescMethod> = M["methodKind"] extends "unary"
  ? (request: MessageShape<M["input"]>, options?: CallOptions) => Promise<MessageShape<M["output"]>>
  : M["methodKind"] extends "server_streaming"
    ? (request: MessageShape<M["input"]>, options?: CallOptions) => AsyncIterable<MessageShape<M["output"]>>
    : (requests: AsyncIterable<MessageShape<M["input"]>>, options?: CallOptions) => AsyncIterable<MessageShape<M["output"]>>;

export type RpcClient<S extends DescService> = { readonly [Name in keyof S["method"]]: Call<S["method"][Name]> } & Disposable;

/** Spreads calls over every address a name resolves to; idempotent unary calls only are tried again by their callers. */
const serviceConfig = JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] });

export function createClient<S extends DescService>(service: S, address: string): RpcClient<S> {
  const channel = new Client(address, credentials.createInsecure(), {
    "grpc.service_config": serviceConfig,
    "grpc.keepalive_time_ms": 10_000,
    "grpc.keepalive_timeout_ms": 5_000,
    "grpc.max_receive_message_length": 16 * 1024 * 1024,
    "grpc.use_local_subchannel_pool": 1,
  });
  const calls: Record<string, unknown> = { [Symbol.dispose]: () => channel.close() };
  for (const method of service.methods)
    calls[method.localName] = method.methodKind === "unary" ? unary(channel, method) : streaming(channel, method);
  return calls as RpcClient<S>;
}

function unary(channel: Client, method: DescMethod) {
  const definition = methodDefinition(method);
  return (request: Message, options: CallOptions = {}) =>
    new Promise<Message>((resolve, reject) => {
      const call = channel.makeUnaryRequest(
        definition.path,
        definition.requestSerialize,
        definition.responseDeserialize,
        request,
        metadataOf(options),
        { deadline: Date.now() + (options.timeoutMs ?? 30_000) },
        (error, response) => (error ? reject(errorFromStatus(error)) : resolve(response as Message)),
      );
      options.signal?.addEventListener("abort", () => call.cancel(), { once: true });
    });
}

function streaming(channel: Client, method: DescMethod) {
  const definition = methodDefinition(method);
  return async function* (input: Message | AsyncIterable<Message>, options: CallOptions = {}): AsyncIterable<Message> {
    const callOptions = options.timeoutMs === undefined ? {} : { deadline: Date.now() + options.timeoutMs };
    const call: ClientReadableStream<Message> | ClientDuplexStream<Message, Message> =
      method.methodKind === "server_streaming"
        ? channel.makeServerStreamRequest(
            definition.path,
            definition.requestSerialize,
            definition.responseDeserialize,
            input as Message,
            metadataOf(options),
            callOptions,
          )
        : channel.makeBidiStreamRequest(
            definition.path,
            definition.requestSerialize,
            definition.responseDeserialize,
            metadataOf(options),
            callOptions,
          );
    const stop = new AbortController();
    const cancel = () => call.cancel();
    options.signal?.addEventListener("abort", cancel, { once: true });
    let inputFailure: unknown;
    if (method.methodKind !== "server_streaming") {
      const duplex = call as ClientDuplexStream<Message, Message>;
      writeAll(duplex, input as AsyncIterable<Message>, stop.signal).then(
        () => duplex.end(),
        (thrown) => {
          inputFailure = thrown;
          call.cancel();
        },
      );
    }
    try {
      for await (const message of call) yield message as Message;
    } catch (thrown) {
      if (options.signal?.aborted) throw ServiceError.from(options.signal.reason);
      throw inputFailure && !stop.signal.aborted ? ServiceError.from(inputFailure) : errorFromStatus(thrown as GrpcError);
    } finally {
      stop.abort();
      options.signal?.removeEventListener("abort", cancel);
      call.cancel();
    }
  };
}

function metadataOf(options: CallOptions): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(options.metadata ?? {})) metadata.set(key, value);
  return metadata;
}
