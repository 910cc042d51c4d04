// The documents that are sent to the server. It decides by path and content what a file is.

import type { DocumentSelector } from "vscode-languageclient/node";

const LANGUAGES = [
  "yaml",
  "dockercompose",
  "dockerfile",
  "sql",
  "json",
  "jsonc",
  "markdown",
  "dotenv",
];

// Files whose language VS Code does not know by itself.
const PATTERNS = [
  "**/*.toml",
  "**/*.sql",
  "**/{Dockerfile,Containerfile}*",
  "**/*.{Dockerfile,dockerfile}",
  "**/.env*",
  "**/Procfile",
  "**/CODEOWNERS",
  "**/*.{tpl,yaml.tmpl,yml.tmpl}",
  "**/migrations/**/*.py",
  "**/versions/**/*.py",
  "**/migrate/**/*.rb",
  "**/schema.prisma",
];

export const DOCUMENT_SELECTOR: DocumentSelector = [
  ...LANGUAGES.map((language) => ({ scheme: "file", language })),
  ...PATTERNS.map((pattern) => ({ scheme: "file", pattern })),
];
