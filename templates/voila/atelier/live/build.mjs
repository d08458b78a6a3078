// Build the one bundle of live pages: node build.mjs SHARE, where SHARE is Python's folder share/jupyter.
//
// bqplot and bqscales come from there: npm does not have the versions that Python's packages speak to.
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "build");
const share = resolve(process.argv[2]);
const sheet = join(share, "nbconvert", "templates", "lab", "static", "theme-light.css");

/** Python's packages ship their browser code as one AMD module that wants @jupyter-widgets/base. */
const python = {
  name: "python",
  setup(builder) {
    builder.onResolve({ filter: /^(bqplot|bqscales)$/ }, ({ path }) => ({
      path: join(share, "nbextensions", path, "index.js"),
      namespace: "amd",
    }));
    builder.onLoad({ filter: /.*/, namespace: "amd" }, ({ path }) => ({
      contents: `import * as base from "@jupyter-widgets/base";
let made;
const define = (names, make) => { made = make(...names.map(() => base)); };
${readFileSync(path, "utf-8")}
export default made;`,
      resolveDir: here,
    }));
    builder.onResolve({ filter: /^jupyterlab-theme$/ }, () => ({ path: sheet }));
  },
};

rmSync(target, { recursive: true, force: true });
await build({
  entryPoints: [join(here, "main.js")],
  outfile: join(target, "live.js"),
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "linked",
  assetNames: "[name]",
  loader: { ".woff2": "file", ".ttf": "empty" },
  define: { "process.env.NODE_ENV": '"production"', global: "globalThis" },
  plugins: [python],
  logLevel: "warning",
  metafile: Boolean(process.env.SIZES),
}).then(({ metafile }) => {
  if (!metafile) return;
  const sizes = Object.entries(metafile.outputs).flatMap(([, one]) => Object.entries(one.inputs ?? {}));
  const by = new Map();
  for (const [name, { bytesInOutput }] of sizes) {
    const home = name.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? name;
    by.set(home, (by.get(home) ?? 0) + bytesInOutput);
  }
  for (const [name, size] of [...by].sort((one, other) => other[1] - one[1]).slice(0, 25)) console.log(size, name);
});
for (const name of readdirSync(target).filter((one) => /\.(js|css)$/.test(one))) {
  const path = join(target, name);
  const bytes = readFileSync(path);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }));
  if (process.env.SIZES) console.log(name, bytes.length, statSync(`${path}.gz`).size, statSync(`${path}.br`).size);
}
