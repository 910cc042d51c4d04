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
  "shellscript",
  "makefile",
];

// VS Code has no language for some of these, and other extensions give theirs to the rest.
const PATTERNS = [
  "**/*.{yaml,yml,json,asl,toml,sql,md,markdown,env,sh,bash,mk,proto,avsc}",
  "**/{Dockerfile,Containerfile,dockerfile}*",
  "**/*.{Dockerfile,dockerfile}",
  "**/{CODEOWNERS,Procfile,Kustomization,Makefile,makefile,GNUmakefile}",
  "**/.env*",
  // Migrations in a programming language; other programs are not sent.
  "**/*{migrat,Migrat}*/**/*.{py,rb,js,mjs,cjs,ts,mts,cts}",
  "**/versions/*.py",
];

export const DOCUMENT_SELECTOR: DocumentSelector = [
  ...LANGUAGES.map((language) => ({ scheme: "file", language })),
  ...PATTERNS.map((pattern) => ({ scheme: "file", pattern })),
];
