// A client that is freed leaves no timer behind, whatever its store is doing.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import test from "node:test";
import { text } from "node:stream/consumers";
import "./support.mjs";

for (const operation of ["get", "set", "delete", "lease", "release"]) {
  test(`a process may end at once when its client is freed while the store does not answer: ${operation}`, async () => {
    const child = spawn(process.execPath, [new URL("stuck.worker.mjs", import.meta.url).pathname, operation]);
    const ended = once(child, "exit");
    const [told, complaints] = await Promise.all([text(child.stdout), text(child.stderr)]);
    assert.deepEqual([await ended, complaints], [[0, null], ""]);
    const { before, after } = JSON.parse(told);
    // The deadline of the store is what would have kept it alive.
    assert.ok(before > 0, "it waited for the store");
    assert.equal(after, 0);
  });
}
