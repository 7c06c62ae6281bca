import { ConversationService } from "@troupe/contracts";
import { addConversationService } from "@troupe/gateway";
import { createRpcServer } from "@troupe/rpc";
import { createLogger, logThrown, onShutdown, startMetricsServer } from "@troupe/service";
import type { Command } from "commander";
import { startEmbedded } from "../embedded.ts";
import { nodePath } from "../places.ts";
import { progress } from "../progress.ts";

export function addServe(program: Command): void {
  program
    .command("serve")
    .description("serve conversations, everything in this process: the page, Realtime and WebRTC over HTTP, and gRPC")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--http-port <n>", "port of the page, Realtime and WebRTC", "8080")
    .option("--port <n>", "gRPC port", "50051")
    .option("--metrics-port <n>", "port of /metrics", "9464")
    .action(serve);
}

interface ServeOptions {
  readonly host: string;
  readonly httpPort: string;
  readonly port: string;
  readonly metricsPort: string;
}

async function serve(options: ServeOptions): Promise<void> {
  const logger = createLogger("troupe", process.env["TROUPE_LOG_LEVEL"] ?? "info");
  const { step } = progress();
  await using starting = new AsyncDisposableStack();
  const platform = starting.use(
    await startEmbedded({
      env: { ...process.env, TROUPE_HTTP_HOST: options.host, TROUPE_HTTP_PORT: options.httpPort },
      logger,
      onLoaded: (part, ms) => step(`loaded ${part} in ${Math.round(ms)} ms`),
    }),
  );
  const metrics = starting.use(await startMetricsServer(platform.registry, options.host, Number(options.metricsPort)));
  const server = starting.use(createRpcServer({ onDefect: (error, method) => logThrown(logger, error, `${method} failed`) }));
  addConversationService(server, platform.gateway, platform.metrics);
  const port = await server.listen(options.host, Number(options.port));
  server.setServing(ConversationService, true);
  const live = await platform.serveLive();
  console.log(`\nTalk with it:  ${live.url}\n`);
  console.log(
    `gRPC on ${options.host}:${port}, metrics on ${metrics.port}; ask with:  ${nodePath} services/troupe/main.ts ask QUESTION.wav --gateway ${options.host}:${port}`,
  );
  const running = starting.move();
  onShutdown(async () => {
    await Promise.all([platform.gateway.drain(10_000), server.drain(10_000)]);
    await running.disposeAsync();
  });
}
