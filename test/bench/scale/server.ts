/** One server, in a process of its own: `node --expose-gc server.ts <kind>`. It tells its port, and answers questions. */
import { createServer } from 'node:http'
import { Session } from 'node:inspector/promises'
import type { AddressInfo, Socket } from 'node:net'
import { usedHeap } from '../../tools/heap.ts'
import { type CpuProfile, hottest } from '../profile.ts'
import { DATA, type Kind, type ServerQuestion, type Usage } from './contract.ts'
import { servers } from './servers.ts'

const http = createServer()
const connections = new Set<Socket>()
http.on('connection', (socket) => {
  connections.add(socket)
  socket.on('close', () => connections.delete(socket))
})
const broadcast = servers[process.argv[2] as Kind](http)
const data = 'x'.repeat(DATA)

const usage = (what: 'cpu' | 'memory'): Usage => {
  const { user, system } = process.cpuUsage()
  if (what === 'cpu') return { cpu: user + system, heap: 0, rss: 0 }
  const heap = usedHeap()
  const { external, rss } = process.memoryUsage()
  return { cpu: user + system, heap: heap + external, rss }
}

const inspector = new Session()
inspector.connect()

const answer = async (question: ServerQuestion): Promise<unknown> => {
  if ('broadcast' in question) {
    for (let sent = 0; sent < question.broadcast; sent++) broadcast(data)
    return null
  }
  if ('drop' in question) {
    for (const socket of connections) socket.destroy()
    return null
  }
  if ('usage' in question) return usage(question.usage)
  if (question.profile === 'start') {
    await inspector.post('Profiler.enable')
    await inspector.post('Profiler.start')
    return null
  }
  return hottest((await inspector.post('Profiler.stop')).profile as CpuProfile)
}

process.on('message', (question: ServerQuestion) => void answer(question).then((told) => process.send!(told)))
process.on('disconnect', () => process.exit())
// Clients choose among several addresses of this machine, so that ports do not run out.
http.listen({ port: 0, host: '0.0.0.0', backlog: 4_096 }, () => process.send!((http.address() as AddressInfo).port))
