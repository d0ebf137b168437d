import { AnswerError, ApiError, Charon, type CharonError, NetworkError } from "charon-client";

let hooked = 0;
const counted: typeof fetch = (target, init) => {
  hooked += 1;
  return fetch(target, init);
};

async function failure(call: () => Promise<unknown>): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    console.log("text", error);
    return error;
  }
  throw new Error("no failure");
}

const client = new Charon("top-secret", { server: "${away}", fetch: counted });
console.log("text", client, String(client), JSON.stringify(client));
const refused = await failure(() => client.getCron("a-cron"));
if (refused instanceof ApiError) {
  console.log("refused", refused.status, refused.code, refused.headers.get("Retry-After"), hooked);
}
await failure(() => client.getCron("dated"));
console.log("dated", hooked);
await failure(() => client.getCron("never"));
console.log("never", hooked);
for (const wrong of ["nothing", "empty"]) {
  const answered = await failure(() => client.getCron(wrong));
  if (answered instanceof AnswerError) {
    console.log(wrong, answered.body);
  }
}
const broken = await failure(() => client.getCron("broken"));
if (broken instanceof AnswerError) {
  console.log("answer", broken.body);
}
const before = hooked;
const circle = await failure(async () => {
  for await (const { id } of client.listExecutionsAll("circle")) {
    console.log("page", hooked - before, id);
  }
});
console.log("circle", circle instanceof AnswerError, hooked - before);
const moved = await failure(() => client.canStart("moved"));
if (moved instanceof ApiError) {
  console.log("moved", moved.status);
}
const steps = hooked;
for (const step of [".", ".."]) {
  await failure(() => client.deleteCron(step));
}
console.log("step", hooked - steps);
const nowhere = new Charon("top-secret", { server: "http://127.0.0.1:9" });
const unreached = await failure(() => nowhere.getCron("a-cron"));
if (unreached instanceof NetworkError) {
  console.log("network", unreached.isTimeout);
}
for (const server of ["http://someone:top-secret@127.0.0.1:9", "http://127.0.0.1:9/?key=top-secret"]) {
  const wrong = await failure(async () => new Charon("top-secret", { server }));
  console.log("server", wrong instanceof TypeError && wrong.message.includes("@?#"));
}
const hasty = new Charon("top-secret", { server: "${away}", timeoutMs: 500 });
const stalled = await failure(() => hasty.getCron("stalled"));
if (stalled instanceof NetworkError) {
  console.log("stalled", stalled.isTimeout);
}
const deaf = new Charon("top-secret", { timeoutMs: 500, fetch: () => new Promise(() => {}) });
const unheard = await failure(() => deaf.getCron("a-cron"));
console.log("deaf", unheard instanceof NetworkError && unheard.isTimeout);
await failure(async () => new Charon("top-secret\n", { server: "${away}" }).getCron("a-cron"));
const end = new AbortController();
const ended = failure(() => client.canStart("late", { signal: end.signal }));
end.abort(new Error("enough"));
console.log("ended", (await ended) === end.signal.reason);
const executions = client.listExecutionsAll("circle", {}, { signal: end.signal });
console.log("ended", (await failure(() => executions.next())) === end.signal.reason);
if (refused instanceof ApiError && moved instanceof ApiError) {
  console.log("typed", refused.bodyAs<CharonError>().message);
  console.log("typed", (await failure(async () => moved.bodyAs<CharonError>())) instanceof AnswerError);
}
