const { port1, port2 } = new MessageChannel()

/** Ends this task, and costs next to nothing. One at a time. */
export const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    port1.onmessage = () => resolve()
    port2.postMessage(null)
  })

export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))
