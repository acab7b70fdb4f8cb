import type { Traffic } from '../uses/traffic/contract.ts'
import { byId } from './dom.ts'
import { openShell } from './shell.ts'

const { connect, count, mirrorFault } = await openShell({ countsBeside: false })
count(byId('lanes'), connect<Traffic>('traffic'))
mirrorFault('Keep it cut', byId('plug'))
