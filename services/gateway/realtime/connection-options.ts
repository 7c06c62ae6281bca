import { z } from "zod";
import type { ClientSecretGrant } from "../access/principal.ts";
import { outputRequest, refuseUnsupported, sessionSettings, troupeSettings } from "./protocol/session-update.ts";
import { invalid } from "./protocol/unsupported.ts";
import { defaultSessionOptions, type SessionOptions, updated, withTroupe } from "./session-options.ts";

/** What the address of a connection says. */
export interface ConnectionRequest {
  readonly options: SessionOptions;
  readonly resumeToken: string | undefined;
}

const flag = z.enum(["0", "1", "true", "false"]).transform((text) => text === "1" || text === "true");
const number = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);
const text = z.string().max(200);
const query = z.object({
  model: z.string().max(100).optional(),
  resume: text.optional(),
  media: text.optional(),
  language: text.optional(),
  width: number.optional(),
  height: number.optional(),
  frames_per_second: number.optional(),
  video_bitrate_bps: number.optional(),
  motion: flag.optional(),
  captions: flag.optional(),
  audio_codec: text.optional(),
  video_codec: text.optional(),
});

/**
 * Options of a connection from its address and from the client secret it came with; what the address says holds.
 * @throws ServiceError INVALID_REQUEST, UNIMPLEMENTED
 */
export function connectionRequest(parameters: unknown, secret: ClientSecretGrant | undefined): ConnectionRequest {
  const { model, resume, media, language, ...output } = checked(query, parameters);
  const bound = secret ? withSecret(defaultSessionOptions, secret) : defaultSessionOptions;
  const options = model === undefined ? bound : { ...bound, model };
  const given = { media, language };
  const asked = Object.values(output).some((value) => value !== undefined);
  if (!asked && media === undefined && language === undefined)
    return { options: { ...options, aware: options.aware || resume !== undefined }, resumeToken: resume };
  const troupe = checked(troupeSettings, { ...given, ...(asked ? { output: checked(outputRequest, output) } : {}) });
  return { options: withTroupe(options, troupe), resumeToken: resume };
}

function withSecret(options: SessionOptions, { session }: ClientSecretGrant): SessionOptions {
  const settings = checked(sessionSettings, session);
  refuseUnsupported(settings);
  const next = updated(options, settings);
  return settings.model === undefined ? next : { ...next, model: settings.model };
}

function checked<T extends z.ZodType>(schema: T, given: unknown): z.output<T> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = issue ? z.core.toDotPath(issue.path).slice(0, 200) : "";
  throw invalid(path, `${path}: ${issue?.message ?? "invalid"}`.slice(0, 500));
}
