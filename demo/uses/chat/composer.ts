import { TEXT_LENGTH } from './contract.ts'
import { byId, setText } from '../../page/dom.ts'

interface ComposerOptions {
  /** False if it could not be taken. */
  say(text: string): boolean
  /** A file was chosen, pasted or dropped. */
  attach(file: Blob): void
  typing(): void
}

/** Milliseconds between two signs that somebody types. */
const PACE = 1_500
/** Characters that are left when the page begins to count. */
const FEW = 200

/** Where one types. */
export const createComposer = ({ say, attach, typing }: ComposerOptions) => {
  const form = byId('composer')
  const input = byId('text', HTMLTextAreaElement)
  const chooser = byId('file', HTMLInputElement)
  const left = byId('characters-left')
  let typedAt = -Infinity

  const changed = (): void => {
    const rest = TEXT_LENGTH - input.value.length
    setText(left, rest <= FEW ? `${rest} left` : '')
  }
  const clear = (): void => {
    input.value = ''
    typedAt = -Infinity
    changed()
  }
  const submit = (): void => {
    const text = input.value.trim()
    if (text !== '' && say(text)) clear()
  }
  const take = (files: FileList | undefined | null): boolean => {
    for (const file of files ?? []) attach(file)
    return !!files && files.length > 0
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    submit()
  })
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    submit()
  })
  input.addEventListener('input', () => {
    changed()
    if (performance.now() - typedAt < PACE) return
    typedAt = performance.now()
    typing()
  })
  input.addEventListener('paste', (event) => {
    if (take(event.clipboardData?.files)) event.preventDefault()
  })
  byId('attach').addEventListener('click', () => chooser.click())
  chooser.addEventListener('change', () => {
    take(chooser.files)
    chooser.value = ''
  })
  const room = byId('conversation')
  room.addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return
    event.preventDefault()
    room.classList.add('dropping')
  })
  for (const type of ['dragleave', 'drop']) room.addEventListener(type, () => room.classList.remove('dropping'))
  room.addEventListener('drop', (event) => {
    if (take(event.dataTransfer?.files)) event.preventDefault()
  })
  // Before somebody listens, to send would be to leave the page.
  input.disabled = false
  return {
    /** Nothing can be said: not in this room, or never again. */
    lock(isLocked: boolean) {
      form.inert = isLocked
    },
  }
}
