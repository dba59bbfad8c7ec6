import { createHash } from 'node:crypto'
import { contentOfFile, digestOfFile, nameOfFile } from './made-files.ts'
import type { Place, StepContext } from './step-context.ts'
import type { Step, StepKindOf } from './steps.ts'

/** Files are put into the composer, and the next message takes them along. The largest goes in two requests. */

const sizes = [0, 1, 20_000, 600_000]

export class FileSteps {
  readonly #context: StepContext

  constructor(context: StepContext) {
    this.#context = context
  }

  run({ do: kind, at }: Step & { do: StepKindOf<'files'> }, place: Place): void {
    const { actor, page, chatId, conversation } = place
    switch (kind) {
      case 'addFile': {
        const name = nameOfFile(actor.device.name, this.#context.nextNumber(), sizes[at % sizes.length] ?? 0)
        page.uploads.add(chatId, [{ content: new Blob([contentOfFile(name)]), name }])
        return
      }
      case 'cancelUpload': {
        const [first] = conversation.attachments.peek()
        if (first) page.uploads.cancel(first.id)
        return
      }
      case 'download':
        return this.#download(place)
    }
  }

  /** A user who may read a message gets its file, whole. */
  #download({ page, tab, conversation }: Place): void {
    const file = conversation.items
      .peek()
      .flatMap(({ attachments }) => attachments)
      .at(-1)
    if (!file) return
    this.#context.ask(async () => {
      const response = await tab.link.fetch(page.fileAddress(file.id)).catch(() => undefined)
      if (response?.status !== 200) return
      const digest = createHash('sha256')
        .update(await response.bytes())
        .digest('hex')
      if (digest !== digestOfFile(file.name))
        throw new Error(`${file.name} is downloaded with another content`)
    })
  }
}
