import { describeBus, describeKeyValue } from "./conformance.ts";
import { createMemoryBroker } from "./index.ts";

const broker = createMemoryBroker();

describeBus("memory", () => ({
  connect: async () => broker.connect(),
  async restart(meanwhile) {
    const cut = broker.interrupt();
    await meanwhile();
    cut.restore();
  },
}));

describeKeyValue("memory", async () => broker.connect());
