// SPDX-License-Identifier: MIT
// Reads a list of formulas (JSON, on standard input) and answers what KaTeX and MathJax 3 make of each:
//     [{"katex": null | "what is wrong", "mathjax": null | "what is wrong"}, …]
// With the word "draw" after its name it answers their pictures too: {"html": …, "svg": …}.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(import.meta.url);
const katex = require("katex");
const { mathjax } = require("mathjax-full/js/mathjax.js");
const { TeX } = require("mathjax-full/js/input/tex.js");
const { SVG } = require("mathjax-full/js/output/svg.js");
const { liteAdaptor } = require("mathjax-full/js/adaptors/liteAdaptor.js");
const { RegisterHTMLHandler } = require("mathjax-full/js/handlers/html.js");
require("mathjax-full/js/input/tex/ams/AmsConfiguration.js");

// MathJax writes an unknown command in red where the package "noundefined" is loaded; here it is not.
const adaptor = liteAdaptor();
RegisterHTMLHandler(adaptor);
const input = new TeX({
    packages: ["base", "ams"],
    formatError: (_, error) => {
        throw error;
    },
});
const page = mathjax.document("", { InputJax: input, OutputJax: new SVG({ fontCache: "none" }) });

/** What a function gives, or the message of what it throws. */
function attempt(draw) {
    try {
        return { drawn: draw(), fault: null };
    } catch (error) {
        return { drawn: null, fault: String(error.message ?? error) };
    }
}

/** One formula, in both. */
function rendered({ latex, display = true }) {
    const first = attempt(() =>
        katex.renderToString(latex, { displayMode: display, throwOnError: true, strict: "error", trust: false }),
    );
    const second = attempt(() => adaptor.outerHTML(page.convert(latex, { display })));
    const answer = { katex: first.fault, mathjax: second.fault };
    return process.argv.includes("draw") ? { ...answer, html: first.drawn, svg: second.drawn } : answer;
}

const snippets = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(snippets.map(rendered)));
