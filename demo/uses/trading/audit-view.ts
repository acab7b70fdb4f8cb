import { byId, setText } from '../../page/dom.ts'
import { type Finding, isRight } from './audit.ts'
import { money } from './money.ts'

/** The result of the recount, always in sight. Only a change of the verdict is said aloud. */
export const createAuditView = (): ((finding: Finding) => void) => {
  const panel = byId('audit')
  const verdict = byId('verdict')
  const figures = {
    orders: byId('audit-orders'),
    repeated: byId('audit-repeated'),
    lost: byId('audit-lost'),
    doubled: byId('audit-doubled'),
    off: byId('audit-off'),
  }
  return (finding) => {
    const { orders, repeated, lost, doubled, off, misplaced } = finding
    panel.dataset['right'] = String(isRight(finding))
    setText(
      verdict,
      isRight(finding)
        ? 'Every order is in the ledger once.'
        : misplaced > 0
          ? `The ledger is wrong, also by ${misplaced} shares.`
          : 'The ledger is wrong.',
    )
    setText(figures.orders, String(orders))
    setText(figures.repeated, String(repeated))
    setText(figures.lost, String(lost))
    setText(figures.doubled, String(doubled))
    setText(figures.off, money(off))
  }
}
