import { readdirSync, readFileSync } from "node:fs";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { scriptCommands, scriptKeys } from "./script-uses.js";

const FOLDER = new URL("./", import.meta.url);
const files = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".lua"));
const texts = new Map(files.map((file) => [file, readFileSync(new URL(file, FOLDER), "utf8")]));

test.each([...texts])("%s names every command in its call, so that permissions can be checked", (file, text) => {
  const calls = [...text.matchAll(/\b(?:redis\.p?call|mending)\(.*/g)].map(([call]) => call);
  const unnamed = calls.filter((call) => !/^[\w.]+\([^,()]*'[A-Z]+'/.test(call));

  // `mending` passes on the command that its caller names.
  const expected = file === "lib/mend.lua" ? calls.filter((call) => /\(command, key/.test(call)) : [];
  expect(unnamed).toEqual(expected);
});

test("the commands and keys of the scripts are read from their text", () => {
  const redis = new Redis({ lazyConnect: true });
  onTestFinished(() => redis.disconnect());
  const known = redis.getBuiltinCommands();
  const commands = [...scriptCommands("jobs"), ...scriptCommands("worker")];

  expect(commands.filter((command) => !known.includes(command))).toEqual([]);
  expect(commands).toEqual(expect.arrayContaining(["publish", "lpush", "rpush", "zadd", "sadd"]));
  expect(scriptKeys()).toEqual(expect.arrayContaining(["job:", "feed:", "chunks:", "errors:", "owner:", "idem:"]));
});
