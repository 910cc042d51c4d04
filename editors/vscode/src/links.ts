// Links of a generated document that lies in no folder.
//
// What the server writes links to files of the project by paths relative to it. VS Code takes a path
// that begins with `/` as one below the first workspace folder, whatever the document's own address is.

const TARGET = /\]\((?![a-z][a-z0-9+.-]*:|[/#])([^()\s]+)\)/gi;

/** Makes relative links of Markdown absolute; `folder` is the project, seen from the first workspace folder. */
export function rooted(markdown: string, folder: string): string {
  const start = folder ? `/${folder}/` : "/";
  let inCode = false;
  const lines = markdown.split("\n").map((line) => {
    const isFence = /^\s*(```|~~~)/.test(line);
    inCode = inCode !== isFence;
    return inCode || isFence ? line : line.replaceAll(TARGET, `](${start}$1)`);
  });
  return lines.join("\n");
}
