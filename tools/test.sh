#!/usr/bin/env bash
# Every check and test, then one line that says how it went: "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "$0")/.."
mkdir -p out
rm -f out/tests.json

failed=0
step() {
  local start=$SECONDS
  if "${@:2}" > "out/$1.log" 2>&1; then echo "ok     $1 ($((SECONDS - start)) s)"; else
    echo "FAILED $1 ($((SECONDS - start)) s)"
    tail -n 60 "out/$1.log"
    failed=$((failed + 1))
  fi
}

step types tsc -p .
step lint biome check --error-on-warnings .
step contracts buf lint
step generated make generated
step compatible buf breaking --against proto/released.binpb
vitest run --reporter=default --reporter=json --outputFile.json=out/tests.json
vitest_status=$?
[ -f out/tests.json ] || { echo "0 passed, $((failed + 1)) failed, 0 skipped"; exit 1; }

# A skipped test is a failure here: it would say nothing.
node -e '
const { numPassedTests: passed, numFailedTests: failed, numPendingTests: pending, numTodoTests: todo, testResults } = JSON.parse(require("fs").readFileSync("out/tests.json", "utf8"));
const brokenFiles = testResults.filter((file) => file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed")).length;
const bad = failed + brokenFiles + Number(process.argv[1]) + (Number(process.argv[2]) !== 0 && failed + brokenFiles === 0 ? 1 : 0);
console.log(`${passed} passed, ${bad} failed, ${pending + todo} skipped`);
process.exit(bad + pending + todo === 0 ? 0 : 1);
' "$failed" "$vitest_status"
