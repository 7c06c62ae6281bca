import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** An object as JSON, freely changed by tests: the API server alone says what is right. */
// biome-ignore lint/suspicious/noExplicitAny: objects that break every type are what is tested
export type Json = any;

/** A copy of the kind's example, renamed and changed. @param file name of its source without extension */
export function example(file: string, change: (object: Json) => void = () => undefined): Json {
  const object = parse(readFileSync(join(import.meta.dirname, "../examples", `${file}.yaml`), "utf8"));
  change(object);
  return object;
}
