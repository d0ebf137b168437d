// What Tallystick asks of its OpenAPI documents beyond what Redocly knows.
// `tests/fixtures/unfit.yaml` breaks every rule once.

const isEmpty = (value) => value === undefined || value === '';

const hasExample = (node) => node.example !== undefined || node.examples !== undefined;

const stem = (source) => source.absoluteRef.split(/[\\/]/).pop().replace(/\.yaml$/, '');

const followed = (node, resolve) => (node?.$ref ? resolve(node).node : node) ?? {};

function OperationIdIsCamelCase() {
  return {
    Operation(operation, { report, location }) {
      if (!/^[a-z][a-z0-9]*([A-Z][a-z0-9]*)*$/.test(operation.operationId ?? '')) {
        report({
          message: 'An operationId is in camelCase.',
          location: location.child('operationId'),
        });
      }
    },
  };
}

function TagIsDocumentsName() {
  return {
    Operation({ tags = [] }, { report, location }) {
      const name = stem(location.source);
      if (tags.length !== 1 || tags[0] !== name) {
        report({ message: `Its one tag is ${name}.`, location: location.child('tags') });
      }
    },
  };
}

function RefusalsAreDeclared() {
  return {
    Root: {
      Operation(operation, { report, resolve, location }, { Root: root }) {
        const declared = Object.keys(operation.responses ?? {});
        const parameters = (operation.parameters ?? []).map((p) => followed(p, resolve));
        const expected = [
          [(operation.security ?? root.security ?? []).length > 0, ['401', '403'], 'a credential'],
          [parameters.some((p) => p.in === 'query'), ['400'], 'a query'],
          [parameters.some((p) => p.in === 'path'), ['400', '404'], 'a name in its path'],
          [operation.requestBody, ['400'], 'a body'],
          [operation.requestBody, ['413'], 'a body'],
        ];
        for (const [applies, statuses, cause] of expected) {
          if (applies && !statuses.some((status) => declared.includes(status))) {
            report({
              message: `Takes ${cause}, so it declares ${statuses.join(' or ')}.`,
              location: location.child('responses'),
            });
          }
        }
      },
    },
  };
}

function ParameterIsExplained() {
  return {
    Parameter(parameter, { report }) {
      if (isEmpty(parameter.description) || !hasExample(parameter)) {
        report({ message: `Parameter ${parameter.name} has a description and an example.` });
      }
    },
  };
}

function PropertyIsExplained() {
  return {
    Schema(schema, { report, resolve, location }) {
      for (const [name, property] of Object.entries(schema.properties ?? {})) {
        const { description, ...rest } = followed(property, resolve);
        if (isEmpty(description) || !hasExample(rest)) {
          report({
            message: `Property ${name} has a description and an example.`,
            location: location.child(['properties', name]),
          });
        }
      }
    },
  };
}

function AnswerIsShown() {
  return {
    Response(response, { report, key }) {
      const content = Object.values(response.content ?? {});
      const isShown = content.every((media) => media.schema && hasExample(media));
      if (!isShown || (content.length === 0 && key !== '204')) {
        report({ message: 'An answer has a schema and an example.' });
      }
    },
  };
}

function BodyIsNamed() {
  return {
    MediaType(media, { report }) {
      if (media.schema && !media.schema.$ref) {
        report({ message: 'The schema of a body has a name, for the sake of client stubs.' });
      }
    },
  };
}

function SchemaIsNoChoice() {
  return {
    Schema(schema, { report }) {
      if (schema.oneOf || schema.anyOf) {
        report({ message: 'Neither oneOf nor anyOf: client stubs come out badly.' });
      }
    },
  };
}

function IntegerHasFormat() {
  return {
    Schema(schema, { report }) {
      if (schema.type === 'integer' && !['int32', 'int64'].includes(schema.format)) {
        report({ message: 'An integer is an int32 or an int64.' });
      }
    },
  };
}

export default function plugin() {
  return {
    id: 'tallystick',
    rules: {
      oas3: {
        'operation-id-is-camel-case': OperationIdIsCamelCase,
        'tag-is-documents-name': TagIsDocumentsName,
        'refusals-are-declared': RefusalsAreDeclared,
        'parameter-is-explained': ParameterIsExplained,
        'property-is-explained': PropertyIsExplained,
        'answer-is-shown': AnswerIsShown,
        'body-is-named': BodyIsNamed,
        'schema-is-no-choice': SchemaIsNoChoice,
        'integer-has-format': IntegerHasFormat,
      },
    },
  };
}
