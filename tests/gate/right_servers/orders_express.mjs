// A right server of `orders.yaml` by Express, with body-parser.
import { randomUUID } from 'node:crypto'
import express from 'express'

const KEY = 'shop-key-0123456789'
const STATES = ['open', 'sent', 'returned']
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const orders = new Map()
const app = express()

const refuse = (response, status, message) => response.status(status).json({ message })
const demand = (expected, header = 'authorization') => (request, response, next) =>
  request.headers[header] === expected ? next() : refuse(response, 401, 'Log in first')
const token = demand(`Bearer ${KEY}`)
const password = demand(`Basic ${Buffer.from(`shop:${KEY}`).toString('base64')}`)
const cookies = (request) => new Map((request.headers.cookie ?? '').split('; ').map((pair) => pair.split('=')))
const session = (request, response, next) =>
  cookies(request).get('session') === KEY ? next() : refuse(response, 401, 'Log in first')
const figures = (_, response) => response.json({ count: orders.size })

const matches = (value, pattern) => typeof value === 'string' && pattern.test(value)
const is_text = (value, least, most) => typeof value === 'string' && [...value].length >= least && [...value].length <= most
const RULES = {
  customer: (value) => is_text(value, 2, 40),
  pieces: (value) => Number.isInteger(value) && value >= 1 && value <= 1000,
  cents: (value) => Number.isSafeInteger(value) && value >= 0,
  state: (value) => STATES.includes(value),
  note: (value) => value === null || is_text(value, 0, 200),
  gift: (value) => typeof value === 'boolean',
  labels: (value) => Array.isArray(value) && value.length <= 5 && value.every((each) => typeof each === 'string' && /^[a-z]{2,10}$/.test(each)),
}

const json = [
  (request, response, next) => (request.is('application/json') ? next() : refuse(response, 415, 'Send JSON')),
  express.json({ limit: 1_000_000 }),
]

const PAYMENTS = {
  card: { number: (value) => matches(value, /^[0-9]{12}$/) },
  voucher: { code: (value) => is_text(value, 4, 12) },
}
const is_object = (value) => value !== null && typeof value === 'object' && !Array.isArray(value)

function is_valid(value, names, required) {
  return is_object(value)
    && required.every((name) => Object.hasOwn(value, name))
    && Object.keys(value).every((name) => names.includes(name) && RULES[name](value[name]))
}

const shape = (names, required = []) => (request, response, next) =>
  is_valid(request.body, names, required) ? next() : refuse(response, 400, 'The order is invalid')

function find(request, response, next) {
  const id = request.params.id.toLowerCase()
  if (!UUID.test(id)) return refuse(response, 400, 'No UUID')
  request.order = orders.get(id)
  return request.order ? next() : refuse(response, 404, 'There is no such order')
}

app.get('/orders', token, (request, response) => {
  const { state, gift, customer, offset = '0', limit = '100' } = request.query
  if (state !== undefined && !STATES.includes(state)) return refuse(response, 400, 'There is no such state')
  if (!/^[0-9]{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > 100) return refuse(response, 400, 'limit is 1 to 100')
  if (!/^[0-9]{1,7}$/.test(offset) || Number(offset) > 1_000_000) return refuse(response, 400, 'offset is 0 to 1000000')
  if (![undefined, 'true', 'false'].includes(gift)) return refuse(response, 400, 'gift is true or false')
  if (customer !== undefined && !is_text(customer, 0, 40)) return refuse(response, 400, 'customer is too long')
  const found = [...orders.values()].reverse().filter((order) => state === undefined || order.state === state)
    .filter((order) => gift === undefined || String(order.gift ?? false) === gift)
    .filter((order) => customer === undefined || order.customer === customer)
  const first = Number(offset)
  return response.json(found.slice(first, first + Number(limit)))
})
app.post('/orders', token, json, shape(Object.keys(RULES), ['customer', 'pieces']), (request, response) => {
  const order = { id: randomUUID(), state: 'open', ...request.body }
  orders.set(order.id, order)
  response.status(201).json(order)
})
app.get('/orders/:id', token, find, (request, response) => response.json(request.order))
app.patch('/orders/:id', token, json, find, shape(Object.keys(RULES).slice(0, -1)), (request, response) => {
  Object.assign(request.order, request.body)
  response.json(request.order)
})
app.delete('/orders/:id', token, find, (request, response) => {
  orders.delete(request.order.id)
  response.status(204).end()
})
app.get('/figures', password, figures)
app.get('/basket', session, (request, response) => {
  const currency = cookies(request).get('currency') ?? 'EUR'
  return ['EUR', 'USD'].includes(currency) ? figures(request, response) : refuse(response, 400, 'There is no such currency')
})
app.post('/payments', token, json, (request, response) => {
  const { kind, ...value } = is_object(request.body) ? request.body : {}
  const rules = Object.hasOwn(PAYMENTS, String(kind)) ? Object.entries(PAYMENTS[kind]) : []
  const is_paid = rules.length === Object.keys(value).length && rules.some(([name, rule]) => rule(value[name]))
  return is_paid ? response.status(201).json({ kind }) : refuse(response, 400, 'The payment is invalid')
})
app.get('/stock', token, figures)
for (const path of ['/orders', '/orders/:id', '/figures', '/basket', '/stock', '/payments']) {
  const allowed = { '/orders': 'GET, POST', '/payments': 'POST', '/orders/:id': 'GET, PATCH, DELETE' }[path] ?? 'GET'
  app.all(path, (request, response) => refuse(response.set('Allow', allowed), 405, 'Method not allowed'))
}
app.use((request, response) => refuse(response, 404, 'Not found'))
app.use((error, request, response, next) => refuse(response, error.status ?? 400, error.message))

const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port))
