// Reads Mermaid diagrams back: a JSON list of texts on stdin; on stdout, per text, the kind of diagram with its
// nodes and edges, or the error of the parser. Usage: node read.mjs DIRECTORY-OF-INSTALL.SH
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const modules = resolve(process.argv[2], "node_modules");
const load = (path) => import(pathToFileURL(resolve(modules, path)));

const { JSDOM } = (await load("jsdom/lib/api.js")).default;
globalThis.window = new JSDOM("").window;
globalThis.document = window.document;
const mermaid = (await load("mermaid/dist/mermaid.core.mjs")).default;

// States by id; the beginning and the end of a scope are `SCOPE_start` and `SCOPE_end`, its notes are left out.
function states({ nodes, edges }) {
  const isNote = (id) => id.includes("----");
  return {
    nodes: nodes.filter(({ id }) => !isNote(id)).map(({ id, label }) => ({ id, text: label ?? id })),
    edges: edges.filter(({ end }) => !isNote(end)).map(({ start, end, label }) => ({ start, end, text: label ?? "" })),
  };
}

async function read(text) {
  try {
    const { diagramType } = await mermaid.parse(text);
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
    if (db.getStates) return { type: diagramType, groups: [], ...states(db.getData()) };
    const vertices = [...(db.getVertices?.()?.values() ?? [])];
    return {
      type: diagramType,
      nodes: vertices.map(({ id, text }) => ({ id, text: text ?? id })),
      edges: (db.getEdges?.() ?? []).map(({ start, end, text }) => ({ start, end, text: text ?? "" })),
      groups: (db.getSubGraphs?.() ?? []).map(({ id, title, nodes }) => ({ id, title, nodes })),
    };
  } catch (error) {
    return { error: String(error.message ?? error) };
  }
}

const found = [];
for (const text of JSON.parse(readFileSync(0, "utf-8"))) found.push(await read(text));
process.stdout.write(JSON.stringify(found));
