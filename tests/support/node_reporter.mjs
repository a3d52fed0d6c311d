// A reporter of node:test for scripts/test: prints failures, and writes "pass|fail|skip <name>" for each case.
import { appendFileSync } from "node:fs";
import { inspect } from "node:util";

const write = (verdict, data) => appendFileSync(process.env.HOLDFAST_NODE_CASES, `${verdict} ${data.name}\n`);

export default async function* report(source) {
  for await (const { type, data } of source) {
    if (data?.details?.type === "suite" || data?.skip === "test name does not match pattern") continue;
    if (type === "test:pass") {
      write(data.skip !== undefined || data.todo !== undefined ? "skip" : "pass", data);
      yield `ok ${data.name}\n`;
    } else if (type === "test:fail") {
      write("fail", data);
      yield `not ok ${data.name}\n${inspect(data.details.error?.cause ?? data.details.error)}\n`;
    } else if (type === "test:stderr" || type === "test:stdout") {
      yield data.message;
    }
  }
}
