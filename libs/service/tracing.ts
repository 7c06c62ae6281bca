import { context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

export interface Tracing extends AsyncDisposable {
  flush(): Promise<void>;
}

/** Sets the process's tracer up: W3C trace context, spans as OTLP JSON over HTTP. Without an endpoint, contexts still travel. */
export function startTracing(service: string, otlpUrl: string): Tracing {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  if (otlpUrl === "") return { flush: async () => undefined, [Symbol.asyncDispose]: async () => undefined };
  const exporter = new OTLPTraceExporter({ url: otlpUrl });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": `troupe-${service}` }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: 500 })],
  });
  trace.setGlobalTracerProvider(provider);
  return { flush: () => provider.forceFlush(), [Symbol.asyncDispose]: () => provider.shutdown() };
}
