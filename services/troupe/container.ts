/**
 * What the platform's image runs: the first argument is the service that the container is, or else all of them are a command line of
 * `troupe`. Only what is needed is loaded.
 */
const roles: readonly string[] = ["gateway", "asr", "llm", "tts", "face", "compositor", "operator"];
const role = process.argv[2] ?? "--help";
if (roles.includes(role)) {
  process.argv.splice(2, 1);
  await import(`../${role}/main.ts`);
} else {
  await import("./main.ts");
}
