const times = (count: number, text: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(",");

/**
 * Texts in superjson's wire format, each under a megabyte, that are the most expensive to decode for their size. For tests
 * and benchmarks of decoding. superjson itself needs up to 50 s for one of them.
 */
export const WORST_WIRES: Readonly<Record<string, string>> = {
  "ten thousand annotations below a path of a hundred thousand segments": `{"json":{"a":1},"meta":{"values":{"${"a.".repeat(100_000)}a":["map",{${times(10_000, (i) => `"k${i}":["Date"]`)}}]}}}`,
  "64 Sets inside each other, around a long list": `{"json":${"[".repeat(60)}${times(60_000, () => "1")}${"]".repeat(60)},"meta":{"values":${'["set",{"0":'.repeat(59)}["set"]${"}]".repeat(59)},"v":1}}`,
  "thirty thousand Dates in a Set": `{"json":[${times(30_000, () => '"2020-01-01"')}],"meta":{"values":["set",{${times(30_000, (i) => `"${i}":["Date"]`)}}],"v":1}}`,
  "thirty thousand empty Sets": `{"json":[${times(30_000, () => "[]")}],"meta":{"values":{${times(30_000, (i) => `"${i}":["set"]`)}},"v":1}}`,
  "references to the end of a long Set": `{"json":{"s":[${times(70_000, String)}],"x":1},"meta":{"values":{"s":["set"]},"referentialEqualities":{${times(9_000, (i) => `"s.${69_999 - i}":["x"]`)}}}}`,
  "ten thousand references to one object": `{"json":{"a":{}},"meta":{"referentialEqualities":{"a":[${times(9_998, () => '"a"')}]}}}`,
  "references that double forty times": `{"json":{${times(40, (i) => `"l${i}":{"a":null,"b":null}`)}},"meta":{"referentialEqualities":{${times(39, (i) => `"l${i + 1}":["l${i}.a","l${i}.b"]`)}}}}`,
  "a hundred thousand items": `{"json":[${times(99_000, () => "1")}]}`,
  "a hundred thousand properties": `{"json":{${times(99_000, (i) => `"${i.toString(36)}":1`)}}}`,
  "sixteen hundred objects sixty levels deep": `{"json":[${times(1_600, () => `${'{"a":'.repeat(60)}1${"}".repeat(60)}`)}]}`,
  "five thousand paths of sixty segments": `{"json":${'{"a":'.repeat(60)}{${times(5_000, (i) => `"${i}":"1"`)}}${"}".repeat(60)},"meta":{"v":1,"values":{${times(5_000, (i) => `"${"a.".repeat(60)}${i}":["bigint"]`)}}}}`,
  "ten thousand bigints of 64 digits": `{"json":[${times(10_000, () => `"${"9".repeat(64)}"`)}],"meta":{"values":{${times(10_000, (i) => `"${i}":["bigint"]`)}},"v":1}}`,
  "long texts that are no Dates": `{"json":[${times(90, () => `"${"9".repeat(10_000)}"`)}],"meta":{"values":{${times(90, (i) => `"${i}":["Date"]`)}},"v":1}}`,
  "paths full of backslashes": `{"json":{},"meta":{"v":1,"values":{${times(9, (i) => `"${"\\\\\\\\".repeat(24_000)}${i}":["Date"]`)}}}}`,
};
