import { expect, it } from "vitest";
import { runDrains } from "./drains/run-drains.ts";

// Budget: 90 s. A real API server, the operator as a process, kwok's nodes, the stage runtime and a gateway in processes of their own.
it("takes a hundred pods away under sessions without cutting one, and cuts some as soon as nobody waits for them", async () => {
  const { operator, withoutWaiting } = await runDrains({
    drains: 100,
    withoutWaiting: 15,
    plainDeployment: 0,
    sessions: 15,
    seed: 1,
    signal: AbortSignal.timeout(110_000),
    step: () => undefined,
  });
  expect(operator.figures).toMatchObject({ cut: 0, lost: 0 });
  expect(operator.figures.deletions).toBeGreaterThanOrEqual(100);
  expect(Object.keys(operator.figures.byUser)).toEqual(["troupe-operator"]);
  expect(operator.figures.servedWhenNamed).toBeGreaterThan(20);
  expect(withoutWaiting?.figures.cut).toBeGreaterThan(0);
});
