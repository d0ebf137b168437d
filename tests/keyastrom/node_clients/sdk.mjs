// Calls the vendor's SDK, unmodified, and prints what it read: `node sdk.mjs URL TOKEN TITLE`.

import sdk from '@dynatrace-sdk/client-classic-environment-v2';

const { EventsClient, MonitoredEntitiesClient, ProblemsClient } = sdk;
const [url, token, title] = process.argv.slice(2);

// The platform gives the SDK such a client; here it adds the host and the token.
const httpClient = {
  async send({ url: path, method = 'GET', body, headers = {}, query }) {
    const target = new URL(path, url);
    for (const [name, value] of Object.entries(query ?? {})) target.searchParams.set(name, value);
    const response = await fetch(target, {
      method,
      headers: { 'Content-Type': 'application/json', ...headers, Authorization: `Bearer ${token}` },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return {
      status: response.status,
      statusText: response.statusText,
      headers: Object.fromEntries(response.headers),
      url: response.url,
      body: (kind) => (kind === 'json' ? response.json() : response.text()),
    };
  },
};

const events = new EventsClient(httpClient);
const entities = new MonitoredEntitiesClient(httpClient);
const problems = new ProblemsClient(httpClient);
const booking = 'type(SERVICE),entityName.equals(BookingService)';

const ingested = await events.createEvent({
  body: { eventType: 'ERROR_EVENT', title, entitySelector: booking, properties: { run: title } },
});
const listed = await events.getEvents({ eventSelector: `property.run("${title}")` });
const event = await events.getEvent({ eventId: listed.events[0].eventId });
const found = await entities.getEntities({ entitySelector: booking, fields: '+tags,+icon' });
const entity = await entities.getEntity({ entityId: found.entities[0].entityId });
const type = await entities.getEntityType({ type: 'SERVICE' });
const open = await problems.getProblems({ problemSelector: `text("${title}")` });
const problem = await problems.getProblem({ problemId: open.problems[0].problemId });
await problems.createComment({ problemId: problem.problemId, body: { message: 'Known.' } });
const comments = await problems.getComments({ problemId: problem.problemId });
const closed = await problems.closeProblem({
  problemId: problem.problemId,
  body: { message: 'Done.' },
});

console.log(
  JSON.stringify({
    status: ingested.eventIngestResults[0].status,
    title: event.title,
    entity: entity.displayName,
    icon: found.entities[0].icon,
    dimension: type.dimensionKey,
    problem: problem.title,
    comment: comments.comments[0].content,
    closing: closed.closing,
  }),
);
