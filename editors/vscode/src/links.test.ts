// Which links of a generated document are made absolute, and which are left as they are.

import assert from "node:assert/strict";
import { test } from "node:test";

import { rooted } from "./links";

const CASES: readonly (readonly [what: string, written: string, shown: string])[] = [
  ["a file with a line", "[k8s/a.yaml:3](k8s/a.yaml#L3)", "[k8s/a.yaml:3](/k8s/a.yaml#L3)"],
  ["two in a table row", "| [a](a) | [b](b/c) |", "| [a](/a) | [b](/b/c) |"],
  ["an address", "[docs](https://example.invalid/a)", "[docs](https://example.invalid/a)"],
  ["a heading", "[2](#2-risk-assessment)", "[2](#2-risk-assessment)"],
  ["an absolute path", "[a](/a)", "[a](/a)"],
  ["code", "```sh\necho [a](b)\n```\n[a](b)", "```sh\necho [a](b)\n```\n[a](/b)"],
];

for (const [what, written, shown] of CASES) {
  test(`links: ${what}`, () => assert.equal(rooted(written, ""), shown));
}

test("links: a project below or beside the first folder", () => {
  assert.equal(rooted("[a](b)", "services/shop"), "[a](/services/shop/b)");
  assert.equal(rooted("[a](b)", "../other"), "[a](/../other/b)");
});
