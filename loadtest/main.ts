import { runProgram } from "@troupe/service";
import { Command } from "commander";
import { addAvOffset } from "./av-offset/command.ts";
import { busBenchmark } from "./bench/bus/bus.ts";
import { cancelBenchmark } from "./bench/cancel/cancel.ts";
import { addBench } from "./bench/command.ts";
import { compositorBenchmark } from "./bench/compositor/compositor.ts";
import { latencyBenchmark } from "./bench/latency/latency.ts";
import { overheadBenchmark } from "./bench/overhead/overhead.ts";
import { addCluster } from "./cluster/command.ts";
import { clusterParts } from "./cluster/parts/index.ts";
import { addLive } from "./live/command.ts";
import { liveParts } from "./live/parts/index.ts";
import { planBenchmark } from "./plan/plan.ts";

const program = new Command("loadtest").description("Measures Troupe: lip sync, speed, cost.").showHelpAfterError();
addAvOffset(program);
addBench(program, [compositorBenchmark, latencyBenchmark, cancelBenchmark, overheadBenchmark, busBenchmark, planBenchmark]);
addLive(program, liveParts, ["long"]);
addCluster(program, clusterParts);

await runProgram(() => program.parseAsync());
