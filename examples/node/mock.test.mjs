// The mock's control API from Node's own test runner: `tallystick mock`, then `node --test`.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const URL = process.env.TALLYSTICK_URL ?? "http://127.0.0.1:8080";

async function control(method, path, body) {
  const answer = await fetch(`${URL}/gateway/v1/mock/${path}`, {
    method,
    headers: { Authorization: "Bearer dev-gateway-key", "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, text);
  return text && JSON.parse(text);
}

// The program under test: it sends an event, and once more if the service is busy.
async function send(event) {
  const answer = await fetch(`${URL}/create`, {
    method: "POST",
    headers: { "x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx", "Content-Type": "application/json" },
    body: JSON.stringify(event),
  });
  return answer.status === 503 ? send(event) : answer.json();
}

const event = {
  cl: "EDF", ty: "START_EC2", hs: "AWS", ac: "PRODUCTION", re: "eu-west-3", st: "OK", me: "From Node",
};

beforeEach(() => control("POST", "reset"));

test("an event is sent again when the service is busy", async () => {
  await control("POST", "rules", { operation: "createEvent", answer: { code: 503 }, times: 1 });

  assert.equal((await send(event)).message, "Event created successfully");

  await control("POST", "verify", {
    operation: "createEvent", match: { body: { "$.cl": "EDF" } }, times: 2,
  });
});

test("the service's error code is seen", async () => {
  await control("POST", "rules", { operation: "createEvent", answer: { error: "M004" } });

  assert.equal((await send(event)).code, "M004");
});
