/**
 * How much of a machine does a server take that has ten thousand clients, next to a bare `ws` and to Socket.IO?
 *
 *     npm run bench:scale
 *     npm run bench:scale -- --write                         and writes docs/scale.md
 *     npm run bench:scale -- --kinds holdfast --parts talk   one server, and one part
 *     npm run bench:scale -- --profile burst                 where the server's time goes in one part
 *
 * The server under test has a process of its own, and so have the clients, who speak by hand and cost as little as can be. Socket.IO
 * is installed where it is missing, beside the project.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { root } from '../../tools/suites.ts'
import { ensurePeers } from '../peers.ts'
import { type Kind, kinds } from './contract.ts'
import { type Results, document, tables } from './report.ts'
import { type Part, measure, partNames } from './stage.ts'

const { values: options } = parseArgs({
  options: {
    kinds: { type: 'string', default: kinds.join(',') },
    parts: { type: 'string', default: partNames.join(',') },
    clients: { type: 'string', default: '10000' },
    polling: { type: 'string', default: '2000' },
    profile: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})

const wanted = options.kinds.split(',') as Kind[]
if (wanted.includes('socket.io')) await ensurePeers(['socket.io'])
const results: Results = {}
for (const kind of wanted)
  results[kind] = await measure(kind, {
    parts: options.parts.split(',') as Part[],
    clients: Number(options.clients),
    polling: Number(options.polling),
    profile: options.profile as Part | undefined,
  })

console.log(tables(results))
const file = join(root, 'docs/scale.md')
if (options.write) {
  const text = document(results, Number(options.clients), Number(options.polling))
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }))
}
