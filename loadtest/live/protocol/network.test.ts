import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { openNetwork } from "./network.ts";

/** Sends back what it gets. */
async function startEcho() {
  const server = createServer((socket) => socket.pipe(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, [Symbol.dispose]: () => void server.close() };
}

describe("the network of a client", () => {
  it("cut, it lets nothing pass and nobody in; whole again, what waited goes on", async () => {
    using echo = await startEcho();
    await using network = await openNetwork(echo.port);
    const port = Number(new URL(network.url).port);
    const client = connect(port, "127.0.0.1");
    client.write("one");
    expect(String((await once(client, "data"))[0])).toBe("one");
    network.cut();
    client.write("two");
    const [refused] = (await once(connect(port, "127.0.0.1"), "error")) as [NodeJS.ErrnoException];
    expect(refused.code).toBe("ECONNRESET");
    expect(client.readableLength + client.bytesRead).toBe(3);
    network.restore();
    expect(String((await once(client, "data"))[0])).toBe("two");
    client.destroy();
  });

  it("leads new connections to where it is told", async () => {
    using echo = await startEcho();
    await using network = await openNetwork(1);
    network.lead(echo.port);
    const client = connect(Number(new URL(network.url).port), "127.0.0.1");
    client.write("one");
    expect(String((await once(client, "data"))[0])).toBe("one");
    client.destroy();
  });
});
