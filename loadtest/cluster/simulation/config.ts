import { z } from "zod";

const common = { natsUrl: z.string(), site: z.string(), grantKey: z.string().min(32) };

export const replicasConfig = z.object({
  ...common,
  kubeconfig: z.string(),
  maxSessions: z.number().int().positive(),
  /** Only pods on these nodes; without, on all. */
  nodes: z.array(z.string()).readonly().optional(),
});
export type ReplicasConfig = z.infer<typeof replicasConfig>;

export const gatewayConfig = z.object({
  ...common,
  owner: z.string(),
  seed: z.number().int(),
  /** File of the session log. */
  log: z.string(),
  /** How long a session lives on average. */
  meanLifeMs: z.number().positive(),
  /** That a session is moved for no reason, by one stage, at a tick of 100 ms. */
  moveChance: z.number().min(0).max(1).default(0.005),
});
export type GatewayConfig = z.input<typeof gatewayConfig>;

export const impatienceConfig = z.object({ kubeconfig: z.string() });

/** What a process of the simulation was started with. */
export const readArgument = <Schema extends z.ZodObject>(schema: Schema): z.infer<Schema> =>
  schema.parse(JSON.parse(process.argv[2] ?? "{}"));
