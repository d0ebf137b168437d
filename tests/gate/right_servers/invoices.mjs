// A right server of `invoices.yaml` by Node's own http: it writes times, addresses and money its own
// way, leaves null out, fills defaults in, and answers 410 for what was deleted.
import http from 'node:http'
const KEY = 'invoices-key-0123456789'
const kept = { north: new Map(), south: new Map() }
const done = new Map()
const gone = new Set()
let count = 4_000_000_000
class Refused extends Error { constructor(status, code, headers = {}) { super(code); Object.assign(this, { status, code, headers }) } }
const isText = (v, least, most) => typeof v === 'string' && [...v].length >= least && [...v].length <= most
const fits = (v, p) => typeof v === 'string' && p.test(v)
const isTime = (v) => fits(v, /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/) && !Number.isNaN(Date.parse(v.replace(/:60/, ':59').replace(/(\.\d{3})\d*/, '$1').toUpperCase()))
const iso = (v) => new Date(v.replace(/:60/, ':59').replace(/(\.\d{3})\d*/, '$1').toUpperCase()).toISOString().replace('.000Z', 'Z')
const isObject = (v, rules, required) => v !== null && typeof v === 'object' && !Array.isArray(v) && required.every((n) => Object.hasOwn(v, n)) && Object.keys(v).every((n) => Object.hasOwn(rules, n) && rules[n](v[n]))
const ADDRESS = /^[^@\s]+@[^@\s]+$/
const PERIOD = { from: isTime, to: isTime }
const LINE = {
  text: (v) => isText(v, 1, 40),
  quantity: (v) => typeof v === 'number' && v > 0 && v % 0.5 === 0,
  price: (v) => fits(v, /^[0-9]{1,9}\.[0-9]{2}$/),
  taxed: (v) => typeof v === 'boolean',
  period: (v) => isObject(v, PERIOD, ['from']),
}
const INVOICE = {
  customer: (v) => isText(v, 1, 60),
  email: (v) => fits(v, ADDRESS),
  issuedAt: isTime,
  dueOn: (v) => fits(v, /^\d{4}-\d\d-\d\d$/) && !Number.isNaN(Date.parse(v)),
  currency: (v) => ['EUR', 'USD', 'JPY'].includes(v),
  lines: (v) => Array.isArray(v) && v.length >= 1 && v.length <= 10 && v.every((e) => isObject(e, LINE, ['text', 'quantity', 'price'])),
  reference: (v) => v === null || isText(v, 0, 20),
  copies: (v) => Array.isArray(v) && v.length <= 3 && v.every((e) => fits(e, ADDRESS)) && new Set(v).size === v.length,
  note: (v) => isText(v, 1, 40),
  terms: (v) => Number.isInteger(v) && v >= 0 && v <= 365,
  website: (v) => fits(v, /^[A-Za-z][A-Za-z0-9+.-]*:/),
}
const period = (p) => Object.fromEntries(Object.entries(p).map(([n, v]) => [n, iso(v)]))
function made(id, body) {
  const lines = body.lines.map((l) => ({ taxed: true, ...l, ...(l.period ? { period: period(l.period) } : {}) }))
  const total = (lines.reduce((sum, l) => sum + l.quantity * Number(l.price) * 1000, 0) / 1000)
  const invoice = { id, currency: 'EUR', terms: 14, ...body, lines, state: 'draft', total: BigInt(Math.round(Math.min(total, 1e15))).toString() + '.00' }
  if (body.issuedAt) invoice.issuedAt = iso(body.issuedAt)
  if (body.email) invoice.email = body.email.toLowerCase()
  if (body.website && URL.canParse(body.website)) invoice.website = new URL(body.website).href
  if (body.reference === null) delete invoice.reference
  return invoice
}
function read(request, body) {
  if ((request.headers['content-type'] ?? '').split(';')[0].trim().toLowerCase() !== 'application/json') throw new Refused(415, 'json')
  let value
  try { value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) } catch { throw new Refused(400, 'no json') }
  if (!isObject(value, INVOICE, ['customer', 'lines'])) throw new Refused(422, 'invalid')
  return value
}
const integer = (query, name, least, most, other) => {
  const text = query.get(name) ?? String(other)
  if (!/^[0-9]{1,7}$/.test(text) || Number(text) < least || Number(text) > most) throw new Refused(400, name)
  return Number(text)
}
const isTaken = (invoices, customer) => [...invoices.values()].some((each) => each.invoice.customer === customer)
const tagged = (status, entry, headers = {}) => [status, { data: entry.invoice }, { ...headers, ETag: `"${entry.invoice.id}-${entry.version}"` }]
function route(request, body) {
  const url = new URL(request.url, 'http://x')
  const match = /^\/api\/invoices(?:\/([^/]+))?$/.exec(url.pathname)
  if (!match) throw new Refused(404, 'nothing')
  const methods = match[1] === undefined ? ['GET', 'HEAD', 'POST'] : ['GET', 'HEAD', 'PUT', 'DELETE']
  if (!methods.includes(request.method)) throw new Refused(405, 'method', { Allow: methods.join(', ') })
  if (request.headers.authorization !== `Bearer ${KEY}`) throw new Refused(401, 'who', { 'WWW-Authenticate': 'Bearer' })
  const invoices = kept[request.headers['x-tenant']]
  if (!Object.hasOwn(kept, request.headers['x-tenant'] ?? '')) throw new Refused(400, 'tenant')
  if (url.searchParams.get('api-version') !== '2026-01-01') throw new Refused(400, 'version')
  if (match[1] === undefined && request.method === 'POST') {
    const key = request.headers['idempotency-key']
    if (!key || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(key)) throw new Refused(400, 'key')
    const value = read(request, body)
    const before = done.get(key)
    if (before) {
      if (before.text !== JSON.stringify(value)) throw new Refused(422, 'the key was used')
      return before.answer
    }
    if (isTaken(invoices, value.customer)) throw new Refused(409, 'customer')
    const entry = { invoice: made(++count, value), version: 1 }
    invoices.set(count, entry)
    const answer = tagged(201, entry, { Location: `/api/invoices/${entry.invoice.id}` })
    done.set(key, { text: JSON.stringify(value), answer })
    return answer
  }
  if (match[1] === undefined) {
    const page = integer(url.searchParams, 'page', 1, 1_000_000, 1), size = integer(url.searchParams, 'pageSize', 1, 25, 10)
    const state = url.searchParams.get('state')
    if (state !== null && !['draft', 'sent', 'paid'].includes(state)) throw new Refused(400, 'state')
    const found = [...invoices.values()].map((e) => e.invoice).reverse().filter((i) => state === null || i.state === state)
    return [200, { data: found.slice((page - 1) * size, page * size), meta: { total: found.length, page } }, {}]
  }
  if (!/^[0-9]{1,15}$/.test(match[1]) || Number(match[1]) < 1) throw new Refused(/^[0-9]{1,19}$/.test(match[1]) && !/^0+$/.test(match[1]) ? 404 : 400, 'id')
  const entry = invoices.get(Number(match[1]))
  if (!entry) throw new Refused(gone.has(`${request.headers['x-tenant']} ${Number(match[1])}`) ? 410 : 404, 'no such')
  if (request.method === 'GET' || request.method === 'HEAD') return tagged(200, entry)
  const version = request.headers['if-match']
  if (version === undefined) throw new Refused(428, 'If-Match')
  const value = request.method === 'PUT' ? read(request, body) : null
  if (version !== `"${entry.invoice.id}-${entry.version}"`) throw new Refused(412, 'changed')
  if (request.method === 'DELETE') { invoices.delete(entry.invoice.id); gone.add(`${request.headers['x-tenant']} ${entry.invoice.id}`); return [204, null, {}] }
  if (value.customer !== entry.invoice.customer && isTaken(invoices, value.customer)) throw new Refused(409, 'customer')
  entry.invoice = made(entry.invoice.id, value)
  entry.version += 1
  return tagged(200, entry)
}
const server = http.createServer((request, response) => {
  const chunks = []
  let size = 0
  request.on('data', (chunk) => { size += chunk.length; if (size <= 1_000_000) chunks.push(chunk) })
  request.on('end', () => {
    let answer
    try { if (size > 1_000_000) throw new Refused(413, 'large'); answer = route(request, Buffer.concat(chunks)) } catch (error) {
      if (!(error instanceof Refused)) console.error(error)
      answer = error instanceof Refused ? [error.status, { error: { code: error.code } }, error.headers] : [500, { error: { code: String(error) } }, {}]
    }
    const [status, value, headers] = answer
    const text = value === null ? '' : JSON.stringify(value)
    response.writeHead(status, { ...headers, ...(text ? { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) } : {}) })
    response.end(request.method === 'HEAD' ? '' : text)
  })
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
