import { create } from "@bufbuild/protobuf";
import { type SessionState, SessionStateSchema } from "@troupe/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createGrants, OwnerState, StateView } from "./index.ts";

type Step = (owner: OwnerState) => void;
const number = fc.integer({ min: 1, max: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constant<Step>((owner) => owner.nextResponse()),
  fc.constant<Step>((owner) => owner.nextResponse({ speculative: true })),
  fc.constant<Step>((owner) => owner.nextUtterance()),
  number.map<Step>((n) => (owner) => owner.endUtterance(n)),
  number.map<Step>((n) => (owner) => owner.cancelOnly(n)),
  number.map<Step>((n) => (owner) => owner.cancelThrough(n)),
  number.map<Step>((n) => (owner) => owner.commit(n)),
  number.map<Step>((n) => (owner) => owner.hold(n)),
  number.map<Step>((n) => (owner) => owner.release(n)),
  number.map<Step>((n) => (owner) => owner.over(n)),
  number.map<Step>((n) => (owner) => owner.fence("tts", n)),
  number.map<Step>((n) => (owner) => owner.handOver(owner.nextEpoch(), owner.nextEpoch(), n)),
);

describe("session state", () => {
  it("ends the same whatever order, loss and repetition the messages suffer, if only the last one comes some time", () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 25 }),
        fc.infiniteStream(fc.nat()),
        fc.infiniteStream(fc.boolean()),
        (steps, picks, losses) => {
          const sent: SessionState[] = [];
          const owner = new OwnerState((state) => sent.push(state));
          for (const change of steps) change(owner);
          const arrivals = sent.flatMap((state) => (losses.next().value && state !== sent.at(-1) ? [] : [state, state]));
          for (let index = arrivals.length - 1; index > 0; index--) {
            const other = picks.next().value % (index + 1);
            [arrivals[index], arrivals[other]] = [arrivals[other] as SessionState, arrivals[index] as SessionState];
          }
          const view = new StateView();
          for (const state of arrivals) view.merge(state);
          expect(view.snapshot()).toEqual(owner.view.snapshot());
        },
      ),
    );
  });

  it("stays small however long a conversation lasts, and cancels nothing that is under way", () => {
    const owner = new OwnerState(() => undefined);
    for (let response = 1; response <= 200; response++) {
      owner.nextResponse({ speculative: response % 3 === 0 });
      if (response % 2 === 0) owner.cancelOnly(response);
      else owner.commit(response);
      if (response < 200) owner.over(response);
    }
    const current = owner.nextResponse();
    expect(owner.view.snapshot()).toMatchObject({ cancel: { through: 199, only: [200] }, committedThrough: current, committedOnly: [] });
    expect(owner.view.isCancelled(current)).toBe(false);
  });

  it("counts a response as cancelled only when it and all before it are over", () => {
    const owner = new OwnerState(() => undefined);
    for (let response = 1; response <= 4; response++) owner.nextResponse();
    const cancelled = () => [1, 2, 3, 4].filter((response) => owner.view.isCancelled(response));
    const steps: number[][] = [];
    for (const response of [3, 2, 1]) {
      owner.over(response);
      steps.push(cancelled());
    }
    expect(steps).toEqual([[], [], [1, 2, 3]]);
  });

  it("commits a speculative response only when asked, whatever is committed after it", () => {
    const owner = new OwnerState(() => undefined);
    owner.nextResponse({ speculative: true });
    owner.nextResponse();
    expect([1, 2].map((response) => owner.view.isCommitted(response))).toEqual([false, true]);
    owner.commit(1);
    expect(owner.view.snapshot()).toMatchObject({ committedThrough: 2, committedOnly: [] });
  });

  it("listens from the start of an utterance to its end", () => {
    const owner = new OwnerState(() => undefined);
    const heard = [owner.view.listening];
    owner.nextUtterance();
    heard.push(owner.view.listening);
    owner.endUtterance(1);
    heard.push(owner.view.listening);
    expect(heard).toEqual([false, true, false]);
  });

  it("never forgets a cancel and cancels nothing else", () => {
    const view = new StateView(create(SessionStateSchema, { cancel: { through: 3, only: [5] } }));
    view.merge(create(SessionStateSchema, { cancel: { through: 1, only: [] }, lastResponse: 9 }));
    expect([1, 2, 3, 4, 5, 6, 9].filter((response) => view.isCancelled(response))).toEqual([1, 2, 3, 5]);
  });

  it("takes the later of two holds, not the later to arrive", () => {
    const view = new StateView(create(SessionStateSchema, { hold: { revision: 2, response: 1, held: false } }));
    view.merge(create(SessionStateSchema, { hold: { revision: 1, response: 1, held: true } }));
    expect(view.isHeld(1)).toBe(false);
  });
});

describe("a grant", () => {
  const key = new Uint8Array(32).fill(7);
  const wanted = { tenant: "acme", session: "s1", stage: "tts" };

  it("opens what it names", async () => {
    const grants = createGrants(key);
    await expect(grants.check(await grants.sign(wanted), wanted)).resolves.toBeUndefined();
  });

  it.each(["tenant", "session", "stage"] as const)("is refused for another %s", async (field) => {
    const grants = createGrants(key);
    const token = await grants.sign({ ...wanted, [field]: "other" });
    await expect(grants.check(token, wanted)).rejects.toMatchObject({ reason: "GRANT_SCOPE", metadata: { field } });
  });

  it("is refused when expired, forged or garbled", async () => {
    const grants = createGrants(key);
    const tokens = [await createGrants(key, -10).sign(wanted), await createGrants(new Uint8Array(32)).sign(wanted), "", "a.b.c"];
    for (const token of tokens) await expect(grants.check(token, wanted)).rejects.toMatchObject({ reason: "GRANT_INVALID" });
  });
});
