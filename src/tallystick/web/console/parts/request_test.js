// Tests that send a request again and expect the status it had: one writer a language.
const HIDDEN = new Set(["host", "content-length", "connection", "accept-encoding", "user-agent", "accept", "transfer-encoding"]);

const headersOf = (request) => Object.entries(request.headers ?? {})
  .filter(([name]) => !HIDDEN.has(name.toLowerCase()))
  .map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : String(value)]);
const bodyOf = (request) => (request.body === undefined ? request.text || null : JSON.stringify(request.body));
const statusOf = (request) => request.answer?.status ?? 200;
const quoted = (text) => JSON.stringify(text);
const nameOf = (request) => (request.operation || "request").replace(/[^A-Za-z0-9]/g, "");
const snake = (name) => name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
const upper = (name) => name[0].toUpperCase() + name.slice(1);

// A JSON text's escapes are Go's and Java's too, but Python and Go lack half pairs: none occur in an HTTP text.
const WRITERS = {
  Python: (r, url) => `import httpx


def test_${snake(nameOf(r))}():
    answer = httpx.request(
        ${quoted(r.method)},
        ${quoted(url)},
        headers={${headersOf(r).map(([n, v]) => `${quoted(n)}: ${quoted(v)}`).join(", ")}},${bodyOf(r) === null ? "" : `
        content=${quoted(bodyOf(r))},`}
    )
    assert answer.status_code == ${statusOf(r)}`,
  Node: (r, url) => `import assert from "node:assert";
import test from "node:test";

test(${quoted(nameOf(r))}, async () => {
  const answer = await fetch(${quoted(url)}, {
    method: ${quoted(r.method)},
    headers: {${headersOf(r).map(([n, v]) => `${quoted(n)}: ${quoted(v)}`).join(", ")}},${bodyOf(r) === null ? "" : `
    body: ${quoted(bodyOf(r))},`}
  });
  assert.equal(answer.status, ${statusOf(r)});
});`,
  Java: (r, url) => `import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;

class ${upper(nameOf(r))}Test {
    @Test
    void ${nameOf(r)}() throws Exception {
        var request = HttpRequest.newBuilder(URI.create(${quoted(url)}))${headersOf(r).map(([n, v]) => `
            .header(${quoted(n)}, ${quoted(v)})`).join("")}
            .method(${quoted(r.method)}, ${bodyOf(r) === null ? "BodyPublishers.noBody()" : `BodyPublishers.ofString(${quoted(bodyOf(r))})`})
            .build();
        var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
        assertEquals(${statusOf(r)}, answer.statusCode());
    }
}`,
  Go: (r, url) => `package mock_test

import (
	"net/http"
	"strings"
	"testing"
)

func Test${upper(nameOf(r))}(t *testing.T) {
	request, err := http.NewRequest(${quoted(r.method)}, ${quoted(url)}, strings.NewReader(${quoted(bodyOf(r) ?? "")}))
	if err != nil {
		t.Fatal(err)
	}${headersOf(r).map(([n, v]) => `
	request.Header.Set(${quoted(n)}, ${quoted(v)})`).join("")}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != ${statusOf(r)} {
		t.Errorf("status %d", answer.StatusCode)
	}
}`,
};

export const LANGUAGES = Object.keys(WRITERS);
export const asTest = (language, request, origin) => WRITERS[language](request, origin + request.target);
