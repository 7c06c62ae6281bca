/**
 * What the platform's image runs: the first argument is the service that the container is, or stages with commas between them that share
 * its process, or else all of them are a command line of `troupe`. Only what is needed is loaded.
 */
const roles: readonly string[] = ["gateway", "asr", "llm", "tts", "face", "compositor", "operator"];
const role = process.argv[2] ?? "--help";
if (roles.includes(role)) {
  process.argv.splice(2, 1);
  await import(`../${role}/main.ts`);
} else if (/^[a-z]+(,[a-z]+)+$/.test(role)) {
  const { runPack } = await import("./pack.ts");
  await runPack(role.split(","), process.env);
} else {
  await import("./main.ts");
}
