import type { Bus } from "@troupe/bus";

export interface FaultPlan {
  /** Decides for each message published on a subject that `applies` names. */
  readonly fate: (subject: string, index: number) => "deliver" | "lose" | "duplicate" | "delay";
  readonly applies: (subject: string) => boolean;
}

/** A bus that loses, doubles and reorders what is published through it, as the plan says. A delayed message follows the next one. */
export function faultyBus(bus: Bus, plan: FaultPlan): Bus {
  const delayed = new Map<string, () => void>();
  let index = 0;
  return new Proxy(bus, {
    get(target, property, receiver) {
      if (property !== "publish") {
        const value = Reflect.get(target, property, target) as unknown;
        return typeof value === "function" ? value.bind(target) : Reflect.get(target, property, receiver);
      }
      const publish: Bus["publish"] = (subject, data, options) => {
        const send = () => target.publish(subject, data, options);
        if (!plan.applies(subject)) return send();
        const fate = plan.fate(subject, index++);
        const earlier = delayed.get(subject);
        delayed.delete(subject);
        if (fate === "delay") delayed.set(subject, send);
        else if (fate !== "lose") send();
        if (fate === "duplicate") send();
        earlier?.();
      };
      return publish;
    },
  });
}
