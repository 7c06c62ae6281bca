import type { DescMethod, DescService, Message, MessageShape } from "@bufbuild/protobuf";
import { Client, credentials, type ServiceError as GrpcError, Metadata } from "@grpc/grpc-js";
import { ServiceError } from "@troupe/errors";
import { errorFromStatus } from "./error-status.ts";
import { methodDefinition } from "./method-definition.ts";
import { writeAll } from "./stream.ts";

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Relative. Default none. */
  readonly timeoutMs?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

type Call<M extends DescMethod> = (
  requests: AsyncIterable<MessageShape<M["input"]>>,
  options?: CallOptions,
) => AsyncIterable<MessageShape<M["output"]>>;

export type RpcClient<S extends DescService> = { readonly [Name in keyof S["method"]]: Call<S["method"][Name]> } & Disposable;

/** Spreads calls over every address a name resolves to. */
const serviceConfig = JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] });

/** Calls the methods of a service, all of which stream both ways. */
export function createClient<S extends DescService>(service: S, address: string): RpcClient<S> {
  const channel = new Client(address, credentials.createInsecure(), {
    "grpc.service_config": serviceConfig,
    "grpc.keepalive_time_ms": 10_000,
    "grpc.keepalive_timeout_ms": 5_000,
    "grpc.max_receive_message_length": 16 * 1024 * 1024,
    "grpc.use_local_subchannel_pool": 1,
  });
  const calls: Record<string, unknown> = { [Symbol.dispose]: () => channel.close() };
  for (const method of service.methods) calls[method.localName] = streaming(channel, method);
  return calls as RpcClient<S>;
}

function streaming(channel: Client, method: DescMethod) {
  const { path, requestSerialize, responseDeserialize } = methodDefinition(method);
  return async function* (requests: AsyncIterable<Message>, options: CallOptions = {}): AsyncIterable<Message> {
    const { signal, timeoutMs } = options;
    if (signal?.aborted) throw ServiceError.from(signal.reason);
    const callOptions = timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
    const call = channel.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadataOf(options), callOptions);
    const stop = new AbortController();
    const cancel = () => call.cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    let inputFailure: unknown;
    writeAll(call, requests, stop.signal).then(
      () => call.end(),
      (thrown) => {
        inputFailure = thrown;
        call.cancel();
      },
    );
    try {
      for await (const message of call) yield message as Message;
    } catch (thrown) {
      if (signal?.aborted) throw ServiceError.from(signal.reason);
      throw inputFailure && !stop.signal.aborted ? ServiceError.from(inputFailure) : errorFromStatus(thrown as GrpcError);
    } finally {
      stop.abort();
      signal?.removeEventListener("abort", cancel);
      call.cancel();
    }
  };
}

function metadataOf(options: CallOptions): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(options.metadata ?? {})) metadata.set(key, value);
  return metadata;
}
