import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ServiceError } from "@troupe/errors";
import { z } from "zod";
import { type Operation, operation } from "./operation.ts";
import { avatarList } from "./schemas.ts";
import type { SessionApiDeps } from "./session-api-deps.ts";

const named = /^[a-z][a-z0-9-]{0,62}$/;
const asset = z.looseObject({
  name: z.string(),
  title: z.string().default(""),
  version: z.string().default(""),
  author: z.string().default(""),
  licence: z.string().default(""),
  voices: z.record(z.string(), z.string()).default({}),
});

/** The avatars there are, and what a client needs to draw one itself. The files are public: they hold no secret. */
export function avatarOperations({ avatarDir, defaultAvatar }: SessionApiDeps): readonly Operation[] {
  return [
    operation({
      method: "GET",
      path: "/v1/avatars",
      id: "listAvatars",
      summary: "Avatars that a session may have.",
      caller: "nobody",
      response: avatarList,
      async handle() {
        const names = (await readdir(avatarDir)).filter((name) => named.test(name)).sort();
        const found = await Promise.all(names.map((name) => describe(avatarDir, name, defaultAvatar)));
        return { object: "list", data: found.filter((avatar) => avatar !== undefined) };
      },
    }),
    operation({
      method: "GET",
      path: "/v1/avatars/{name}/avatar.json",
      id: "getAvatar",
      summary: "An avatar as its renderer reads it.",
      caller: "nobody",
      response: z.unknown(),
      async handle({ params, request, reply }) {
        const text = await read(avatarDir, params["name"] ?? "");
        const etag = `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"`;
        reply.headers({ etag, "cache-control": "no-cache", "cross-origin-resource-policy": "cross-origin" });
        if (request.headers["if-none-match"] === etag) return reply.code(304).send();
        return reply.type("application/json").send(text);
      },
    }),
  ];
}

async function describe(avatarDir: string, id: string, defaultAvatar: string) {
  const text = await read(avatarDir, id).catch(() => undefined);
  const result = text === undefined ? undefined : asset.safeParse(JSON.parse(text.toString()));
  if (!result?.success) return undefined;
  const { name, title, version, author, licence, voices } = result.data;
  return { id, object: "avatar", name, title, version, author, licence, languages: Object.keys(voices), default: id === defaultAvatar };
}

/** @throws ServiceError AVATAR_UNKNOWN; no name leads out of the folder */
async function read(avatarDir: string, name: string): Promise<Buffer> {
  const unknown = () => new ServiceError("AVATAR_UNKNOWN", "there is no avatar of that name");
  if (!named.test(name)) throw unknown();
  return await readFile(join(avatarDir, name, "avatar.json")).catch(() => {
    throw unknown();
  });
}
