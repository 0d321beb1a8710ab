#!/usr/bin/env node
// Replaces curl when tests run the commands of the documentation, because curl may not be installed.
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    silent: { type: "boolean", short: "s" },
    "no-buffer": { type: "boolean", short: "N" },
    header: { type: "string", short: "H", multiple: true },
    data: { type: "string", short: "d" },
  },
});
const headers = (values.header ?? []).map((line) => line.split(/: ?(.*)/).slice(0, 2));
const method = values.data === undefined ? "GET" : "POST";
const { body } = await fetch(positionals[0], { method, headers, body: values.data });
await pipeline(Readable.fromWeb(body), process.stdout, { end: false });
