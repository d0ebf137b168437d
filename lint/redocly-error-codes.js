// Lints the error codes of an OpenAPI document: rules for Redocly, as docs/error-codes.md has them.
// It needs nothing but Redocly, so you may copy it beside your own documents.

const REQUEST_RULES = ['required', 'syntax', 'charset', 'depth', 'duplicate', 'mediaType', 'empty'];

const tableOf = (root) => root['x-codes'] ?? {};

const namedIn = (node) => Object.entries(node?.['x-error-codes'] ?? {});

const isIn = (node, keyword) => {
  const asExtension = `x-${keyword.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return Object.hasOwn(node, keyword) || Object.hasOwn(node, asExtension);
};

// 400 and 422 stand for one another where a document declares just one of them.
const ALIKE = { 400: 422, 422: 400 };

// The declared answer with a status: its own, its range's or the default.
const answerOf = (status, responses) =>
  [status, ALIKE[status], `${String(status)[0]}XX`, 'default'].find((key) =>
    Object.hasOwn(responses, key),
  );

// Follows references; `from` is the file that a reference stands in.
const follower = (resolve) => (place) => {
  let { node, from } = place;
  while (node?.$ref) {
    const found = resolve({ $ref: node.$ref }, from);
    node = found.node;
    from = found.location?.source.absoluteRef;
  }
  return { node: node ?? {}, from };
};

function bodySchemas(operation, follow) {
  const { node: body, from } = follow({ node: operation.requestBody });
  return Object.values(body.content ?? {}).map(({ schema }) => ({ node: schema, from }));
}

function innerSchemas(schema) {
  const maps = ['properties', 'patternProperties', 'x-gathered'];
  const lists = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
  const singles = ['items', 'additionalProperties'];
  return [
    ...maps.flatMap((key) => Object.values(schema[key] ?? {})),
    ...lists.flatMap((key) => schema[key] ?? []),
    ...singles.flatMap((key) => schema[key] ?? []),
  ].filter((inner) => inner && typeof inner === 'object');
}

// Yields keyword and code of a schema and of all in it.
function* codesOfSchema(place, follow, seen = new Set()) {
  const { node, from } = follow(place);
  if (seen.has(node)) return;
  seen.add(node);
  yield* namedIn(node);
  for (const inner of innerSchemas(node)) {
    yield* codesOfSchema({ node: inner, from }, follow, seen);
  }
}

// A query is text, and an optional parameter may be left out.
const canBreak = (parameter, schema) => ([keyword]) =>
  keyword === 'type' ? schema.type !== 'string' : keyword !== 'required' || parameter.required;

function codesOfParameter(place, follow) {
  const { node: parameter, from } = follow(place);
  const schema = follow({ node: parameter.schema, from });
  const inner = innerSchemas(schema.node).map((node) => ({ node, from: schema.from }));
  return [
    ...namedIn(schema.node).filter(canBreak(parameter, schema.node)),
    ...inner.flatMap((each) => [...codesOfSchema(each, follow)]),
  ];
}

function codesOfRequest(operation, shared, follow) {
  const parameters = [...(shared ?? []), ...(operation.parameters ?? [])];
  return [
    ...parameters.flatMap((node) => codesOfParameter({ node }, follow)),
    ...bodySchemas(operation, follow).flatMap((place) => [...codesOfSchema(place, follow)]),
    ...namedIn(operation),
  ].map(([, code]) => code);
}

function Known() {
  const check = (code, place, { report, location }, root) => {
    if (!Object.hasOwn(tableOf(root), code)) {
      report({ message: `${code} is not in x-codes.`, location: location.child(place) });
    }
  };
  const checkKeywords = (node, context, { Root: root }) => {
    for (const [keyword, code] of namedIn(node)) {
      check(code, ['x-error-codes', keyword], context, root);
    }
  };
  const checkAnswer = (response, context, { Root: root }) => {
    (response['x-codes'] ?? []).forEach((code, index) => {
      check(code, ['x-codes', index], context, root);
    });
  };
  return { Root: { Operation: checkKeywords, Schema: checkKeywords, Response: checkAnswer } };
}

function KeywordExists() {
  const check = (node, isThere, { report, location }) => {
    for (const [keyword] of namedIn(node)) {
      if (!isThere(keyword)) {
        report({
          message: `${keyword} has a code, and is no rule here.`,
          location: location.child(['x-error-codes', keyword]),
        });
      }
    }
  };
  return {
    // A property's own schema has the code for its absence; `required` stands around it.
    Schema: (schema, context) =>
      check(schema, (keyword) => keyword === 'required' || isIn(schema, keyword), context),
    Parameter: (parameter, context) => check(parameter, () => false, context),
    Operation(operation, context) {
      const follow = follower(context.resolve);
      const bodies = bodySchemas(operation, follow).map((place) => follow(place).node);
      const isThere = (keyword) =>
        REQUEST_RULES.includes(keyword) || bodies.some((body) => isIn(body, keyword));
      check(operation, isThere, context);
    },
  };
}

function StatusDeclared() {
  const checkOperation = (operation, { report, resolve, location }, { Root: root, PathItem: item }) => {
    const codes = codesOfRequest(operation, item.parameters, follower(resolve));
    for (const code of new Set(codes)) {
      const status = tableOf(root)[code]?.status;
      if (status && !answerOf(status, operation.responses ?? {})) {
        report({
          message: `A rule has the code ${code}, so there is an answer ${status}.`,
          location: location.child('responses'),
        });
      }
    }
  };
  const checkAnswers = (responses, { report, resolve, location }, { Root: root }) => {
    for (const [key, node] of Object.entries(responses)) {
      for (const code of follower(resolve)({ node }).node['x-codes'] ?? []) {
        const status = tableOf(root)[code]?.status;
        if (status && !answerOf(status, { [key]: node })) {
          report({ message: `${code} goes with ${status}.`, location: location.child(key) });
        }
      }
    }
  };
  return { Root: { PathItem: { Operation: checkOperation }, Responses: checkAnswers } };
}

function Used() {
  const used = new Set();
  const take = (codes) => codes?.forEach((code) => used.add(String(code)));
  const takeNamed = (node) => take(Object.values(node['x-error-codes'] ?? {}));
  return {
    Operation: takeNamed,
    Schema: takeNamed,
    Response: (response) => take(response['x-codes']),
    Root: {
      enter: (root) =>
        Object.values(root['x-http-responses'] ?? {}).forEach((each) => take(each['x-codes'])),
      leave(root, { report, location }) {
        for (const code of Object.keys(tableOf(root))) {
          if (!used.has(code)) {
            report({
              message: `No rule and no answer names ${code}.`,
              location: location.child(['x-codes', code]),
            });
          }
        }
      },
    },
  };
}

export default function plugin() {
  return {
    id: 'error-codes',
    rules: {
      oas3: {
        known: Known,
        'keyword-exists': KeywordExists,
        'status-declared': StatusDeclared,
        used: Used,
      },
    },
  };
}
