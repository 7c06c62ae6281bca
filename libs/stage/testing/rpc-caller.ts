import { create } from "@bufbuild/protobuf";
import { DialogueService, PromptHeaderSchema, type ReplyRequest, StageOpenSchema } from "@troupe/contracts";
import { createClient, createRpcServer, type RpcClient } from "@troupe/rpc";
import { createManualClock } from "@troupe/testkit";
import { addStageService } from "../adapter/rpc-service.ts";
import { makePacket } from "../packet.ts";
import type { Stage } from "../stage.ts";
import { contextOf, grants, metrics, silentLogger, untilTestEnds } from "./rig.ts";

export const rpcEpoch = 2;

/** A stage behind a real server, and a client of it. */
export async function serveRpc(stage: Stage): Promise<RpcClient<typeof DialogueService>> {
  const server = untilTestEnds(createRpcServer());
  addStageService(server, { stage, grants, clock: createManualClock(), logger: silentLogger, metrics });
  const port = await server.listen("127.0.0.1", 0);
  return untilTestEnds(createClient(DialogueService, `127.0.0.1:${port}`));
}

export const openOf = (session: string): ReplyRequest["message"] => ({
  case: "open",
  value: create(StageOpenSchema, { context: contextOf(session), epoch: rpcEpoch, fromNumber: 1 }),
});

/** The packets of one prompt. */
export function promptOf(number: number, line: string): ReplyRequest["message"][] {
  const header = create(PromptHeaderSchema, { language: "en", remainingMs: 1000, task: { case: "verbatim", value: line } });
  const end = { case: "end", value: { $typeName: "troupe.session.v1.StreamEnd", count: 1 } } as const;
  return [{ case: "header", value: header } as const, end].map((body, seq) => ({
    case: "prompt",
    value: makePacket("prompt", { epoch: 1, number, seq, body }),
  }));
}

export const bearer = async (session: string) => ({
  metadata: { authorization: `Bearer ${await grants.sign({ tenant: "acme", session, stage: "llm" })}` },
});
