import type { Command } from "commander";
import { addKeep } from "../models/keep-commands.ts";
import { addLook } from "../models/look-commands.ts";
import { addPull } from "../models/pull-command.ts";

export function addModels(program: Command): void {
  const models = program.command("models").description("fetch, look at and check models");
  for (const add of [addPull, addLook, addKeep]) add(models);
}
