// Runs the scenarios against a server, and says what was done: one line a call.
declare const process: { argv: string[] };

/** The server, and the values that calls have given. */
export class Harness {
  constructor(
    readonly server: string,
    private readonly values: Map<string, unknown>,
  ) {}

  text(template: string): string {
    return template.replace(/\$\{(\w+)\}/g, (_, name: string) => String(this.values.get(name)));
  }

  body<T>(template: string): T {
    const text = template.replace(/"\$\{(\w+)\}"/g, (_, name: string) => JSON.stringify(this.values.get(name)));
    return JSON.parse(text) as T;
  }

  /** Reads a list to its end. */
  async all<T>(items: AsyncIterable<T>): Promise<T[]> {
    const found: T[] = [];
    for await (const item of items) {
      found.push(item);
    }
    return found;
  }

  keep(name: string, result: unknown, pointer: string): void {
    this.values.set(name, at(result, pointer));
  }

  expect(pointer: string, result: unknown, wanted: string): void {
    const found = JSON.stringify(at(result, pointer));
    if (found !== JSON.stringify(JSON.parse(wanted))) {
      throw new Error(`${pointer} is ${found}, not ${wanted}`);
    }
  }

  done(operation: string, result: unknown): void {
    console.log("done", operation, JSON.stringify(result ?? null));
  }

  refused(operation: string, asExpected: boolean): void {
    if (!asExpected) {
      throw new Error(`${operation} was not refused as the contract says`);
    }
    console.log("refused", operation);
  }
}

function at(result: unknown, pointer: string): unknown {
  return pointer
    .split("/")
    .slice(1)
    .reduce<unknown>((outer, name) => (outer as Record<string, unknown>)[name], result);
}

const [, , server = "", values = "{}", ...apis] = process.argv;
for (const api of apis) {
  const harness = new Harness(server, new Map(Object.entries(JSON.parse(values))));
  const scenario = (await import(`./scenario_${api}.js`)) as { run(h: Harness): Promise<void> };
  await scenario.run(harness);
}
