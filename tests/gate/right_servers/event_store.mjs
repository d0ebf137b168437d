// A right server of event_store on Node's own http, as Express with body-parser behaves: it answers
// 413 to an announced length at once, and otherwise once it has read too much.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'

const KEY = 'shop-key-0123456789'
const LIMIT = 1_000_000
const word = (family, min, max, pattern) => ({ family, min, max, pattern })
const one_of = (family, values) => ({ family, values })
const FIELDS = {
  cl: word('C', 3, 10, /^[A-Za-z]+$/),
  ty: word('T', 3, 20, /^[A-Za-z0-9_-]+$/),
  hs: one_of('H', ['AWS', 'AZU', 'GCP', 'CAV', 'OTH']),
  ac: word('A', 3, 20, /^[A-Za-z0-9_-]+$/),
  re: word('R', 3, 20, /^[A-Za-z0-9_-]+$/),
  st: one_of('S', ['OK', 'KO', 'OO']),
  im: one_of('P', ['MINOR', 'MODERATE', 'MAJOR', 'CRITICAL']),
  me: word('M', 3, 255, /^[^<>]*$/),
}
const LETTERS = { C: 'letters A-Z, a-z', T: 'A-Z, a-z, 0-9, -, and _', A: 'A-Z, a-z, 0-9, - and _', R: 'A-Z, a-z, 0-9, - and _' }
const VALUES = { H: 'AWS, AZU, GCP, CAV, or OTH', S: 'OK, KO, or OO' }
const INVALID = 'Parameters not provided or invalid'

function message(family, rule, field) {
  if (family === 'P') return INVALID
  if (rule === 0) return 'is not provided'
  if (VALUES[family]) return `contains an illegal value (must be ${VALUES[family]})`
  if (rule === 1) return 'is not a string'
  if (rule === 2) return `is too short (less than ${field.min} characters)`
  if (rule === 3) return `is too long (more than ${field.max} characters)`
  if (family === 'M') return 'contains forbidden HTML characters (<, >)'
  return `contains illegal characters (only ${LETTERS[family]} are allowed)`
}

function broken_rule(field, value) {
  if (value === undefined || value === null) return 0
  if (field.values) return field.values.includes(value) ? null : 1
  if (typeof value !== 'string') return 1
  const length = [...value].length
  if (length < field.min) return 2
  if (length > field.max) return 3
  return field.pattern.test(value) ? null : 4
}

function list_errors(fields) {
  const errors = []
  const known = Object.keys(fields).some((name) => name in FIELDS || name.startsWith('us_'))
  if (!known) return [invalid('*')]
  for (const [name, field] of Object.entries(FIELDS)) {
    if (name === 'im' && (fields.im === undefined || fields.im === null)) continue
    const rule = broken_rule(field, fields[name])
    if (rule === null) continue
    const code = field.family === 'P' ? 'P001' : `${field.family}00${rule}`
    errors.push({ parameter: name, code, message: message(field.family, rule, field) })
  }
  const own = Object.keys(fields).filter((name) => name.startsWith('us_')).sort()
  for (const name of own) {
    const value = fields[name]
    const right = typeof value === 'string' && [...value].length <= 255 && !/[<>]/.test(value)
    if (!right || !/^us_[A-Za-z0-9_-]{1,32}$/.test(name)) errors.push(invalid(name))
  }
  if (own.length > 20) errors.push(invalid('us'))
  return errors
}

const invalid = (parameter) => ({ parameter, code: 'P001', message: INVALID })
const next_id = () => randomUUID()

function respond(response, status, body, headers = {}) {
  const text = JSON.stringify(body)
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': Buffer.byteLength(text), ...headers })
  response.end(text)
}

function refuse(response, status, code, text, headers) {
  respond(response, status, { statusCode: status, code, message: text, errors: [] }, headers)
}

function refuse_all(response, errors) {
  const { code, message } = errors[0]
  respond(response, 400, { statusCode: 400, code, message, errors })
}

function create(response, fields) {
  const errors = list_errors(fields)
  if (errors.length) return refuse_all(response, errors)
  const created = { statusCode: 200, message: 'Event created successfully', id: next_id() }
  respond(response, 200, created, { 'Cache-Control': 'no-store' })
}

function read_query(query) {
  const fields = {}
  if (/%(?![0-9A-Fa-f]{2})/.test(query)) throw new Error('a bad escape')
  for (const pair of query.split('&').filter(Boolean)) {
    const [name, value] = [...pair.split(/=(.*)/s), ''].map((text) => decodeURIComponent(text.replaceAll('+', ' ')))
    if (Object.hasOwn(fields, name)) throw new Error('a key given twice')
    fields[name] = value
  }
  return fields
}

function read_json(bytes) {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  const value = JSON.parse(text)
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new Error('no object')
  if (has_repeated_key(text)) throw new Error('a key given twice')
  return value
}

function has_repeated_key(text) {
  // Only the members of the event itself are looked at.
  const seen = new Set()
  let depth = 0
  for (const match of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/gs)) {
    if ('{['.includes(match[0])) depth += 1
    else if ('}]'.includes(match[0])) depth -= 1
    else if (depth === 1 && match[2]) {
      const key = JSON.parse(match[1])
      if (seen.has(key)) return true
      seen.add(key)
    }
    if (depth > 1_000) throw new Error('too deep')
  }
  return false
}

function is_json(type) {
  const [media, ...parameters] = (type ?? '').split(';').map((part) => part.trim().toLowerCase())
  if (media !== 'application/json') return false
  return parameters.every((part) => !part.startsWith('charset=') || /^charset="?utf-?8"?$/.test(part))
}

function receive(request, response, done) {
  const too_large = () => {
    refuse(response, 413, '413', 'Content Too Large', { Connection: 'close' })
  }
  if (Number(request.headers['content-length'] ?? 0) > LIMIT) return too_large()
  const parts = []
  let size = 0
  request.on('data', (part) => {
    size += part.length
    if (size <= LIMIT) parts.push(part)
  })
  request.on('end', () => (size > LIMIT ? too_large() : done(Buffer.concat(parts))))
  request.on('error', () => {})
}

function post(request, response) {
  receive(request, response, (bytes) => {
    let fields
    try {
      if (!is_json(request.headers['content-type'])) throw new Error('no JSON')
      fields = read_json(bytes)
    } catch {
      return refuse_all(response, [invalid('*')])
    }
    create(response, fields)
  })
}

function get(response, query) {
  let fields
  try {
    fields = read_query(query)
  } catch {
    return refuse_all(response, [invalid('*')])
  }
  create(response, fields)
}

function handle(request, response) {
  const [path, query] = [...request.url.split(/\?(.*)/s), '']
  if (path === '/create' && request.headers['content-encoding']) {
    return refuse(response, 415, '415', 'Unsupported Media Type')
  }
  if (path !== '/create') return refuse(response, 404, '404', 'Not Found')
  if (!['GET', 'POST'].includes(request.method)) {
    return refuse(response, 405, '405', 'Method Not Allowed', { Allow: 'GET, POST' })
  }
  if (request.headers['x-api-key'] !== KEY) return respond(response, 403, { message: 'Forbidden' })
  return request.method === 'GET' ? get(response, query) : post(request, response)
}

const server = createServer({ keepAliveTimeout: 1_000 }, handle)
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
