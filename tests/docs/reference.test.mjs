// The reference is made of the package's types, without a warning, and shows by an example how each thing is used.

import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Application, ReflectionKind, TSConfigReader, TypeDocReader } from "typedoc";

const options = fileURLToPath(new URL("typedoc.json", import.meta.url));

test("the reference is made without a warning, with an example of each public item", async () => {
  const app = await Application.bootstrapWithPlugins({ options, logLevel: "Warn" }, [new TypeDocReader(), new TSConfigReader()]);
  const project = await app.convert();
  assert.ok(project, "it does not compile");
  app.validate(project);
  await app.generateOutputs(project);
  assert.deepEqual([app.logger.warningCount, app.logger.errorCount], [0, 0], "warnings and errors of typedoc");
  assert.ok((await stat(app.options.getValue("out"))).isDirectory());

  const items = [...project.children, ...project.children.flatMap(methods)];
  assert.ok(items.length > 60, `typedoc finds ${items.length} items`);
  assert.deepEqual(items.filter((item) => !hasExample(item)).map((item) => item.getFullName()), [], "without an example");
});

/** What can be called of a class or an interface, by itself and not by inheritance. */
function methods({ children = [] }) {
  const callable = (member) => member.kindOf(ReflectionKind.Method) || member.type?.declaration?.signatures !== undefined;
  return children.filter((member) => callable(member) && !member.inheritedFrom);
}

function hasExample(item) {
  const comments = [item, ...(item.signatures ?? []), ...(item.type?.declaration?.signatures ?? [])].map(({ comment }) => comment);
  return comments.some((comment) => comment?.getTag("@example"));
}
