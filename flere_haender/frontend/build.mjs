// Builds build/static: the style sheets, the fonts they name, our scripts and pictures, and htmx.
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "sass";

const SOURCE = import.meta.dirname;
const ROOT = join(SOURCE, "../..");
const MODULES = join(ROOT, "node_modules");
const TARGET = join(ROOT, "build/static");
const FONTS = join(MODULES, "dkfds/src/fonts/IBMPlexSans/complete/woff2");

rmSync(TARGET, { recursive: true, force: true });
mkdirSync(join(TARGET, "fonts"), { recursive: true });

for (const name of ["site", "report"]) {
  const { css } = compile(join(SOURCE, `${name}.scss`), { loadPaths: [MODULES], quietDeps: true, style: "compressed", charset: false });
  writeFileSync(join(TARGET, `${name}.css`), css);
  for (const [, font] of css.matchAll(/fonts\/([\w-]+\.woff2)/g)) {
    copyFileSync(join(FONTS, font), join(TARGET, "fonts", font));
  }
}
for (const name of readdirSync(SOURCE).filter((name) => /\.(css|js|svg|png|ico)$/.test(name))) {
  copyFileSync(join(SOURCE, name), join(TARGET, name));
}
copyFileSync(join(MODULES, "htmx.org/dist/htmx.min.js"), join(TARGET, "htmx.min.js"));
