import { connectNats } from "@troupe/bus";
import { ServiceError } from "@troupe/errors";
import { explainSubject } from "@troupe/operator/fleet";
import type { Command } from "commander";
import { addSiteOptions, type SiteOptions } from "./site-options.ts";

const timeoutMs = 5000;

export function addExplain(program: Command): void {
  const command = program
    .command("explain")
    .argument("<kind>", "pipeline, stagepool, site, model, tenant, avatar, acceleratorclass")
    .argument("<name>", "namespace/name, or the name alone: in the platform's namespace")
    .description("what the operator makes of an object, what it plans for it, and why not more");
  addSiteOptions(command).action(explain);
}

async function explain(kind: string, name: string, { nats, site }: SiteOptions): Promise<void> {
  const bus = await connectNats({ servers: nats, name: "troupe explain" });
  try {
    const question = new TextEncoder().encode(JSON.stringify({ kind, name }));
    const { data } = await bus.request(explainSubject(site), question, { timeoutMs });
    console.log(new TextDecoder().decode(data));
  } catch (thrown) {
    const error = ServiceError.from(thrown);
    if (error.reason !== "NO_RESPONDERS") throw error;
    throw new ServiceError("NO_RESPONDERS", `no operator leads at site ${site}: is it the right --site and --nats?`, { cause: thrown });
  } finally {
    await bus.drain();
  }
}
