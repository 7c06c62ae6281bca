import type { DescMethod, DescService, Message, MessageShape } from "@bufbuild/protobuf";
import { Server, ServerCredentials, type ServerDuplexStream, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { ServiceError } from "@troupe/errors";
import { HealthImplementation } from "grpc-health-check";
import { statusFromError } from "./error-status.ts";
import { serviceDefinition } from "./method-definition.ts";
import { addReflection } from "./reflection.ts";
import { writeAll } from "./stream.ts";

export interface CallContext {
  /** Aborted when the caller cancels, disconnects or its deadline passes. */
  readonly signal: AbortSignal;
  /** Absolute on Date.now(); Infinity when the caller set none. */
  readonly deadlineMs: number;
  /** ASCII metadata of the call, lower-case keys. */
  readonly metadata: Readonly<Record<string, string>>;
}

type Handler<M extends DescMethod> = (
  requests: AsyncIterable<MessageShape<M["input"]>>,
  context: CallContext,
) => AsyncIterable<MessageShape<M["output"]>>;

/** The methods of a service, all of which stream both ways. */
export type ServiceImplementation<S extends DescService> = { readonly [Name in keyof S["method"]]: Handler<S["method"][Name]> };

export interface RpcServer extends AsyncDisposable {
  add<S extends DescService>(service: S, implementation: ServiceImplementation<S>): void;
  /** Health of one service; "" is the process itself. Services start NOT_SERVING. */
  setServing(service: DescService | "", serving: boolean): void;
  /** Returns the port; 0 asks for a free one. */
  listen(host: string, port: number): Promise<number>;
  /** Takes no new calls, waits for the running ones until the grace is over, then cuts them. */
  drain(graceMs: number): Promise<void>;
}

export interface RpcServerOptions {
  /** Largest message taken, in bytes. Default 4 MiB. */
  readonly maxMessageBytes?: number;
  /** Called with every failure that is a defect of ours (INTERNAL). */
  readonly onDefect?: (error: ServiceError, method: string) => void;
}

export function createRpcServer(options: RpcServerOptions = {}): RpcServer {
  const maxMessageBytes = options.maxMessageBytes ?? 4 * 1024 * 1024;
  const server = new Server({
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.keepalive_time_ms": 10_000,
    "grpc.keepalive_timeout_ms": 5_000,
  });
  const health = new HealthImplementation({ "": "SERVING" });
  const services: DescService[] = [];

  const failed = (thrown: unknown, method: DescMethod) => {
    const error = ServiceError.from(thrown);
    if (error.reason === "INTERNAL") options.onDefect?.(error, `${method.parent.typeName}/${method.name}`);
    return statusFromError(error);
  };

  return {
    add(service, implementation) {
      const handlers: UntypedServiceImplementation = {};
      for (const method of service.methods) {
        const handler = implementation[method.localName as keyof typeof implementation] as Handler<DescMethod>;
        handlers[method.localName] = adapt(handler, (thrown) => failed(thrown, method)) as never;
      }
      server.addService(serviceDefinition(service), handlers);
      health.setStatus(service.typeName, "NOT_SERVING");
      services.push(service);
    },
    setServing(service, serving) {
      health.setStatus(service === "" ? "" : service.typeName, serving ? "SERVING" : "NOT_SERVING");
    },
    async listen(host, port) {
      health.addToServer(server as never);
      addReflection(server, services);
      return await new Promise<number>((resolve, reject) => {
        server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
      });
    },
    async drain(graceMs) {
      for (const service of services) health.setStatus(service.typeName, "NOT_SERVING");
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => server.forceShutdown(), graceMs);
        server.tryShutdown(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    },
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
    },
  };
}

function adapt(handler: Handler<DescMethod>, toStatus: (thrown: unknown) => ReturnType<typeof statusFromError>) {
  return (call: ServerDuplexStream<Message, Message>) => {
    const context = contextOf(call);
    writeAll(call, handler(call, context), context.signal).then(
      () => call.end(),
      (thrown) => call.emit("error", toStatus(thrown)),
    );
  };
}

function contextOf(call: ServerDuplexStream<Message, Message>): CallContext {
  const controller = new AbortController();
  call.on("cancelled", () => controller.abort(new ServiceError("CANCELLED", "the caller ended the call")));
  const deadline = call.getDeadline();
  const metadata: Record<string, string> = {};
  for (const [key, value] of Object.entries(call.metadata.getMap())) if (typeof value === "string") metadata[key] = value;
  return { signal: controller.signal, deadlineMs: deadline instanceof Date ? deadline.getTime() : deadline, metadata };
}
