import { type NatsServer, startNatsServer } from "@troupe/testkit";
import { afterAll, beforeAll } from "vitest";
import { describeBus, describeKeyValue } from "./conformance.ts";
import { connectNats } from "./index.ts";

let server: NatsServer;
beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server[Symbol.asyncDispose]());

describeBus("nats", () => ({
  connect: () => connectNats({ servers: server.url, name: "conformance" }),
  async restart(meanwhile) {
    await server.stop();
    await meanwhile();
    await server.start();
  },
}));

describeKeyValue("nats", () => connectNats({ servers: server.url, name: "conformance" }));
