import { type Context, context, propagation, type TextMapGetter } from "@opentelemetry/api";
import type { Headers } from "./bus.ts";

const getter: TextMapGetter<Headers> = { keys: (carrier) => Object.keys(carrier), get: (carrier, key) => carrier[key] };

/** W3C trace context of `from` (the active context by default), to be sent along. */
export function traceHeaders(from: Context = context.active()): Record<string, string> {
  const headers: Record<string, string> = {};
  propagation.inject(from, headers);
  return headers;
}

/** The context that headers or gRPC metadata carry. */
export function extractContext(headers: Headers): Context {
  return propagation.extract(context.active(), headers, getter);
}
